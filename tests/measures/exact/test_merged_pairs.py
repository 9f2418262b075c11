"""Pairs of inputs that a layer merges: verified without the package's code, and absent where nothing is merged."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from landscape import wrap
from landscape.ensemble import Ensemble, build
from landscape.measures import merged_points
from landscape.measures.exact import CollidingInputs, colliding_inputs
from landscape.nets import MLP, Injective
from tests.measures.hand_built import chain, identity

MEMBERS, POINTS = 3, 7


def drawn(*shape: int, seed: int = 0) -> Tensor:
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed))


def values_after(net: Ensemble, member: int, layers: int, pair: Tensor) -> Tensor:
    """The values of a ReLU network after some layers, in float64."""
    for index in range(layers):
        weight, bias = (net.parameters[f"layers.{index}.{name}"][member].double() for name in ("weight", "bias"))
        pair = pair @ weight + bias
        pair = pair.relu() if index < net.net.hidden else pair
    return pair


def assert_merged_by(net: Ensemble, member: int, layer: int, found: CollidingInputs) -> None:
    """The pair differs before layer `layer` (from 0) and is equal after it, in the box, in float64."""
    pair = found.inputs
    assert ((pair >= 0) & (pair <= 1)).all()
    before, after = (values_after(net, member, count, pair) for count in (layer, layer + 1))
    moved = (before[1] - before[0]).norm()
    assert (pair[1] - pair[0]).norm() > 0.01
    assert moved > 1e-9 * before.abs().max()
    weight = net.parameters[f"layers.{layer}.weight"][member].double()
    assert (after[1] - after[0]).norm() <= 1e-10 * weight.norm() * moved
    assert found.before == pytest.approx(float(moved / (pair[1] - pair[0]).norm()))
    assert found.distance == pytest.approx(float((pair[1] - pair[0]).norm()))


@pytest.mark.parametrize(("hidden", "width", "dim"), [(3, 2, 2), (4, 8, 8), (2, 3, 5), (5, 20, 17)])
def test_every_pair_is_merged_by_its_layer_and_by_none_before(hidden: int, width: int, dim: int) -> None:
    net = build(MLP(hidden=hidden, width=width), dim, range(MEMBERS))
    points = drawn(41, dim)
    found = colliding_inputs(net, points, last=True)
    merges = merged_points(net, points, last=True).merges.any(2).tolist()
    assert [[pair is not None for pair in row] for row in found] == merges
    pairs = [(member, layer, pair) for member, row in enumerate(found) for layer, pair in enumerate(row) if pair]
    assert len(pairs) >= MEMBERS
    for member, layer, pair in pairs:
        assert pair.residual <= 1e-10
        assert_merged_by(net, member, layer, pair)


def test_later_layers_have_pairs_of_their_own() -> None:
    """The second layer drops the second coordinate, the first drops none."""
    eye, zero = torch.eye(2)[None], torch.zeros(1, 2)
    net = chain((eye, zero), (eye, torch.tensor([[0.0, -9.0]])), (eye, zero))
    first, second = colliding_inputs(net, drawn(POINTS, 2))[0]
    assert first is None
    assert second is not None
    step = second.inputs[1] - second.inputs[0]
    assert step[0].abs() < 1e-12
    assert step[1].abs() > 0.4  # as far as the box allows from one of four points
    assert second.before == pytest.approx(1)


def test_the_border_of_the_box_leaves_room_inwards() -> None:
    """As for images: coordinates are 0 or 1. One unit sums both coordinates, which leaves x₁ − x₂."""
    net = chain((torch.ones(1, 2, 1), torch.full((1, 1), 0.5)), (torch.ones(1, 1, 2), torch.zeros(1, 2)))
    corners = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
    (pair,) = colliding_inputs(net, corners)[0]
    assert pair is not None
    assert pair.distance == pytest.approx(2**0.5, rel=1e-4)


def test_where_nothing_is_merged_there_is_no_pair() -> None:
    assert colliding_inputs(identity(3), drawn(POINTS, 3) * 0.8 + 0.1) == ((None,),) * MEMBERS
    injective = build(Injective(hidden=2, width=4), 3, range(MEMBERS))
    assert colliding_inputs(injective, drawn(POINTS, 3)) == ((None, None),) * MEMBERS


def test_a_curved_bottleneck_has_a_pair_and_what_is_behind_it_has_none() -> None:
    torch.manual_seed(0)
    module = nn.Sequential(nn.Linear(5, 4), nn.Tanh(), nn.Linear(4, 3), nn.Tanh(), nn.Linear(3, 5), nn.Tanh()).double()
    first, second, last = colliding_inputs(
        wrap(module, shape=(5,), range=(-1, 1)), 2 * drawn(POINTS, 5) - 1, last=True
    )[0]
    assert first is not None
    assert second is None
    assert last is None
    assert first.inputs.abs().max() <= 1
    assert first.inputs.min() < -0.2  # the range is that of the wrapped module
    before, images = first.inputs, module[0](first.inputs)
    assert (images[1] - images[0]).norm() < 1e-12
    assert (before[1] - before[0]).norm() > 0.1


def test_a_programme_that_is_too_large_gives_way_to_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("landscape.measures.exact.merged_pairs.LARGEST_PROGRAM", 0)
    net = build(MLP(hidden=2, width=8), 8, range(MEMBERS))
    for member, row in enumerate(colliding_inputs(net, drawn(POINTS, 8))):
        assert row[0] is not None
        assert_merged_by(net, member, 0, row[0])


def test_members_that_diverged_have_no_pair_and_the_others_keep_theirs() -> None:
    net = build(MLP(hidden=2, width=2), 3, range(MEMBERS))
    alone = colliding_inputs(net, drawn(POINTS, 3))
    net.parameters["layers.0.bias"][1, 0, 0] = torch.nan
    found = colliding_inputs(net, drawn(POINTS, 3))
    assert found[1] == (None, None)
    assert alone[1][0] is not None
    for member in (0, 2):
        before, after = alone[member][0], found[member][0]
        assert before is not None
        assert after is not None
        torch.testing.assert_close(before.inputs, after.inputs)


@pytest.mark.parametrize("box", [{"low": 1.0, "high": 0.0}, {"low": float("nan")}, {"high": float("inf")}])
def test_a_box_has_finite_sides(box: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="low < high"):
        colliding_inputs(build(MLP(hidden=1, width=2), 3, [0]), drawn(POINTS, 3), **box)


def test_pairs_are_sought_for_a_positive_time() -> None:
    with pytest.raises(ValueError, match="positive number of seconds"):
        colliding_inputs(build(MLP(hidden=1, width=2), 3, [0]), drawn(POINTS, 3), time_limit=0)
