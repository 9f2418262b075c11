"""The Jacobian, and its spectral radius, trace share, rank and norm."""

from __future__ import annotations

from itertools import pairwise

import pytest
import torch
from torch import nn

import landscape
from landscape.choices import ACTIVATIONS
from landscape.ensemble import build
from landscape.measures import jacobian_at, maps, spectral_radius
from landscape.measures.known_maps import Constant, Identity, Memoriser
from landscape.measures.local import jacobian, jacobian_before_squash, numerical_rank, operator_norm, trace_share
from landscape.nets import CNN, MLP, OUTPUTS, Transformer, UNet
from tests.measures.hand_built import Opaque, Plain, affine, half, identity

POINTS = torch.rand(3, 7, 2, generator=torch.Generator().manual_seed(0))


def test_identity_has_the_unit_jacobian_and_a_constant_none():
    assert torch.equal(jacobian_at(identity(2), POINTS), torch.eye(2).expand(3, 7, 2, 2))
    assert torch.equal(jacobian_at(Identity(3, 2), POINTS), torch.eye(2).expand(3, 7, 2, 2))
    for flat in (half(2), Constant(POINTS[:, 0]), Memoriser(POINTS)):
        assert torch.equal(jacobian_at(flat, POINTS), torch.zeros(3, 7, 2, 2))


def test_a_leaky_slope_is_exact_in_float64():
    net = build(MLP(1, 1, "leaky", output="linear"), 1, [0]).to(dtype=torch.float64)
    net.flat.fill_(1.0)
    assert jacobian_at(net, torch.tensor([[-3.0]], dtype=torch.float64)).item() == 0.01


def test_entry_i_j_is_the_slope_of_output_i_in_input_j():
    matrix = torch.arange(12.0).view(3, 2, 2)
    ensemble = affine(matrix, torch.zeros(3, 2))
    for map in (ensemble, Opaque(ensemble)):
        assert torch.equal(jacobian_at(map, POINTS), matrix[:, None].expand(3, 7, 2, 2))


@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_chain_rule_written_out_equals_autograd(activation, output):
    ensemble = build(MLP(hidden=2, width=11, activation=activation, output=output, scale=2.0), 2, range(3))
    found = jacobian_at(ensemble, POINTS)
    assert torch.allclose(found, jacobian_at(Opaque(ensemble), POINTS), atol=1e-6)
    for member in range(3):
        single = ensemble.select([member])
        for index in range(7):
            expected = torch.func.jacrev(lambda x, f=single: f(x[None, None])[0, 0])(POINTS[member, index])
            assert torch.allclose(found[member, index], expected, atol=1e-6)


def test_blocks_change_nothing(monkeypatch):
    ensemble = build(MLP(hidden=2, width=11), 2, range(3))
    whole = jacobian_at(ensemble, POINTS)
    monkeypatch.setattr(maps, "CPU_BLOCK", 1)
    assert torch.allclose(jacobian_at(ensemble, POINTS), whole, atol=1e-7)


def test_before_the_squash_the_slope_is_the_linear_output_s():
    net = MLP(hidden=2, width=11, output="sigmoid")
    squashed, plain = build(net, 2, range(3)), build(MLP(hidden=2, width=11, output="linear"), 2, range(3))
    assert torch.equal(jacobian_before_squash(squashed, POINTS), jacobian_at(plain, POINTS))
    assert (jacobian_before_squash(Constant(POINTS[:, 0]), POINTS) == 0).all()
    with pytest.raises(ValueError, match="expected an ensemble or a control"):
        jacobian_before_squash(Opaque(squashed), POINTS)


def test_closed_forms_of_the_scalars():
    turn = torch.tensor([[0.0, -2.0], [2.0, 0.0]])  # eigenvalues ±2i
    shear = torch.tensor([[0.5, 3.0], [0.0, -0.25]])
    single = torch.tensor([[3.0, 4.0], [0.0, 0.0]])  # one singular value, 5
    jacobian = torch.stack([turn, shear, single]).expand(5, 3, 2, 2)
    assert torch.allclose(spectral_radius(jacobian)[4], torch.tensor([2.0, 0.5, 3.0]))
    assert torch.allclose(trace_share(jacobian)[4], torch.tensor([0.0, 0.125, 1.5]))
    assert numerical_rank(jacobian)[4].tolist() == [2, 2, 1]
    assert torch.allclose(operator_norm(jacobian)[4], torch.linalg.matrix_norm(jacobian[4], 2))
    assert operator_norm(jacobian)[4, 2].item() == pytest.approx(5)


