"""Branches of fixed points: families of maps whose births, deaths and changes of stability are known in closed form."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
import torch
from torch import Tensor

import landscape
from landscape import measures
from landscape.measures.dynamics import Becoming, Branches, branches, census, training_times
from landscape.measures.known_maps.references import Formula
from tests.measures.hand_built import broken_line

GRID = torch.cartesian_prod(torch.linspace(-1, 1, 13), torch.linspace(-1, 1, 13)).float()
Family = Callable[[float], Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]]


def pitchfork(mu: float) -> Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]:
    """Fixed points: 0, and ±√μ for μ > 0."""
    return lambda x, y: (x + 0.2 * (mu * x - x**3), y / 2)


def saddle_node(mu: float) -> Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]:
    """Fixed points: ±√μ for μ > 0."""
    return lambda x, y: (x + 0.2 * (mu - x**2), y / 2)


def flip(rate: float) -> Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]:
    """The logistic map: 1 − 1/r attracts up to r = 3; 0 repels."""
    return lambda x, y: (rate * x * (1 - x), y / 2)


def spiral(factor: float) -> Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]:
    """A rotation by 1 radian, growing by `factor`, that a cubic term bends back: 0 attracts for a factor below 1."""

    def step(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        cos, sin = torch.cos(torch.ones(())).item(), torch.sin(torch.ones(())).item()
        scale = factor - (x**2 + y**2)
        return scale * (cos * x - sin * y), scale * (sin * x + cos * y)

    return step


def followed(family: Family, times: Sequence[float], **options: Any) -> Branches:
    maps = [Formula(family(time)) for time in times]
    found = [census(one, GRID, low=-1.0, high=1.0) for one in maps]
    return branches(maps, found, times, low=-1.0, high=1.0, **options)


def test_a_pitchfork_is_one_branch_that_stops_attracting_and_two_births() -> None:
    times = (-0.1, -0.02, 0.02, 0.06, 0.12)
    found = followed(pitchfork, times)
    table, events = found.table(), found.events()
    middle = table[table.branch == 0]
    assert middle.time.tolist() == list(times)
    assert middle.x1.abs().max() < 1e-6
    assert middle.radius.tolist() == pytest.approx([1 + 0.2 * mu for mu in times], abs=1e-6)
    for branch in (1, 2):
        rows = table[table.branch == branch]
        assert rows.x1.abs().tolist() == pytest.approx([mu**0.5 for mu in times[2:]], abs=1e-6)
        assert (rows.stability == "stable").all()
    assert events[["branch", "before", "after", "event", "through"]].to_numpy().tolist() == [
        [0, -0.02, 0.02, "stops attracting", "+1"],
        [1, -0.02, 0.02, "birth", ""],
        [2, -0.02, 0.02, "birth", ""],
    ]
    assert not events.proven.any()  # Newton's method may miss some


def test_a_saddle_and_a_node_die_together() -> None:
    times = (0.0, 1.0, 2.0, 3.0)
    values = dict(zip(times, (0.2, 0.1, 0.03, -0.03), strict=True))
    found = followed(lambda time: saddle_node(values[time]), times)
    assert found.events()[["before", "after", "event"]].to_numpy().tolist() == [[2.0, 3.0, "death"]] * 2
    assert sorted(found.table().groupby("branch").x1.agg(lambda x: x.iloc[0] > 0)) == [False, True]


@pytest.mark.parametrize(
    ("family", "times", "through"), [(flip, (2.8, 2.95, 3.05), "-1"), (spiral, (0.9, 1.1), "complex")]
)
def test_an_event_says_through_which_eigenvalue(family: Family, times: tuple[float, ...], through: str) -> None:
    events = followed(family, times).events()
    (row,) = events[events.event == "stops attracting"].to_dict("records")
    assert (row["before"], row["after"], row["through"]) == (*times[-2:], through)


def test_points_that_move_farther_than_they_are_apart_keep_their_branches() -> None:
    def cubic(shift: float) -> Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]:
        return lambda x, y: (x - 6 * (x - shift) * (x - shift - 0.16) * (x - shift - 0.32), y / 2)

    found = followed(cubic, (0.0, 0.18, 0.36))
    assert len(found.events()) == 0
    for branch, begin in enumerate((0.0, 0.16, 0.32)):
        rows = found.table().query(f"branch == {branch}")
        assert rows.x1.tolist() == pytest.approx([begin, begin + 0.18, begin + 0.36], abs=1e-6)


def test_beyond_the_reach_a_point_dies_and_another_is_born() -> None:
    def jump(to: float) -> Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]:
        return lambda x, y: (to + 0.5 * (x - to), y / 2)

    assert followed(jump, (0.0, 0.2)).events().empty
    assert followed(jump, (0.0, 0.2), reach=0.02).events().event.tolist() == ["death", "birth"]


def steps(slope: float, members: int = 1) -> Any:
    """½ + clip(slope·(x − ½), ±0.4): for a slope above 1 also 0.1 and 0.9 are fixed."""
    half = 0.4 / slope
    return broken_line([0.5 - half, 0.5 + half], [slope, -slope], start=0.1, members=members)


def test_births_in_broken_lines_are_proven() -> None:
    slopes = (0.85, 0.95, 1.05, 1.5)
    maps = [steps(slope, members=3) for slope in slopes]
    found = branches(maps, [census(one, torch.zeros(1, 1)) for one in maps], slopes)
    assert bool(found.proven.all())
    events = found.events()
    assert len(events) == 3 * 3
    for member in range(3):
        own = events[events.member == member]
        assert sorted(own.event) == ["birth", "birth", "stops attracting"]
        assert own.proven.all()
        assert (own.before == 0.95).all()
        assert (own.after == 1.05).all()
        ends = found.table().query(f"member == {member} and time == 1.5")
        assert sorted(ends.x1) == pytest.approx([0.1, 0.5, 0.9], abs=1e-6)


def test_attractors_found_by_proximity_are_followed_too() -> None:
    times = (0.05, 0.1, 0.15)
    maps = [Formula(pitchfork(time)) for time in times]
    sides = GRID[GRID[:, 0].abs() > 0.1]  # orbits from the border x = 0 stay there
    found = [measures.find_attractors(one, sides, 800, by="proximity", low=-1.0, high=1.0) for one in maps]
    followed = branches(maps, found, times, low=-1.0, high=1.0)
    assert followed.events().empty
    assert len(followed.table()) == 6
    assert not followed.proven.any()


def test_points_are_joined_within_reach_of_the_range_of_the_map() -> None:
    """The fixed point moves from 3 to 4: far in [0, 1], near in the range [−50, 50] with which the maps are wrapped."""

    def towards(place: float) -> measures.Map:
        return landscape.wrap(lambda x: place + (x - place) / 2, shape=(1,), range=(-50, 50))

    maps = [towards(3.0), towards(4.0)]
    found = [measures.find_attractors(one, torch.tensor([[0.0]]), 200, by="proximity") for one in maps]
    assert branches(maps, found, (0, 1)).events().empty
    assert branches(maps, found, (0, 1), low=-50, high=50).events().empty
    apart = branches(maps, found, (0, 1), low=2.9, high=4.1).events()
    assert sorted(apart.event) == ["birth", "death"]


def test_times_that_do_not_ascend_are_refused() -> None:
    with pytest.raises(ValueError, match="ascending times; got 2 maps, 2 lists and the times 1, 0"):
        branches([steps(2.0)] * 2, [census(steps(2.0), torch.zeros(1, 1))] * 2, (1, 0))


def test_no_fixed_point_gives_empty_tables() -> None:
    times = (-0.2, -0.1)
    found = followed(saddle_node, times)
    assert found.table().empty
    assert found.events().empty
    assert list(found.table()) == ["member", "branch", "time", "x1", "x2", "radius", "stability", "kink", "proven"]


def of_training(data: Tensor) -> Becoming:
    times = (-0.1, 0.02, 0.0625)
    found = [census(Formula(pitchfork(time)), GRID, low=-1.0, high=1.0) for time in times]
    return training_times(found, times, data[None], torch.full((1, len(data)), 0.02))


def test_training_points_become_fixed_and_attracting_when_a_branch_reaches_them() -> None:
    found = of_training(torch.tensor([[0.0, 0.0], [0.25, 0.0], [0.7, 0.7]]))
    assert found.events()[["point", "before", "after", "event"]].to_numpy().tolist() == [
        [0, -0.1, 0.02, "stops attracting"],
        [1, 0.02, 0.0625, "becomes fixed"],
        [1, 0.02, 0.0625, "becomes attracting"],
    ]
    table = found.table()
    assert table[table.point == 1].distance.tolist() == pytest.approx([0.25, 0.25 - 0.02**0.5, 0.0], abs=1e-5)
    assert table[table.point == 0].fixed.all()
    assert not table[table.point == 2].fixed.any()
