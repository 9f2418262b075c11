"""The events of films in words: when fixed points are born, vanish and begin to attract."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from landscape.studies.parts.shown_film import ShownFilm

KINDS = {"stable": "attracting point", "one-sided": "one-sided point"}
CROSSINGS = {  # by which eigenvalue of the Jacobian, as Branches.events calls them
    "+1": "an eigenvalue passes 1",
    "-1": "an eigenvalue passes −1: a cycle of 2",
    "complex": "two complex eigenvalues: a rotation",
}


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