def test_rank_counts_against_the_largest_and_against_rounding():
    diagonal = torch.diag_embed(torch.tensor([[[1.0, 0.5, 1e-2], [1e-7, 1e-8, 0.0]]]))
    assert numerical_rank(diagonal).tolist() == [[3, 0]]
    assert numerical_rank(diagonal, relative=0.1).tolist() == [[2, 0]]
    assert numerical_rank(diagonal, absolute=0.0).tolist() == [[3, 2]]


def test_operator_norm_holds_at_both_ends_of_the_scale():
    matrix = torch.rand(3, 7, 5, 5, generator=torch.Generator().manual_seed(1))
    for scale in (1e-30, 1.0, 1e30):
        found = operator_norm(matrix * scale)
        assert torch.allclose(found / scale, torch.linalg.matrix_norm(matrix, 2), rtol=1e-5)
    assert (operator_norm(torch.zeros(3, 7, 5, 5)) == 0).all()


def test_one_dimension_is_the_slope():
    jacobian = torch.tensor([[[[-3.0]], [[0.5]]]])
    assert spectral_radius(jacobian).tolist() == operator_norm(jacobian).tolist() == [[3.0, 0.5]]


def test_a_jacobian_that_is_not_finite_is_nan():
    jacobian = torch.eye(2).repeat(3, 7, 1, 1)
    jacobian[1, 2, 0, 1] = torch.nan
    for measure in (spectral_radius, operator_norm):
        found = measure(jacobian)
        assert found[1, 2].isnan()
        assert found.isnan().sum() == 1
    assert numerical_rank(jacobian)[1, 2] == 0


def test_the_norm_is_found_where_eigenvalues_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """LAPACK's symmetric eigenvalues do not converge for some Jacobians of rank one with many nearly zero entries."""
    jacobian = torch.randn(3, 5, 7, 7, generator=torch.Generator().manual_seed(0))
    expected = operator_norm(jacobian)

    def fails(_: torch.Tensor) -> None:
        raise torch.linalg.LinAlgError("the algorithm failed to converge")

    monkeypatch.setattr(torch.linalg, "eigvalsh", fails)
    assert torch.allclose(operator_norm(jacobian), expected, rtol=1e-5)


class Doubling(torch.autograd.Function):
    """x → 2x of the old kind, which torch.func cannot transform."""

    @staticmethod
    def forward(ctx, x):
        return 2 * x

    @staticmethod
    def backward(ctx, slope):
        return 2 * slope


@pytest.mark.parametrize(
    "net", [CNN(shape=(4, 4)), UNet(shape=(4, 4)), Transformer(shape=(4, 4))], ids=lambda net: net.kind
)
def test_batches_of_rows_equal_single_rows(net):
    ensemble = build(net, 16, range(3))
    points = torch.rand(3, 5, 16, generator=torch.Generator().manual_seed(0))
    found = jacobian_at(ensemble, points)
    assert torch.allclose(found, jacobian._by_rows(ensemble, points), atol=1e-7)
    expected = torch.func.jacrev(lambda x: ensemble.select([1])(x[None, None])[0, 0])(points[1, 2])
    assert torch.allclose(found[1, 2], expected, atol=1e-7)


def test_batches_of_rows_equal_single_rows_of_an_autoencoder_with_batch_norm():
    torch.manual_seed(0)
    net = nn.Sequential(
        nn.Unflatten(1, (1, 8, 8)), nn.Conv2d(1, 4, 3, 2, 1), nn.BatchNorm2d(4), nn.ReLU(),
        nn.ConvTranspose2d(4, 1, 4, 2, 1), nn.Sigmoid(), nn.Flatten(),
    )  # fmt: skip
    model = Plain(net.eval(), 64)
    points = torch.rand(1, 7, 64)
    assert torch.allclose(jacobian_at(model, points), jacobian._by_rows(model, points), atol=1e-7)


