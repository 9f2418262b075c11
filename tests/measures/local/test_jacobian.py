"""The Jacobian, and its spectral radius, trace share, rank and norm."""

from __future__ import annotations

import pytest
import torch

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
    net = torch.nn.Sequential(
        torch.nn.Unflatten(1, (1, 8, 8)), torch.nn.Conv2d(1, 4, 3, 2, 1), torch.nn.BatchNorm2d(4), torch.nn.ReLU(),
        torch.nn.ConvTranspose2d(4, 1, 4, 2, 1), torch.nn.Sigmoid(), torch.nn.Flatten(),
    )  # fmt: skip
    model = Plain(net.eval(), 64)
    points = torch.rand(1, 7, 64)
    assert torch.allclose(jacobian_at(model, points), jacobian._by_rows(model, points), atol=1e-7)


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

    def watched(function, **options):
        sizes.append(options["chunk_size"])
        return vmap(function, **options)

    monkeypatch.setattr(torch.func, "vmap", watched)
    monkeypatch.setattr(maps, "CPU_BLOCK", 1)
    jacobian_at(Plain(torch.sin, 64), torch.rand(1, 3, 64))
    assert sizes == [16, 16, 16]
