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
from landscape.results import Result
from landscape.studies.examine.figures import END_WORDS, in_the_plane, returned, slope_dots, strips, where_orbits_end
from landscape.studies.examine.table_panels import copies_panels, exact_panels, table_panels
from landscape.studies.examine.view import CURVES_NEAR, FILM, LOSS, ORBITS, PLANES, SLOPES, SOURCES, Arrays, View
from landscape.studies.parts.film_panels import film_panels
from landscape.studies.parts.shown_film import ShownFilm

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
    yield from copies_panels(view)
    yield from table_panels(view)


def hero_of(result: Result) -> Panel | None:
    """The picture beside the answer: where repeating the network leads. None if that was not measured."""
    view = View(result)
    ends = view.table("ends")
    if ends.empty:
        return None
    words = f"{_led(ends[ends.start == 'noise'])}. Bars: shares of the orbits from each kind of start (their number)."
    pictured = view.having("frames", "nearest", "neighbours")
    body = strips(ends, pictured) if view.image and len(pictured) else where_orbits_end(ends)
    return Panel("Where repeating the network leads", words, body, downloads={"ends": ends})


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
        parts.append(f"{row['name']}: {END_WORDS[end][0]} ({row[end]:.0%})")
    return f"Where most orbits from noise are in the end, {'; '.join(parts)}"


def _plane(view: View) -> Panel:
    counted = view.members.dropna(subset=["attractors"])
    found = [f"{row['name']}: {int(row.attractors)} attractors" for _, row in counted.iterrows()]
    return Panel(
        "Orbits in the plane",
        f"{'; '.join(found)}. Orbits from noise, near the data and held-out points; dots are their starts.",
        in_the_plane(view.table("fixed_points"), view.having("paths", "spots range"), view.limits),
        ORBITS,
    )


def _players(view: View) -> Iterator[Panel]:
    for name, arrays in view.having("frames", "nearest").items():
        kinds = pd.Series(arrays["kinds"]).value_counts(sort=False)
        listed = ", ".join(f"{count} from {kind}" for kind, count in kinds.items())
        near = float((arrays["distance"][-1] <= arrays["radius"]).mean())
        title = f"Orbits of {name}"
        words = (
            f"After {arrays['iterations'][-1]} iterations {near:.0%} of these are near a data point. In rows: {listed}."
        )
        if view.image:
            shape = tuple(arrays["picture"].tolist())
            frames = arrays["frames"].reshape(*arrays["frames"].shape[:2], *shape)
            body: Any = Kaleidoscope(
                frames, arrays["iterations"].tolist(), arrays["neighbours"].reshape(-1, *shape), arrays["nearest"],
                arrays["distance"], arrays["last_jump"], f"orbits of {name} as x ← f(x) is repeated",
                near=float(arrays["radius"]),
            )  # fmt: skip
            yield Panel(title, f"{words} Click a tile for its nearest data point.", body, ORBITS)
        elif view.dim != 2:
            low, high = view.limits
            scaled = low + (high - low) * arrays["frames"].astype(float) / 255
            data = low + (high - low) * arrays["shown data"].astype(float) / 255
            yield Panel(title, words, sample_figure(scaled, arrays["iterations"].tolist(), data, low, high), ORBITS)


def _settling(view: View) -> Iterator[Panel]:
    for name, rows in view.table("iterations").groupby("name", sort=False):
        row = view.members[view.members.name == name].iloc[0]
        times = {
            kind: f"{row.get('time_' + kind.replace(' ', '_')):g}"
            for kind in rows.start.unique()
            if not pd.isna(row.get("time_" + kind.replace(" ", "_")))
        }
        told = ", ".join(f"{kind} {time}" for kind, time in times.items()) or "none settles"
        yield Panel(
            f"How soon orbits of {name} settle",
            f"Iterations until 95 % of the orbits that settle have settled: {told}. Lines: medians of the orbits. "
            "Steps below 2 % of the range count as rest, drifts too.",
            burn_in_curves(rows, by="start"),
            ORBITS,
            {"iterations": rows},
        )


def _attractors(view: View) -> Iterator[Panel]:
    if not view.image:
        return
    listed = view.table("attractors")
    for name, arrays in view.having("attractor points").items():
        rows = listed[listed.name == name]
        shown = len(arrays["attractor points"])
        if not shown:
            continue
        shape = tuple(arrays["picture"].tolist())
        drawn = "All stand" if shown == len(rows) else f"The {shown} that take most orbits stand"
        yield Panel(
            f"Attractors of {name}",
            f"{int(rows.at_training.sum())} of {len(rows)} attractors are data points; the largest takes "
            f"{rows.share.max():.0%} of all orbits. {drawn} above their nearest data points, by distance.",
            nearest_pairs(
                arrays["attractor points"].reshape(-1, *shape), arrays["attractor neighbours"].reshape(-1, *shape),
                rows.distance.to_numpy()[:shown], limits=(0, 255), above="attractor",
            ),
            ORBITS,
            {"attractors": rows},
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
    told = "; ".join(
        f"{name}: {', '.join(f'{row.source} {row.loss:.2g}' for row in rows.itertuples())}"
        for name, rows in losses.groupby("name", sort=False)
    )
    words = f"Loss per coordinate, {told}. Inputs stand above outputs; ‘near data’ are data with noise added."
    pictured = view.having("shown data")
    if view.image and pictured:
        kept = [source for source in SOURCES if all(f"shown {source}" in arrays for arrays in pictured.values())]
        yield Panel("What the network returns", words, returned(losses, pictured, kept), LOSS, {"losses": losses})
    else:
        yield Panel("What the network returns", f"Loss per coordinate, {told}.", losses, LOSS)


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
        told = "; ".join(
            f"{name}: {float(np.nanmin(arrays[f'height {plane}'])):.2g} to {float(np.nanmax(arrays[f'height {plane}'])):.2g}"
            for name, arrays in shown.items()
        )
        outside = view.members.get(f"plane_outside_{plane.replace(' ', '_')}")
        note = (
            ""
            if outside is None or not (outside > 0).any()
            else f" {outside.max():.0%} of the plane is outside the range."
        )
        yield Panel(f"Loss on {where}", f"Loss on it: {told}. Dots are data points.{note}", body, LOSS)


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
    told = "; ".join(
        f"{row['name']}: ρ {row.rho_data:.2g}, trace share {row.trace_data:.2g}, rank {row.rank_data:.0f} of {view.dim}"
        for _, row in view.members.iterrows()
        if "rho_data" in row and not pd.isna(row.rho_data)
    )
    yield Panel(
        "Between a constant and the identity",
        f"Medians at data points, {told}. A constant has 0 in each picture, the identity 1; ρ below 1 contracts.",
        slope_dots(slopes, view.dim),
        SLOPES,
        {"slopes": slopes},
    )
