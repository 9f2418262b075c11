"""What the page of an examination shows: first one picture that goes with the answer, then what it rests on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from landscape.figures import Kaleidoscope, Panel, Scene, SceneGrid, Surface
from landscape.figures.points import sample_figure
from landscape.figures.samples import burn_in_curves, nearest_pairs
from landscape.figures.scene import scene_limits
from landscape.findings import listed, percent
from landscape.results import Result
from landscape.studies.examine.figures import END_WORDS, in_the_plane, returned, slope_dots, strips, where_orbits_end
from landscape.studies.examine.merging_panels import merging_panels
from landscape.studies.examine.table_panels import copies_panels, exact_panels, table_panels
from landscape.studies.examine.view import (
    CURVES_NEAR,
    FILM,
    LOSS,
    ORBITS,
    PLANES,
    SLOPES,
    SOURCES,
    Arrays,
    View,
    few,
    quantified,
)
from landscape.studies.parts.claim_words import counted
from landscape.studies.parts.film_panels import film_panels
from landscape.studies.parts.shown_film import ShownFilm
from landscape.studies.parts.words import two_digits

HALFWAY = 0.5  # of the trace's share: a constant has 0, the identity 1
FILM_TABLES = ("moments", "branches", "events", "points", "point_events")
FILM_ARRAYS = ("times", "heights", "extent", "spots")


def panels_of(result: Result) -> Iterator[Panel]:
    """The panels, the answer's picture first; what could not be measured, and why, stands at the end."""
    view = View(result)
    yield from _films(view)
    yield from _in_the_plane(view)
    yield from _players(view)
    yield from _settling(view)
    yield from _attractors(view)
    yield from _returned(view)
    yield from _surfaces(view)
    yield from _slopes(view)
    yield from exact_panels(view)
    yield from merging_panels(view)
    yield from copies_panels(view)
    yield from table_panels(view)


def hero_of(result: Result) -> Panel | None:
    """The picture beside the answer: where repeating the network leads. None if that was not measured."""
    view = View(result)
    ends = view.table("ends")
    if ends.empty:
        return None
    words = f"{_led(ends[ends.start == 'noise'])}."
    pictured = view.having("frames", "nearest", "neighbours")
    body = strips(ends, pictured) if view.image and len(pictured) else where_orbits_end(ends)
    how = "Bars: shares of the orbits from each kind of start (their number)."
    return Panel("Where repeating the network leads", words, body, downloads={"ends": ends}, how=how)


def _films(view: View) -> Iterator[Panel]:
    """What becomes of each model over its checkpoints."""
    films = {}
    for name in view.table("moments").name.unique():
        tables = {key: view.table(key) for key in FILM_TABLES}
        own = {key: table.loc[table["name"] == name] for key, table in tables.items()}
        arrays = view.arrays[str(name)]
        title = str(name).rpartition(", time")[0] or str(name)
        films[title] = ShownFilm.of(own, 0, {key: arrays[key] for key in FILM_ARRAYS if key in arrays})
    if films:
        yield from film_panels(films, section=FILM, time="time")


def _in_the_plane(view: View) -> Iterator[Panel]:
    if view.dim == 2 and "attractors" in view.members and view.having("paths", "spots range"):
        yield _plane(view)


def _led(rows: pd.DataFrame) -> str:
    """Where most orbits of each network end, in words."""
    parts = []
    for _, row in rows.iterrows():
        end = max(END_WORDS, key=lambda name: row[name])
        parts.append(f"{row['name']}: {END_WORDS[end][0]} ({percent(float(row[end]))})")
    return f"Where most orbits from noise are in the end, {few(parts)}"


def _plane(view: View) -> Panel:
    known = view.members.dropna(subset=["attractors"])
    found = [f"{row['name']}: {int(row.attractors)}" for _, row in known.iterrows()]
    return Panel(
        f"Orbits in the plane come to {'attractors' if (known.attractors > 0).any() else 'no attractor'}",
        f"Attractors found, {few(found)}.",
        in_the_plane(view.table("fixed_points"), view.having("paths", "spots range"), view.limits),
        ORBITS,
        how="Orbits from noise, near the data and from held-out points; dots are their starts.",
    )


