"""What the report of a kaleidoscope shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from landscape.figures import Panel
from landscape.figures.samples import burn_in_curves, jumps_by_noise, training_curve
from landscape.findings import listed, number, percent
from landscape.results import Cell, Result
from landscape.studies.kaleidoscope.claims import IMAGE_RULE, PAPERS_NOISE, POINT_RULES
from landscape.studies.kaleidoscope.figures import burn_in_by_dim
from landscape.studies.kaleidoscope.one_member import nearness_panels, sample_panels
from landscape.studies.kaleidoscope.parameters import BURN_IN
from landscape.studies.parts.claim_words import counted
from landscape.studies.parts.image_study import SWEPT, setting_words
from landscape.studies.parts.published import published_mnist_losses
from landscape.studies.parts.summaries import control_summary, in_tabs, member_rows, status_summary, trained_words
from landscape.studies.parts.words import two_digits

# How titles begin; the reproduction of the paper picks its panels by these words.
SETTLE, JUMP, DIMENSION = "How samples settle", "How noise makes samples jump", "Burn-in against dimension"
TRAINING = "Training beside the published run"
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
    if (result.whole.rule != IMAGE_RULE).any():
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
    """How samples of all networks settle, and how they jump."""
    times = _of(result.tables["iterations"], one)
    away, kinds = float(rows.distance_held_out.median()), list(times.start.unique())
    last = result.record["parameters"]["iterations"]
    yield Panel(
        title=f"{SETTLE}: {_settle_words(rows, kinds[0], last)}",
        caption=_settled_words(rows, kinds, last),
        body=burn_in_curves(times, by="start", references={"held out": away}),
        section=section,
        downloads={"iterations": times},
        how=(
            f"{trained_words(rows)} A network settles at the iteration from which 95 % of those samples that come to rest stay "
            "at rest: a step is below 0.02 of the range, whatever the sample shows, so that a constant settles at once. Left: "
            "the residual, root mean square over coordinates as a share of the range. Right: the Euclidean distance to the "
            "nearest training image; dashed: that of held-out images. Lines are medians over networks of the median over "
            "samples, bands their middle half."
        ),
    )
    jumps = _of(result.tables["jumps"], one)
    rates = _rates(jumps[jumps.control == "none"])
    if not (rates.amplitude > 0).any():
        return
    pointed = PAPERS_NOISE if PAPERS_NOISE in set(rates.amplitude) else None
    yield _jumps(jumps, rates, rows, pointed, section)


def _jumps(jumps: pd.DataFrame, rates: pd.DataFrame, rows: pd.DataFrame, pointed: float | None, section: str) -> Panel:
    """How often samples pass to another training image, by the amplitude of the noise; `pointed` is the paper's, if run."""
    compared = pointed or float(rates.amplitude.max())
    usual = jumps[jumps.noise == jumps.noise.iloc[0]]
    mean = usual.groupby(["control", "amplitude"]).mode_jumps.mean()
    gains = {name: mean[name, compared] - mean[name, 0.0] for name in ("none", "identity") if name in mean}
    still, noisy = (number(mean["none", amplitude]) for amplitude in (0.0, compared))
    title, beside = "adds jumps" if gains["none"] > 0 else "adds no jumps", ""
    if "identity" in gains:
        title += (
            ", more than without a network" if gains["none"] > gains["identity"] else ", no more than without a network"
        )
        beside = f" Without any network (the identity) noise adds {number(gains['identity'])}."
    return Panel(
        title=f"{JUMP}: noise {title}",
        caption=(
            f"Samples change their nearest training image {noisy} times in 100 iterations with noise of {compared:g}, {still} "
            f"times without (means).{beside}"
        ),
        body=jumps_by_noise(rates, marked=pointed),
        section=section,
        downloads={"jumps": jumps},
        how=(
            "Jumps of the image shown, f(x) before its noise. Left: to another nearest training image, at any distance. Right: "
            f"steps longer than a tenth of the range's diameter. Points are means over networks, {_band_words(rows)}."
            f"{' Dashed: the noise of the paper.' if pointed else ''}"
        ),
    )


def _training(result: Result, one: Cell, rows: pd.DataFrame, section: str) -> Panel:
    published = published_mnist_losses()
    mean, theirs, ours = (
        float(result.arrays[one]["mean_loss"]),
        float(published.loss.iloc[-1]),
        float(rows.loss.median()),
    )
    return Panel(
        title=f"{TRAINING}: it ends at a {'lower' if ours < theirs else 'higher'} loss",
        caption=f"The training loss ends at {two_digits(ours)} (median network), the published one at {two_digits(theirs)}.",
        body=training_curve(_of(result.tables["curves"], one), published, references={"the mean image": mean}),
        section=section,
        how=(
            f"The loss of each step's batch; the last one here is over all images. The published numbers end at step "
            f"{published.step.iloc[-1]:,}. Dashed: the loss of the mean image, {two_digits(mean)}."
        ),
    )


