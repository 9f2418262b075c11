"""All fixed points: of hand-built maps, and of random nets, compared with dense grids and Newton's method."""

from __future__ import annotations

import itertools
import sys

import numpy as np
import pytest
import torch

from landscape import cube, measures
from landscape.data import DataSpec
from landscape.ensemble import Ensemble, build
from landscape.measures import fixed_points
from landscape.measures.exact import STABILITIES, FixedPoints
from landscape.measures.exact.krawczyk import Enclosures, Pieces
from landscape.nets import MLP
from landscape.training import FitSpec, Recipe, Site, trained
from tests.measures.hand_built import affine, broken_line, chain, identity


def words(found: FixedPoints) -> list[str]:
    return [STABILITIES[place] for place in found.stability.tolist()]


def steep(dim: int, members: int, hidden: int = 3, width: int = 11, output: str = "sigmoid") -> Ensemble:
    """Random nets with weights so large that each has several fixed points."""
    return build(MLP(hidden, width, output=output, scale=8.0), dim, list(range(members)))


def test_a_map_that_swaps_two_points_has_a_repeller_between():
    found = fixed_points(broken_line([0.25, 0.75], [-2.0, 2.0], 1.0))
    assert found.points.tolist() == [[0.5]]
    assert words(found) == ["repeller"]
    assert found.kink.tolist() == [False]
    assert found.radius.tolist() == [2]
    assert found.proven.tolist() == [True]
    assert found.index.tolist() == [1]


def test_three_points_on_a_line_of_steps():
    """Slopes 0, 2 and 0: a stable point on both plateaus, and a repeller on the slope between them."""
    found = fixed_points(broken_line([0.25, 0.75], [2.0, -2.0], 0.125))
    assert found.points[:, 0].tolist() == pytest.approx([0.125, 0.375])
    found = fixed_points(broken_line([0.25, 0.5], [2.0, -2.0], 0.125))
    assert found.points[:, 0].tolist() == pytest.approx([0.125, 0.375, 0.625])
    assert words(found) == ["stable", "repeller", "stable"]
    assert found.index.tolist() == [1]


def test_a_fixed_point_on_a_kink_is_stable_from_one_side():
    found = fixed_points(broken_line([0.5], [1.5], 0.25, slope=0.5))
    assert found.points[:, 0].tolist() == pytest.approx([0.5])
    assert found.kink.tolist() == [True]
    assert words(found) == ["one-sided"]


def test_a_saddle_is_told_from_a_stable_point_and_a_repeller():
    scales = torch.tensor([[2.0, 0.5], [0.5, 0.25], [3.0, -2.0], [-0.5, 0.5]])
    centre = torch.tensor([0.3, 0.6])
    found = fixed_points(affine(torch.diag_embed(scales), centre - scales * centre))
    assert torch.allclose(found.points, centre.double().expand(4, -1), atol=1e-6)
    assert found.member.tolist() == [0, 1, 2, 3]
    assert words(found) == ["saddle", "stable", "repeller", "stable"]
    assert found.index.tolist() == [-1, 1, -1, 1]
    assert torch.allclose(found.jacobian, torch.diag_embed(scales).double())


def test_fixed_points_outside_the_range_are_not_counted():
    found = fixed_points(affine(0.5 * torch.ones(1, 1, 1), torch.tensor([[0.75]])))
    assert len(found.points) == 0
    assert found.proven.tolist() == [True]
    assert fixed_points(affine(0.5 * torch.ones(1, 1, 1), torch.tensor([[0.75]])), high=2.0).points.tolist() == [[1.5]]


def test_a_constant_has_one_fixed_point_though_it_has_no_slope():
    found = fixed_points(affine(torch.zeros(1, 2, 2), torch.tensor([[0.25, 0.75]])))
    assert found.points.tolist() == [[0.25, 0.75]]
    assert found.radius.tolist() == [0]


