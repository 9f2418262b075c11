"""Whether each layer of a network is one-to-one on its whole input space."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from landscape import wrap
from landscape.ensemble import build
from landscape.measures.exact import LAYER_VERDICTS, chain_injectivity
from landscape.nets import MLP, Injective
from tests.measures.exact.layers import assert_merged, basis_pair
from tests.measures.hand_built import chain

MEMBERS = 3


def test_a_basis_and_its_negative_are_one_to_one_and_a_square_layer_is_not() -> None:
    weight = torch.from_numpy(basis_pair(3, seed=1)).float()
    square = torch.randn(1, 6, 6, generator=torch.Generator().manual_seed(0))
    net = chain(
        (weight.T[None], torch.zeros(1, 6)), (square, torch.zeros(1, 6)), (torch.ones(1, 6, 3), torch.zeros(1, 3))
    )
    first, second = chain_injectivity(net)[0]
    assert first.verdict == "one-to-one"
    assert first.margin is not None
    assert_merged(second, square[0].T.numpy())


def test_layers_that_rise_strictly_are_judged_by_their_rank() -> None:
    wide, narrow = MLP(hidden=1, width=5, activation="leaky"), MLP(hidden=1, width=2, activation="leaky")
    for net, verdict in ((wide, "one-to-one"), (narrow, "not one-to-one")):
        found = chain_injectivity(build(net, 3, range(MEMBERS)))
        assert {row[0].verdict for row in found} == {verdict}
        assert {row[0].method for row in found} == {"rank"}
    pair = chain_injectivity(build(narrow, 3, [0]))[0][0].pair
    assert pair is not None
    weight = build(narrow, 3, [0]).parameters["layers.0.weight"][0].double()
    assert ((pair[1] - pair[0]) @ weight).norm() < 1e-12
    assert (pair[1] - pair[0]).norm() == pytest.approx(2)


def test_a_dependent_column_is_seen() -> None:
    weight = torch.randn(1, 3, 5, generator=torch.Generator().manual_seed(0))
    weight[:, 2] = weight[:, 0]
    net = chain((weight, torch.zeros(1, 5)), (torch.ones(1, 5, 3), torch.zeros(1, 3)), activation="tanh")
    found = chain_injectivity(net)[0][0]
    assert found.verdict == "not one-to-one"
    assert found.pair is not None
    assert found.residual is not None
    assert found.residual < 1e-12


def test_the_margin_of_a_leaky_layer_is_a_lower_bound_that_a_diagonal_attains() -> None:
    matrix = torch.diag(torch.tensor([2.0, 3.0]))[None]
    net = chain((matrix, torch.zeros(1, 2)), (matrix, torch.zeros(1, 2)), activation="leaky")
    assert chain_injectivity(net)[0][0].margin == pytest.approx(2 * 0.01)


def test_injective_layers_are_one_to_one_and_the_map_after_them_is_not() -> None:
    found = chain_injectivity(build(Injective(hidden=2, width=5), 3, range(MEMBERS)), last=True)
    assert [[layer.verdict for layer in row] for row in found] == [
        ["one-to-one", "one-to-one", "not one-to-one"]
    ] * MEMBERS
    assert all(layer.margin is not None and 0 < layer.margin <= 1 for row in found for layer in row[:2])


def test_functions_that_fall_somewhere_are_not_decided() -> None:
    wide = nn.Sequential(nn.Linear(3, 9), nn.GELU(), nn.Linear(9, 3))
    found = chain_injectivity(wrap(wide, shape=(3,)))[0][0]
    assert found.verdict == "not shown"
    assert "gelu" in found.condition
    narrow = nn.Sequential(nn.Linear(3, 2), nn.GELU(), nn.Linear(2, 3))
    assert chain_injectivity(wrap(narrow, shape=(3,)))[0][0].verdict == "not one-to-one"


def test_the_time_is_limited_and_the_words_are_those_of_layers() -> None:
    found = chain_injectivity(build(MLP(hidden=2, width=60), 9, range(MEMBERS)), time_limit=0.1)
    assert len(found) == MEMBERS
    assert {layer.verdict for row in found for layer in row} <= set(LAYER_VERDICTS)


def test_weights_that_are_not_finite_are_refused_in_one_line() -> None:
    for activation in ("relu", "leaky"):
        net = build(MLP(hidden=2, width=4, activation=activation), 2, range(MEMBERS))
        net.parameters["layers.1.weight"][1, 0, 0] = torch.inf
        with pytest.raises(ValueError, match="finite; those of member 1 at layer 2 are not") as refused:
            chain_injectivity(net)
        assert "\n" not in str(refused.value)
        assert len(chain_injectivity(net.select([0, 2]))) == 2


def test_a_time_limit_is_positive() -> None:
    with pytest.raises(ValueError, match="positive number of seconds; got -1"):
        chain_injectivity(build(MLP(hidden=1, width=4), 2, [0]), time_limit=-1)