def _dimensions(result: Result) -> Panel:
    settings = result.record["parameters"]
    kind, table = settings["start"][0], result.whole[result.whole.rule != IMAGE_RULE]
    shown = pd.DataFrame(
        {
            "rule": table.rule,
            "dim": table.dim,
            "burn_in": table[f"burn_in_{kind}"],
            "censored": table[f"burn_in_{kind}_censored"],
        }
    )
    rules = {
        POINT_RULES[0]: counted(settings["dim_count"], "point"),
        POINT_RULES[1]: f"{settings['dim_ratio']:g} per dimension",
    }
    medians = {
        words: shown[shown.rule == rule].groupby("dim").burn_in.median()
        for rule, words in rules.items()
        if rule in set(shown.rule)
    }
    return Panel(
        title=f"{DIMENSION}: {_by_dim_title(list(medians.values()))}",
        caption=(
            f"{_by_dim_words(medians, settings['iterations'])} {int(shown.censored.sum())} of "
            f"{counted(len(shown), 'network')} had not settled at the end."
        ),
        body=burn_in_by_dim(shown, settings["iterations"]),
        section="Uniform points",
        downloads={"burn_in": shown},
        how=(
            f"{trained_words(table)} They are trained on uniform points: {POINT_RULES[0]}: {rules[POINT_RULES[0]]}; "
            f"{POINT_RULES[1]}: {rules[POINT_RULES[1]]}. A network settles at the iteration from which 95 % of those samples "
            f"that settle stay near a training point. Triangles: not by iteration {settings['iterations']}."
        ),
    )


def _by_dim_title(medians: list[pd.Series[float]]) -> str:
    """Whether networks settle later in the highest dimension than in the lowest, under each rule for the number of points."""
    words = {
        "later" if middle.iloc[-1] > middle.iloc[0] else "sooner"
        for middle in medians
        if middle.iloc[0] != middle.iloc[-1]
    }
    if len(words) == 1 and all(middle.iloc[0] != middle.iloc[-1] for middle in medians):
        return f"{words.pop()} in more dimensions"
    return "later or sooner, by the number of points" if words else "no later in more dimensions"


def _by_dim_words(medians: Mapping[str, pd.Series[float]], last: int) -> str:
    """'In dimensions 2 and 64 the median network settles at iteration 55 and 80 with 8 points, at 55 and never with 4 …'"""
    dims = next(iter(medians.values())).index[[0, -1]].unique()
    when = [
        f"{listed([f'{middle[dim]:g}' if middle[dim] < last else 'never' for dim in dims])} with {words}"
        for words, middle in medians.items()
    ]
    where = f"dimension{'s' if len(dims) > 1 else ''} {listed(list(dims))}"
    return f"In {where} the median network settles at iteration {', at '.join(when)}."


def _tables(result: Result) -> Iterator[Panel]:
    keys = ["rule", *SWEPT, "dim"]
    medians = [str(name) for name in result.whole if name not in (*keys, *_NO_MEDIANS)]
    cells = status_summary(result.whole, keys, medians)
    yield Panel(
        title="Each setting",
        caption=f"{counted(len(result.whole), 'network')} in {counted(len(cells), 'setting')}.",
        body=cells,
        section="Tables",
        how=(
            "Numbers of networks (members) by how training ended (converged: a training loss of 1e-6, which is not asked of "
            "them), and medians over all. near, settled: shares of samples at the end; distance: Euclidean, to the nearest "
            "training point; jumpiness: share of steps longer than a tenth of the range's diameter, without noise, after "
            f"iteration {BURN_IN}; rms: near in the root mean square over coordinates; coverage: share of training images with "
            "a sample in their ball, beside held-out images' own; c_t: below −3 where samples are nearer to the training "
            "images than held-out ones are, above 3 where farther; variation: of the class histogram from the training "
            "images', its null, and between uniform and normal starts beside chance; purity: share of held-out starts that "
            "end nearest to an image of their class, beside shuffled labels."
        ),
    )
    controls = result.tables["controls"]
    yield Panel(
        title="Maps whose answer is known",
        caption="What also holds of one of these maps says nothing about training.",
        body=control_summary(controls, keys, medians),
        section="Tables",
        how="The same measurements as of the networks; medians over members.",
    )


_NO_MEDIANS = ("member", "seed", "status", "steps", "digest")


def _of(table: pd.DataFrame, one: Cell) -> pd.DataFrame:
    """The rows of one cell."""
    for name, value in one.values:
        table = table[table[name] == value]
    return table


def _settle_words(rows: pd.DataFrame, kind: str, last: int) -> str:
    """When the median network settles: 'by iteration 67'."""
    middle = float(rows[f"burn_in_{kind}"].median())
    return f"by iteration {middle:g} (median)" if _settles(rows, kind) else f"most do not within {last} iterations"


def _settled_words(rows: pd.DataFrame, kinds: list[str], last: int) -> str:
    """When the median network settles from each kind of noise, and how many samples are at rest at last, in sentences."""
    when = [
        f"at iteration {rows[f'burn_in_{kind}'].median():g} from {kind} noise"
        if _settles(rows, kind)
        else f"not within {last} iterations from {kind} noise"
        for kind in kinds
    ]
    rest = percent(float(rows[f"settled_{kinds[0]}"].median()))
    return f"The median network settles {listed(when)}. At the end {rest} of its samples are at rest."


def _settles(rows: pd.DataFrame, kind: str) -> bool:
    """Whether more than half of the networks settled before the end."""
    return bool(2 * rows[f"burn_in_{kind}_censored"].sum() < len(rows))


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
