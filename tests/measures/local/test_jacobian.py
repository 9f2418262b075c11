"""The Jacobian, and its spectral radius, trace share, rank and norm."""

from __future__ import annotations

import pytest
import torch

from landscape.choices import ACTIVATIONS
from landscape.ensemble import build
from landscape.measures import jacobian_at, maps, spectral_radius
from landscape.measures.known_maps import Constant, Identity, Memoriser
from landscape.measures.local import jacobian_before_squash, numerical_rank, operator_norm, trace_share
from landscape.nets import MLP, OUTPUTS
from tests.measures.hand_built import Opaque, affine, half, identity

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