def _players(view: View) -> Iterator[Panel]:
    for name, arrays in view.having("frames", "nearest").items():
        kinds = pd.Series(arrays["kinds"]).value_counts(sort=False)
        rows = listed([f"{count} from {kind}" for kind, count in kinds.items()])
        near = float((arrays["distance"][-1] <= arrays["radius"]).mean())
        title = f"{quantified(near)} orbits of {name} end near a data point"
        words = (
            f"After {arrays['iterations'][-1]} iterations {percent(near)} of {counted(int(kinds.sum()), 'orbit')} are near a "
            "data point."
        )
        how = f"In rows: {rows}."
        if view.image:
            shape = tuple(arrays["picture"].tolist())
            frames = arrays["frames"].reshape(*arrays["frames"].shape[:2], *shape)
            body: Any = Kaleidoscope(
                frames, arrays["iterations"].tolist(), arrays["neighbours"].reshape(-1, *shape), arrays["nearest"],
                arrays["distance"], arrays["last_jump"], f"orbits of {name} as x ← f(x) is repeated",
                near=float(arrays["radius"]),
            )  # fmt: skip
            yield Panel(title, words, body, ORBITS, how=f"{how} Click a tile for its nearest data point.")
        elif view.dim != 2:
            low, high = view.limits
            scaled = low + (high - low) * arrays["frames"].astype(float) / 255
            data = low + (high - low) * arrays["shown data"].astype(float) / 255
            body = sample_figure(scaled, arrays["iterations"].tolist(), data, low, high)
            yield Panel(title, words, body, ORBITS, how=how)


def _settling(view: View) -> Iterator[Panel]:
    for name, rows in view.table("iterations").groupby("name", sort=False):
        row = view.members[view.members.name == name].iloc[0]
        columns = {str(kind): f"time_{kind.replace(' ', '_')}" for kind in rows.start.unique()}
        times = {
            kind: float(row[column]) for kind, column in columns.items() if column in row and not pd.isna(row[column])
        }
        when = listed([f"{time:g} from {kind}" for kind, time in times.items()]) if times else ""
        yield Panel(
            f"Orbits of {name} settle by iteration {max(times.values()):g}" if times else f"No orbits of {name} settle",
            f"Of the orbits that settle 95 % have settled at iteration {when}."
            if times
            else "No kind of start settles.",
            burn_in_curves(rows, by="start"),
            ORBITS,
            {"iterations": rows},
            how="Lines: medians of the orbits. Steps below 2 % of the range count as rest, drifts too.",
        )


def _attractors(view: View) -> Iterator[Panel]:
    if not view.image:
        return
    table = view.table("attractors")
    for name, arrays in view.having("attractor points").items():
        rows = table[table.name == name]
        shown = len(arrays["attractor points"])
        if not shown:
            continue
        shape = tuple(arrays["picture"].tolist())
        drawn = "All stand" if shown == len(rows) else f"The {shown} that take most orbits stand"
        yield Panel(
            f"{quantified(float(rows.at_training.mean()))} attractors of {name} are data points",
            f"{int(rows.at_training.sum())} of {len(rows)} attractors are data points; the largest takes "
            f"{percent(float(rows.share.max()))} of all orbits.",
            nearest_pairs(
                arrays["attractor points"].reshape(-1, *shape), arrays["attractor neighbours"].reshape(-1, *shape),
                rows.distance.to_numpy()[:shown], limits=(0, 255), above="attractor",
            ),
            ORBITS,
            {"attractors": rows},
            how=f"{drawn} above their nearest data points, by distance.",
        )  # fmt: skip


