"""What the report of a comparison of architectures shows."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from landscape.figures import Panel
from landscape.figures.samples import verdict_shares
from landscape.findings import listed, percent
from landscape.results import Cell, Result
from landscape.studies.architectures.claims import LINE_SET, WHOLE_BUDGET, begun
from landscape.studies.architectures.figures import (
    attractor_census,
    identity_or_constant,
    losses_by_net,
    rates_tried,
    where_orbits_end,
)
from landscape.studies.architectures.line_panel import line_panel
from landscape.studies.architectures.one_example import narrow, one_example_panels
from landscape.studies.architectures.ranking import beside, extremes, named, ranked
from landscape.studies.architectures.shown_networks import sheet_panel, surfaces_panel
from landscape.studies.parts.claim_words import counted
from landscape.studies.parts.comparison import RULE
from landscape.studies.parts.summaries import control_summary, in_tabs, status_summary
from landscape.studies.parts.verdict_counts import VERDICT_WORDS, counts_in_words, majority
from landscape.studies.parts.words import two_digits

# How titles begin; the reproduction of the paper picks its panels by these words.
REACHED, ENDS = "What each net reached", "Where orbits end"
MATCHED_WITHIN = 1.25  # times the parameters asked for; a net that has more cannot be made smaller
SECTION_KEYS = ["data", "count", "hidden", "init"]  # cells with equal values of these share a section of the report
EACH = "Each setting"  # the heading over the tabs of sections
Arrays = dict[str, np.ndarray]


def panels_of(result: Result) -> Iterator[Panel]:
    """For each section what nets make of images, where orbits end, and what kind of map nets are; then the line and tables."""
    images = result.whole[result.whole.data != LINE_SET]
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
    if len(images) < len(result.whole):
        yield line_panel(result.whole[result.whole.data == LINE_SET])
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
    low, high = extremes(whole, "loss", "median")
    yield Panel(
        title=f"{REACHED}: {ranked(low, high, 'the lowest loss', 'the highest', 'the same loss')}",
        caption=(
            f"After {settings['steps']:,} steps the median loss is {beside(low, high, two_digits)}. "
            f"{_reached(table, bands)}"
        ),
        body=losses_by_net(whole, bands),
        section=section,
        downloads={"losses": whole[["net", "member", "seed", "rate", "loss", "status"]]},
        how=(
            "Mean squared error over the training images after all steps; a dot a network, the bar their median. Dashed: the "
            f"losses at which nets are compared; networks are trained for each until they reach it. Parameters: {sized}."
        ),
    )
    tried = _of(result.tables["rates"], table, WHOLE_BUDGET)
    taken = whole.groupby("net", sort=False).rate.first()
    same, rates = taken.nunique() == 1, listed([f"{rate:g} ({net})" for net, rate in taken.items()])
    tried = tried.assign(taken=tried.rate == tried.net.map(taken))
    yield Panel(
        title="One learning rate is the best for all nets" if same else "The best learning rate depends on the net",
        caption=f"All take a rate of {taken.iloc[0]:g}." if same else f"The rates taken are {rates}.",
        body=rates_tried(tried),
        section=section,
        downloads={"rates": tried},
        how=(
            f"{counted(settings['tuned'], 'network')} of other seeds try each rate for "
            f"{settings['trial_steps'] or settings['steps']:,} steps, the same for every net; that of the lowest geometric "
            "mean loss (filled) is taken for all its networks."
        ),
    )


def _bands(result: Result, table: pd.DataFrame, cells: list[Cell], section: str) -> Iterator[Panel]:
    """Comparisons at equal training losses, of the networks that reached a band."""
    fitted = table[(table.band != WHOLE_BUDGET) & (table.loss <= table.band)]
    shown = _best_band(fitted)
    if shown is None:
        return
    here = [one for one in cells if one["band"] == shown and not fitted[_is(fitted, one)].empty]
    at = fitted[fitted.band == shown]
    yield sheet_panel(result, here, shown, section)
    scenes = [one for one in here if "height" in result.arrays[one]]
    if scenes:
        yield surfaces_panel(result, scenes, shown, section)
    yield _ends(result, fitted, at, section)
    census = result.tables["attractors"]
    census = _of(census, table, shown).merge(at[["net", "member"]], on=["net", "member"])
    census = census[(census.period == 1) & census.growth.notna()]
    if len(census):
        yield _census(census, shown, section)
    low, high = extremes(at, "trace")
    kinds = ranked(high, low, "closest to the identity", "closest to a constant", "equally close to both", verb="come")
    yield Panel(
        title=f"Identity or constant: {kinds}",
        caption=(
            f"Of a small change in noise the share that is returned is {beside(high, low, percent)}. The identity returns all, "
            "a constant nothing."
        ),
        body=identity_or_constant(fitted),
        section=section,
        how=(
            "At uniform noise, a dot a network: the mean of the Jacobian's diagonal against the variance of the outputs over "
            "that of the inputs. A net that has learnt the identity reconstructs its training images and everything else."
            f"{narrow(fitted, result)} The caption has means over the networks that reached a loss of {shown:g}."
        ),
    )
    if "memo_verdict" in fitted:
        judged = at.rename(columns={"memo_verdict": "verdict"})
        yield Panel(
            title=f"Verdicts on samples: {majority(judged.verdict, VERDICT_WORDS)}",
            caption=f"Of {counted(len(judged), 'network')} {counts_in_words(judged.verdict, VERDICT_WORDS)}.",
            body=verdict_shares(judged, setting="net"),
            section=section,
            how=f"Samples of the networks that reached a loss of {shown:g}, after all iterations. {RULE}",
        )


def _ends(result: Result, fitted: pd.DataFrame, at: pd.DataFrame, section: str) -> Panel:
    ends = fitted.assign(
        neutral=fitted.at_rest - fitted.at_training - fitted.attracted_spurious,
        moving=1 - fitted.at_rest - fitted.cycling,
    )
    settings = result.record["parameters"]
    few, many = extremes(at, "at_training")
    low, high = extremes(at, "attracted_spurious")
    title = ranked(many, few, "at training images most often", "least", "alike", verb="end")
    if many[1] == 0:
        title = "none at a training image"
    return Panel(
        title=f"{ENDS}: {title}",
        caption=(
            f"The share of orbits that ends at training images is {beside(many, few, percent)}; at attracting points off the "
            f"images it is {beside(high, low, percent)}."
        ),
        body=where_orbits_end(ends),
        section=section,
        downloads={"ends": ends[["net", "band", "member", "seed", "at_rest", "at_training", "attracted", "cycling"]]},
        how=(
            f"{settings['samples']} orbits of each network from uniform noise, after {settings['iterations']} iterations; "
            "networks that reached the loss, their number beside the bar. The caption has means at a loss of "
            f"{at.band.iloc[0]:g}. At rest: a step below 1e-4 of the range. At a training image: nearer to it than half its "
            f"distance to the next training image, which holds of {percent(fitted.held_out_near.mean())} of held-out images. "
            "At an attractor small differences shrink; the identity rests everywhere and attracts nowhere."
        ),
    )


def _census(census: pd.DataFrame, band: float, section: str) -> Panel:
    attract = census[census.growth < 1]
    off = int((~attract.training.astype(bool)).sum())
    share = "Most" if 2 * len(attract) > len(census) else "Not most"
    return Panel(
        title=f"{share} of the different ends attract",
        caption=(
            f"{len(attract):,} of {counted(len(census), 'different end')} of orbits at rest attract; {off:,} of these are at "
            "no training image."
        ),
        body=attractor_census(census),
        section=section,
        downloads={"attractors": census},
        how=(
            f"Different ends of orbits at rest of the networks that reached a loss of {band:g}: ρ(J) there, the factor by "
            "which an iteration multiplies small differences (above 1.5 drawn there), against the distance to the nearest "
            "training image as a share of that image's gap to the next. Larger: more orbits end there. Below the dashed line "
            "it attracts, on it points only rest; left of the other it is at that image."
        ),
    )


def _tables(result: Result) -> Iterator[Panel]:
    keys = ["band", *SECTION_KEYS, "net", "width"]
    numbers = [str(name) for name in result.whole.select_dtypes("number") if name not in (*keys, "member", "seed")]
    cells = status_summary(result.whole, keys, numbers).rename(columns={"converged": "fitted"})
    yield Panel(
        title="Each setting",
        caption=f"{counted(len(result.whole), 'network')} in {counted(len(cells), 'setting')}.",
        body=cells,
        section="Tables",
        how=(
            "Numbers of networks (members) by how training ended (fitted: the loss of the band was reached; band 0 is the "
            "whole budget, and a loss of 1e-6), and medians. at_rest to attracted_spurious: shares of orbits, spurious of "
            "those at rest; ends, attractors: how many different ones; trace, rank, flat: of the Jacobian on noise; spread: "
            "variance of outputs over inputs; identity_share: 1 for the identity, 0 for a constant, on held-out images; memo: "
            "the statistics of memorisation."
        ),
    )
    yield Panel(
        title="Maps whose answer is known",
        caption="What also holds of one of these maps says nothing about architectures.",
        body=control_summary(result.tables["controls"], ["data", "count"], numbers),
        section="Tables",
        how="The same measurements as of the networks; medians over members.",
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
    """A sentence on how many networks reached each band: 'A loss of 0.01 was reached by 43 of 80 networks (no CNNs).'"""
    words = []
    for band in bands:
        rows = table[table.band == band]
        fits = rows[rows.loss <= band]
        none = [f"no {named(str(net))}" for net in rows.net.unique() if net not in set(fits.net)]
        without = f" ({listed(none)})" if none else ""
        words.append(f"{band:g} was reached by {len(fits)} of {counted(len(rows), 'network')}{without}")
    return f"A loss of {listed(words)}." if words else ""
