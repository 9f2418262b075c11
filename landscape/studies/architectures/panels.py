"""What the report of a comparison of architectures shows."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from landscape.figures import Panel, Scene, SceneGrid, Surface
from landscape.figures.by_size import zero_slopes
from landscape.figures.samples import verdict_shares
from landscape.figures.scene import scene_limits
from landscape.results import Cell, Result
from landscape.studies.architectures.claims import LINE_SET, WHOLE_BUDGET, begun
from landscape.studies.architectures.figures import (
    attractor_census,
    identity_or_constant,
    losses_by_net,
    rates_tried,
    sheet_of_nets,
    where_orbits_end,
)
from landscape.studies.architectures.one_example import narrow, one_example_panels, pixels_of
from landscape.studies.parts.comparison import RULE
from landscape.studies.parts.summaries import (
    control_summary,
    failed_words,
    how_many,
    in_tabs,
    member_rows,
    status_summary,
)

MATCHED_WITHIN = 1.25  # times the parameters asked for; a net that has more cannot be made smaller
SECTION_KEYS = ["data", "count", "hidden", "init"]  # cells with equal values of these share a section of the report
EACH = "Each setting"  # the heading over the tabs of sections
Arrays = dict[str, np.ndarray]


def panels_of(result: Result) -> Iterator[Panel]:
    """For each section what nets make of images, where orbits end, and what kind of map nets are; then the line and tables."""
    images = result.table[result.table.data != LINE_SET]
    one = images[(images["count"] == 1) & (images.band == WHOLE_BUDGET)]
    if len(one):
        yield from one_example_panels(result, one)
    compared = images[(images["count"] > 1) | (images.band != WHOLE_BUDGET)]
    for values, table in compared.groupby(SECTION_KEYS, sort=False):
        data, count, hidden, init = table.iloc[0][SECTION_KEYS]
        section = f"{data}, {count:,} training image{'s' if count > 1 else ''}, {hidden} hidden{begun(init)}"
        cells = [
            one
            for one in result.arrays
            if all(one[key] == value for key, value in zip(SECTION_KEYS, values, strict=True))
        ]
        yield from in_tabs(_fitting(result, table, section), EACH)
        yield from in_tabs(_bands(result, table, cells, section), EACH)
    if len(images) < len(result.table):
        yield _line(result.table[result.table.data == LINE_SET])
    yield from _tables(result)


def _fitting(result: Result, table: pd.DataFrame, section: str) -> Iterator[Panel]:
    """What each net reached, and with which learning rate."""
    settings = result.record["parameters"]
    whole = table[table.band == WHOLE_BUDGET]
    bands = [band for band in settings["band"] if band != WHOLE_BUDGET]
    sizes = whole.groupby("net", sort=False)[["parameters", "width"]].first()
    asked, most = settings["match_parameters"], MATCHED_WITHIN * settings["match_parameters"]
    sized = "; ".join(
        f"{net} {row.parameters:,.0f} (width {row.width:.0f}{', its least' if asked and row.parameters > most else ''})"
        for net, row in sizes.iterrows()
    )
    yield Panel(
        title="What each net reached",
        caption=(
            f"Mean squared error over the training images after {settings['steps']:,} steps; a dot a "
            f"network, the bar their median. Dashed: the losses at which nets are compared. Parameters: {sized}. "
            f"Networks that reached a loss, and the median loss at which they stopped: {_reached(table, bands)}."
        ),
        body=losses_by_net(whole, bands),
        section=section,
        downloads={"losses": whole[["net", "member", "seed", "rate", "loss", "status"]]},
    )
    tried = _of(result.tables["rates"], table, WHOLE_BUDGET)
    taken = whole.groupby("net").rate.first()
    tried = tried.assign(taken=tried.rate == tried.net.map(taken))
    yield Panel(
        title="Learning rates tried",
        caption=(
            f"{settings['tuned']} networks of other seeds try each rate for {settings['trial_steps'] or settings['steps']:,} "
            "steps, the same for every net; that of the lowest geometric mean loss (filled) is taken for all its networks."
        ),
        body=rates_tried(tried),
        section=section,
        downloads={"rates": tried},
    )


def _bands(result: Result, table: pd.DataFrame, cells: list[Cell], section: str) -> Iterator[Panel]:
    """Comparisons at equal training losses, of the networks that reached a band."""
    fitted = table[(table.band != WHOLE_BUDGET) & (table.loss <= table.band)]
    shown = _best_band(fitted)
    if shown is None:
        return
    here = [one for one in cells if one["band"] == shown and not fitted[_is(fitted, one)].empty]
    yield _sheet(result, here, shown, section)
    scenes = [one for one in here if "height" in result.arrays[one]]
    if scenes:
        yield _surfaces(result, scenes, shown, section)
    yield _ends(result, fitted, section)
    census = result.tables["attractors"]
    census = _of(census, table, shown).merge(fitted[fitted.band == shown][["net", "member"]], on=["net", "member"])
    census = census[(census.period == 1) & census.growth.notna()]
    if len(census):
        yield _census(census, shown, section)
    yield Panel(
        title="Identity or constant",
        caption=(
            "At uniform noise, a dot a network: the mean of the Jacobian's diagonal against the variance of the outputs over "
            "that of the inputs. A net that has learnt the identity reconstructs its training images and everything else."
            f"{narrow(fitted, result)}"
        ),
        body=identity_or_constant(fitted),
        section=section,
    )
    if "memo_verdict" in fitted:
        judged = fitted[fitted.band == shown].rename(columns={"memo_verdict": "verdict"})
        yield Panel(
            title="Verdicts on samples",
            caption=f"Samples of the networks that reached {shown:g}, after all iterations. {RULE}",
            body=verdict_shares(judged, setting="net"),
            section=section,
        )


def _ends(result: Result, fitted: pd.DataFrame, section: str) -> Panel:
    ends = fitted.assign(
        neutral=fitted.at_rest - fitted.at_training - fitted.attracted_spurious,
        moving=1 - fitted.at_rest - fitted.cycling,
    )
    settings = result.record["parameters"]
    return Panel(
        title="Where orbits end",
        caption=(
            f"{settings['samples']} orbits of each network from uniform noise, after {settings['iterations']} iterations; "
            "networks that reached the loss, their number beside the bar. At rest: a step below 1e-4 of the range. At a "
            "training image: nearer to it than half its distance to the next training image, which holds of "
            f"{fitted.held_out_near.mean():.1%} of held-out images. At an attractor small differences shrink; the identity "
            "rests everywhere and attracts nowhere."
        ),
        body=where_orbits_end(ends),
        section=section,
        downloads={"ends": ends[["net", "band", "member", "seed", "at_rest", "at_training", "attracted", "cycling"]]},
    )


def _census(census: pd.DataFrame, band: float, section: str) -> Panel:
    return Panel(
        title="The ends, one by one",
        caption=(
            f"Different ends of orbits at rest of the networks that reached {band:g}: ρ(J) there, the factor by which an "
            "iteration multiplies small differences (above 1.5 drawn there), against the distance to the nearest training "
            "image as a share of that image's gap to the next. Larger: more orbits end there. Below the dashed line it "
            "attracts, on it points only rest; left of the other it is at that image."
        ),
        body=attractor_census(census),
        section=section,
        downloads={"attractors": census},
    )


def _sheet(result: Result, cells: list[Cell], band: float, section: str) -> Panel:
    rows: dict[str, list[np.ndarray]] = {}
    for one in cells:
        arrays = result.arrays[one]
        shape = pixels_of(arrays)
        images = [arrays["training"], arrays["reconstructed"], *arrays["samples"], arrays["nearest"]]
        rows[one["net"]] = [levels.reshape(len(levels), *shape) for levels in images]
    times = result.arrays[cells[0]]["times"].tolist()
    return Panel(
        title="A row per architecture",
        caption=(
            f"The member of median training loss of those at most {band:g}, of each net: training images, what it makes of "
            "them, samples from the same noise at some iterations, and the training images nearest to the last of these."
        ),
        body=sheet_of_nets(rows, ["training", "reconstructed", *(f"iteration {time}" for time in times), "nearest"]),
        section=section,
    )


def _surfaces(result: Result, cells: list[Cell], band: float, section: str) -> Panel:
    limits = scene_limits([result.arrays[one]["height"] for one in cells])
    scenes = []
    for one in cells:
        arrays, rows = result.arrays[one], member_rows(result, one)
        row = rows.loc[int(arrays["shown"])]
        note = f"{row.status}, training loss {row.loss:.1e}"
        left, right, bottom, top = map(float, arrays["extent"])
        surface = Surface(f"member {int(arrays['shown'])}", arrays["height"], arrays["spots"], None, note)
        scenes.append(Scene(one["net"], (surface,), (left, right, bottom, top), limits, ("u", "v", "loss")))
    return Panel(
        title="Loss surfaces through three training images",
        caption=(
            "Mean squared reconstruction error on the plane through three training images (black), log scale, one scale for "
            f"all; of each net the member of median loss of those at most {band:g}. The identity would be flat and low."
        ),
        body=SceneGrid((f"loss ≤ {band:g}",), tuple(one["net"] for one in cells), (tuple(scenes),)),
        section=section,
    )


def _line(table: pd.DataFrame) -> Panel:
    words, converged = how_many(table, table.zero_slope > 0, "net", "width")
    return Panel(
        title="Intervals of no slope at all",
        caption=(
            f"Nets of {table.hidden.iloc[0]} hidden layers on the line, trained on .2 and .8: the share of [0, 1] at which the "
            "slope before the output's squash is exactly zero, a dot a network, lines the means. A ReLU layer that is off "
            "there passes nothing on; the hidden map of an injective net never repeats a value. Networks with such an "
            f"interval, by width: {words}. Of those that converged, as narrow ones often do not: {converged}. "
            f"{failed_words(table)}."
        ),
        body=zero_slopes(table),
        section="The line",
        downloads={
            "zero_slopes": table[["net", "width", "member", "seed", "status", "loss", "zero_slope", "intervals"]]
        },
    )


def _tables(result: Result) -> Iterator[Panel]:
    keys = ["band", *SECTION_KEYS, "net", "width"]
    numbers = [str(name) for name in result.table.select_dtypes("number") if name not in (*keys, "member", "seed")]
    yield Panel(
        title="Cells",
        caption=(
            "Counts of members by how training ended (converged: the band was reached; band 0 is the whole budget, and 1e-6), "
            "and medians. at_rest to attracted_spurious: shares of orbits, spurious of those at rest; ends, attractors: how "
            "many different ones; trace, rank, flat: of the Jacobian on noise; spread: variance of outputs over inputs; "
            "identity_share: 1 for the identity, 0 for a constant, on held-out images; memo: the statistics of memorisation."
        ),
        body=status_summary(result.table, keys, numbers),
        section="Tables",
    )
    yield Panel(
        title="Controls",
        caption="The same measurements on maps whose answer is known: medians over members.",
        body=control_summary(result.tables["controls"], ["data", "count"], numbers),
        section="Tables",
    )


def _best_band(fitted: pd.DataFrame) -> float | None:
    """The smallest of the bands that the largest number of nets reached; None if no net reached any."""
    if fitted.empty:
        return None
    nets = fitted.groupby("band").net.nunique()
    return float(nets.index[nets == nets.max()].min())


def _is(table: pd.DataFrame, one: Cell) -> pd.Series[bool]:
    chosen = pd.Series(True, index=table.index)
    for name, value in one.values:
        chosen &= table[name] == value
    return chosen


def _of(table: pd.DataFrame, like: pd.DataFrame, band: float) -> pd.DataFrame:
    """The rows of the section of `like` at one band."""
    first = like.iloc[0]
    for name in SECTION_KEYS:
        table = table[table[name] == first[name]]
    return table[table.band == band]


def _reached(table: pd.DataFrame, bands: list[float]) -> str:
    """How many networks of each net reached each band, with their median loss, in words.

    'loss ≤ 0.01: mlp 20 of 20 (0.0094), cnn 3 of 20 (0.0081); not fitted: unet'"""
    parts = []
    for band in bands:
        losses = table[table.band == band].groupby("net", sort=False).loss
        within = {str(net): (values[values <= band], len(values)) for net, values in losses}
        some = ", ".join(
            f"{net} {len(own)} of {n} ({own.median():.2g})" for net, (own, n) in within.items() if len(own)
        )
        none = ", ".join(net for net, (own, _) in within.items() if own.empty)
        parts.append(f"loss ≤ {band:g}: {some or 'no net'}{f'; not fitted: {none}' if none else ''}")
    return ". ".join(parts)
