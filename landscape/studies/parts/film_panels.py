"""What a page shows of films: the surface that changes, the fixed points over time, curves, and the events in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from landscape.figures import Panel, Scene, SceneGrid, Surface
from landscape.figures.panel import FixedPlaces
from landscape.figures.scene import scene_limits
from landscape.figures.training_film import bifurcations, film_strip, moments

FILMS_SHOWN = 4  # side by side, at most
KINDS = {"stable": "attracting fixed point", "one-sided": "one-sided fixed point"}
CROSSINGS = {  # by which eigenvalue of the Jacobian, as Branches.events calls them
    "+1": "an eigenvalue passes 1",
    "-1": "an eigenvalue passes −1, where a cycle of period 2 may branch off",
    "complex": "a complex pair of eigenvalues crosses the unit circle, where an invariant circle may branch off",
}


@dataclass(frozen=True, eq=False)
class ShownFilm:
    """One film as the page shows it: the tables that `film` made, cut to the member `shown`, and the arrays of `surfaces`.

    `moments` has the rows of all members; the arrays may be empty."""

    shown: int
    moments: pd.DataFrame
    branches: pd.DataFrame
    events: pd.DataFrame
    points: pd.DataFrame
    point_events: pd.DataFrame
    arrays: Mapping[str, np.ndarray]

    @classmethod
    def of(cls, tables: Mapping[str, pd.DataFrame], shown: int, arrays: Mapping[str, np.ndarray]) -> ShownFilm:
        """The film of one cell or model: `tables` are those of Film.tables, with the rows of all members."""
        own = {
            name: tables[name][tables[name].member == shown].dropna(axis="columns", how="all")
            for name in ("branches", "points")
        }
        own |= {name: tables[name][tables[name].member == shown] for name in ("events", "point_events")}
        return cls(shown, tables["moments"], arrays=arrays, **own)


def film_panels(films: Mapping[str, ShownFilm], *, section: str = "Results", time: str = "step") -> Iterator[Panel]:
    """The panels of films by title, such as settings of a study or names of models; `time` is the word for their time.

    The first FILMS_SHOWN of them are pictured; the table of events has all."""
    some = dict(list(films.items())[:FILMS_SHOWN])
    yield from _scenes({title: one for title, one in some.items() if len(one.arrays)}, section, time)
    yield Panel(
        title="The fixed points over time",
        caption=f"{_birth_words(some, time)} Each line is a fixed point; {proven_words(films)}.",
        body=bifurcations({title: (one.branches, one.points, one.events) for title, one in some.items()}, time),
        section=section,
        downloads={"branches": _joined(films, "branches"), "branch_events": _joined(films, "events")},
    )
    yield Panel(
        title="What is measured over time",
        caption=(
            f"{attracting_words(some, time)} Bold: the network pictured above; pale: the other seeds; triangles: the first "
            f"{time} looked at by which a training point attracts."
        ),
        body=moments({title: (one.moments, one.shown, one.point_events) for title, one in some.items()}, time),
        section=section,
        downloads={"moments": _joined(films, "moments"), "training_points": _joined(films, "points")},
    )
    yield Panel(
        title="What happens when",
        caption=(
            f"{_count_words(films)} An event happens between two {time}s that were looked at. Proven: no fixed point is "
            "missing from either list."
        ),
        body=event_table(films, time),
        section=section,
    )


def _scenes(films: Mapping[str, ShownFilm], section: str, time: str) -> Iterator[Panel]:
    if not films:
        return
    limits = scene_limits([one.arrays["heights"] for one in films.values()])
    scenes = tuple(film_scene(title, one, limits, time) for title, one in films.items())
    body = scenes[0] if len(scenes) == 1 else SceneGrid(("loss",), tuple(films), (scenes,))
    fixed = any(surface.fixed is not None for scene in scenes for surface in scene.surfaces)
    dots = "Green squares: fixed points that attract; orange discs: others." if fixed else ""
    yield Panel(
        title="The landscape while it is learned",
        caption=f"{attracting_words(films, time)} Drag the slider or press play. {dots}".strip(),
        body=body,
        section=section,
    )
    title, first = next(iter(films.items()))
    named = f" ({title})" if len(films) > 1 else ""
    yield Panel(
        title=f"The same at some {time}s{named}",
        caption=(
            f"{_deepest_words(first, time)} Loss from above, on a log scale, at {time}s between which it changes about alike."
        ),
        body=film_strip(
            first.arrays["heights"],
            first.arrays["times"],
            first.arrays["extent"],
            first.branches,
            first.arrays["spots"],
            time,
        ),
        section=section,
    )


def film_scene(title: str, one: ShownFilm, limits: tuple[float, float], time: str) -> Scene:
    """A scene that plays the surfaces of a film, with the fixed points at each time where they lie in the plane."""
    flat = "x2" in one.branches and "x3" not in one.branches and "extent" in one.arrays
    surfaces = []
    for when, height in zip(one.arrays["times"], one.arrays["heights"], strict=True):
        fixed = _fixed_places(one.branches[one.branches.time == when]) if flat else None
        surfaces.append(Surface(_time_words(when), height, one.arrays["spots"], fixed=fixed))
    labels = ("x₁", "x₂", "loss") if flat else ("along the plane", "across it", "loss")
    low, high, bottom, top = (float(side) for side in one.arrays["extent"])
    return Scene(title, tuple(surfaces), (low, high, bottom, top), limits, labels=labels, film=time)


def _fixed_places(now: pd.DataFrame) -> FixedPlaces:
    return FixedPlaces(now[["x1", "x2"]].to_numpy(), (now.stability == "stable").to_numpy(), now.branch.to_numpy())


def event_table(films: Mapping[str, ShownFilm], time: str = "step") -> pd.DataFrame:
    """The events of the members shown, in words and in the order of time: setting, after, by, event, proven."""
    rows = []
    for title, one in films.items():
        for event in one.point_events.itertuples():
            words = f"{_point_words(one, event.point)} {event.event}"
            rows.append((title, event.before, event.after, 0, words, _list_proven(one, event)))
        rows += [
            (title, event.before, event.after, 1, _branch_words(one, event), event.proven)
            for event in one.events.itertuples()
        ]
    order = list(films)
    rows.sort(key=lambda row: (order.index(row[0]), row[2], row[3]))
    table = pd.DataFrame(
        {
            "network": [title for title, *_ in rows],
            f"after {time}": [before for _, before, *_ in rows],
            f"by {time}": [after for _, _, after, *_ in rows],
            "event": [words for *_, words, _ in rows],
            "proven": ["yes" if proven else "no" for *_, proven in rows],
        }
    )
    return table.drop(columns="network") if len(films) == 1 else table


def _point_words(one: ShownFilm, point: int) -> str:
    row = one.points[one.points.point == point].iloc[0]
    return f"training point {point}{_at(row)}"


def _at(row: pd.Series) -> str:
    """' at (0.2, 0.8)' for rows with coordinates, else ''."""
    names = [name for name in ("x1", "x2", "x3") if name in row.index and np.isfinite(row[name])]
    return f" at ({', '.join(f'{row[name]:.3g}' for name in names)})" if names else ""


def _branch_words(one: ShownFilm, event: pd.Series) -> str:
    """An event of a branch in words, with the place and the kind of the fixed point."""
    time = event.before if event.event == "death" else event.after
    row = one.branches[(one.branches.branch == event.branch) & (one.branches.time == time)].iloc[0]
    where = _at(row) or f" nearest to training point {int(row.nearest)}"
    kind = KINDS.get(row.stability, row.stability)
    crossing = f": {CROSSINGS[event.through]}" if event.through else ""
    return {
        "birth": f"a fixed point is born{where}: {_article(kind)}",
        "death": f"the {kind}{where} is gone",
        "becomes attracting": f"the fixed point{where} becomes attracting{crossing}",
        "stops attracting": f"the fixed point{where} stops attracting and is now {_article(kind)}{crossing}",
        "changes kind": f"the fixed point{where} becomes {_article(kind)}",
    }[event.event]


def _article(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aeio" and not kind.startswith("one") else f"a {kind}"


def _list_proven(one: ShownFilm, event: pd.Series) -> bool:
    if "proven" not in one.moments:
        return False
    own = one.moments[(one.moments.member == one.shown) & one.moments.time.isin([event.before, event.after])]
    return bool((own.proven == 1).all())


def attracting_words(films: Mapping[str, ShownFilm], time: str) -> str:
    """The finding on training points of the first film: how many attract at the end, and since when."""
    title, one = next(iter(films.items()))
    last = one.points[one.points.time == one.points.time.max()]
    count, now = len(last), int(last.attracting.sum())
    named = f"{title}: " if len(films) > 1 else ""
    when = one.points[one.points.attracting & one.points.point.isin(last[last.attracting].point)]
    if not now:
        return f"{named}None of {count} training points attracts after {time} {_time_words(last.time.max())}."
    first = when.groupby("point").time.min()
    span = f"from {time} {_time_words(first.min())}"
    if first.max() > first.min():
        span += f" to {_time_words(first.max())}"
    return f"{named}{now} of {count} training points attract in the end; they began {span}."


def _birth_words(films: Mapping[str, ShownFilm], time: str) -> str:
    title, one = next(iter(films.items()))
    counts = one.branches.groupby("time").size()
    first, last = int(counts.get(one.points.time.min(), 0)), int(counts.get(one.points.time.max(), 0))
    named = f"{title}: " if len(films) > 1 else ""
    births = one.events[one.events.event == "birth"]
    when = f", most of them born by {time} {_time_words(births.after.mode().iloc[0])}" if len(births) else ""
    return f"{named}{_fixed(first)} before training, {last} after it{when}."


def _fixed(count: int) -> str:
    return f"{count} fixed point{'' if count == 1 else 's'}"


def _deepest_words(one: ShownFilm, time: str) -> str:
    own = one.moments[one.moments.member == one.shown].sort_values("time").dropna(subset=["loss"])
    if len(own) < 2:
        return "One time was looked at."
    return f"The loss at the training points falls from {own.loss.iloc[0]:.2g} to {own.loss.iloc[-1]:.2g}."


def _count_words(films: Mapping[str, ShownFilm]) -> str:
    points = sum(int((one.point_events.event == "becomes attracting").sum()) for one in films.values())
    births = sum(int((one.events.event == "birth").sum()) for one in films.values())
    gone = sum(int((one.events.event == "death").sum()) for one in films.values())
    return f"{points} times a training point begins to attract; {births} fixed points are born and {gone} vanish."


def proven_words(films: Mapping[str, ShownFilm]) -> str:
    """Where the lists of fixed points are proven to be complete, in words."""
    proven = pd.concat([one.moments for one in films.values()]).get("proven", pd.Series(dtype=float)).dropna()
    if proven.empty:
        return "some may be missing, as they were searched for from many starts"
    return f"{int((proven == 1).sum())} of {len(proven)} lists are proven to be complete"


def _time_words(time: float) -> str:
    return f"{time:,.0f}" if float(time).is_integer() else f"{time:g}"


def _joined(films: Mapping[str, ShownFilm], name: str) -> pd.DataFrame:
    return pd.concat([getattr(one, name).assign(network=title) for title, one in films.items()], ignore_index=True)
