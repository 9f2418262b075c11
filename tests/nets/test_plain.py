"""Members as plain modules: the same map as the ensemble's, of layers that everyone knows, free of the ensemble."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import pytest
import torch
from torch import Tensor, nn

from landscape.ensemble import build
from landscape.nets import MLP, MONOTONE, NETS, Net, make_net
from tests.nets.test_nets import CASES, SHAPES, ensemble_of, net_of, points

E, P = 3, 7
PARTS = Path(__file__).parents[1] / "toy" / "parts.py"


@pytest.mark.parametrize(("kind", "name"), CASES)
def test_a_module_is_the_member_of_the_ensemble(kind: str, name: str) -> None:
    shape = SHAPES[name]
    ensemble, x = ensemble_of(kind, shape), points(shape)
    expected = ensemble(x)
    for member in (0, 3):
        module = ensemble.module(member, shape=shape)
        found = module(x[member].view(-1, *shape))
        assert found.shape == (x.shape[1], *shape)
        assert torch.allclose(found.flatten(1), expected[member], atol=1e-6, rtol=0)
        assert torch.allclose(ensemble.module(member)(x[member]), expected[member], atol=1e-6, rtol=0)


@pytest.mark.parametrize("kind", NETS)
@pytest.mark.parametrize("activation", ["leaky", "gelu", "tanh", "sine"])
def test_every_activation_and_output_is_kept(kind: str, activation: str) -> None:
    if kind == "injective" and activation not in MONOTONE:
        return
    for output in ("tanh", "linear"):
        ensemble = build(net_of(kind, (5, 7), activation=activation, output=output), 35, range(E)).to(
            dtype=torch.float64
        )
        x = torch.rand(E, P, 35, dtype=torch.float64)
        assert torch.allclose(ensemble.module(1)(x[1]), ensemble(x)[1], atol=1e-12)


def test_an_mlp_is_a_sequential_of_linear_layers() -> None:
    module = build(MLP(hidden=2, width=5), 6, [0]).module(shape=(1, 2, 3))
    names = [type(layer).__name__ for layer in module.children()]
    assert names == ["Flatten", "Linear", "ReLU", "Linear", "ReLU", "Linear", "Sigmoid", "Unflatten"]
    assert isinstance(build(MLP(hidden=0), 2, [0]).module(), nn.Sequential)
    sizes = [tuple(value.shape) for value in module.state_dict().values()]
    assert sizes == [(5, 6), (5,), (5, 5), (5,), (6, 5), (6,)]


@pytest.mark.parametrize("kind", NETS)
def test_a_module_is_trained_without_touching_the_ensemble_or_the_stream(kind: str) -> None:
    ensemble = ensemble_of(kind, (5, 7))
    before, state = ensemble.flat.clone(), torch.get_rng_state()
    module = ensemble.module(1, shape=(5, 7))
    assert torch.equal(torch.get_rng_state(), state)
    assert module.training
    assert sum(value.numel() for value in module.parameters()) == ensemble.net.parameter_count(35)
    x = torch.rand(P, 5, 7)
    losses = []
    optimiser = torch.optim.Adam(module.parameters(), 0.01)
    for _ in range(20):
        loss = nn.functional.mse_loss(module(x), x)
        optimiser.zero_grad()
        loss.backward()
        assert all(value.grad is not None for value in module.parameters())
        optimiser.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0]
    assert torch.equal(ensemble.flat, before)
    again = ensemble.module(0, shape=(5, 7))
    again.load_state_dict(module.state_dict())
    assert torch.equal(again(x), module(x))


@pytest.mark.parametrize("name", ["make", "convolution"])
def test_a_module_of_the_users_comes_back_with_its_weights(name: str) -> None:
    net = make_net(f"{PARTS}:{name}", (4, 3), **({"hidden": 2, "width": 5} if name == "make" else {}))
    ensemble = build(net, 12, range(E))
    x = torch.rand(E, P, 12)
    module = ensemble.module(2, shape=(4, 3))
    assert torch.allclose(module(x[2].view(P, 4, 3)).flatten(1), ensemble(x)[2], atol=1e-6)
    assert torch.equal(ensemble.module(1)(x[1]), ensemble.module(1)(x[1]))


@dataclass(frozen=True)
class Scaled(Net):
    """An architecture that no table lists."""

    kind: ClassVar[str] = "scaled"
    hidden: int = 1
    width: int = 1
    activation: str = "relu"
    output: str = "linear"

    def shapes(self, dim: int) -> dict[str, tuple[int, ...]]:
        return {"by.weight": (1, dim)}

    def initial(self, dim: int, generator: torch.Generator) -> dict[str, Tensor]:
        return {"by.weight": torch.rand(1, dim, generator=generator)}

    def forward(self, parameters: Mapping[str, Tensor], points: Tensor) -> Tensor:
        return points * parameters["by.weight"]


def test_an_architecture_that_is_not_listed_works_too() -> None:
    ensemble = build(Scaled(), 6, range(E))
    x = torch.rand(E, P, 6)
    module = ensemble.module(1, shape=(2, 3))
    assert torch.equal(module(x[1].view(P, 2, 3)).flatten(1), ensemble(x)[1])
    assert [tuple(value.shape) for value in module.parameters()] == [(1, 6)]


@pytest.mark.parametrize(
    ("member", "shape", "line"),
    [
        (5, None, r"`member` must be from 0 to 4; got 5"),
        (0, (5, 5), r"`shape` must have 72 coordinates, as the network's points have; got \(5, 5\)"),
        (
            0,
            (3, 4, 6),
            r"`shape` must be \(4, 6, 3\) or flat: the network takes images with channels last; got \(3, 4, 6\)",
        ),
    ],
)
def test_a_member_or_shape_that_there_is_not_gives_a_line(
    member: int, shape: tuple[int, ...] | None, line: str
) -> None:
    ensemble = ensemble_of("cnn", SHAPES["colours"])
    assert math.prod(SHAPES["colours"]) == ensemble.dim
    with pytest.raises(ValueError, match=line):
        ensemble.module(member, shape)
