"""What the report of a run on basins shows."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from landscape.figures import Panel, Scene, SceneGrid, Surface
from landscape.figures.scene import scene_limits
from landscape.findings import listed, number, percent
from landscape.results import Result
from landscape.studies.basins.borders import borders_panel, known_maps
from landscape.studies.basins.figures import (
    basin_lines,
    basin_portraits,
    basin_sizes,
    shares_of_starts,
)
from landscape.studies.parts.claim_words import counted
from landscape.studies.parts.grids import COUNTED_KEYS, counted_words
from landscape.studies.parts.summaries import (
    by_data,
    control_summary,
    fitted_words,
    in_tabs,
    member_rows,
    status_summary,
)
from landscape.studies.parts.words import data_words, layers

NETS_PICTURED = 4  # in one figure, at most
MEDIANS = [
    "loss", "training", "spurious", "cycling", "circling", "chaotic", "slow", "stopped", "moving", "outside", "attractors",
    "cycles", "circles", "chaotic_sets", "remembered",
    "stable", "found", "at_kinks", "besides", "largest", "time", "time_90", "entropy", "boundary_entropy", "exponent",
    "trend", "dimension",
]  # fmt: skip
RELATIONS = {
    0: "as many attracting fixed points as",
    1: "more attracting fixed points than",
    -1: "fewer attracting fixed points than",
}
SMALL = 0.01  # of the random starts: a basin with less is small
VIEWS = ("labels", "times", "extents")  # arrays with a row per view, the whole plane first
Arrays = dict[str, np.ndarray]


def panels_of(result: Result) -> Iterator[Panel]:
    """For each data set, portraits, times until rest, shares and sizes; then borders beside known maps, and the tables."""
    table = result.whole.assign(setting=[counted_words(row) for _, row in result.whole.iterrows()])
    for name, own, section in by_data(result, table):
        yield from in_tabs(_of_data(result, name, own, section))
    yield borders_panel(table, result)
    if "references" in result.tables and len(result.tables["references"]):
        yield known_maps(result.tables["references"])
    cells = status_summary(result.whole, COUNTED_KEYS, MEDIANS)
    yield Panel(
        title="Each setting",
        caption=f"{counted(len(table), 'network')} in {counted(len(cells), 'setting')}.",
        body=cells,
        section="Tables",
        how=(
            "Numbers of networks (members) by how training ended, and medians: shares of starts by where they lead; fixed "
            "points, cycles, invariant circles and chaotic sets found; stable: all there are, where they can be known, found: "
            "the share of these that starts led to, at_kinks: attractors at kinks whose sides differ, and besides: at none of "
            "these; the largest basin; iterations until half and 90 % of the orbits that rest at attractors do; entropies, "
            "α, the slope of log(1 − α) on log resolution (trend) and the boundary's dimension on the grid."
        ),
    )
    yield Panel(
        title="Before training",
        caption="What networks show before training, too, is no effect of training.",
        body=control_summary(result.tables["controls"], COUNTED_KEYS, MEDIANS),
        section="Tables",
        how="The same measurements of the untrained networks; medians over members.",
    )


def _of_data(result: Result, name: str, own: pd.DataFrame, section: str) -> Iterator[Panel]:
    """Portraits, times until rest, shares and sizes of one data set; a line if every network has a single basin."""
    if _is_single(own):
        yield _single(own, section)
        return
    nets = {
        counted_words(pd.Series(dict(one.values))): arrays
        for one, arrays in result.arrays.items()
        if one["data"] == name
    }
    shown = dict(list(nets.items())[:NETS_PICTURED])
    yield _portraits(shown, own, section)
    if next(iter(shown.values()))["labels"].ndim == 3:
        yield _times(shown, own, section)
    yield _shares(own, result, section)
    yield _sizes(result, name, section)


def _is_single(table: pd.DataFrame) -> bool:
    """Whether all starts of each network lead to one attractor, so that there are no borders to see."""
    return bool((table.attractors == 1).all() and (table.largest == 1).all())


def _single(table: pd.DataFrame, section: str) -> Panel:
    return Panel(
        title="Every network has a single basin",
        caption=(
            f"All random starts of {counted(len(table), 'network')} lead to one attractor each, in "
            f"{int((table.training == 1).sum())} of them a training point."
        ),
        body="<p>There are no borders to see.</p>",
        section=section,
        how=fitted_words(table),
    )


def hero_of(result: Result) -> Panel | None:
    """The picture beside the answer: the basins of the networks shown of the first and the last setting of a data set.

    Sets in the plane come before sets on the line, and a single training point, whose basin has no border, last."""
    cells = sorted(result.arrays, key=lambda one: (result.arrays[one]["labels"].ndim, one["count"] > 1), reverse=True)
    if not cells:
        return None
    like = [one for one in cells if one["data"] == cells[0]["data"]]
    ends = [like[0], like[-1]] if len(like) > 1 else like
    by_depth = len({one["hidden"] for one in ends}) == len(ends) and ends[0]["count"] == ends[-1]["count"]
    line = result.arrays[cells[0]]["labels"].ndim == 2
    shown, shares = {}, []
    for one in ends:
        arrays = result.arrays[one]
        name = layers(one["hidden"]) if by_depth else counted_words(pd.Series(dict(one.values)))
        shares.append(percent(_at_memory(arrays)))
        shown[f"{name}: {shares[-1]} at training points"] = (
            arrays if line else arrays | {key: arrays[key][:1] for key in VIEWS}
        )
    paler = "" if line else " Each colour is one basin; paler: slower to settle."
    there, whose = listed(list(dict.fromkeys(shares))), f"median network{'s' * (len(shares) > 1)}"
    caption = f"On {data_words(cells[0]['data'])} {there} of starts end at a training point ({whose}).{paler}"
    how = (
        f"Where each start of {_whole(result.arrays[like[0]])} leads, a colour an attractor. Median: of the "
        f"{counted(len(member_rows(result, like[0])), 'network')} of a setting, that whose borders have the median entropy (of "
        "the converged, where there are any). Rings: training points."
    )
    return Panel("", caption, basin_lines(shown) if line else basin_portraits(shown), how=how)


def _whole(arrays: Arrays) -> str:
    """What the widest view of a network shows of its inputs."""
    return (
        "the whole range" if arrays["attractors"].shape[1] <= 2 else "the plane through the first three training points"
    )


def _at_memory(arrays: Arrays) -> float:
    """The share of the starts of the whole view that lead to attractors at training points."""
    labels, at = arrays["labels"][0], arrays["memory"] >= 0
    return float(np.isin(labels, np.flatnonzero(at)).mean())


def _portraits(nets: dict[str, Arrays], table: pd.DataFrame, section: str) -> Panel:
    line = next(iter(nets.values()))["labels"].ndim == 2
    where = _whole(next(iter(nets.values())))
    closer = "" if line else " The frame is what the picture to its right shows."
    relation = np.sign(table.attractors - table["count"])
    most = max(RELATIONS, key=lambda one: int((relation == one).sum()))
    share = "All" if (relation == most).all() else "Most" if 2 * (relation == most).sum() > len(table) else "Some"
    return Panel(
        title=f"{share} networks have {RELATIONS[most]} training points",
        caption=(
            f"Of {counted(len(table), 'network')} {int((relation == 0).sum())} have as many attracting fixed points as "
            f"training points, {int((relation > 0).sum())} have more and {int((relation < 0).sum())} fewer."
        ),
        body=basin_lines(nets) if line else basin_portraits(nets),
        section=section,
        how=(
            f"Where each start of {where} leads, a colour an attractor, in the network of the median boundary entropy (of the "
            f"converged, where there are any). Rings: training points.{'' if line else ' Paler: at rest later.'}{closer} "
            f"{_completeness(table)}{fitted_words(table)}"
        ),
    )


def _completeness(table: pd.DataFrame) -> str:
    known = table.dropna(subset=["stable"])
    if known.empty:
        return ""
    missed = int(((1 - known.found.fillna(1)) * known.stable).round().sum())
    kinks, besides = int(known.at_kinks.sum()), int(known.besides.sum())
    more = f"{kinks} more attractors are kinks whose sides differ. " if kinks else ""
    more += f"{besides} attractors are no fixed points that attract, which belies the proof. " if besides else ""
    return (
        f"In {len(known)} of {len(table)} networks all stable fixed points are known, with proof: {known.stable.sum():.0f}, of "
        f"which starts missed {missed}. {more}"
    )


def _times(nets: dict[str, Arrays], table: pd.DataFrame, section: str) -> Panel:
    heights = {title: np.maximum(arrays["times"][0], 1).astype(float) for title, arrays in nets.items()}
    limits = scene_limits(list(heights.values()))
    coarse = {title: height[:: _step(height), :: _step(height)] for title, height in heights.items()}
    scenes = [
        Scene(
            title,
            (Surface(f"network {int(nets[title]['shown'])}", coarse[title], nets[title]["spots"]),),
            tuple(nets[title]["extents"][0]),
            limits,
            labels=("x₁", "x₂", "iterations"),
        )
        for title in heights
    ]
    half, most = float(table.time.median()), float(table.time_90.median())
    known = half == half and most == most
    return Panel(
        title=(
            f"Nine tenths of the orbits take {number(most / max(half, 1))} times as long to rest as half of them"
            if known
            else "Most networks have no orbit that comes to rest"
        ),
        caption=(
            f"In the median network half of the orbits rest by iteration {half:g}, nine tenths by iteration {most:g}."
            if known
            else "How soon orbits rest is not known."
        ),
        body=SceneGrid(("iterations",), tuple(heights), (tuple(scenes),)),
        section=section,
        how=(
            "Of the orbits that come to rest at attractors. Heights: iterations until the orbit of each start is seen at rest, "
            "8 to 16 after it came there. Walls are borders of basins, which orbits leave slowly."
        ),
    )


def _step(height: np.ndarray) -> int:
    """The stride at which points of a surface are kept, so that about a hundred are drawn along each side."""
    return max(len(height) // 100, 1)


def _shares(table: pd.DataFrame, result: Result, section: str) -> Panel:
    means = table.groupby("setting", sort=False).training.mean().sort_values()
    low, high = percent(float(means.iloc[0])), percent(float(means.iloc[-1]))
    apart = f" with {means.index[0]} and {high} with {means.index[-1]}" if len(means) > 1 else ""
    settings = result.record["parameters"]
    return Panel(
        title=f"Most random starts lead {'to a training point' if means.mean() > 0.5 else 'elsewhere than to training points'}",
        caption=f"The mean share of starts that lead to a training point is {low}{apart}.",
        body=shares_of_starts(table),
        section=section,
        downloads={"shares": table[[*COUNTED_KEYS, "member", "seed", "status", *MEDIANS[1:10]]]},
        how=(
            f"{settings['samples']:,} uniform starts of each network after at most {settings['iterations']:,} iterations; "
            f"means over networks. {_nowhere(table)}"
        ).strip(),
    )


def _nowhere(table: pd.DataFrame) -> str:
    """Sentences on the starts that lead to no fixed point and no cycle; empty if there are none."""
    words = []
    if stopped := int((table.stopped > 0).sum()):
        words.append(
            f"In {stopped} networks some come to rest in float32 where no differences shrink in exact arithmetic: beside "
            "points that are all but fixed, on or just beside repellers, or among fixed points side by side."
        )
    if slow := int((table.slow > 0).sum()):
        words.append(
            f"In {slow} some are slow: they near an attractor that is farther than 1 % of the range, or creep on by tiny steps."
        )
    if circling := int((table.circles > 0).sum()):
        words.append(
            f"{circling} have attracting invariant circles, round which orbits go for ever and never return exactly."
        )
    if chaotic := int((table.chaotic_sets > 0).sum()):
        words.append(f"{chaotic} have chaotic sets, on which small differences grow.")
    if moving := int((table.moving > 0).sum()):
        words.append(f"In {moving} some still move and are at no attractor.")
    return " ".join(words)


def _sizes(result: Result, name: str, section: str) -> Panel:
    basins = result.tables["basins"]
    basins = basins[basins.data == name]
    largest = float(result.whole[result.whole.data == name].largest.median())
    return Panel(
        title=f"The largest basin takes {'more' if largest > 0.5 else 'no more'} than half of the starts",
        caption=(
            f"In the median network the largest basin takes {percent(largest)} of the random starts. "
            f"{int((basins.share < SMALL).sum()):,} of {counted(len(basins), 'basin')} take less than {percent(SMALL)}."
        ),
        body=basin_sizes(basins.assign(setting=[counted_words(row) for _, row in basins.iterrows()])),
        section=section,
        downloads={"basins": basins},
        how=(
            "Each basin's share of the random starts against its rank within its network, all networks; the download has "
            "each with its 95 % interval (Wilson)."
        ),
    )
