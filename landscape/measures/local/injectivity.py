"""Whether the hidden map of an injective network is one-to-one, from its trained parameters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from landscape.ensemble import Ensemble
from landscape.facts import Shown
from landscape.measures.maps import in_double
from landscape.measures.tables import unrolled
from landscape.nets import Injective, InjectiveLayer
from landscape.nets.net import LEAK

if TYPE_CHECKING:
    import pandas as pd

RANK_TOLERANCE = 1e-6  # a smallest singular value below this share of the largest is within float32's rounding


@dataclass(frozen=True, eq=False, repr=False)
class OneToOne(Shown):
    """Whether the hidden map h of each member is one-to-one, and by how much: (E,) each.

    - `holds`: whether each layer's matrix B has full rank and all entries of its scalings D and D′ are positive and finite.
    - `margin`: for ReLU and leaky ReLU, a lower bound of ‖h(x) − h(y)‖ / ‖x − y‖: the product over the layers of B's smallest
      singular value and of the smaller slope of its units, at most 1. For tanh, whose slopes tend to zero, the product of the
      singular values alone. 0 where `holds` is false.
    - `rank`: the smallest ratio σ_min / σ_max of a matrix B.
    - `scale`: the smallest entry of all D and D′."""

    holds: Bool[Tensor, "members"]
    margin: Float[Tensor, "members"]
    rank: Float[Tensor, "members"]
    scale: Float[Tensor, "members"]

    def table(self) -> pd.DataFrame:
        """A row per member: member, holds, margin, rank, scale."""
        return unrolled(vars(self))


@torch.no_grad()
def one_to_one(ensemble: Ensemble) -> OneToOne:
    """Whether the hidden map of each member is one-to-one, verified in float64: (E,) each.

    The affine output map after the hidden layers is not part of it. Raises ValueError for networks that are not `Injective`.
    Puthawala et al. (2022), Theorem 2 and Section 3."""
    net, exact = ensemble.net, in_double(ensemble)
    if not isinstance(net, Injective) or not isinstance(exact, Ensemble):
        raise ValueError(
            f"expected an ensemble of injective nets (--net injective), whose hidden map may be one-to-one; got {net.kind!r}"
        )
    return layers_one_to_one(net.hidden_layers(exact.parameters), net.activation)


def layers_one_to_one(layers: Sequence[InjectiveLayer], activation: str = "relu") -> OneToOne:
    """As `one_to_one`, for stacked layers that are given: (E,) each."""
    singular = [torch.linalg.svdvals(layer.matrix.nan_to_num(0, 0, 0)) for layer in layers]
    rank = torch.stack([values[:, -1] / values[:, 0] for values in singular]).nan_to_num(0).amin(0)
    scales = [torch.cat([layer.inner, layer.outer], 2).flatten(1) for layer in layers]
    scale = torch.stack([values.nan_to_num(0, 0, 0).amin(1) for values in scales]).amin(0)
    holds = (rank > RANK_TOLERANCE) & (scale > 0)
    margin = torch.ones_like(rank)
    for layer, values in zip(layers, singular, strict=True):
        margin = margin * values[:, -1]
        if activation != "tanh":
            margin = margin * _least_slope(layer, activation)
    return OneToOne(holds, margin.where(holds, 0.0), rank, scale)


def _least_slope(layer: InjectiveLayer, activation: str) -> Tensor:
    """The smallest slope of a unit on either side of its kink, at most 1: (E,)."""
    leak = LEAK if activation == "leaky" else 0.0
    product = layer.inner * layer.outer
    slopes = torch.cat([1 + leak * product, product + leak], 2).flatten(1)
    return slopes.amin(1).clamp_max(1)
