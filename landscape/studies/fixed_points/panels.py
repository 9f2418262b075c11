"""What the report of a run on fixed points shows."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from landscape.figures import Panel, Scene, SceneGrid, Surface
from landscape.figures.scene import scene_limits
from landscape.results import Cell, Result
from landscape.studies.fixed_points.figures import by_points, ends_of_samplers, kinds_by_setting, portraits, spectrum
from landscape.studies.fixed_points.tables import KEYS, setting_words
from landscape.studies.parts.grids import COUNTED_SETS
from landscape.studies.parts.summaries import by_data, control_summary, failed_words, in_tabs, status_summary
from landscape.studies.parts.words import data_words

SAMPLERS = {
    "iteration": "x ← f(x)\nfrom U(range)",
    "gradient": "gradient descent\nfrom N(0, I)",
    "gradient_data": "gradient descent\nfrom data + noise",
}
NETS_PICTURED = 6  # in one figure, at most
MEDIANS = [
    "loss", "fixed", "stable", "saddle", "repeller", "one_sided", "displaced", "spurious", "spurious_stable", "remembered",
    "iteration_stable", "gradient_stable", "gradient_training", "gradient_data_training", "beta", "density_excess",
    "visits_excess",
]  # fmt: skip


def panels_of(result: Result) -> Iterator[Panel]:
    """For each data set, portraits, kinds, ends of samplers, spectra, cycles and spurious points; then the tables."""
    for name, table, section in by_data(result, result.table):
        yield from in_tabs(_of_data(result, name, table.assign(setting=_settings(table)), section))
    yield from _tables(result)


def _of_data(result: Result, name: str, table: pd.DataFrame, section: str) -> Iterator[Panel]:
    """The panels of one data set; `table` are its members."""
    cells = [one for one in result.arrays if one["data"] == name]
    pictured = "grid" in result.arrays[cells[0]]
    if pictured:
        yield _portraits(result, cells, table, section)
    if pictured and result.arrays[cells[0]]["grid"].shape[1] == 2:
        yield _surfaces(result, cells, section)
    yield _kinds(table, section)
    yield _samplers(table, result, section)
    census = result.tables["fixed_points"]
    census = census[census.data == name]
    if len(census):
        yield _census(census, section)
    if any(column.startswith("cycles_") for column in map(str, table)):
        yield _cycles(result, table, name, section)
    if name in COUNTED_SETS and table["count"].nunique() > 1:
        yield Panel(
            title="Spurious fixed points by the number of training points",
            caption=(
                "Fixed points of all kinds near no training point, displaced memories left out, of all networks: means with "
                "95 % intervals over seeds."
            ),
            body=by_points(table, "spurious", "spurious fixed points"),
            section=section,
        )


def _settings(table: pd.DataFrame) -> list[str]:
    return [setting_words(row) for _, row in table.iterrows()]


def _census(census: pd.DataFrame, section: str) -> Panel:
    return Panel(
        title="Every fixed point",
        caption=(
            f"The {len(census):,} fixed points found of all networks: ρ(J), the factor of the slowest direction, on a kink the "
            "largest of the regions around, against the distance to the nearest training point (below 1e-6 drawn there). Below "
            "the dashed line a point attracts."
        ),
        body=spectrum(census.assign(setting=_settings(census))),
        section=section,
        downloads={"fixed_points": census},
    )


def _tables(result: Result) -> Iterator[Panel]:
    yield Panel(
        title="Cells",
        caption=(
            "Counts of members by how training ended, and medians: fixed points in all and of each kind; displaced: the "
            "nearest to a training point that is not fixed; spurious: near no training point; remembered: the share of the "
            "training points with a stable fixed point; then shares of the samplers' ends; beta: the inverse temperature at "
            "which exp(−β‖x − f(x)‖²) fits noisy samples best; density_excess: their total variation from it, and "
            "visits_excess: that of visits to stable points from equal ones, both beyond chance."
        ),
        body=status_summary(result.table, KEYS, MEDIANS),
        section="Tables",
    )
    yield Panel(
        title="Controls",
        caption=(
            "The same on maps whose answer is known: medians over members. Of the nearest training point (memoriser) every "
            "training point is fixed, of a constant one point; of the identity every start is, which is no attractor."
        ),
        body=control_summary(result.tables["controls"], KEYS, MEDIANS),
        section="Tables",
    )


def hero_of(result: Result) -> Panel | None:
    """The picture beside the answer: all fixed points of a network with few training points, and of a like one with many.

    The first two settings where no set has several numbers of points. None past two dimensions."""
    cells = [one for one in result.arrays if "grid" in result.arrays[one]]
    drawn = [one for one in cells if one["data"] == "uniform"]
    if len({one["count"] for one in drawn}) > 1:
        hidden, longer = (max(one[name] for one in drawn) for name in ("hidden", "longer"))
        like = sorted((one for one in drawn if (one["hidden"], one["longer"]) == (hidden, longer)), key=_count)
        cells = [like[0], like[-1]] if len(like) > 1 else cells
    shown = {f"{data_words(one['data'])}, {setting_words(pd.Series(dict(one.values)))}": one for one in cells[:2]}
    kinds = {result.arrays[one]["grid"].shape[1] for one in shown.values()}
    if len(kinds) != 1:  # of the line and of the plane: the latter alone
        shown = {
            name: one for name, one in shown.items() if result.arrays[one]["grid"].shape[1] == max(kinds, default=0)
        }
    if not shown:
        return None
    maps = {name: (result.arrays[one], _census_of(result, one)) for name, one in shown.items()}
    numbers = " and ".join(f"{len(found)}" for _, found in maps.values())
    caption = (
        f"All fixed points of the median network of each setting: {numbers}. Only stable ones (green) hold samples of "
        "iteration; rings are training points."
    )
    titles = {_title_of(one): maps[name] for name, one in shown.items()}
    return Panel("", caption, portraits(titles if len(titles) == len(maps) else maps, compact=True))


def _count(one: Cell) -> int:
    return int(one["count"])


def _title_of(one: Cell) -> str:
    return f"{one['count']} training points"


def _portraits(result: Result, cells: list[Cell], table: pd.DataFrame, section: str) -> Panel:
    maps = {}
    for one in cells[:NETS_PICTURED]:
        arrays, own = result.arrays[one], _census_of(result, one)
        maps[f"{setting_words(pd.Series(dict(one.values)))}: {len(own)}"] = (arrays, own)
    return Panel(
        title="The fixed points",
        caption=(
            "The member with the median number of each setting (of the converged, where there are any), and how many it has. "
            f"{completeness(table)} {failed_words(table)}."
        ),
        body=portraits(maps),
        section=section,
    )


def _census_of(result: Result, one: Cell) -> pd.DataFrame:
    """The fixed points of the network shown of a cell."""
    own = result.tables["fixed_points"]
    for name, value in one.values:
        own = own[own[name] == value]
    return own[own.member == int(result.arrays[one]["shown"])]


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


def _surfaces(result: Result, cells: list[Cell], section: str) -> Panel:
    scenes, heights = [], []
    for one in cells[:NETS_PICTURED]:
        arrays = result.arrays[one]
        side = round(len(arrays["loss"]) ** 0.5)
        heights.append(arrays["loss"].reshape(side, side))
    limits = scene_limits(heights)
    for one, height in zip(cells, heights, strict=False):
        arrays = result.arrays[one]
        low, high = float(arrays["low"]), float(arrays["high"])
        surface = Surface(f"member {int(arrays['shown'])}", height, arrays["spots"])
        scenes.append(Scene(setting_words(pd.Series(dict(one.values))), (surface,), (low, high, low, high), limits))
    return Panel(
        title="The same as surfaces",
        caption="Reconstruction loss over the plane, log scale; every fixed point is a dimple that reaches the floor.",
        body=SceneGrid(("loss",), tuple(scene.title for scene in scenes), (tuple(scenes),)),
        section=section,
    )


def _kinds(table: pd.DataFrame, section: str) -> Panel:
    means = table.groupby("setting", sort=False).remembered.mean()
    words = "; ".join(f"{setting}: {share:.0%}" for setting, share in means.items())
    return Panel(
        title="How many, and of which kind",
        caption=(
            f"Means over members. {completeness(table)} Stable: all eigenvalues of J within the unit circle; a repeller: none; "
            f"a saddle: some. Training points with a stable fixed point near, mean share: {words}."
        ),
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
    return Panel(
        title="Cycles",
        caption=(
            "Points that return after two or more iterations, found by Newton's method from "
            f"{result.record['parameters']['starts']} random starts, so that some may be missing: means over members. Stable: "
            "all eigenvalues of the round's Jacobian within the unit circle; then how many networks have a stable one, where "
            "samples never rest."
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
    return Panel(
        title="Where the two samplers end",
        caption=(
            f"{settings['samples']} samples of each network, {settings['iterations']} iterations of x ← f(x), or steps of "
            "L-BFGS down the loss. An end is at a known fixed point within 0.001 of the range; means over members. Only what "
            "attracts can hold iteration; descent may rest at every fixed point, and at minima of the loss that are none."
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
