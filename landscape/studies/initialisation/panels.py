"""What the report of a run on initialisation shows. Every number in a caption is computed from the tables."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
from matplotlib.figure import Figure

from landscape.claims import Interval, share_interval
from landscape.figures import Panel
from landscape.figures.by_size import size_axis
from landscape.figures.theme import MARKERS, MUTED, PALETTE, drawn, new_figure
from landscape.findings import listed
from landscape.results import Result
from landscape.studies.initialisation.answer import WEIGHTS
from landscape.studies.initialisation.claims import B1
from landscape.studies.parts.claim_words import counted
from landscape.studies.parts.summaries import in_tabs

KEYS = ["dim", "init", "hidden", "width"]
SEVERAL = "share with several stable fixed points"
NEEDED = B1["several stable"].number


def panels_of(result: Result) -> Iterator[Panel]:
    """The numbers of fixed points against depth, for each dimension and width; then the table."""
    sizes = list(result.whole.groupby(["dim", "width"], sort=False))
    panels = (_numbers(rows, f"D = {dim}, width {width}") for (dim, width), rows in sizes)
    yield from in_tabs(panels, "Each dimension and width") if len(sizes) > 1 else panels
    yield Panel(
        title="Cells",
        caption="Numbers of fixed points in each cell: means over networks, and the largest.",
        how=(
            "fixed and stable: mean numbers; most: the largest number; one_stable: the share of networks with exactly one that "
            "is stable; proven: the share whose list is proven to be complete."
        ),
        body=cells(result.whole),
        section="Tables",
    )


def hero_of(result: Result) -> Panel:
    """The picture beside the answer: networks with several stable fixed points by depth, of the first dimension and width."""
    (dim, width), rows = next(iter(result.whole.groupby(["dim", "width"], sort=False)))
    inputs = counted(int(str(dim)), "input")
    how = (
        f"Untrained networks with two stable fixed points or more, by their number of layers ({inputs}, width {width}). Bars: "
        f"95 % intervals over {counted(rows.seed.nunique(), 'network')} of each depth. Dashed: what the claim needs."
    )
    return Panel("", number_words(rows)[1], by_depth(_named(rows)), how=how)


def number_words(rows: pd.DataFrame) -> tuple[str, str]:
    """The title and the finding on how many networks have several stable fixed points, by their initial weights."""
    several = (rows.stable > 1).groupby(_named(rows).init, sort=False).agg(["sum", "size"])
    mostly = [str(init) for init, row in several.iterrows() if 2 * row["sum"] > row["size"]]
    title = f"several in most networks with {listed(mostly)}" if mostly else "several in few networks"
    if not several["sum"].any():
        title = "never several"
    (first, least), *others = several.iterrows()
    counts = [f"{least['sum']:,} of {counted(int(least['size']), 'network')} with {first}"]
    counts += [f"{row['sum']:,} of {int(row['size']):,} with {init}" for init, row in others]
    return title, f"Several stable fixed points: {listed(counts)}."


def _named(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with their initial weights in words."""
    return rows.assign(init=rows.init.map(lambda name: f"{WEIGHTS.get(name, name)} weights"))


def cells(table: pd.DataFrame) -> pd.DataFrame:
    """A table with a row per cell: what its networks' fixed points are."""
    counted = table.assign(one=(table.fixed == 1) & (table.stable == 1))
    columns = {
        "members": ("member", "size"), "fixed": ("fixed", "mean"), "stable": ("stable", "mean"), "most": ("fixed", "max"),
        "one_stable": ("one", "mean"), "proven": ("proven", "mean"),
    }  # fmt: skip
    return counted.groupby(KEYS, sort=False).agg(**columns).reset_index()


def _numbers(rows: pd.DataFrame, section: str) -> Panel:
    title, finding = number_words(rows)
    found = _named(rows)
    return Panel(
        title=f"Stable fixed points before training: {title}",
        caption=finding,
        body=by_depth(found)
        if (rows.stable > 1).any()
        else "<p>No network of any depth has several: there is nothing to draw.</p>",
        how=(
            f"Bars: 95 % intervals of the share over {counted(rows.seed.nunique(), 'network')} of each depth. "
            f"{int(rows.proven.sum()):,} of {counted(len(rows), 'list')} of fixed points are proven to be complete."
        ),
        section=section,
        downloads={"fixed points": rows[[*KEYS, "member", "seed", "fixed", "stable", "proven"]]},
    )


@drawn
def by_depth(table: pd.DataFrame) -> Figure:
    """The share of networks with several stable fixed points against depth, a line per initialisation, with 95 % intervals."""
    figure, ax = new_figure(5.2, 3.9)
    for index, (init, rows) in enumerate(table.groupby("init", sort=False)):
        depths = sorted(rows.hidden.unique())
        found = [_several(rows[rows.hidden == depth]) for depth in depths]
        middle = [one.estimate for one in found]
        reach = [[one.estimate - one.low for one in found], [one.high - one.estimate for one in found]]
        ax.errorbar(
            [depth * 1.03 ** (index - 1) for depth in depths], middle, reach, color=PALETTE[index % len(PALETTE)],
            marker=MARKERS[index % len(MARKERS)], ms=5, lw=1.4, capsize=3, label=str(init),
        )  # fmt: skip
    ax.axhline(NEEDED, color=MUTED, lw=1, ls="--", zorder=1)
    ax.annotate("the claim, with heavy tails: above this", (0.5, NEEDED), (0, 3), color=MUTED, fontsize=8.5, ha="center",
                xycoords=("axes fraction", "data"), textcoords="offset points")  # fmt: skip
    ax.set(ylabel=SEVERAL, ylim=(-0.04, 1.04))
    size_axis(ax, "hidden layers", table.hidden)
    handles, names = ax.get_legend_handles_labels()
    if (beside := ax.get_legend()) is not None:
        beside.remove()
    figure.legend(handles, names, loc="outside lower center")
    return figure


def _several(rows: pd.DataFrame) -> Interval:
    """The share of the networks with several stable fixed points."""
    return share_interval(rows.stable > 1, rows.seed)
