"""Each quirk of the published code beside the corrected version: does it change the answer?"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields

import numpy as np
import pandas as pd

from landscape.claims import Interval, Threshold, difference_interval, mean_interval, ratio_interval, slope_interval
from landscape.claims.verdicts import verdict_on
from landscape.reproduce.made import Made
from landscape.reproduce.published_networks import (
    PAPERS_NOISE,
    UPPER_HALF,
    share_early,
    share_early_of_best_by_batch,
    shares_near_under_noise,
)
from landscape.reproduce.quirks import AS_PUBLISHED, CHANGES, COLUMNS, NOTHING_TO_RUN, WORDS, Quirks
from landscape.reproduce.thresholds import statements
from landscape.results import Cell
from landscape.studies.depth_sweep.claims import REACHED

PUBLISHED_DIM = 4  # the larger of the two dimensions that were published


@dataclass(frozen=True)
class Compared:
    """A number measured as the text says and as the code does, and the threshold that it is held against."""

    measured: str
    threshold: Threshold
    text: Interval
    code: Interval


def compared(made: Mapping[str, Made], quirks: Quirks = AS_PUBLISHED) -> pd.DataFrame:
    """A row per switch that is on, columns COLUMNS. `made` holds the runs by their names. Their stored networks are
    taken; those of 'best_by_batch' are trained once more, with snapshots.

    The last column is 'yes' or 'no' by the verdicts of the two versions, 'undecided' if one of them is, or else says why there
    is nothing to compare."""
    rows = []
    for field in fields(quirks):
        if getattr(quirks, field.name):
            text, code = WORDS[field.name]
            rows.append({"quirk": field.name, "the text": text, "the code": code} | _measured(field.name, made))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _measured(name: str, made: Mapping[str, Made]) -> dict[str, str]:
    if name in NOTHING_TO_RUN:
        return dict.fromkeys(COLUMNS[3:-1], "") | {CHANGES: NOTHING_TO_RUN[name]}
    run, measure = COMPARISONS[name]
    found = measure(made[run]) if run in made else None
    if found is None:
        words = f"not yet run: needs the run {run}" if run not in made else "not in this run"
        return dict.fromkeys(COLUMNS[3:-1], "") | {CHANGES: words}
    verdicts = [verdict_on(one, found.threshold) for one in (found.text, found.code)]
    return {
        "measured": found.measured,
        "threshold": found.threshold.words,
        "as the text": _words(found.text, verdicts[0]),
        "as the code": _words(found.code, verdicts[1]),
        CHANGES: "undecided" if "undecided" in verdicts else "no" if verdicts[0] == verdicts[1] else "yes",
    }


def _words(interval: Interval, verdict: str) -> str:
    if math.isnan(interval.estimate):
        return f"{verdict}: no estimate"
    return f"{interval.estimate:.3g} [{interval.low:.3g}, {interval.high:.3g}]: {verdict}"


def _asked(study: str, key: str, name: str) -> Threshold:
    """The threshold, or the limit, that a study registered for a claim."""
    asked = next(one for one in statements(study) if one.key == key)
    return {**asked.thresholds, **asked.limits}[name]


def _layers(made: Made) -> Compared | None:
    rows = made.result.table[made.result.table.width == 5].groupby("hidden").share_early
    shares = dict(list(rows))
    if not {1, 2, 6, 7} <= set(shares):
        return None
    return Compared(
        "share of samples near a point at iteration 5, deep less shallow network",
        _asked("depth-sweep", "C3", "difference"),
        difference_interval(shares[7], shares[2]),
        difference_interval(shares[6], shares[1]),
    )


def _width(made: Made) -> Compared | None:
    rows = made.result.table[made.result.table.hidden == 6]
    shares = dict(list(rows.groupby("width").share_early))
    if not {5, 10} <= set(shares):
        return None
    threshold = REACHED
    words = "share of samples near a point at iteration 5, 6 hidden layers"
    return Compared(words, threshold, mean_interval(shares[5]), mean_interval(shares[10]))


def _falls(made: Made, hidden: int, dim: int) -> tuple[str, np.ndarray, np.ndarray]:
    """The corner maxima of one depth and dimension at the fewest and at the most points, by seed, and what their ratio is."""
    rows = made.result.table
    rows = rows[(rows.hidden == hidden) & (rows.dim == dim)].dropna(subset=["corner_maximum"])
    if rows["count"].nunique() < 2:
        return "", np.zeros(0), np.zeros(0)
    few, many = int(rows["count"].min()), int(rows["count"].max())
    ends = [rows[rows["count"] == count].set_index("seed").corner_maximum for count in (few, many)]
    both = pd.concat(ends, axis=1, join="inner").to_numpy(float)
    words = f"largest loss over the corners at n = {many} over that at n = {few}, D = {dim}"
    return words, both[:, 0], both[:, 1]


def _six_hidden(made: Made) -> Compared | None:
    found = [_falls(made, hidden, PUBLISHED_DIM) for hidden in (2, 6)]
    if min(len(few) for _, few, _ in found) < 2:
        return None
    ratios = [ratio_interval(many, few, paired=True) for _, few, many in found]
    return Compared(found[0][0], _asked("corners", "C6", "ratio"), *ratios)


def _without_16(made: Made) -> Compared | None:
    rows = made.result.table[(made.result.table.dim == PUBLISHED_DIM) & (made.result.table.corner_maximum > 0)]
    if 16 not in set(rows["count"]) or rows["count"].nunique() < 4:
        return None

    def slope(part: pd.DataFrame) -> Interval:
        return slope_interval(np.log(part["count"]), np.log(part.corner_maximum), part.seed)

    words = f"slope of log corner maximum on log n, D = {PUBLISHED_DIM}"
    return Compared(words, Threshold(below=0.0), slope(rows), slope(rows[rows["count"] != 16]))


def _single_run(made: Made) -> Compared | None:
    """The ratio over all seeds, and that of a single run whose points are drawn anew for each count."""
    words, few, many = _falls(made, 6, PUBLISHED_DIM)
    if len(few) < 2:
        return None
    single = Interval(float(many[1] / few[0]), -math.inf, math.inf, 1, method="a single run has no interval")
    whole = ratio_interval(many, few, paired=True)
    return Compared(f"{words}, 6 hidden layers", _asked("corners", "C6", "ratio"), whole, single)


def _noise(made: Made) -> Compared | None:
    rows = made.result.tables["jumps"]
    rows = rows[(rows.control == "none") & rows.amplitude.isin([0.0, PAPERS_NOISE])]
    wide = rows.pivot_table(index=["data", "count", "member"], columns=["noise", "amplitude"], values="mode_jumps")
    if not {"normal", "published"} <= set(wide.columns.unique("noise")):
        return None
    gains = [(wide[kind, PAPERS_NOISE] - wide[kind, 0.0]).dropna() for kind in ("normal", "published")]
    words = "jumps to another training image per 100 steps at ε = .01 less those at 0"
    return Compared(words, _asked("kaleidoscope", "C12", "jumps gained"), *map(mean_interval, gains))


def _starts(made: Made) -> Compared | None:
    cell = _cell(made, data="four-points", hidden=7)
    if cell is None:
        return None
    shares = [mean_interval(share_early(made, cell, kind)) for kind in ("normal", "normal-clipped")]
    words = "share of samples near a point at iteration 5, four points, 7 hidden layers"
    return Compared(words, REACHED, *shares)


def _tanh_starts(made: Made) -> Compared | None:
    cell = _cell(made, data="tanh-four", hidden=10)
    if cell is None:
        return None
    shares = [mean_interval(share_early(made, cell, kind)) for kind in ("normal", UPPER_HALF)]
    words = "share of samples near a point at iteration 5, tanh, 10 hidden layers"
    return Compared(words, REACHED, *shares)


def _cell(made: Made, **values: object) -> Cell | None:
    return next((cell for cell in made.result.arrays if all(cell[key] == value for key, value in values.items())), None)


def _chosen(made: Made) -> Compared | None:
    cell = _cell(made, data="two-points", hidden=6, width=5)
    if cell is None:
        return None
    words = "share of samples near a point at iteration 5, 6 hidden layers, width 5"
    best, by_batch = share_early(made, cell, "normal"), share_early_of_best_by_batch(made, cell)
    return Compared(words, REACHED, mean_interval(best), mean_interval(by_batch))


def _returned(made: Made) -> Compared | None:
    cell = _cell(made, rule="images")
    if cell is None:
        return None
    words = "share of samples near a training image at iteration 100, ε = .01"
    shares = map(mean_interval, shares_near_under_noise(made, cell))
    return Compared(words, REACHED, *shares)


COMPARISONS: Mapping[str, tuple[str, Callable[[Made], Compared | None]]] = {
    "output_layer_counted": ("fig3", _layers),
    "six_hidden_in_figure_6": ("fig6", _six_hidden),
    "count_16_omitted": ("fig6", _without_16),
    "single_run_redrawn": ("fig6", _single_run),
    "biased_noise": ("samples", _noise),
    "sample_after_noise": ("samples", _returned),
    "clipped_starts": ("fig5", _starts),
    "tanh_starts_from_zero": ("fig4", _tanh_starts),
    "best_by_batch": ("fig3", _chosen),
    "width_10_called_5": ("fig3", _width),
}