def test_a_continuum_of_fixed_points_is_not_proven_complete():
    assert fixed_points(identity(1, members=1)).proven.tolist() == [False]


def test_a_point_where_the_slope_is_one_is_not_proven():
    """σ(4x − 2) − x has a triple root at ½."""
    touching = chain((4 * torch.ones(1, 1, 1), torch.tensor([[-2.0]])), output="sigmoid")
    assert fixed_points(touching).proven.tolist() == [False]
    steeper = chain((6 * torch.ones(1, 1, 1), torch.tensor([[-3.0]])), output="sigmoid")
    found = fixed_points(steeper)
    assert words(found) == ["stable", "repeller", "stable"]
    assert found.proven.tolist() == [True]


@pytest.mark.parametrize(("output", "low"), [("sigmoid", 0.0), ("tanh", -1.0)])
def test_on_the_line_there_are_as_many_as_changes_of_sign(output: str, low: float):
    nets = steep(1, 13, output=output)
    found = fixed_points(nets, low=low)
    assert found.proven.all()
    places = torch.linspace(low, 1, 100_001, dtype=torch.float64)[:, None]
    residual = (nets.to(dtype=torch.float64)(places.expand(13, -1, -1)) - places)[..., 0]
    changes = (residual[:, 1:].sign() != residual[:, :-1].sign()).sum(1)
    assert torch.bincount(found.member, minlength=13).tolist() == changes.tolist()
    assert changes.max() >= 3
    assert found.index.tolist() == [1] * 13


def test_newton_from_many_starts_finds_no_other():
    nets = steep(2, 11)
    found = fixed_points(nets)
    assert found.proven.all()
    assert found.index.tolist() == [1] * 11
    assert found.residual.max() <= 1e-12
    assert torch.bincount(found.member, minlength=11).max() >= 3
    exact, eye = nets.to(dtype=torch.float64), torch.eye(2, dtype=torch.float64)
    points = cube.uniform(300, 2, torch.Generator().manual_seed(0)).double().expand(11, -1, -1)
    for _ in range(30):
        jacobian = measures.jacobian_at(exact, points)
        points = points - torch.linalg.solve_ex(jacobian - eye, exact(points) - points)[0]
    assert len(found.points) > 15
    rests = ((exact(points) - points).norm(dim=-1) <= 1e-10) & ((points > 0) & (points < 1)).all(-1)
    for member in range(11):
        ours, theirs = found.points[found.member == member], points[member, rests[member]]
        apart = torch.cdist(theirs, ours, compute_mode="donot_use_mm_for_euclid_dist")
        assert (apart.amin(1) < 1e-8).all()


def test_jacobians_and_radii_are_those_of_the_map():
    nets = steep(2, 5)
    found = fixed_points(nets)
    exact = nets.to(dtype=torch.float64)
    for member in range(5):
        own = found.member == member
        jacobian = measures.jacobian_at(exact.select([member]), found.points[own])[0]
        assert torch.allclose(jacobian, found.jacobian[own], atol=1e-12)
        assert torch.allclose(measures.spectral_radius(jacobian[None])[0], found.radius[own], atol=1e-12)


def test_maps_of_three_dimensions_and_curved_ones_are_refused():
    with pytest.raises(ValueError, match="needs a map of one or two dimensions; got 3"):
        fixed_points(steep(3, 1))
    with pytest.raises(ValueError, match="chain of affine maps with relu or leaky"):
        fixed_points(build(MLP(2, 5, "tanh"), 2, [0]))


def test_points_nearer_than_any_grid_beside_a_kink_stay_two():
    """f(x) − x is ½|x − k| − d with d = 2⁻²⁹: a stable point and a repeller 7e-9 apart, as seen in a trained net."""
    kink, depth = 2.0**-6, 2.0**-29
    found = fixed_points(broken_line([kink], [1.0], kink / 2 - depth, 0.5))
    assert found.points[:, 0].tolist() == pytest.approx([kink - 2 * depth, kink + 2 * depth], abs=1e-14)
    assert [STABILITIES[place] for place in found.stability] == ["stable", "repeller"]
    assert not found.kink.any()
    assert found.proven.all()


