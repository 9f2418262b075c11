"""What the report of a run on fixed points shows."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

import pandas as pd

from landscape.figures import Panel
from landscape.results import Result
from landscape.studies.fixed_points.captions import (
    census_words,
    cycle_words,
    end_words,
    kind_words,
    nothing_happened,
    remembered_words,
    single_words,
    spurious_words,
)
from landscape.studies.fixed_points.figures import (
    by_points,
    ends_of_samplers,
    kinds_by_data,
    kinds_by_setting,
    spectrum,
)
from landscape.studies.fixed_points.pictures import portraits_panel, surfaces_panel
from landscape.studies.fixed_points.tables import KEYS, setting_words
from landscape.studies.parts.summaries import by_data, control_summary, fitted_words, in_tabs, status_summary
from landscape.studies.parts.words import data_words

SAMPLERS = {
    "iteration": "x ← f(x)\nfrom U(range)",
    "gradient": "gradient descent\nfrom N(0, I)",
    "gradient_data": "gradient descent\nfrom data + noise",
}
ALL_SETS = "All data sets"
KINDS_TOLD = "Stable: all eigenvalues of J within the unit circle; a repeller: none; a saddle: some."
MEDIANS = [
    "loss", "fixed", "stable", "saddle", "repeller", "one_sided", "displaced", "spurious", "spurious_stable", "remembered",
    "iteration_stable", "gradient_stable", "gradient_training", "gradient_data_training", "beta", "density_excess",
    "visits_excess",
]  # fmt: skip


def panels_of(result: Result) -> Iterator[Panel]:
    """All data sets side by side; for each of them portraits, kinds, ends of samplers and cycles; then the tables.

    A data set on which every network has one fixed point, its training point, gets a sentence instead of pictures."""
    told, left = {}, []
    for name, rows, section in by_data(result, result.whole):
        table = rows.assign(setting=_settings(rows))
        if nothing_happened(table):
            told[name] = table
        else:
            left.append((name, table, section))
    if told or len(left) > 1:
        yield _overview({name: table for name, table, _ in left}, told)
    for name, table, section in left:
        yield from in_tabs(_of_data(result, name, table, section, alone=len(left) == 1))
    yield from _tables(result)


def _overview(several: dict[str, pd.DataFrame], told: dict[str, pd.DataFrame]) -> Panel:
    """The numbers of fixed points of the data sets side by side, and a sentence on those on which nothing happened."""
    if not several:
        words = single_words(told)
        return Panel(
            "Fixed points: one each", words, f"<p>{escape(fitted_words(pd.concat(told.values())))}</p>", ALL_SETS
        )
    title, finding = remembered_words(several)
    return Panel(
        title=f"Fixed points of each data set: {title}",
        caption=finding,
        body=kinds_by_data({data_words(name): table for name, table in several.items()}),
        section=ALL_SETS,
        how=f"A bar is the mean number per network, over all numbers of points. {KINDS_TOLD} {single_words(told)}".strip(),
    )


def _of_data(result: Result, name: str, table: pd.DataFrame, section: str, *, alone: bool) -> Iterator[Panel]:
    """The panels of one data set; `table` are its members. `alone`: no other data set stands beside it."""
    cells = [one for one in result.arrays if one["data"] == name]
    pictured = "grid" in result.arrays[cells[0]]
    ended = f"{completeness(table)} {fitted_words(table)}"
    if pictured:
        yield portraits_panel(result, cells, table, section, ended)
    if pictured and result.arrays[cells[0]]["grid"].shape[1] == 2:
        yield surfaces_panel(result, cells, section)
    swept = table["count"].nunique() > 1 or table.longer.nunique() > 1
    if alone or swept or not pictured:  # else the overview shows the same
        yield _kinds(table, section, "" if pictured else ended)
    yield _samplers(table, result, section)
    census = result.tables["fixed_points"]
    census = census[census.data == name]
    if len(census):
        yield _census(census, section)
    if any(column.startswith("cycles_") for column in map(str, table)):
        yield _cycles(result, table, name, section)
    if table["count"].nunique() > 1:
        title, finding = spurious_words(table)
        yield Panel(
            title=f"Spurious fixed points by the number of training points: {title}",
            caption=finding,
            how=(
                "Fixed points of all kinds near no training point, displaced memories left out: means with 95 % intervals over "
                "seeds."
            ),
            body=by_points(table, "spurious", "spurious fixed points"),
            section=section,
        )


def _settings(table: pd.DataFrame) -> list[str]:
    return [setting_words(row) for _, row in table.iterrows()]


def _census(census: pd.DataFrame, section: str) -> Panel:
    title, finding = census_words(census)
    return Panel(
        title=f"Every fixed point: {title}",
        caption=finding,
        how=(
            f"All {len(census):,} fixed points found. Height: ρ(J), the factor of the slowest direction, on a kink the "
            "largest of the regions around; across: the distance to the nearest training point (below 1e-6 drawn there). "
            "Below the dashed line a point attracts."
        ),
        body=spectrum(census.assign(setting=_settings(census))),
        section=section,
        downloads={"fixed_points": census},
    )


def _tables(result: Result) -> Iterator[Panel]:
    yield Panel(
        title="Cells",
        caption="Medians over all networks of a cell, with their numbers by how training ended.",
        how=(
            "Fixed points in all and of each kind; displaced: the nearest to a training point that is not fixed; spurious: "
            "near no training point; remembered: the share of the training points with a stable fixed point; then shares of "
            "the samplers' ends; beta: the inverse temperature at which exp(−β‖x − f(x)‖²) fits noisy samples best; "
            "density_excess: their total variation from it, and visits_excess: that of visits to stable points from equal "
            "ones, both beyond chance."
        ),
        body=status_summary(result.whole, KEYS, MEDIANS),
        section="Tables",
    )
    yield Panel(
        title="Controls",
        caption="The same measurements on maps whose answer is known: medians over networks.",
        how=(
            "Of the nearest training point (memoriser) every training point is fixed, of a constant one point; of the identity "
            "every start is, which is no attractor."
        ),
        body=control_summary(result.tables["controls"], KEYS, MEDIANS),
        section="Tables",
    )


def completeness(table: pd.DataFrame) -> str:
    """A sentence on the networks in which no fixed point is missing, by the interval test and by the fixed-point index."""
    proven, whole = int(table.proven.fillna(0).sum()), int((table["index"] == 1).sum())
    words = f"the signs of det(I − J) add up to 1 in {whole}, as they must where none is missing and all are regular"
    if not proven:
        return (
            "Some may be missing: Newton's method from many starts proves nothing, nor does an interval test that leaves a "
            f"place undecided; of {len(table)} networks {words}."
        )
    return f"In {proven} of {len(table)} networks the interval test proves that none is missing; {words}."


def _kinds(table: pd.DataFrame, section: str, ended: str) -> Panel:
    title, finding = kind_words(table)
    return Panel(
        title=f"How many, and of which kind: {title}",
        caption=finding,
        how=f"Means over networks, a bar a setting. {KINDS_TOLD} {ended}".strip(),
        body=kinds_by_setting(table),
        section=section,
    )


def _cycles(result: Result, table: pd.DataFrame, name: str, section: str) -> Panel:
    """The numbers of cycles by period: a table with a row per setting, means over members."""
    columns = {one: f"period {one[7:]}" for one in map(str, table) if one.startswith("cycles_")}
    means = table.groupby("setting", sort=False)[[*columns, "stable_cycles"]].mean().round(2)
    having = table.assign(any=table.stable_cycles > 0).groupby("setting", sort=False)["any"].sum()
    shown = means.rename(columns=columns).assign(networks=having).reset_index()
    found = result.tables["cycles"]
    title, finding = cycle_words(table)
    return Panel(
        title=f"Cycles: {title}",
        caption=finding,
        how=(
            "Points that return after two or more iterations, found by Newton's method from "
            f"{result.record['parameters']['starts']} random starts, so that some may be missing: means over networks. Stable: "
            "all eigenvalues of the round's Jacobian within the unit circle."
        ),
        body=shown.rename(columns={"stable_cycles": "stable", "networks": "networks with a stable one"}),
        section=section,
        downloads={"every_cycle": found[found.data == name]},
    )


def _samplers(table: pd.DataFrame, result: Result, section: str) -> Panel:
    shares = {}
    for sampler in SAMPLERS:
        shares[f"{sampler}_spurious"] = (table[f"{sampler}_stable"] - table[f"{sampler}_at_memory"]).clip(lower=0)
        shares[f"{sampler}_training"] = table[f"{sampler}_at_memory"]
    settings = result.record["parameters"]
    title, finding = end_words(table)
    return Panel(
        title=f"Where the two samplers end: {title}",
        caption=finding,
        how=(
            f"{settings['samples']} samples of each network, {settings['iterations']} iterations of x ← f(x), or steps of "
            "L-BFGS down the loss. An end is at a known fixed point within 0.001 of the range; means over networks. Only what "
            "attracts can hold iteration; descent may rest at every fixed point, and at minima of the loss that are none. "
            "Green: those at training points that attract."
        ),
        body=ends_of_samplers(table.assign(**shares), SAMPLERS),
        section=section,
        downloads={
            "ends": table[
                [
                    *KEYS,
                    "member",
                    "seed",
                    *(f"{s}_{e}" for s in SAMPLERS for e in ("stable", "unstable", "nowhere", "training")),
                ]
            ]
        },
    )
