"""What the report of a run on basins shows."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from landscape.figures import Panel, Scene, SceneGrid, Surface
from landscape.figures.scene import scene_limits
from landscape.results import Result
from landscape.studies.basins.claims import S4, in_plane
from landscape.studies.basins.figures import (
    basin_lines,
    basin_portraits,
    basin_sizes,
    raggedness,
    shares_of_starts,
)
from landscape.studies.parts.grids import COUNTED_KEYS, counted_words
from landscape.studies.parts.summaries import by_data, control_summary, failed_words, in_tabs, status_summary
from landscape.studies.parts.words import data_words

NETS_PICTURED = 4  # in one figure, at most
MEDIANS = [
    "loss", "training", "spurious", "cycling", "circling", "chaotic", "slow", "stopped", "moving", "outside", "attractors",
    "cycles", "circles", "chaotic_sets", "remembered",
    "stable", "found", "at_kinks", "besides", "largest", "time", "time_90", "entropy", "boundary_entropy", "exponent",
    "trend", "dimension",
]  # fmt: skip
VIEWS = ("labels", "times", "extents")  # arrays with a row per view, the whole plane first
Arrays = dict[str, np.ndarray]


def panels_of(result: Result) -> Iterator[Panel]:
    """For each data set, portraits, times until rest, shares and sizes; then borders beside known maps, and the tables."""
    table = result.table.assign(setting=[counted_words(row) for _, row in result.table.iterrows()])
    for name, own, section in by_data(result, table):
        yield from in_tabs(_of_data(result, name, own, section))
    yield _borders(table, result)
    yield Panel(
        title="Cells",
        caption=(
            "Counts of members by how training ended, and medians: shares of starts by where they lead; fixed points, "
            "cycles, invariant circles and chaotic sets found; stable: all there are, where they can be known, found: the "
            "share of these that starts led to, at_kinks: attractors at kinks whose sides differ, and besides: at none of "
            "these; the largest basin; iterations until half and 90 % of the orbits that rest at attractors do; entropies, "
            "α, the slope of log(1 − α) on log resolution (trend) and the boundary's dimension on the grid."
        ),
        body=status_summary(result.table, COUNTED_KEYS, MEDIANS),
        section="Tables",
    )
    yield Panel(
        title="Controls",
        caption="The same of the networks before training: medians over members.",
        body=control_summary(result.tables["controls"], COUNTED_KEYS, MEDIANS),
        section="Tables",
    )


def _of_data(result: Result, name: str, own: pd.DataFrame, section: str) -> Iterator[Panel]:
    """Portraits, times until rest, shares and sizes of one data set."""
    nets = {
        counted_words(pd.Series(dict(one.values))): arrays
        for one, arrays in result.arrays.items()
        if one["data"] == name
    }
    shown = dict(list(nets.items())[:NETS_PICTURED])
    yield _portraits(shown, own, section)
    if next(iter(shown.values()))["labels"].ndim == 3:
        yield _times(shown, section)
    yield _shares(own, result, section)
    yield _sizes(result, name, section)


def hero_of(result: Result) -> Panel | None:
    """The picture beside the answer: the basins of the networks shown of the first and the last setting of a data set.

    Sets in the plane come before sets on the line."""
    cells = sorted(result.arrays, key=lambda one: result.arrays[one]["labels"].ndim, reverse=True)
    if not cells:
        return None
    like = [one for one in cells if one["data"] == cells[0]["data"]]
    nets = {
        f"{data_words(one['data'])}: {counted_words(pd.Series(dict(one.values)))}": one for one in (like[0], like[-1])
    }
    line = result.arrays[cells[0]]["labels"].ndim == 2
    shown = {name: result.arrays[one] for name, one in nets.items()}
    if not line:
        shown = {name: arrays | {key: arrays[key][:1] for key in VIEWS} for name, arrays in shown.items()}
    paler = "" if line else " Paler: at rest later."
    caption = (
        "Where each start leads, a colour an attractor, in the network of the median boundary entropy of each setting. Rings: "
        f"training points.{paler}"
    )
    return Panel("", caption, basin_lines(shown) if line else basin_portraits(shown))


def _portraits(nets: dict[str, Arrays], table: pd.DataFrame, section: str) -> Panel:
    line = next(iter(nets.values()))["labels"].ndim == 2
    dim = next(iter(nets.values()))["attractors"].shape[1]
    where = "the whole range" if dim <= 2 else "the plane through the first three training points"
    closer = "" if line else " The frame is what the picture to its right shows."
    counts = "; ".join(f"{title}: {int(arrays['labels'][0].max()) + 1}" for title, arrays in nets.items())
    return Panel(
        title="Basins",
        caption=(
            f"Where each start of {where} leads, a colour an attractor: the member of the median boundary entropy (of the "
            f"converged, where there are any).{'' if line else ' Paler: at rest later.'}{closer} Their attractors: "
            f"{counts}. {_completeness(table)}{failed_words(table)}."
        ),
        body=basin_lines(nets) if line else basin_portraits(nets),
        section=section,
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


def _times(nets: dict[str, Arrays], section: str) -> Panel:
    heights = {title: np.maximum(arrays["times"][0], 1).astype(float) for title, arrays in nets.items()}
    limits = scene_limits(list(heights.values()))
    scenes = [
        Scene(
            title,
            (Surface(f"member {int(nets[title]['shown'])}", height[:: _step(height), :: _step(height)], nets[title]["spots"]),),
            tuple(nets[title]["extents"][0]),
            limits,
            labels=("x₁", "x₂", "iterations"),
        )
        for title, height in heights.items()
    ]  # fmt: skip
    return Panel(
        title="How soon orbits rest",
        caption=(
            "Iterations until the orbit of each start is seen at rest, 8 to 16 after it came there, as heights: walls are "
            "borders of basins, which orbits leave slowly."
        ),
        body=SceneGrid(("iterations",), tuple(heights), (tuple(scenes),)),
        section=section,
    )


def _step(height: np.ndarray) -> int:
    """The stride at which points of a surface are kept, so that about a hundred are drawn along each side."""
    return max(len(height) // 100, 1)


def _shares(table: pd.DataFrame, result: Result, section: str) -> Panel:
    words = "; ".join(
        f"{name}: {share:.0%}" for name, share in table.groupby("setting", sort=False).training.mean().items()
    )
    settings = result.record["parameters"]
    return Panel(
        title="Where random starts lead",
        caption=(
            f"{settings['samples']:,} uniform starts of each network after at most {settings['iterations']} iterations; means "
            f"over members. At a training point: {words}. {_nowhere(table)}"
        ),
        body=shares_of_starts(table),
        section=section,
        downloads={"shares": table[[*COUNTED_KEYS, "member", "seed", "status", *MEDIANS[1:10]]]},
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
    listed = result.tables["basins"]
    listed = listed[listed.data == name]
    return Panel(
        title="How large basins are",
        caption=(
            "Each basin's share of the random starts against its rank within its network, all networks; the download has "
            "each with its 95 % interval (Wilson)."
        ),
        body=basin_sizes(listed.assign(setting=[counted_words(row) for _, row in listed.iterrows()])),
        section=section,
        downloads={"basins": listed},
    )


def _borders(table: pd.DataFrame, result: Result) -> Panel:
    reference = result.tables.get("references", pd.DataFrame(columns=["map", "exponent", "published"]))
    named = table.assign(setting=table.data + ": " + table.setting)
    planes = in_plane(result)
    planes = planes[planes.data.isin(table.data.unique())]
    fractal = int((planes.boundary_entropy > np.log(2)).sum())
    limit = S4.limits["unsettled"].number
    hidden = int((table.unsettled_grid > limit).sum())
    rows = "; ".join(_known(one) for _, one in reference.iterrows())
    return Panel(
        title="How ragged borders are",
        caption=(
            "The uncertainty exponent α of every network: of starts ε apart a share ε^α ends at different attractors. "
            "Smooth borders have 1 (dimension 2 − α in the plane). Unsettled and slow starts count with the nearest basin; "
            f"where they are more than {limit:.0%}, as in {hidden} networks, they hide the borders, and no α is told. In "
            f"{fractal} of {len(planes)} networks in the plane the boundary entropy is above log 2, as that of fractal borders "
            f"is, or of many boxes with three basins and more. Dimensions of known maps by the same measures, by α and by "
            f"counting boxes, with intervals over parts of one picture and over scales: {rows}. {_trend(planes)}"
            f"{_series(table, reference)}"
        ),
        body=raggedness(named, reference),
        section="Borders",
        downloads={
            "borders": table[[*COUNTED_KEYS, "member", "seed", "status", *MEDIANS[-5:], *_slopes(table)]],
            "references": reference,
        },
    )


def _trend(planes: pd.DataFrame) -> str:
    """A sentence on how α changes with resolution, median over networks in the plane; empty if it is not known."""
    known = planes.trend.dropna()
    if known.empty:
        return ""
    return (
        f"In {int((known < 0).sum())} of {len(known)} networks α comes nearer to 1 on finer grids: 1 − α changes as resolution "
        f"to the power of {known.median():.2f} (median). "
    )


def _slopes(table: pd.DataFrame) -> list[str]:
    """The columns with the slope between neighbouring scales, of α and of the boundary's dimension."""
    return [
        name for name in map(str, table) if name.rpartition("_")[0] in ("exponent", "dimension") and name[-1].isdigit()
    ]


