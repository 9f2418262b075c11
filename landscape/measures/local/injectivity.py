"""Whether an injective net's hidden map is one-to-one, from the numbers that training left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from landscape.ensemble import Ensemble
from landscape.measures.maps import in_double
from landscape.nets import Injective, InjectiveLayer

RANK = 1e-6  # a smallest singular value below this share of the largest is lost in float32's rounding


@dataclass(frozen=True, eq=False)
class OneToOne:
    """Per member: whether every B has full rank and every D, D′ is positive and finite, (E,), and by how much.

    `margin` is the smallest ‖h(x) − h(y)‖ / ‖x − y‖ that the hidden map h can have, for ReLU and leaky: the product over the
    layers of B's smallest singular value and of the smaller slope of its units, at most 1; for tanh, whose slopes reach
    zero far out, of the singular values alone. `rank` is the smallest σ_min/σ_max of a B, `scale` the smallest of all D and
    D′. Zero where not one-to-one."""

    holds: Bool[Tensor, "members"]
    margin: Float[Tensor, "members"]
    rank: Float[Tensor, "members"]
    scale: Float[Tensor, "members"]


@torch.no_grad()
def one_to_one(ensemble: Ensemble) -> OneToOne:
    """Verify that the hidden map of each member is one-to-one, in float64. Puthawala et al. (2022), Theorem 2 and Section 3.

    Not for the affine map after it. Raises ValueError for nets that make no such claim."""
    net, exact = ensemble.net, in_double(ensemble)
    if not isinstance(net, Injective) or not isinstance(exact, Ensemble):
        raise ValueError(
            f"expected an ensemble of injective nets, whose hidden map may be one-to-one; got {net.kind!r}"
        )
    return layers_one_to_one(net.hidden_layers(exact.parameters), net.activation)


def layers_one_to_one(layers: Sequence[InjectiveLayer], activation: str = "relu") -> OneToOne:
    """`one_to_one` of the layers themselves."""
    singular = [torch.linalg.svdvals(layer.matrix.nan_to_num(0, 0, 0)) for layer in layers]
    rank = torch.stack([values[:, -1] / values[:, 0] for values in singular]).nan_to_num(0).amin(0)
    scales = [torch.cat([layer.inner, layer.outer], 2).flatten(1) for layer in layers]
    scale = torch.stack([values.nan_to_num(0, 0, 0).amin(1) for values in scales]).amin(0)
    holds = (rank > RANK) & (scale > 0)
    margin = torch.ones_like(rank)
    for layer, values in zip(layers, singular, strict=True):
        margin = margin * values[:, -1]
        if activation != "tanh":
            margin = margin * _least_slope(layer, activation)
    return OneToOne(holds, margin.where(holds, 0.0), rank, scale)


def _least_slope(layer: InjectiveLayer, activation: str) -> Tensor:
    """The smaller of a unit's two slopes, over the units, at most 1: (E,)."""
    leak = 0.01 if activation == "leaky" else 0.0
    product = layer.inner * layer.outer
    slopes = torch.cat([1 + leak * product, product + leak], 2).flatten(1)
    return slopes.amin(1).clamp_max(1)
