"""Each quirk of the published code beside the corrected version: does it change the verdict on a claim?

A claim is judged twice by its study, by the registered estimand: on the networks or samples of the text, and on those of the
code. All of this concerns the same seeds, so that the difference is taken seed by seed."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import partial

import numpy as np
import pandas as pd

from landscape.claims import Claim, Interval, Statement, mean_interval, median_interval, slope_interval
from landscape.reproduce.made import Made
from landscape.reproduce.published_networks import UPPER_HALF, best_by_batch, from_starts, jumps_of_returned_samples
from landscape.reproduce.quirks import AS_PUBLISHED, CHANGES, COLUMNS, NOTHING_TO_RUN, WORDS, Quirks
from landscape.reproduce.runs import deciding
from landscape.reproduce.thresholds import statements
from landscape.results import Result

PUBLISHED_DIMS = (2, 4)  # of the code's runs of Figure 6
SHARES, GAINS = (-1.0, 1.0), (-2.0, 2.0)  # bounds of a difference of two shares, and of two such differences
Versions = Callable[[Made], tuple[Result, Result]]
Estimate = Callable[[pd.Series], Interval]


@dataclass(frozen=True)
class Comparison:
    """A claim, and the results on which it is judged: as the text says, and as the code does."""

    key: str
    versions: Versions


def compared(made: Mapping[str, Made], quirks: Quirks = AS_PUBLISHED) -> pd.DataFrame:
    """A row per claim that a switch may change, of the switches that are on; columns COLUMNS. `made` holds the runs by name.

    Their stored networks are taken; those of 'best_by_batch' are trained once more, with snapshots. The last column is 'yes' or
    'no' by the verdicts of the two versions, 'undecided' if one of them is, or else says why no verdict can tell."""
    rows, blank = [], dict.fromkeys(COLUMNS, "")
    for name in (one.name for one in fields(quirks) if getattr(quirks, one.name)):
        text, code = WORDS[name]
        rows += [blank | {"quirk": name, "the text": text, "the code": code} | row for row in _rows(name, made)]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _rows(name: str, made: Mapping[str, Made]) -> Iterator[dict[str, str]]:
    if name in NOTHING_TO_RUN:
        yield {CHANGES: NOTHING_TO_RUN[name]}
    for one in COMPARISONS.get(name, ()):
        yield _missing(one.key, made) or _judged(one, made[_run(one.key)])
    if name == "single_run_redrawn":
        yield _missing("C6", made) or _single_runs(made[_run("C6")])


def _missing(key: str, made: Mapping[str, Made]) -> dict[str, str]:
    """The row of a claim whose run was not made; empty if it was."""
    return {} if _run(key) in made else _row(key, f"not yet run: needs the run {_run(key)}")


def _row(key: str, changes: str, **more: str) -> dict[str, str]:
    asked = _statement(key)
    return {"claim": f"{key}: {asked.text}", "threshold": asked.words(), CHANGES: changes} | more


def _judged(one: Comparison, made: Made) -> dict[str, str]:
    """The row of a claim: what it says of each version, the difference of its estimands, and whether the verdicts differ."""
    results = one.versions(made)
    text, code = (_claim(made, result, one.key) for result in results)
    for claim in (text, code):
        if claim.verdict == "untestable":
            return _row(one.key, claim.reason)
    verdicts = {text.verdict, code.verdict}
    changes = "undecided" if "undecided" in verdicts else "no" if len(verdicts) == 1 else "yes"
    apart = _slopes_apart(*results) if one.key == "C5" else _apart(made, *results, text, code)
    named = {"as the text": _words(text), "as the code": _words(code), "code less text": "; ".join(apart)}
    return _row(one.key, changes, **named)


def _apart(made: Made, text: Result, code: Result, *whole: Claim) -> list[str]:
    """In words, the differences of the two versions in each part of the claim, with intervals over seeds.

    The value of a seed is the part's estimate on the networks of this seed alone. The mean over seeds of these values, or their
    median, is the claim's estimate; where networks are missing so that it is not, no difference is given."""
    key = whole[0].key
    values, found = [by_seed(made, result, key) for result in (text, code)], []
    for place, name in enumerate(_names(whole[0])):
        estimate = ESTIMATES[key][min(place, len(ESTIMATES[key]) - 1)]
        pair = [one[place] for one in values]
        ends = [_parts(claim)[place].estimate for claim in whole]
        if all(math.isnan(end) for end in ends):
            continue
        if not np.allclose([estimate(one.dropna()).estimate for one in pair], ends):
            found.append(f"{name}not given: the estimand is not made of one value a seed".strip())
            continue
        with np.errstate(invalid="ignore"):
            differences = (pair[1] - pair[0]).dropna()  # NaN where both burn-ins are censored
        found.append(f"{name}{_interval(estimate(differences))}, {len(differences)} seeds")
    return found