def _series(table: pd.DataFrame, reference: pd.DataFrame) -> str:
    """A sentence on α between neighbouring scales, of networks (median) and of known maps; empty if there is none."""

    def words(rows: pd.DataFrame) -> str:
        medians = {name: rows[name].median() for name in _slopes(rows) if name.startswith("exponent")}
        steps = {int(name.rpartition("_")[2]): value for name, value in medians.items() if pd.notna(value)}
        return ", ".join(f"{value:.2f} ({step}–{2 * step} steps)" for step, value in steps.items())

    of = {"median over networks": table, **{str(name): rows for name, rows in reference.groupby("map", sort=False)}}
    series = [f"{name} {found}" for name, rows in of.items() if (found := words(rows))]
    return (
        f"α from each distance to the next, alike where the grid resolves the border: {'; '.join(series)}."
        if series
        else ""
    )


def _known(one: pd.Series) -> str:
    """The dimension of a known map by both measures with their intervals, and the published dimension."""
    value, high, low = (2 - float(one[f"exponent{end}"]) for end in ("", "_low", "_high"))
    boxes = f"{one.dimension:.2f} [{one.dimension_low:.2f}, {one.dimension_high:.2f}]"
    return f"{one['map']}: {value:.2f} [{low:.2f}, {high:.2f}] and {boxes}, published {one.published:g} ({one.source})"