@pytest.fixture(scope="module")
def deep() -> Ensemble:
    """Nets of 20 layers, trained on the four points."""
    return trained(
        Recipe(MLP(20, 32), DataSpec("four-points"), FitSpec(steps=800, lr=2e-3), (0, 1, 2)), Site()
    ).ensemble


def test_deep_trained_nets_are_proven(deep: Ensemble):
    found = fixed_points(deep)
    assert found.proven.all()
    assert found.index.tolist() == [1, 1, 1]
    assert torch.bincount(found.member).max() >= 3
    starts = cube.uniform(300, 2, torch.Generator().manual_seed(0))
    sought = measures.periodic_points(deep, starts)
    assert len(sought.points) >= 5
    for member in range(3):
        apart = torch.cdist(sought.of(member).points, found.of(member).points)
        assert (apart.amin(1) < 1e-8).all()


def test_what_no_bound_proves_is_listed(deep: Ensemble, monkeypatch: pytest.MonkeyPatch):
    """Nets so deep that the bound on their error is useless, and trained nets with a bound made as useless."""
    proven, listed = fixed_points(deep), fixed_points(build(MLP(60, 20, scale=1.5), 2, range(3)))
    assert not listed.proven.any()
    assert listed.index.tolist() == [1, 1, 1]
    monkeypatch.setattr(sys.modules["landscape.measures.exact.verified"], "EPSILON", 1e-3)
    found = fixed_points(deep)
    assert not found.proven.any()
    assert found.member.tolist() == proven.member.tolist()
    assert torch.allclose(found.points, proven.points, rtol=0, atol=1e-12)
    assert found.stability.tolist() == proven.stability.tolist()


def test_members_do_not_feel_their_company():
    """Some members can be proven. Members with slopes of 1e10 cannot."""
    parts = [
        build(MLP(3, 11, scale=scale), 2, [seed]) for scale, seed in ((8.0, 0), (1e4, 0), (8.0, 1), (1.0, 5), (1e4, 3))
    ]
    layers = zip(*[net.layers() for net in parts], strict=True)
    nets = chain(*[(torch.cat([x.weight for x in one]), torch.cat([x.bias[:, 0] for x in one])) for one in layers])
    together = fixed_points(nets)
    assert together.proven.tolist() == [True, False, True, True, False]
    for member in range(5):
        alone, own = fixed_points(nets.select([member])), together.of(member)
        assert alone.proven.tolist() == own.proven.tolist()
        assert alone.stability.tolist() == own.stability.tolist()
        assert torch.allclose(alone.points, own.points, rtol=0, atol=1e-13)


def test_nothing_beyond_the_short_sides_of_a_region_is_listed():
    """Three kinks bound a triangle of size 1e-9. The map of the triangle has a solution beyond it, where the net has none."""
    lines = torch.tensor(
        [[0.77532382, -1.19516308], [0.19363285, 0.88378904], [-1.63084923, 0.67976502]], dtype=torch.float64
    )
    draw = np.random.default_rng(0)
    listed = wrong = 0
    for _ in range(200):
        out, place = draw.normal(size=(5, 2)) * 2, draw.uniform(0.3, 0.7, 2)
        weight = np.concatenate([lines.numpy().T, np.eye(2)], 1)
        shift = np.concatenate([-place @ lines.numpy().T + draw.normal(size=3) * 1e-9, np.ones(2)])
        bias = place - np.maximum(place @ weight + shift, 0) @ out + draw.normal(size=2) * 1e-9
        net = build(MLP(1, 5, output="linear"), 2, [0]).to(dtype=torch.float64)
        for index, (matrix, start) in enumerate(((weight, shift), (out, bias))):
            net.parameters[f"layers.{index}.weight"].copy_(torch.from_numpy(matrix))
            net.parameters[f"layers.{index}.bias"].copy_(torch.from_numpy(start))
        found = fixed_points(net)
        if found.proven.all():
            listed += 1
            wrong += len(found.points) != solutions(weight, shift, out, bias)
    assert listed > 150
    assert wrong == 0