def by_seed(made: Made, result: Result, key: str) -> pd.DataFrame:
    """The estimates of a claim's parts on the networks of each seed alone: a row per seed, a column per part, by number."""
    rows, table = {}, result.whole
    for seed, own in table.groupby("seed"):
        alone = replace(result, tables=result.tables | {"members": own})
        rows[seed] = [part.estimate for part in _parts(_claim(made, alone, key))]
    parts = max(map(len, rows.values()))
    return pd.DataFrame({seed: row if len(row) == parts else [math.nan] * parts for seed, row in rows.items()}).T


def _slopes_apart(text: Result, code: Result) -> list[str]:
    """The slope of C5 with the code's starts less that with the text's, of the networks that settle from both."""
    keys = ["hidden", "width", "seed"]
    both = text.whole.drop_duplicates(keys).merge(code.whole.drop_duplicates(keys), on=keys, suffixes=("", "_code"))
    both = both[~both.burn_in_censored.astype(bool) & ~both.burn_in_censored_code.astype(bool)]
    times = [np.log(both[name].clip(lower=1)) for name in ("burn_in_code", "burn_in")]
    return [
        f"{_interval(slope_interval(np.log(both.parameters), times[0] - times[1], both.seed))}, of settled networks"
    ]


def _single_runs(made: Made) -> dict[str, str]:
    """What single runs would have said of C6, if each seed were the only one."""
    _, code = _by_hidden(made, {2: 2}, {6: 6})
    threshold = _statement("C6")["ratio"]
    names = [f"D={dim}: " for dim in PUBLISHED_DIMS]
    whole = _claim(made, code, "C6")
    places = [place for place, name in enumerate(_names(whole)) if name in names]
    falls = by_seed(made, code, "C6")[places].dropna() if len(places) == len(names) else pd.DataFrame()
    if falls.empty:
        return _row("C6", f"not in this run: 6 hidden layers with D = {' and '.join(map(str, PUBLISHED_DIMS))}")
    hits = int(falls.map(threshold.holds).all(axis=1).sum())
    words = f"of {len(falls)} seeds, {hits} alone have ratios {threshold.words} in D = 2 and in D = 4"
    return _row("C6", f"no verdict: a single run has no seeds to resample; {words}")


def _claim(made: Made, result: Result, key: str) -> Claim:
    return next(one for one in made.study.claims(result) if one.key == key)


def _parts(claim: Claim) -> Sequence[Claim]:
    """The parts that decide a claim; the claim itself if a single estimand does."""
    return [one for one in claim.details if one.primary] or [claim]


def _names(claim: Claim) -> list[str]:
    """The names of a claim's parts, each with a colon; nothing if there is a single part."""
    parts, names = _parts(claim), list(_statement(claim.key).thresholds)
    if len(parts) == 1:
        return [""]
    return [f"{name}: " for name in (names if len(names) == len(parts) else [part.setting for part in parts])]


