"""What `wrap` and `load_module` say: of factories, of dropout, of models that differ, of weights; and short words for maps."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

import landscape
from landscape import cube, measures, wrap
from landscape.notes import Note


def dense(width: int, dim: int = 5) -> nn.Sequential:
    return nn.Sequential(nn.Linear(dim, width), nn.ReLU(), nn.Linear(width, dim))


class Sized(nn.Module):
    """A module that cannot be made of a batch."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.layer = nn.Linear(width, width)

    def forward(self, batch: Tensor) -> Tensor:
        out: Tensor = self.layer(batch)
        return out


def test_a_function_that_makes_networks_is_told_from_a_map() -> None:
    with pytest.raises(
        ValueError, match=r"dense makes a network and is no map of points; it takes width\. Give what it"
    ):
        wrap(dense, shape=5)
    with pytest.raises(ValueError, match=r"build makes a Linear .* landscape.wrap\(build\(width=…\)\)"):
        wrap(lambda_named_build(), shape=5)
    with pytest.raises(ValueError, match="takes width, depth, and a map takes one batch of points"):
        wrap(two_arguments, shape=5)


def lambda_named_build() -> Callable[..., Any]:
    def build(width: int) -> nn.Module:
        return nn.Linear(3, 3)

    return build


def two_arguments(width: int, depth: int) -> nn.Module:
    return Sized(width + depth)


class Drawing(nn.Module):
    """Draws in every mode, beside dropouts that draw nothing in evaluation mode or at all."""

    def __init__(self, own: nn.Module) -> None:
        super().__init__()
        self.none, self.usual, self.own = nn.Dropout(0.0), nn.Dropout(0.5), own

    def forward(self, batch: Tensor) -> Tensor:
        out: Tensor = self.own(self.usual(self.none(batch)))
        return out


class Always(nn.Dropout):
    def forward(self, batch: Tensor) -> Tensor:  # the name is torch's
        return nn.functional.dropout(batch, self.p, True)


class Noise(nn.Module):
    def forward(self, batch: Tensor) -> Tensor:
        return batch + torch.rand_like(batch)


@pytest.mark.parametrize(("own", "named"), [(Always(0.5), " (Always own);"), (Noise(), "for the same points;")])
def test_the_note_on_randomness_names_only_a_layer_that_draws(own: nn.Module, named: str) -> None:
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always", Note)
        wrap(Drawing(own), shape=3)
    assert named in str(said[0].message)
    assert "Dropout" not in str(said[0].message)


def test_models_that_differ_are_named() -> None:
    with pytest.raises(ValueError, match="model 2 of 2: the module Sequential cannot take a batch"):
        wrap([dense(3), dense(3, dim=7)])
    with pytest.raises(
        ValueError, match="model 1 has 5 → 3 relu, 3 → 5 linear, and model 2 has 5 → 2 relu, 2 → 5 linear"
    ):
        wrap([dense(3), dense(2)]).layers()


def test_weights_that_do_not_fit_come_with_what_to_do(tmp_path: Path) -> None:
    file = tmp_path / "w.safetensors"
    save_file(dict(dense(7).state_dict()), file)

    def build(width: int = 3) -> nn.Module:
        return dense(width)

    with pytest.raises(ValueError, match="as it was when the weights were saved, by the argument width, or give"):
        landscape.load_module(file, build)
    with pytest.raises(ValueError, match="no name fits, so the weights are another module's"):
        landscape.load_module(file, Sized(3))


def test_maps_and_layers_have_short_words() -> None:
    model = wrap([dense(3), dense(3)], range=(-1, 1))
    assert repr(model) == "<Wrapped: 2 members of a chain of dense layers, points of (5,) in [-1, 1], float32 on cpu>"
    assert repr(model.layers()[0]) == "<Layer: 5 → 3, relu; 2 members, float32 on cpu>"
    nets = landscape.build(landscape.MLP(hidden=1, width=3), 2, [0, 1])
    assert repr(nets).startswith("<Ensemble: 2 members of MLP(")
    assert len(repr(nets)) < 300


class Watched(nn.Module):
    """Half of its input; remembers the smallest number that it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.least = 0.0

    def forward(self, batch: Tensor) -> Tensor:
        SEEN.append(float(batch.min()))
        return batch / 2


SEEN: list[float] = []


def test_measures_take_the_range_with_which_a_network_was_wrapped() -> None:
    model, draw = wrap(Watched(), shape=2, range=(-3, 5)), torch.Generator().manual_seed(0)
    # f(x) = x / 2: the loss is x²/4 per coordinate, (25 + 25) / 2 / 4 at the corner (5, 5), and 9/4 at the low one
    assert float(measures.corner_loss(model).maximum[0]) == pytest.approx(25 / 4)
    assert float(measures.cube_maximum(model, generator=draw, samples=16, restarts=2, steps=3)[0][0]) == pytest.approx(
        25 / 4, rel=1e-3
    )
    assert float(measures.corner_loss(model, high=1.0).maximum[0]) == pytest.approx(9 / 4)
    SEEN.clear()
    measures.local.cube_mean(model, 500, generator=draw)
    assert min(SEEN) < -2.5


def test_fixed_points_outside_the_unit_range_are_found_in_the_wrapped_range() -> None:
    affine = nn.Linear(2, 2)
    with torch.no_grad():
        affine.weight.copy_(torch.eye(2) / 2)
        affine.bias.copy_(torch.tensor([-1.0, 2.0]))
    found = measures.fixed_points(wrap(affine, range=(-5, 5)))
    assert found.points.tolist() == [[pytest.approx(-2.0), pytest.approx(4.0)]]
    assert len(measures.fixed_points(wrap(affine, range=(-5, 5)), low=0.0, high=1.0).points) == 0


def test_regions_without_a_place_are_those_of_the_whole_range() -> None:
    model = wrap(dense(3, dim=2), range=(-1, 1))
    assert float(measures.regions(model).where.low[0]) == -1.0
    whole = measures.regions(model, cube.whole(2, low=-1.0, high=1.0))
    assert torch.equal(measures.regions(model).share, whole.share)
    with pytest.raises(ValueError, match="the map has 5 coordinates; pass `where`, such as"):
        measures.regions(wrap(dense(3)))