def dense(*widths: int) -> nn.Sequential:
    """Dense layers with a leaky ReLU between them and a sigmoid after the last."""
    pairs = pairwise(widths)
    return nn.Sequential(*(part for pair in pairs for part in (nn.Linear(*pair), nn.LeakyReLU(0.1))))[:-1].append(
        nn.Sigmoid()
    )


def convolutional() -> nn.Sequential:
    """Strided and transposed convolutions with batch norm, of 12 × 12 images."""
    return nn.Sequential(
        nn.Conv2d(1, 3, 3, 2, 1), nn.BatchNorm2d(3), nn.ReLU(), nn.ConvTranspose2d(3, 1, 4, 2, 1), nn.Sigmoid()
    )  # fmt: skip


def normed() -> nn.Sequential:
    """A network with layer norm and dropout, which is off in eval mode."""
    return nn.Sequential(nn.Linear(131, 17), nn.LayerNorm(17), nn.SiLU(), nn.Dropout(0.5), nn.Linear(17, 131))


@pytest.mark.parametrize("members", [1, 3])
@pytest.mark.parametrize(("dtype", "apart"), [(torch.float32, 1e-6), (torch.float64, 1e-12)])
@pytest.mark.parametrize(
    ("make", "shape"),
    [
        (lambda: dense(131, 17, 5, 13, 131), 131),
        (lambda: dense(131, 5, 17, 131), 131),
        (lambda: dense(131, 17, 5, 131), 131),
        (lambda: dense(131, 137, 139, 131), 131),
        (lambda: dense(131, 131), 131),
        (lambda: dense(61, 7, 61), 61),
        (convolutional, (1, 12, 12)),
        (normed, 131),
    ],
    ids=["narrow", "narrow first", "narrow last", "wide", "one layer", "low", "convolutional", "layer norm"],
)
def test_jacobians_equal_a_backward_pass_per_row(make, shape, dtype, apart, members):
    torch.manual_seed(0)
    model = landscape.wrap([make() for _ in range(members)], shape=shape).to(dtype=dtype)
    points = torch.rand(members, 11, model.dim, dtype=dtype)
    found = jacobian_at(model, points)
    assert found.dtype == dtype
    assert torch.allclose(found, jacobian._by_rows(model, points), rtol=0, atol=apart)


def test_products_meet_after_the_narrowest_layer():
    assert jacobian._meeting([784, 128, 32, 128, 784]) == 2
    assert jacobian._meeting([784, 50, 50, 784]) == 1
    assert jacobian._meeting([784, 1000, 1000, 784]) == jacobian._meeting([64, 50, 8, 64]) == 3  # at the output
    assert jacobian._meeting([784, 784]) == 1


def test_maps_that_cannot_be_batched_are_differentiated_row_by_row():
    points = torch.rand(1, 5, 11)
    assert torch.equal(jacobian_at(Plain(Doubling.apply, 11), points), 2 * torch.eye(11).expand(1, 5, 11, 11))
    flat = Plain(lambda points: torch.ones_like(points), 11)
    assert torch.equal(jacobian_at(flat, points), torch.zeros(1, 5, 11, 11))


def test_an_error_of_the_map_itself_is_raised():
    def broken(points):
        raise RuntimeError("no such layer")

    with pytest.raises(RuntimeError, match="no such layer"):
        jacobian_at(Plain(broken, 11), torch.rand(1, 5, 11))


def test_few_rows_are_held_at_once(monkeypatch):
    sizes, vmap = [], torch.func.vmap

    def watched(function):
        batched = vmap(function)
        return lambda rows: sizes.append(len(rows)) or batched(rows)

    monkeypatch.setattr(torch.func, "vmap", watched)
    monkeypatch.setattr(jacobian, "NUMBERS_TOGETHER", 1)
    jacobian_at(Plain(torch.sin, 61), torch.rand(1, 3, 61))
    assert sizes == [8, 8, 8, 8, 8, 8, 8, 5]
    sizes.clear()
    monkeypatch.undo()
    monkeypatch.setattr(torch.func, "vmap", watched)
    jacobian_at(Plain(torch.sin, 61), torch.rand(1, 37, 61))
    assert sizes == [21, 21, 19]