def _words(claim: Claim) -> str:
    parts = zip(_names(claim), _parts(claim), strict=True)
    return f"{claim.verdict}: " + "; ".join(
        f"{name}{_interval(part)}" for name, part in parts if not math.isnan(part.estimate)
    )


def _interval(one: Claim | Interval) -> str:
    return f"{one.estimate:.3g} [{one.low:.3g}, {one.high:.3g}]"


def _statement(key: str) -> Statement:
    run = deciding(key)
    assert run is not None
    return next(one for one in statements(run.study) if one.key == key)


def _run(key: str) -> str:
    run = deciding(key)
    assert run is not None
    return run.name


def _with(made: Made, members: pd.DataFrame, **tables: pd.DataFrame) -> Result:
    return replace(made.result, tables=made.result.tables | {"members": members} | tables)


def _by_hidden(made: Made, text: Mapping[int, int], code: Mapping[int, int]) -> tuple[Result, Result]:
    """The networks of some depths; each mapping gives the depth as which a claim takes them."""
    rows = made.result.whole
    chosen = [rows[rows.hidden.isin(list(which))].replace({"hidden": which}) for which in (text, code)]
    return _with(made, chosen[0]), _with(made, chosen[1])


def _width(made: Made) -> tuple[Result, Result]:
    rows = made.result.whole
    return _with(made, rows[rows.width == 5]), _with(made, rows[rows.width == 10].assign(width=5))


def _noise(made: Made) -> tuple[Result, Result]:
    jumps = made.result.tables["jumps"]
    published = jumps[jumps.noise == "published"].assign(noise="normal")
    return made.result, _with(made, made.result.whole, jumps=published)


def _returned(made: Made) -> tuple[Result, Result]:
    return made.result, _with(made, made.result.whole, jumps=jumps_of_returned_samples(made))


def _starts(made: Made, kind: str, **where: object) -> tuple[Result, Result]:
    return made.result, _again(made, lambda cell: from_starts(made, cell, kind), **where)


def _chosen(made: Made) -> tuple[Result, Result]:
    return made.result, _again(made, lambda cell: best_by_batch(made, cell), data="two-points", width=5)


def _again(made: Made, measured: Callable[..., pd.DataFrame], **where: object) -> Result:
    """The result with those members alone whose cells have the values of `where`, measured again."""
    cells = [cell for cell in made.result.arrays if all(cell[name] == value for name, value in where.items())]
    return _with(made, pd.concat([measured(cell) for cell in cells]) if cells else made.result.whole[:0])


# How the values of seeds make up the estimates of a claim's parts; the last is that of all further parts.
_shares, _gains = partial(mean_interval, bounds=SHARES), partial(mean_interval, bounds=GAINS)
ESTIMATES: Mapping[str, Sequence[Estimate]] = {
    "C1b": (median_interval,),
    "C3": (_gains, _shares, median_interval),
    "C4": (_shares, median_interval),
    "C6": (median_interval,),
    "C12": (_shares,),
}
COMPARISONS: Mapping[str, Sequence[Comparison]] = {
    "output_layer_counted": (
        Comparison("C1b", lambda made: _by_hidden(made, {2: 2}, {1: 2})),
        Comparison("C3", lambda made: _by_hidden(made, {2: 2, 7: 7}, {1: 1, 6: 6})),
        Comparison("C4", lambda made: _by_hidden(made, {10: 10}, {9: 9})),
    ),
    "six_hidden_in_figure_6": (Comparison("C6", lambda made: _by_hidden(made, {2: 2}, {6: 6})),),
    "biased_noise": (Comparison("C12", _noise),),
    "sample_after_noise": (Comparison("C12", _returned),),
    "clipped_starts": (Comparison("C5", partial(_starts, kind="normal-clipped", data="four-points")),),
    "tanh_starts_from_zero": (Comparison("C4", partial(_starts, kind=UPPER_HALF, data="tanh-four", width=10)),),
    "best_by_batch": (Comparison("C3", _chosen),),
    "width_10_called_5": (Comparison("C3", _width),),
}