def _returned(view: View) -> Iterator[Panel]:
    losses = pd.DataFrame(
        [
            {"name": row["name"], "source": source, "loss": row[column]}
            for _, row in view.members.iterrows()
            for source, column in SOURCES.items()
            if column and column in row and not pd.isna(row[column])
        ]
    )
    if losses.empty:
        return
    told = few(
        [
            f"{name}: {', '.join(f'{source} {two_digits(loss)}' for source, loss in zip(rows.source, rows.loss, strict=True))}"
            for name, rows in losses.groupby("name", sort=False)
        ]
    )
    title, words = _returned_title(losses), f"Loss per coordinate, {told}."
    pictured = view.having("shown data")
    if view.image and pictured:
        kept = [source for source in SOURCES if all(f"shown {source}" in arrays for arrays in pictured.values())]
        body = returned(losses, pictured, kept)
        how = "Inputs stand above outputs; ‘near data’ are data with noise added."
        yield Panel(title, words, body, LOSS, {"losses": losses}, how=how)
    else:
        yield Panel(title, words, losses, LOSS)


def _returned_title(losses: pd.DataFrame) -> str:
    """Whether the networks return data better than noise."""
    wide = losses.pivot(index="name", columns="source", values="loss").reindex(columns=["data", "noise"]).dropna()
    if wide.empty:
        return "How well inputs are returned"
    better = (wide["data"] < wide["noise"]).mean()
    if 0 < better < 1:
        return "Some networks return data better than noise, others do not"
    return f"Data are returned {'better' if better else 'no better'} than noise"


def _surfaces(view: View) -> Iterator[Panel]:
    for plane, where in PLANES.items():
        shown = view.having(f"height {plane}")
        if not shown:
            continue
        limits = scene_limits([arrays[f"height {plane}"] for arrays in shown.values()])
        if all(float(np.nanmax(arrays[f"height {plane}"])) <= limits[0] for arrays in shown.values()):
            continue  # the loss is zero everywhere: there is no surface to see
        scenes = [_scene(name, arrays, plane, limits, view) for name, arrays in shown.items()]
        body: Any = scenes[0] if len(scenes) == 1 else SceneGrid(("",), tuple(shown), (tuple(scenes),))
        ends = {
            name: (float(np.nanmin(arrays[f"height {plane}"])), float(np.nanmax(arrays[f"height {plane}"])))
            for name, arrays in shown.items()
        }
        told = few([f"{name}: {two_digits(low)} to {two_digits(high)}" for name, (low, high) in ends.items()])
        varies = "varies" if any(low < high for low, high in ends.values()) else "does not vary"
        outside = view.members.get(f"plane_outside_{plane.replace(' ', '_')}")
        note = (
            ""
            if outside is None or not (outside > 0).any()
            else f" {percent(float(outside.max()))} of the plane is outside the range."
        )
        yield Panel(
            f"The loss {varies} over {where}", f"Loss on it, {told}.", body, LOSS, how=f"Dots are data points.{note}"
        )


def _scene(name: str, arrays: Arrays, plane: str, limits: tuple[float, float], view: View) -> Scene:
    orbits = arrays.get("paths") if plane == "range" else None
    spots = arrays[f"spots {plane}"]
    labels = ("x₁", "x₂", "loss") if plane == "range" else ("u", "v", "loss")
    surface = Surface(name, arrays[f"height {plane}"], spots, orbits if orbits is not None and orbits.size else None)
    extent = tuple(float(value) for value in arrays[f"extent {plane}"])
    near = CURVES_NEAR * (view.limits[1] - view.limits[0])
    return Scene(name, (surface,), extent, limits, labels=labels, near=near)  # type: ignore[arg-type]


def _slopes(view: View) -> Iterator[Panel]:
    slopes = view.table("slopes")
    if slopes.empty:
        return
    known = view.members[view.members.get("rho_data", pd.Series(np.nan, view.members.index)).notna()]
    told = [
        f"{row['name']}: trace share {row.trace_data:.2g}, ρ {row.rho_data:.2g}, rank {row.rank_data:.0f} of {view.dim}"
        for _, row in known.iterrows()
    ]
    nearer = [
        f"{row['name']} nearer to {'a constant' if row.trace_data < HALFWAY else 'the identity'}"
        for _, row in known.iterrows()
    ]
    yield Panel(
        f"Between a constant and the identity: {few(nearer)}",
        f"Medians at data points, {few(told)}.",
        slope_dots(slopes, view.dim),
        SLOPES,
        {"slopes": slopes},
        how=(
            "A constant has 0 in each picture, the identity 1. A map with ρ below 1 contracts. Nearer: by the share of the "
            "trace."
        ),
    )
