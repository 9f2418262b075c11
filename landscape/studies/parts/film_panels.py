"""What a page shows of films: the surface that changes, the fixed points over time, curves, and the events in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from landscape.figures import Panel, Scene, SceneGrid, Surface
from landscape.figures.panel import FixedPlaces
from landscape.figures.scene import scene_limits
from landscape.figures.training_film import bifurcations, film_strip, moments

FILMS_SHOWN = 4  # side by side, at most
FILMS_IN_WORDS = 2  # of which a caption tells when training points attract
FILM_CAMERA = (-58.0, 66.0)  # high enough to look into the dimples in which fixed points lie
LEAST_LOSS = 1e-12  # smaller losses are rounding errors of float32
KINDS = {"stable": "attracting point", "one-sided": "one-sided point"}
CROSSINGS = {  # by which eigenvalue of the Jacobian, as Branches.events calls them
    "+1": "an eigenvalue passes 1",
    "-1": "an eigenvalue passes −1: a cycle of 2",
    "complex": "two complex eigenvalues: a rotation",
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
        names = ("branches", "points", "events", "point_events")
        own = {name: tables[name][tables[name].member == shown] for name in names}
        for name in (
            "branches",
            "points",
        ):  # maps of fewer dimensions leave columns empty; a table without rows keeps its own
            if len(own[name]):
                own[name] = own[name].dropna(axis="columns", how="all")
        return cls(shown, tables["moments"], arrays=arrays, **own)


def film_panels(films: Mapping[str, ShownFilm], *, section: str = "Results", time: str = "step") -> Iterator[Panel]:
    """The panels of films by title, such as settings of a study or names of models; `time` is the word for their time.

    The first FILMS_SHOWN of them are pictured; the table of events has all."""
    some = dict(list(films.items())[:FILMS_SHOWN])
    yield from _scenes({title: one for title, one in some.items() if len(one.arrays)}, section, time)
    yield Panel(
        title="The fixed points over time",
        caption=(
            f"{_birth_words(some, time)} Each line is a fixed point, its height the place along one direction; "
            f"{proven_words(films)}."
        ),
        body=bifurcations({title: (one.branches, one.points, one.events) for title, one in some.items()}, time),
        section=section,
        downloads={"branches": _joined(films, "branches"), "branch_events": _joined(films, "events")},
    )
    yield Panel(
        title="What is measured over time",
        caption=(
            f"{attracting_words(some, time)} Bold: the network pictured; pale: other seeds; triangles: when a training point "
            "begins to attract."
        ),
        body=moments({title: (one.moments, one.shown, one.point_events) for title, one in some.items()}, time),
        section=section,
        downloads={"moments": _joined(films, "moments"), "training_points": _joined(films, "points")},
    )
    events = event_table(films, time)
    yield Panel(
        title="What happens when",
        caption=(
            f"{_count_words(films)} Each event lies between two {time}s looked at. Proven: both lists of fixed points are "
            "complete."
        ),
        body=events if len(events) else f"<p>No event between the {time}s that were looked at.</p>",
        section=section,
    )


def _scenes(films: Mapping[str, ShownFilm], section: str, time: str) -> Iterator[Panel]:
    if not films:
        return
    limits = scene_limits([one.arrays["heights"] for one in films.values()])
    scenes = tuple(film_scene(title, one, limits, time) for title, one in films.items())
    body = scenes[0] if len(scenes) == 1 else SceneGrid(("loss",), tuple(films), (scenes,))
    fixed = any(surface.fixed is not None for scene in scenes for surface in scene.surfaces)
    dots = "Squares: fixed points that attract; discs: others." if fixed else ""
    yield Panel(
        title="The landscape while it is learned",
        caption=f"{attracting_words(films, time)} Press play. {dots}".strip(),
        body=body,
        section=section,
    )
    title, first = next(iter(films.items()))
    named = f" ({title})" if len(films) > 1 else ""
    yield Panel(
        title=f"The same at some {time}s{named}",
        caption=(
            f"{_loss_words(first)} Loss from above, on a log scale, at {time}s between which it changes about alike."
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
    return Scene(title, tuple(surfaces), (low, high, bottom, top), limits, labels=labels, camera=FILM_CAMERA, film=time)


def _fixed_places(now: pd.DataFrame) -> FixedPlaces:
    return FixedPlaces(now[["x1", "x2"]].to_numpy(), (now.stability == "stable").to_numpy(), now.branch.to_numpy())


def event_table(films: Mapping[str, ShownFilm], time: str = "step") -> pd.DataFrame:
    """The events of the members shown, in words and in the order of time: after, by, event, where, how, proven."""
    rows: list[tuple[Any, ...]] = []
    for title, one in films.items():
        for _, events in one.point_events.groupby(["before", "after", "point"], sort=False):
            first: Any = events.iloc[0]
            words = f"training point {first.point} {_both(list(events.event))}"
            place = _place(one.points[one.points.point == first.point].iloc[0])
            proven = _list_proven(one, first.before, first.after)
            rows.append((title, first.before, first.after, 0, words, place, "", proven))
        event: Any
        for event in one.events.itertuples():
            row: Any = _row_of(one, event)
            words, how = _branch_words(event.event, row.stability), CROSSINGS.get(event.through, "")
            rows.append((title, event.before, event.after, 1, words, _place(row), how, event.proven))
    order = list(films)
    rows.sort(key=lambda row: (order.index(row[0]), row[2], row[3]))
    names = ("network", f"after {time}", f"by {time}", "order", "event", "where", "how", "proven")
    table = pd.DataFrame(rows, columns=names).drop(columns="order")
    table["proven"] = table.proven.map({True: "yes", False: "no"})
    return table.drop(columns="network") if len(films) == 1 else table


def _both(events: list[str]) -> str:
    """'becomes fixed and attracting' for the two events of one training point between two times."""
    for verb in ("becomes fixed", "stops being fixed"):
        other = verb.replace("being fixed", "attracting").replace("fixed", "attracting")
        if verb in events and other in events:
            return f"{verb} and attracting"
    return " and ".join(events)


def _place(row: pd.Series) -> str:
    """'(0.2, 0.8)' for rows with coordinates; of a branch without them, the training point nearest to it."""
    names = [name for name in ("x1", "x2", "x3") if name in row.index and np.isfinite(row[name])]
    if names:
        return f"({', '.join(f'{row[name]:.3g}' for name in names)})"
    return f"nearest to training point {int(row.nearest)}" if "nearest" in row.index else ""


def _row_of(one: ShownFilm, event: Any) -> pd.Series:
    """The row of the branch at the time of an event: the last before a death, else the first after the event."""
    time = event.before if event.event == "death" else event.after
    rows: pd.DataFrame = one.branches[(one.branches.branch == event.branch) & (one.branches.time == time)]
    return rows.iloc[0]


def _branch_words(event: str, stability: str) -> str:
    kind = KINDS.get(stability, stability)
    article = "an" if kind.startswith("a") else "a"
    return {
        "birth": f"{article} {kind} is born",
        "death": f"{article} {kind} vanishes",
        "becomes attracting": "a fixed point becomes attracting",
        "stops attracting": f"a fixed point stops attracting, now {article} {kind}",
        "changes kind": f"a fixed point becomes {article} {kind}",
    }[event]


def _list_proven(one: ShownFilm, before: float, after: float) -> bool:
    if "proven" not in one.moments:
        return False
    own = one.moments[(one.moments.member == one.shown) & one.moments.time.isin([before, after])]
    return bool((own.proven == 1).all())


def attracting_words(films: Mapping[str, ShownFilm], time: str) -> str:
    """The finding on training points: how many attract at the end, and since when, of the first films."""
    parts = []
    for title, one in list(films.items())[:FILMS_IN_WORDS]:
        last = one.points[one.points.time == one.points.time.max()]
        begun = one.points[one.points.attracting & one.points.point.isin(last[last.attracting].point)]
        since = f", from {time} {_time_words(begun.time.min())}" if len(begun) else ""
        named = f"{title}: " if len(films) > 1 else ""
        parts.append(f"{named}{int(last.attracting.sum())} of {len(last)}{since}")
    return f"Training points that attract in the end: {'; '.join(parts)}."


def _birth_words(films: Mapping[str, ShownFilm], time: str) -> str:
    title, one = next(iter(films.items()))
    counts = one.branches.groupby("time").size()
    first, last = int(counts.get(one.points.time.min(), 0)), int(counts.get(one.points.time.max(), 0))
    named = f"{title}: " if len(films) > 1 else ""
    births = one.events[one.events.event == "birth"].after.value_counts()
    when = f"; most births at once by {time} {_time_words(births.index[0])}" if len(births) else ""
    return f"{named}{first} fixed point{'' if first == 1 else 's'} at first, {last} at last{when}."


def _loss_words(one: ShownFilm) -> str:
    own = one.moments[one.moments.member == one.shown].sort_values("time").dropna(subset=["loss"])
    if len(own) < 2:
        return "One time was looked at."
    first, last = (f"{loss:.2g}" if loss > LEAST_LOSS else f"below {LEAST_LOSS:g}" for loss in own.loss.iloc[[0, -1]])
    return f"The loss at the training points goes from {first} to {last}."


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
    tables: list[pd.DataFrame] = [getattr(one, name).assign(network=title) for title, one in films.items()]
    return pd.concat(tables, ignore_index=True)
