"""What the report of a run on initialisation shows. Every number in a caption is computed from the tables."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
from matplotlib.figure import Figure

from landscape.claims import Interval, share_interval
from landscape.figures import Panel
from landscape.figures.by_size import size_axis
from landscape.figures.theme import MARKERS, PALETTE, drawn, new_figure
from landscape.results import Result
from landscape.studies.initialisation.answer import WEIGHTS
from landscape.studies.parts.claim_words import counted

KEYS = ["dim", "init", "hidden", "width"]
MORE_THAN_ONE = "share with more than one fixed point"


def panels_of(result: Result) -> Iterator[Panel]:
    """The numbers of fixed points against depth, for each dimension and width; then the table."""
    for (dim, width), rows in result.table.groupby(["dim", "width"], sort=False):
        yield _numbers(rows, f"D = {dim}, width {width}")
    yield Panel(
        title="Cells",
        caption=(
            "Per cell the mean number of fixed points and of stable ones, the largest number, the share of networks with "
            "exactly one that is stable, and the share whose list is proven to be complete."
        ),
        body=cells(result.table),
        section="Tables",
    )


def hero_of(result: Result) -> Panel:
    """The picture beside the answer: the networks with more than one fixed point by depth, of the first dimension and width."""
    (dim, width), rows = next(iter(result.table.groupby(["dim", "width"], sort=False)))
    named = rows.assign(init=rows.init.map(lambda name: WEIGHTS.get(name, f"{name} weights")))
    inputs = counted(int(str(dim)), "input")
    caption = (
        f"Share of untrained networks with more than one fixed point, by their number of layers: {inputs}, "
        f"width {width}. Bars: 95 % CI over {counted(rows.seed.nunique(), 'network')} of each depth."
    )
    return Panel("", caption, by_depth(named))


def cells(table: pd.DataFrame) -> pd.DataFrame:
    """A table with a row per cell: what its networks' fixed points are."""
    counted = table.assign(one=(table.fixed == 1) & (table.stable == 1))
    columns = {
        "members": ("member", "size"), "fixed": ("fixed", "mean"), "stable": ("stable", "mean"), "most": ("fixed", "max"),
        "one_stable": ("one", "mean"), "proven": ("proven", "mean"),
    }  # fmt: skip
    return counted.groupby(KEYS, sort=False).agg(**columns).reset_index()


def _numbers(rows: pd.DataFrame, section: str) -> Panel:
    means = rows.groupby("init", sort=False).fixed.mean()
    several = (rows.fixed > 1).groupby(rows.init, sort=False).mean()
    words = "; ".join(
        f"{init}: {means[init]:.2f}, {several[init]:.0%} of networks have more than one" for init in means.index
    )
    known = rows.proven.mean()
    proof = (
        "All lists are proven to be complete" if known == 1 else f"{known:.0%} of the lists are proven to be complete"
    )
    return Panel(
        title="Fixed points before training",
        caption=(
            f"Mean number of fixed points over all depths: {words}. {proof}. Bars: 95 % CI of the share over "
            f"{rows.seed.nunique()} networks of each depth."
        ),
        body=by_depth(rows),
        section=section,
        downloads={"fixed points": rows[[*KEYS, "member", "seed", "fixed", "stable", "proven"]]},
    )


@drawn
def by_depth(table: pd.DataFrame) -> Figure:
    """The share of networks with more than one fixed point against depth, a line per initialisation, with 95 % intervals."""
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
    ax.set(ylabel=MORE_THAN_ONE, ylim=(-0.04, 1.04))
    size_axis(ax, "hidden layers", table.hidden)
    handles, names = ax.get_legend_handles_labels()
    if (beside := ax.get_legend()) is not None:
        beside.remove()
    figure.legend(handles, names, loc="outside lower center", ncols=2)
    return figure


def _several(rows: pd.DataFrame) -> Interval:
    """The share of the networks with more than one fixed point."""
    return share_interval(rows.fixed > 1, rows.seed)
