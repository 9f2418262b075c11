"""What the report of a kaleidoscope shows."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from landscape.figures import Panel
from landscape.figures.samples import burn_in_curves, jumps_by_noise, training_curve
from landscape.results import Cell, Result
from landscape.studies.kaleidoscope.claims import IMAGE_RULE, PAPERS_NOISE, POINT_RULES
from landscape.studies.kaleidoscope.figures import burn_in_by_dim
from landscape.studies.kaleidoscope.one_member import nearness_panels, sample_panels
from landscape.studies.kaleidoscope.parameters import BURN_IN
from landscape.studies.parts.image_study import SWEPT, setting_words
from landscape.studies.parts.published import published_mnist_losses
from landscape.studies.parts.summaries import control_summary, in_tabs, member_rows, reached_words, status_summary

CELLS_PLAYED = 3  # cells with a kaleidoscope, at most: each takes up to 600 KB of the page
# The published training, beside which losses of the same training are drawn.
PAPERS_NET = {"data": "mnist", "count": 10_000, "net": "mlp", "hidden": 10, "width": 500, "objective": "plain"}
PAPERS_TRAINING = {"output": "tanh", "lr": 1e-4, "batch": 1000, "classes": ["all"]}


def panels_of(result: Result) -> Iterator[Panel]:
    """For each setting of images its kaleidoscope, how samples settle and jump, what they are near; dimensions; the tables."""
    cells = [one for one in result.arrays if one["rule"] == IMAGE_RULE]
    played = {
        cells[place] for place in np.linspace(0, len(cells) - 1, min(CELLS_PLAYED, len(cells))).round().astype(int)
    }
    for one in cells:
        yield from in_tabs(_of_setting(result, one, one in played), "Each setting")
    if (result.table.rule != IMAGE_RULE).any():
        yield _dimensions(result)
    yield from _tables(result)


def _of_setting(result: Result, one: Cell, played: bool) -> Iterator[Panel]:
    """The panels of a cell; with `played` the samples, too."""
    rows, section = member_rows(result, one), setting_words(dict(one.values))
    if played:
        yield from sample_panels(result.arrays[one], rows, section)
    yield from _curves(result, one, rows, section)
    if played:
        yield from nearness_panels(result.arrays[one], rows, section)
    if _is_papers(result, one):
        yield _training(result, one, rows, section)


def _is_papers(result: Result, one: Cell) -> bool:
    trained = result.record["parameters"]
    return all(one[name] == value for name, value in PAPERS_NET.items()) and all(
        trained[name] == value for name, value in PAPERS_TRAINING.items()
    )


def _curves(result: Result, one: Cell, rows: pd.DataFrame, section: str) -> Iterator[Panel]:
    """How samples of all members settle, and how they jump."""
    times = _of(result.tables["iterations"], one)
    kinds = list(times.start.unique())
    settled = "; ".join(f"{kind} starts: {_burn_in_words(rows, kind)}" for kind in kinds)
    away = float(rows.distance_held_out.median())
    yield Panel(
        title="How samples settle",
        caption=(
            "Left: the residual, root mean square over coordinates as a share of the range. Right: the Euclidean distance to "
            "the nearest training image; dashed: that of held-out images. Lines are medians over members of the median over "
            f"samples, bands their middle half. {settled}. At rest means steps below 0.02 of the range, whatever the sample "
            f"shows: a constant map settles at once. {reached_words(rows)}."
        ),
        body=burn_in_curves(times, by="start", references={"held out": away}),
        section=section,
        downloads={"iterations": times},
    )
    jumps = _of(result.tables["jumps"], one)
    rates = _rates(jumps[jumps.control == "none"])
    if not (rates.amplitude > 0).any():
        return
    pointed = PAPERS_NOISE if PAPERS_NOISE in set(rates.amplitude) else None
    compared = pointed or rates.amplitude.max()
    yield Panel(
        title="How noise makes samples jump",
        caption=(
            "Jumps of the image shown, f(x) before its noise: to another nearest training image, at any distance, and steps "
            "longer than a tenth of the range's diameter. "
            f"Means over members, {_band_words(rows)}; dashed: the paper's ε. To another image at ε = {compared:g}, by the "
            f"controls: {_control_rates(jumps, compared)}. {reached_words(rows)}."
        ),
        body=jumps_by_noise(rates, marked=pointed),
        section=section,
        downloads={"jumps": jumps},
    )


def _training(result: Result, one: Cell, rows: pd.DataFrame, section: str) -> Panel:
    published = published_mnist_losses()
    mean = float(result.arrays[one]["mean_loss"])
    return Panel(
        title="Training beside the published run",
        caption=(
            f"Loss of each step's batch. Published: {published.loss.iloc[-1]:g} at step {published.step.iloc[-1]:,}; here "
            f"{rows.loss.median():.3g} at the end over all images. The mean image's loss is {mean:.3g}. {reached_words(rows)}."
        ),
        body=training_curve(_of(result.tables["curves"], one), published, references={"the mean image": mean}),
        section=section,
    )


def _dimensions(result: Result) -> Panel:
    settings = result.record["parameters"]
    kind, table = settings["start"][0], result.table[result.table.rule != IMAGE_RULE]
    shown = pd.DataFrame(
        {
            "rule": table.rule,
            "dim": table.dim,
            "burn_in": table[f"burn_in_{kind}"],
            "censored": table[f"burn_in_{kind}_censored"],
        }
    )
    late = int(shown.censored.sum())
    return Panel(
        title="Burn-in against dimension",
        caption=(
            f"Uniform points, {settings['dim_count']} of them ({POINT_RULES[0]}) or {settings['dim_ratio']:g} per dimension "
            f"({POINT_RULES[1]}). The burn-in is the first iteration from which 95 % of the samples that finally settle stay "
            f"near a training point. {late} of {len(shown)} networks had not settled by iteration {settings['iterations']} "
            f"(triangles). {reached_words(table)}."
        ),
        body=burn_in_by_dim(shown, settings["iterations"]),
        section="Uniform points",
        downloads={"burn_in": shown},
    )


def _tables(result: Result) -> Iterator[Panel]:
    keys = ["rule", *SWEPT, "dim"]
    medians = [str(name) for name in result.table if name not in (*keys, *_NO_MEDIANS)]
    yield Panel(
        title="Cells",
        caption=(
            "Counts of members by how training ended, and medians over all members. near, settled: shares of samples at the "
            "end; distance: Euclidean, to the nearest training point; jumpiness: share of steps longer than a tenth of the "
            f"range's diameter, without noise, after iteration {BURN_IN}; rms: "
            "near in the root mean square over coordinates; coverage: share of training images with a sample in "
            "their ball, beside held-out images' own; c_t: below −3 where samples are nearer to the training images than "
            "held-out ones are, above 3 where farther; variation: of the class histogram from the training images', its null, "
            "and between uniform and normal starts beside chance; purity: share of held-out starts that end nearest to an "
            f"image of their class, beside shuffled labels. {reached_words(result.table)}."
        ),
        body=status_summary(result.table, keys, medians),
        section="Tables",
    )
    controls = result.tables["controls"]
    yield Panel(
        title="Controls",
        caption=(
            "The same measurements on maps whose answer is known: medians over members. A claim that also holds for one of "
            "them says nothing about training."
        ),
        body=control_summary(controls, keys, medians),
        section="Tables",
    )


_NO_MEDIANS = ("member", "seed", "status", "steps", "digest")


def _of(table: pd.DataFrame, one: Cell) -> pd.DataFrame:
    """The rows of one cell."""
    for name, value in one.values:
        table = table[table[name] == value]
    return table


def _burn_in_words(rows: pd.DataFrame, kind: str) -> str:
    late = int(rows[f"burn_in_{kind}_censored"].sum())
    middle, settled = rows[f"burn_in_{kind}"].median(), rows[f"settled_{kind}"].median()
    return f"median burn-in {middle:g} ({late} of {len(rows)} members have none), {settled:.0%} of samples at rest at the end"


def _band_words(rows: pd.DataFrame) -> str:
    seeds = rows.seed.nunique()
    return f"bands 95 % CI of the mean over {seeds} seeds" if seeds > 1 else "one network has no interval"


def _rates(jumps: pd.DataFrame) -> pd.DataFrame:
    """Mean jumps per 100 steps over members with 95 % intervals (normal), a row per kind of jump, noise and amplitude."""
    counted = {"to another training image": jumps.mode_jumps, "longer than .1 diameter": 100 * jumps.jumpiness}
    table = pd.concat([jumps.assign(jump=name, rate=values) for name, values in counted.items()])
    groups = table.groupby(["jump", "noise", "amplitude"], sort=False).rate
    rate, error = groups.mean(), 1.96 * groups.sem()
    return pd.DataFrame({"rate": rate, "low": (rate - error).clip(lower=0), "high": rate + error}).reset_index()


def _control_rates(jumps: pd.DataFrame, amplitude: float) -> str:
    rows = jumps[(jumps.amplitude == amplitude) & (jumps.control != "none") & (jumps.noise == jumps.noise.iloc[0])]
    means = rows.groupby("control", sort=False).mode_jumps.mean()
    return ", ".join(f"{name} {value:.3g}" for name, value in means.items())