def solutions(weight: np.ndarray, shift: np.ndarray, out: np.ndarray, bias: np.ndarray) -> int:
    """The number of fixed points of a net of three units and two units that are always on, by all signs, in long doubles."""
    weight, shift, out, bias = (values.astype(np.longdouble) for values in (weight, shift, out, bias))
    count = 0
    for signs in itertools.product((0, 1), repeat=3):
        on = np.array([*signs, 1, 1])
        (a, b), (c, d) = (weight * on) @ out - np.eye(2)
        e, f = (shift * on) @ out + bias
        x = np.array([c * f - d * e, b * e - a * f]) / (a * d - b * c)
        count += bool(((x @ weight + shift > 0) == (on > 0)).all() and (x > 0).all() and (x < 1).all())
    return count


@pytest.mark.parametrize("count", [40, 120, 400])
def test_many_kinks_that_are_taken_for_one_may_hide_two_points(count: int):
    """Neighbouring kinks are so close that all are merged. Together they form a dip in which f(x) − x crosses zero twice."""
    kinks = 0.5 + 1.35e-13 * np.arange(count)
    bends = np.where((np.arange(count) < count // 4) | (np.arange(count) >= count - count // 4), -1.0, 1.0)
    bends[-1] += 2
    dip = float(-np.cumsum(bends)[: count // 2].min() * 1.35e-13 * count / 8)
    net = build(MLP(1, count, output="linear"), 1, [0]).to(dtype=torch.float64)
    for name, values in (
        ("0.weight", np.ones((1, count))),
        ("0.bias", -kinks),
        ("1.weight", bends[:, None]),
        ("1.bias", 0.5 + dip / 2),
    ):
        parameter = net.parameters[f"layers.{name}"]
        parameter.copy_(torch.as_tensor(values).reshape(parameter.shape))
    assert not fixed_points(net).proven.any()


def test_a_net_that_cancels_its_own_digits_is_not_proven():
    """Units of size 1e9 whose difference is 64: the maps of the regions have errors of about 1e-8."""
    weight, bias = torch.tensor([[[1e9 + 64, 1e9]]]), torch.tensor([[0.37e9, 0.37e9]])
    out = torch.tensor([[[1 / (64 * 1.7)], [-1 / (64 * 1.7)]]])
    found = fixed_points(chain((weight, bias), (out, torch.tensor([[0.11]]))))
    assert len(found.points) == 1 or not found.proven.any()


def test_a_root_that_the_network_does_not_have_proves_nothing(monkeypatch: pytest.MonkeyPatch):
    """With an impossible tolerance, the network has none of the roots."""
    nets = build(MLP(2, 20), 2, range(3))
    assert fixed_points(nets).proven.all()
    monkeypatch.setattr(sys.modules["landscape.measures.exact.complete"], "MAX_RESIDUAL", -1.0)
    assert not fixed_points(nets).proven.any()


def test_an_index_other_than_one_proves_nothing(monkeypatch: pytest.MonkeyPatch):
    """If points are lost, the index is not 1, which it is for every map of the range into its interior."""
    here, nets = sys.modules["landscape.measures.exact.complete"], build(MLP(2, 20), 2, range(3))
    whole = fixed_points(nets)

    def losing(pieces: Pieces, squash: str) -> Enclosures:
        none = torch.zeros(0, dtype=torch.int64)
        return Enclosures(none, torch.zeros(0, 2, dtype=torch.float64), none)

    monkeypatch.setattr(here, "enclose", losing)
    lost = fixed_points(nets)
    assert whole.index.tolist() == [1, 1, 1]
    assert whole.proven.all()
    assert lost.index.tolist() == [0, 0, 0]
    assert not lost.proven.any()


def beside_a_kink(seed: int, size: float, left: float, right: float) -> Ensemble:
    """f(k) = k at a kink between two slopes, as a sum of terms of `size` that cancel: its error is 1e-16 × `size`."""
    draw = np.random.default_rng(seed)
    kink, shifts = draw.uniform(0.2, 0.8), draw.uniform(0.1, 1.1, 6)
    weight = size * draw.normal(size=6)
    weight[-1] += left - weight.sum()
    first = np.ones((1, 1, 7)), np.array([[*shifts, -kink]])
    last = np.array([[*weight, right - left]])[..., None], np.array([[kink - float(weight @ (kink + shifts))]])
    net = build(MLP(1, 7, output="linear"), 1, [0]).to(dtype=torch.float64)
    for index, (matrix, bias) in enumerate((first, last)):
        net.parameters[f"layers.{index}.weight"].copy_(torch.from_numpy(matrix))
        net.parameters[f"layers.{index}.bias"].copy_(torch.from_numpy(bias[:, None]))
    return net


@pytest.mark.parametrize("size", [1.0, 1e2, 1e3, 1e5])
@pytest.mark.parametrize(("left", "right"), [(0.5, 0.9), (-0.5, 0.5)])
def test_a_crossing_at_a_kink_is_neither_lost_nor_doubled(size: float, left: float, right: float):
    found = [fixed_points(beside_a_kink(seed, size, left, right)) for seed in range(30)]
    proven = [one for one in found if one.proven]
    assert all(len(one.points) == 1 for one in proven)
    assert len(proven) >= (30 if size < 1e4 else 15)


def test_a_touching_at_a_kink_is_not_proven():
    """Slopes of 3 and ½: rounding decides between no fixed point, one and two."""
    assert not any(fixed_points(beside_a_kink(seed, 1e2, 3.0, 0.5)).proven for seed in range(30))


def test_layers_that_cancel_huge_terms_are_not_proven():
    """A bump of 7e-9 over the identity, as a sum of terms of 2²⁴: regions do not resolve its two fixed points."""
    size, height, middle = 2.0**24, 2.0**-27, 0.40625
    steep = height / 0.125
    net = build(MLP(2, 4, output="linear"), 1, [0]).to(dtype=torch.float64)
    net.flat.zero_()
    weight, bias = ([net.parameters[f"layers.{k}.{name}"] for k in range(3)] for name in ("weight", "bias"))
    weight[0][0, 0, :3] = torch.tensor([1.0, size, 1.0])  # x, size·(x + 1), relu(x − middle), size
    bias[0][0, 0] = torch.tensor([0.0, size, -middle, size])
    weight[1][0, :, 0] = torch.tensor([steep - size, 1.0, -2 * steep, -1.0], dtype=torch.float64)
    bias[1][0, 0, 0] = height - steep * middle
    weight[1][0, 0, 1] = 1.0
    weight[2][0, :2, 0] = torch.tensor([-1.0, 1.0])
    bias[2][0, 0, 0] = height / 2
    line = torch.linspace(0, 1, 4001, dtype=torch.float64)[:, None]
    assert ((net(line[None])[0] - line)[:, 0].sign().diff() != 0).sum() >= 2
    assert not fixed_points(net).proven.any()


def test_maps_that_float64_cannot_hold_are_refused():
    net = build(MLP(7, 2, output="linear"), 2, [0])
    net.flat.fill_(3e38)
    with pytest.raises(ValueError, match="float64 can hold"):
        fixed_points(net)


def test_the_radius_on_a_kink_is_the_largest_around_it():
    assert fixed_points(broken_line([0.5], [1.5], 0.25, slope=0.5)).radius.tolist() == [2.0]
