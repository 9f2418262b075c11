"""Where networks merge points, layer by layer: closed forms, and against ranks computed by autograd."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from landscape import wrap
from landscape.ensemble import Ensemble, build
from landscape.measures import jacobian_at, merged_points
from landscape.measures.exact.hidden_layers import stages_of
from landscape.nets import MLP, Injective, make_net
from tests.measures.exact.layers import basis_pair
from tests.measures.hand_built import chain, half, identity

MEMBERS, POINTS = 3, 7


def drawn(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def layer(rows: Tensor, bias: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """The layer with these rows (out, in) for one member."""
    return rows.float().T[None], torch.zeros(1, len(rows)) if bias is None else bias.float()[None]


def test_the_identity_merges_no_points_where_it_is_the_identity() -> None:
    found = merged_points(identity(5), torch.rand(POINTS, 5) + 0.1)
    assert found.rank.shape == (MEMBERS, 1, POINTS)
    assert (found.rank == 5).all()
    assert found.one_to_one.all()
    assert not found.merges.any()
    assert not found.merged.any()
    assert (found.active == 5).all()


def test_a_rectified_identity_loses_the_coordinates_below_zero() -> None:
    points = torch.tensor([[0.5, -0.5, 0.5], [-0.5, -0.5, 0.5], [0.5, 0.5, 0.5], [-0.5, -0.5, -0.5]])
    found = merged_points(identity(3), points)
    assert found.rank[:, 0].tolist() == [[2, 1, 3, 0]] * MEMBERS
    assert found.active[:, 0].tolist() == [[2, 1, 3, 0]] * MEMBERS
    assert found.one_to_one[:, 0].tolist() == [[False, False, True, False]] * MEMBERS


def test_a_dead_layer_merges_everything_once() -> None:
    eye = torch.eye(3)
    dead = layer(eye), layer(eye, torch.full((3,), -9.0)), layer(eye), layer(eye)
    found = merged_points(chain(*dead), torch.rand(POINTS, 3), last=True)
    assert found.rank[0].tolist() == [[3] * POINTS, [0] * POINTS, [0] * POINTS, [0] * POINTS]
    assert found.merges[0].all(1).tolist() == [False, True, False, False]
    assert found.merged[0].all(1).tolist() == [False, True, True, True]
    assert found.one_to_one[0].all(1).tolist() == [True, False, True, True]


def test_one_dead_unit_merges_one_direction() -> None:
    eye = torch.eye(3)
    found = merged_points(
        chain(layer(eye), layer(eye, torch.tensor([0, -9.0, 0])), layer(eye)), torch.rand(POINTS, 3) + 0.1
    )
    assert found.rank[0].tolist() == [[3] * POINTS, [2] * POINTS]
    assert found.merges[0].all(1).tolist() == [False, True]


def test_a_basis_and_its_negative_merge_nowhere_and_one_row_less_does() -> None:
    weight = torch.from_numpy(basis_pair(3, seed=1))
    points = drawn(101, 3)
    whole = merged_points(chain(layer(weight), layer(drawn(3, 6, seed=2))), points)
    assert whole.one_to_one.all()
    assert not whole.merges.any()
    lost = weight[3:4].clone()
    broken = merged_points(chain(layer(weight[[0, 1, 2, 4, 5, 0]]), layer(drawn(3, 6, seed=2))), points)
    merges = points.double() @ lost[0] > 0
    assert 20 < merges.sum() < 80
    assert broken.merges[0, 0].tolist() == merges.tolist()
    assert broken.one_to_one[0, 0].tolist() == (~merges).tolist()


def test_a_narrow_layer_merges_everywhere() -> None:
    net = build(MLP(hidden=2, width=3, activation="leaky"), 5, range(MEMBERS))
    found = merged_points(net, drawn(POINTS, 5), last=True)
    assert (found.rank == 3).all()
    assert found.merges.all(2).all(0).tolist() == [True, False, False]
    assert found.one_to_one.all(2).all(0).tolist() == [False, True, True]


def test_a_direction_that_shrinks_by_and_by_is_not_merged() -> None:
    """Six layers shrink one coordinate by 1000 each: 10⁻¹⁸ in all. A single layer that shrinks it so much merges it."""
    points = torch.rand(POINTS, 2) + 0.1
    slowly = chain(*[layer(torch.diag(torch.tensor([1, 1e-3])))] * 7)
    assert (merged_points(slowly, points).rank == 2).all()
    assert (
        merged_points(chain(layer(torch.diag(torch.tensor([1, 1e-18]))), layer(torch.eye(2))), points).rank == 1
    ).all()


@pytest.mark.parametrize(("slope", "rank"), [(1e-3, 2), (1e-8, 2), (1e-12, 1), (0.0, 1)])
def test_a_layer_merges_a_direction_below_a_share_of_the_one_that_it_stretches_most(slope: float, rank: int) -> None:
    net = chain(layer(5 * torch.diag(torch.tensor([1, slope]))), layer(torch.eye(2)))
    assert (merged_points(net, torch.rand(POINTS, 2) + 0.1).rank == rank).all()


@pytest.mark.parametrize("activation", ["relu", "leaky", "tanh"])
def test_the_layers_of_an_injective_net_are_its_hidden_map(activation: str) -> None:
    net = build(Injective(hidden=2, width=7, activation=activation), 5, range(MEMBERS)).to(dtype=torch.float64)
    for index in range(2):
        net.parameters[f"layers.{index}.inner"].add_(0.7)
        net.parameters[f"layers.{index}.outer"].add_(-0.4)
    stages, value = stages_of(net), drawn(MEMBERS, POINTS, 5).double()
    assert isinstance(net.net, Injective)
    expected = net.net.hidden_map(net.parameters, value)
    for stage in stages:
        before = stage.before(value).requires_grad_()
        value = stage.after(before)
        (slope,) = torch.autograd.grad(value.sum(), before)
        torch.testing.assert_close(stage.slope(before.detach()), slope)
        value = value.detach()
    torch.testing.assert_close(value, expected)


@pytest.mark.parametrize(("hidden", "width", "dim"), [(5, 2, 2), (3, 11, 2), (3, 5, 11), (2, 40, 17)])
@pytest.mark.parametrize("activation", ["relu", "leaky", "tanh"])
def test_ranks_are_those_of_jacobians_by_autograd(hidden: int, width: int, dim: int, activation: str) -> None:
    net = build(MLP(hidden=hidden, width=width, activation=activation), dim, range(MEMBERS))
    points = drawn(MEMBERS, POINTS, dim)
    found = merged_points(net, points, last=True)
    jacobian = jacobian_at(net.to(dtype=torch.float64), points.double())
    ranks = torch.linalg.matrix_rank(jacobian, rtol=1e-14)
    assert torch.equal(found.rank[:, -1], ranks)
    if activation == "relu" and width <= dim:
        assert found.merges.any()


def test_injective_layers_merge_nowhere_and_ordinary_ones_of_their_shape_do() -> None:
    points = 3 * drawn(MEMBERS, 53, 2)
    ours = merged_points(build(Injective(hidden=3, width=2), 2, range(MEMBERS)), points)
    theirs = merged_points(build(MLP(hidden=3, width=2), 2, range(MEMBERS)), points)
    assert ours.one_to_one.all()
    assert not ours.merged.any()
    assert ours.widths == (2, 2, 2)
    assert theirs.merges.any()
    assert not theirs.one_to_one.all()


def test_the_last_map_of_an_injective_net_is_its_last_layer() -> None:
    net = build(Injective(hidden=2, width=7), 5, range(MEMBERS))
    assert merged_points(net, drawn(POINTS, 5), last=True).widths == (7, 7, 5)


def test_a_wrapped_module_is_read_into_layers() -> None:
    torch.manual_seed(0)
    module = nn.Sequential(
        nn.Linear(5, 3), nn.LeakyReLU(0.2), nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 5), nn.Sigmoid()
    )
    found = merged_points(wrap(module, shape=(5,)), torch.rand(POINTS, 5), last=True)
    assert found.widths == (3, 4, 5)
    assert found.activations == ("leaky(0.2)", "relu", "linear")
    assert (found.rank[0, 0] == 3).all()


def test_a_leaky_relu_without_a_slope_is_a_relu() -> None:
    torch.manual_seed(0)
    first, points = nn.Linear(3, 3), drawn(31, 3)
    ours, theirs = (
        merged_points(wrap(nn.Sequential(first, act, nn.Linear(3, 3)), shape=(3,)), points)
        for act in (nn.LeakyReLU(0.0), nn.ReLU())
    )
    assert torch.equal(ours.rank, theirs.rank)
    assert torch.equal(ours.one_to_one, theirs.one_to_one)
    assert not ours.one_to_one.all()


def test_a_convolution_is_its_matrix() -> None:
    torch.manual_seed(0)
    module = nn.Sequential(nn.Conv2d(1, 2, 3, padding=1), nn.ReLU(), nn.Conv2d(2, 1, 3, padding=1))
    points = torch.rand(POINTS, 1, 4, 4)
    found = merged_points(wrap(module, shape=(1, 4, 4)), points)
    assert found.widths == (32,)
    by_autograd = torch.func.vmap(torch.func.jacrev(lambda x: module[:2](x[None])[0].flatten()))(points)
    ranks = torch.linalg.matrix_rank(by_autograd.flatten(2).double(), rtol=1e-7)
    assert torch.equal(found.rank[0, 0], ranks)


def test_a_constant_network_keeps_nothing() -> None:
    found = merged_points(half(2), torch.rand(POINTS, 2))
    assert (found.rank == 0).all()
    assert not found.one_to_one.any()


def test_values_that_are_not_finite_have_rank_zero() -> None:
    net = build(MLP(hidden=2, width=4), 2, range(MEMBERS))
    expected = merged_points(net, torch.rand(POINTS, 2))
    net.parameters["layers.1.weight"][1] = torch.nan
    found = merged_points(net, torch.rand(POINTS, 2, generator=torch.Generator().manual_seed(0)))
    assert (found.rank[1, 1] == 0).all()
    assert not found.one_to_one[1, 1].any()
    assert (found.rank[0] > 0).any()
    assert expected.rank.shape == found.rank.shape


def test_a_member_is_the_same_in_any_company() -> None:
    net: Ensemble = build(MLP(hidden=3, width=5), 3, range(MEMBERS))
    points = drawn(POINTS, 3)
    every, alone = merged_points(net, points), merged_points(net.select([1]), points)
    for name in ("rank", "merges", "one_to_one", "active"):
        assert torch.equal(getattr(every, name)[1:2], getattr(alone, name))


def test_the_table_has_a_row_per_member_and_layer() -> None:
    found = merged_points(build(MLP(hidden=2, width=3), 5, range(MEMBERS)), drawn(POINTS, 5))
    table = found.table()
    assert table.columns.tolist() == [
        "member", "layer", "width", "activation", "merged", "merges", "one_to_one", "rank", "active",
    ]  # fmt: skip
    assert table.member.tolist() == [0, 0, 1, 1, 2, 2]
    assert table.layer.tolist() == [1, 2] * MEMBERS
    assert table["rank"].iloc[3] == pytest.approx(float(found.rank[1, 1].double().mean()))
    assert (table.merged == 1).all()


@pytest.mark.parametrize("kind", ["residual", "transformer", "unet"])
def test_networks_that_are_no_chain_are_refused_in_one_line(kind: str) -> None:
    net = build(make_net(kind, (4, 4), hidden=3, width=4), 16, [0])
    with pytest.raises(ValueError, match="chain of affine maps") as refused:
        merged_points(net, torch.rand(POINTS, 16))
    assert "\n" not in str(refused.value)
