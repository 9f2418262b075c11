"""What a page shows of films: the surface that changes, the fixed points over time, curves, and the events in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import pandas as pd

from landscape.figures import Panel, Scene, SceneGrid, Surface
from landscape.figures.panel import FixedPlaces
from landscape.figures.scene import scene_limits
from landscape.figures.training_film import bifurcations, film_strip, moments
from landscape.findings import percent
from landscape.studies.parts.claim_words import counted
from landscape.studies.parts.film_events import event_table
from landscape.studies.parts.shown_film import ShownFilm
from landscape.studies.parts.words import two_digits

MEASURED = "What is measured over time"  # the reproduction of the paper picks the panel by these words
FILMS_SHOWN = 4  # side by side, at most
FILMS_IN_WORDS = 2  # of which a caption tells when training points attract
FILM_CAMERA = (-58.0, 66.0)  # high enough to look into the dimples in which fixed points lie
LEAST_LOSS = 1e-12  # smaller losses are rounding errors of float32


def film_panels(
    films: Mapping[str, ShownFilm], *, section: str = "Results", time: str = "step", note: str = ""
) -> Iterator[Panel]:
    """The panels of films by title, such as settings of a study or names of models; `time` is the word for their time.

    The first FILMS_SHOWN of them are pictured; the table of events has all. `note` is added to how the first panel is read."""
    some = dict(list(films.items())[:FILMS_SHOWN])
    filmed = {title: one for title, one in some.items() if len(one.arrays)}
    panels = [
        *_scenes(filmed, section, time),
        _fixed_points(films, some, section, time),
        _moments(films, some, section, time),
    ]
    first, *rest = [*panels, _events(films, section, time)]
    yield replace(first, how=f"{first.how} {note}".strip())
    yield from rest


def _fixed_points(films: Mapping[str, ShownFilm], some: Mapping[str, ShownFilm], section: str, time: str) -> Panel:
    counts = [_fixed_counts(one) for one in some.values()]
    first, last = sum(count for count, _ in counts), sum(count for _, count in counts)
    end = (
        "as many fixed points as"
        if first == last
        else "more fixed points than"
        if last > first
        else "fewer fixed points than"
    )
    return Panel(
        title=f"The network{'s' * (len(some) > 1)} shown end{'s' * (len(some) == 1)} with {end} at first",
        caption=_birth_words(some, time),
        body=bifurcations({title: (one.branches, one.points, one.events) for title, one in some.items()}, time),
        section=section,
        downloads={"branches": _joined(films, "branches"), "branch_events": _joined(films, "events")},
        how=f"Each line is a fixed point, its height the place along one direction; {proven_words(films)}.",
    )


def _moments(films: Mapping[str, ShownFilm], some: Mapping[str, ShownFilm], section: str, time: str) -> Panel:
    last = pd.concat([one.moments[one.moments.time == one.moments.time.max()] for one in films.values()])
    attract, copies = float(last.attracting_data.mean()), float(last.copies.mean())
    return Panel(
        title=f"{MEASURED}: most random starts {'come' if copies > 0.5 else 'do not come'} to a training point",
        caption=(
            f"In the end {percent(attract)} of the training points attract, and {percent(copies)} of the random starts come to "
            f"one (mean of {counted(len(last), 'network')})."
        ),
        body=moments({title: (one.moments, one.shown, one.point_events) for title, one in some.items()}, time),
        section=section,
        downloads={"moments": _joined(films, "moments"), "training_points": _joined(films, "points")},
        how="Bold: the network pictured; pale: other seeds; triangles: when a training point begins to attract.",
    )


def _events(films: Mapping[str, ShownFilm], section: str, time: str) -> Panel:
    events = event_table(films, time)
    births, deaths = (
        sum(int((one.events.event == kind).sum()) for one in films.values()) for kind in ("birth", "death")
    )
    begun = sum(int((one.point_events.event == "becomes attracting").sum()) for one in films.values())
    word = "As many" if births == deaths else "More" if births > deaths else "Fewer"
    return Panel(
        title=f"{word} fixed points are born {'as' if births == deaths else 'than'} vanish",
        caption=(
            f"{counted(births, 'fixed point')} {'is' if births == 1 else 'are'} born, {deaths} vanish, and {begun} times a "
            "training point begins to attract."
        ),
        body=events if len(events) else f"<p>No event between the {time}s that were looked at.</p>",
        section=section,
        how=(
            f"What happens when, in the network{'s' * (len(films) > 1)} pictured. Each event lies between two {time}s looked "
            "at. Proven: both lists of fixed points are complete."
        ),
    )


def _scenes(films: Mapping[str, ShownFilm], section: str, time: str) -> Iterator[Panel]:
    if not films:
        return
    limits = scene_limits([one.arrays["heights"] for one in films.values()])
    scenes = tuple(film_scene(title, one, limits, time) for title, one in films.items())
    body = scenes[0] if len(scenes) == 1 else SceneGrid(("loss",), tuple(films), (scenes,))
    fixed = any(surface.fixed is not None for scene in scenes for surface in scene.surfaces)
    dots = " Squares: fixed points that attract; discs: others." if fixed else ""
    yield Panel(
        title=f"The landscape while it is learned: {_end_words(films)}",
        caption=attracting_words(films, time),
        body=body,
        section=section,
        how=f"Press play. Heights: the loss of the network pictured.{dots}",
    )
    title, first = next(iter(films.items()))
    named = f" ({title})" if len(films) > 1 else ""
    start, end = _end_losses(first)
    yield Panel(
        title=f"The loss at training points {'falls' if end < start else 'does not fall'}{named}",
        caption=_loss_words(start, end),
        body=film_strip(
            first.arrays["heights"],
            first.arrays["times"],
            first.arrays["extent"],
            first.branches,
            first.arrays["spots"],
            time,
        ),
        section=section,
        how=f"The same landscape from above, on a log scale, at {time}s between which it changes about alike.",
    )


def _of_how_many(films: Mapping[str, ShownFilm]) -> str:
    """', one of 2 seeds': of how many networks of its setting one is pictured; empty if there is no other."""
    most = max(one.moments.member.nunique() for one in films.values())
    return f", one of {counted(most, 'seed')}" if most > 1 else ""


def _end_words(films: Mapping[str, ShownFilm]) -> str:
    """'in the network shown all training points attract in the end': all, most, some, or none."""
    share = float(
        pd.concat([one.points[one.points.time == one.points.time.max()].attracting for one in films.values()]).mean()
    )
    many = "all" if share == 1 else "most" if share > 0.5 else "some" if share > 0 else "no"
    return f"in the network{'s' * (len(films) > 1)} shown {many} training points attract in the end"


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


def attracting_words(films: Mapping[str, ShownFilm], time: str) -> str:
    """The finding on training points: how many attract at the end, and since when, of the first films."""
    parts = []
    for title, one in list(films.items())[:FILMS_IN_WORDS]:
        last = one.points[one.points.time == one.points.time.max()]
        begun = one.points[one.points.attracting & one.points.point.isin(last[last.attracting].point)]
        since = f", the first from {time} {_time_words(begun.time.min())}" if len(begun) else ""
        named = f"{title}: " if len(films) > 1 else ""
        parts.append(f"{named}{int(last.attracting.sum())} of {len(last)}{since}")
    return f"Training points that attract in the end{_of_how_many(films)}: {'; '.join(parts)}."


def _fixed_counts(one: ShownFilm) -> tuple[int, int]:
    """How many fixed points there are at the first and at the last time."""
    counts = one.branches.groupby("time").size()
    return int(counts.get(one.points.time.min(), 0)), int(counts.get(one.points.time.max(), 0))


def _birth_words(films: Mapping[str, ShownFilm], time: str) -> str:
    title, one = next(iter(films.items()))
    first, last = _fixed_counts(one)
    named = f"{title}: " if len(films) > 1 else ""
    births = one.events[one.events.event == "birth"].after.value_counts()
    when = f"; most births at once by {time} {_time_words(births.index[0])}" if len(births) else ""
    return f"{named}{first} fixed point{'' if first == 1 else 's'} at first, {last} at last{when}."


def _end_losses(one: ShownFilm) -> tuple[float, float]:
    """The loss of the network pictured at the first and at the last time; NaN where only one time was looked at."""
    own = one.moments[one.moments.member == one.shown].sort_values("time").dropna(subset=["loss"])
    return (float(own.loss.iloc[0]), float(own.loss.iloc[-1])) if len(own) > 1 else (float("nan"), float("nan"))


def _loss_words(first: float, last: float) -> str:
    if first != first:
        return "One time was looked at."
    start, end = (two_digits(loss) if loss > LEAST_LOSS else f"below {LEAST_LOSS:g}" for loss in (first, last))
    return f"The loss at the training points goes from {start} to {end}."


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
