"""Which ends are attractors: slow and turning ones, cycles and their multiples, kinks, continua, orbits that never rest."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import pytest
import torch
from torch import Tensor

from landscape import cube
from landscape.ensemble import build
from landscape.measures import basins
from landscape.measures.dynamics import ATTRACTOR_KINDS, SLOW, Attractors, attraction
from landscape.measures.dynamics.attraction import attracting
from landscape.measures.dynamics.newton import phases_of
from landscape.measures.known_maps.references import Formula
from landscape.nets import MLP
from tests.measures.hand_built import affine, broken_line

LINE = torch.linspace(0, 1, 101)[:, None]
SQUARE = cube.whole(2).grid(37).float()


@dataclass(frozen=True)
class Function:
    """A map of one member by a function of all points."""

    function: Callable[[Tensor], Tensor]
    dim: int
    device: torch.device = torch.device("cpu")  # noqa: RUF009
    members: int = 1

    def select(self, indices: slice) -> Function:
        return self

    def to(self, device: str | torch.device | None = None, dtype: torch.dtype | None = None) -> Function:
        return self

    def __call__(self, points: Tensor) -> Tensor:
        return self.function(points)


def linear(matrix: list[list[float]], starts: Tensor, iterations: int) -> Attractors:
    """Attractors of f(x) = ½ + matrix (x − ½)."""
    by = torch.tensor([matrix])
    return basins(affine(by, 0.5 - by.sum(2) / 2), starts, iterations)


def pieces(ends: list[float], values: list[float], slopes: list[float]) -> Formula:
    """f(x, y) = (values[k] + slopes[k] (x − ends[k]), y/2), k being the nearest of `ends`: their images are given."""

    def formula(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        at, to, by = (torch.tensor(one, dtype=x.dtype) for one in (ends, values, slopes))
        nearest = (x[..., None] - at).abs().argmin(-1)
        return to[nearest] + by[nearest] * (x - at[nearest]), y / 2

    return Formula(formula)


@pytest.mark.parametrize("slope", [0.9999, -0.9999])
def test_however_slow_an_attractor_is_one_and_no_cycle(slope: float):
    """f(x) = ½ + slope (x − ½): orbits that rest lie 0.003 apart, or swing."""
    found = basins(broken_line([], [], 0.5 - slope / 2, slope), 0.5 + (LINE - 0.5) * 0.015, 1000)
    assert found.points[:, 0].tolist() == pytest.approx([0.5], abs=1e-3)  # where float32 weights put it
    assert found.period.tolist() == [1]
    assert (found.label[0] == 0).all()


@pytest.mark.parametrize("slope", [0.9999, 0.99999])
def test_orbits_farther_from_a_slow_attractor_are_slow(slope: float):
    found = basins(broken_line([], [], 0.5 * (1 - slope), slope), LINE, 100)
    assert (found.label[0][(LINE[:, 0] - 0.5).abs() > 0.02] == SLOW).all()


@pytest.mark.parametrize(("size", "turn"), [(0.9, 0.1), (0.96, 2 * math.pi / 3), (0.99, math.pi / 4), (0.995, 3.0)])
def test_a_spiral_is_an_attractor(size: float, turn: float):
    matrix = [[size * math.cos(turn), -size * math.sin(turn)], [size * math.sin(turn), size * math.cos(turn)]]
    found = linear(matrix, SQUARE, 2000)
    assert (found.period.tolist(), found.shares.tolist()) == ([1], [1])


def test_differences_that_grow_before_they_shrink_shrink():
    """A Jordan block of .98 stretches them nineteenfold."""
    found = linear([[0.98, 1.0], [0.0, 0.98]], 0.5 + (SQUARE - 0.5) * 0.02, 2000)
    assert (found.period.tolist(), found.shares.tolist()) == ([1], [1])


@pytest.mark.parametrize("length", [2, 3, 4])
@pytest.mark.parametrize("multiplier", [-0.96, 0.96, 0.0])
def test_a_cycle_is_listed_once_and_not_as_its_multiples(length: int, multiplier: float):
    ends = [0.1, 0.4, 0.65, 0.9][:length]
    found = basins(pieces(ends, ends[1:] + ends[:1], [1.0] * (length - 1) + [multiplier]), SQUARE, 500)
    assert found.period.tolist() == [length]
    assert found.points[0].tolist() == pytest.approx([0.1, 0.0], abs=1e-6)
    assert found.shares.tolist() == [1]


def test_cycles_of_a_random_net_return_no_sooner():
    net = build(MLP(3, 20, scale=5.0), 10, [2])
    found = basins(net, cube.uniform(300, 10, torch.Generator().manual_seed(0)), 1000)
    exact = net.to(dtype=torch.float64)
    assert found.period.tolist() == [3]
    for point, period in zip(found.points, found.period.tolist(), strict=True):
        returns = (phases_of(exact, point[None], period)[1:] - point).abs().amax(-1)[:, 0]
        assert returns[-1] < 1e-10
        assert (returns[:-1] > 1e-3).all()


def test_a_continuum_hides_no_attractor():
    """Each point of the left half rests, in more cells than are examined; the right half goes to (.8, .7)."""

    def formula(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        return torch.where(x < 0.5, x, 0.8), torch.where(x < 0.5, y, 0.7)

    starts = cube.whole(2).grid(131).float()
    found = basins(Formula(formula), starts, 50)
    assert found.points.flatten().tolist() == pytest.approx([0.8, 0.7])
    assert torch.equal(found.label[0] == 0, starts[:, 0] >= 0.5)


@pytest.mark.parametrize("most", [3, 4096])
def test_ends_are_examined_until_all_are_explained(most: int, monkeypatch: pytest.MonkeyPatch):
    """Slow attractors in 23 dimensions, beside which almost every end is in a cell of its own."""
    draw = torch.Generator().manual_seed(0)
    centres = torch.rand(5, 23, generator=draw)

    def nearer(points: Tensor) -> Tensor:
        at = centres.to(points)[torch.cdist(points[0], centres.to(points)).argmin(1)]
        return (at + 0.99 * (points[0] - at))[None]

    starts = torch.rand(61, 23, generator=draw)
    which = torch.cdist(starts, centres).argmin(1)
    monkeypatch.setattr(attraction, "ENDS_AT_A_TIME", most)
    found = basins(Function(nearer, 23), starts, 2000)
    assert len(found.points) == len(which.unique())
    order = torch.cdist(found.points, centres.double()).argmin(1)
    assert torch.equal(order[found.label[0]], which)


@pytest.mark.parametrize("resolution", [31, 101])
@pytest.mark.parametrize("most", [500, 4096])
def test_more_starts_lose_no_attractor(resolution: int, most: int, monkeypatch: pytest.MonkeyPatch):
    """f(x) = .8 + .99 (x − .8): after 390 iterations half of the orbits are within .01, those of the first starts are not."""
    monkeypatch.setattr(attraction, "ENDS_AT_A_TIME", most)
    starts = cube.whole(2).grid(resolution).float()
    found = basins(Formula(lambda x, y: (0.8 + 0.99 * (x - 0.8), 0.8 + 0.99 * (y - 0.8))), starts, 390)
    near = (starts.double() - 0.8).abs().amax(1) * 0.99**390 <= 0.01
    assert len(found.points) == 1
    assert ((found.label[0] == 0) == near).float().mean() > 0.995


@pytest.mark.parametrize("first", [0, 1])
def test_the_order_of_starts_changes_nothing_beside_a_continuum(first: int):
    """The identity below .5 and slowly to .75 above."""

    def formula(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        to = torch.where(y < 0.5, 0.0, 0.01)
        return x + to * (0.75 - x), y + to * (0.75 - y)

    starts = cube.whole(2).grid(71).float()
    starts = starts.flip(0) if first else starts
    found = basins(Formula(formula), starts, 600)
    assert torch.equal(found.label[0] == 0, starts[:, 1] >= 0.5)


@pytest.mark.parametrize("gap", [0.03, 0.01])
def test_near_slow_attractors_of_many_dimensions_are_told_apart(gap: float, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(attraction, "ENDS_AT_A_TIME", 50)
    draw = torch.Generator().manual_seed(0)
    middle = 0.5 + gap / 2

    def nearest(points: Tensor) -> Tensor:
        at = torch.full_like(points, 0.5)
        at[..., 0] += gap * (points[..., 0] > middle)
        return at + 0.99 * (points - at)

    starts = torch.rand(230, 23, generator=draw)
    found = basins(Function(nearest, 23), starts, 420)
    assert len(found.points) == 2
    side = (starts[:, 0] > middle).long()
    other = found.label[0][side == 1].unique().tolist() + found.label[0][side == 0].unique().tolist()
    assert sorted(other) == [0, 1]


def test_attractors_far_nearer_than_a_grid_sees_are_two():
    """Superattracting 5e-5 to either side of a repeller."""
    found = basins(Formula(lambda x, y: (0.5 + 5e-5 * torch.sign(x - 0.5), y / 2)), cube.whole(2).grid(36).float(), 30)
    assert found.points[:, 0].sort().values.tolist() == pytest.approx([0.5 - 5e-5, 0.5 + 5e-5], abs=1e-9)


def test_where_the_slope_is_no_number_pushes_decide():
    """(x − ¼)^1.5 beyond ¼, by a root whose derivative is infinite there: ¼ draws all orbits."""

    def formula(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        beyond = (x - 0.25).clamp_min(0)
        return 0.25 + beyond.sqrt() * beyond, y / 2

    found = basins(Formula(formula), SQUARE, 60)
    assert found.points[:, 0].tolist() == pytest.approx([0.25])
    assert (found.label[0][SQUARE[:, 0] < 1] == 0).all()


@pytest.mark.parametrize(
    ("slopes", "attracts"),
    [((0.5, 1.5), True), ((1.5, 0.5), True), ((0.5, 0.9), True), ((-0.5, -1.5), True), ((-0.75, -1.5), False),
     ((1.5, 1.2), False), ((1.0, 1.5), False)],
)  # fmt: skip
def test_a_kink_attracts_from_one_side_or_both(slopes: tuple[float, float], attracts: bool):
    """f(½) = ½, with slopes to the left and right; negative ones lead to and fro, by their product."""
    net = broken_line([0.5], [slopes[1] - slopes[0]], 0.5 - slopes[0] / 2, slopes[0])
    points, period, of, _ = attracting(net, torch.tensor([[0.5]]), torch.tensor([1]), 1.0)
    assert of.tolist() == [0 if attracts else -1]
    assert points.flatten().tolist() == ([0.5] if attracts else [])
    assert period.tolist() == ([1] if attracts else [])


def test_a_repeller_beside_a_kink_is_no_attractor():
    """0 repels by 1.25; pushed beyond a kink 5e-9 to its left, orbits leave, too."""

    def formula(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        return torch.where(x > -5e-9, 1.25 * x, 1.5 * x + 1.25e-9), y / 2

    _, _, of, _ = attracting(Formula(formula), torch.zeros(1, 2), torch.tensor([1]), 1.0)
    assert of.tolist() == [-1]


def test_what_rests_in_float32_alone_is_at_no_attractor():
    """f(x) = x + 1e-9 has no fixed point, but float32 does not see it move: at rest, and slow."""
    found = basins(Formula(lambda x, y: (x + 1e-9, y / 2)), 0.2 + SQUARE / 2, 100)
    assert (found.label[0] == SLOW).all()
    assert (found.time[0] < 100).all()


def test_a_ring_is_an_attractor():
    """Orbits turn by a radian and come to radius ¼, where they go round for ever."""

    def formula(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        x, y = x - 0.5, y - 0.5
        by = 1.5 - 8 * (x**2 + y**2)
        return 0.5 + by * (x * math.cos(1) - y * math.sin(1)), 0.5 + by * (x * math.sin(1) + y * math.cos(1))

    starts = 0.5 + 0.6 * (cube.whole(2).grid(24).float() - 0.5)
    found = basins(Formula(formula), starts, 200)
    assert [ATTRACTOR_KINDS[kind] for kind in found.kind] == ["invariant circle"]
    assert found.rotation.tolist() == pytest.approx([1 / (2 * math.pi)], abs=1e-6)
    assert found.shares.tolist() == [1]
    assert (found.time[0] == 200).all()


def test_no_ends_have_no_attractors():
    points, period, of, _ = attracting(
        broken_line([], [], 0.5), torch.zeros(0, 1), torch.zeros(0, dtype=torch.int64), 1.0
    )
    assert (points.shape, len(period), len(of)) == ((0, 1), 0, 0)
