"""Whether each layer of a network is one-to-one on its whole input space."""

from __future__ import annotations

import time

import torch
from torch import Tensor

from landscape.measures.exact.hidden_layers import Stage, of_member, stages_of
from landscape.measures.exact.layer_arguments import expect_time
from landscape.measures.exact.layer_tests import TIME_LIMIT, LayerInjectivity, layer_injectivity
from landscape.measures.exact.merging import MERGED
from landscape.measures.maps import Map

RANK_METHOD = "rank"  # of layers whose function rises strictly: the rank of their matrix decides
EQUAL = 1e-12  # of the largest weight: the rounding in float64 of a convolution's weights that are read as a matrix
LEAST_TIME = 0.01  # seconds for a layer, if the time has run out


def chain_injectivity(
    model: Map, *, last: bool = False, time_limit: float = TIME_LIMIT
) -> tuple[tuple[LayerInjectivity, ...], ...]:
    """Whether each hidden layer of each member is one-to-one on ℝⁿ, n its number of inputs, with a merged pair if not: E × L.

    The layers are as for `merged_points`; `last` adds the affine map to the output. A pair is one of the layer's own inputs,
    (2, n): `colliding_inputs` looks for a pair of the network's inputs.

    - Layers of ReLU are tested by `layer_injectivity`, in its words. `time_limit`, in seconds, is for all of them together.
    - Layers whose function rises strictly (leaky ReLU, tanh, sigmoid, injective layers) are one-to-one exactly if the matrix
      has rank n, its singular values above MERGED times the largest: `method` is "rank".
    - Other functions, as GELU and sine, are "not one-to-one" if the matrix has a lower rank. Else they are "not shown".

    Raises ValueError, in one line, for maps that are no chains of layers, for weights that are not finite, and for a time limit
    that is not positive."""
    expect_time(time_limit)
    stages = stages_of(model, last=last)
    for layer, stage in enumerate(stages):
        for member, finite in enumerate(stage.finite.tolist()):
            if not finite:
                raise ValueError(
                    f"weights must be finite; those of member {member} at layer {layer + 1} are not. Leave members that "
                    "diverged out, as with model.select([0, 2])"
                )
    deadline, count = time.monotonic() + time_limit, model.members * len(stages)
    found = []
    for member in range(model.members):
        row = []
        for stage in of_member(stages, member):
            share = (deadline - time.monotonic()) / count
            row.append(_tested(stage, max(share, LEAST_TIME)))
            count -= 1
        found.append(tuple(row))
    return tuple(found)


def _tested(stage: Stage, time_limit: float) -> LayerInjectivity:
    weight, bias = stage.weight[0].T, stage.bias[0, 0]
    if not stage.rises and stage.below == 0:
        return layer_injectivity(_as_stored(weight), bias, time_limit=time_limit)
    condition = f"the matrix has as many independent rows as the layer has inputs, {weight.shape[1]}"
    if len(weight) < weight.shape[1]:
        return _merged(stage, _orthogonal(weight), condition)
    _, values, right = torch.linalg.svd(weight, full_matrices=False)
    full = bool(values[-1] > MERGED * values[0]) and bool(values[-1] > 0)
    if full and stage.rises:
        margin = float(values[-1]) * min(1.0, _least_slope(stage)) if stage.has_kinks else None
        return LayerInjectivity("one-to-one", RANK_METHOD, condition, margin=margin)
    if full:
        return LayerInjectivity("not shown", RANK_METHOD, f"{condition}; {stage.activation} does not rise everywhere")
    return _merged(stage, right[-1], condition)


def _as_stored(weight: Tensor) -> Tensor:
    """The matrix in float32 if that is where it comes from: rows that are parallel up to its rounding count as parallel."""
    stored = weight.float()
    return stored if float((stored - weight).abs().max()) <= EQUAL * float(weight.abs().max()) else weight


def _least_slope(stage: Stage) -> float:
    """The smallest slope of a unit on either side of its kink."""
    below = stage.below or 0.0
    if stage.inner is None or stage.outer is None:
        return below
    product = stage.inner * stage.outer
    return float(torch.cat([1 + below * product, below + product]).min())


def _orthogonal(weight: Tensor) -> Tensor:
    """A unit vector that is orthogonal to the rows, which are fewer than its coordinates."""
    basis = torch.linalg.qr(weight.T)[0]
    drawn = torch.randn(weight.shape[1], generator=torch.Generator().manual_seed(0), dtype=weight.dtype)
    rest = drawn - basis @ (basis.T @ drawn)
    rest = rest - basis @ (basis.T @ rest)  # twice, for the rounding of the first time
    unit: Tensor = rest / torch.linalg.vector_norm(rest)
    return unit


def _merged(stage: Stage, direction: Tensor, condition: str) -> LayerInjectivity:
    """A pair of values along a direction that the matrix maps to zero, with its residual."""
    pair = torch.stack([-direction, direction])
    values = stage.after(stage.before(pair[None]))[0]
    apart = torch.linalg.vector_norm(pair[1] - pair[0]) * torch.linalg.matrix_norm(stage.weight[0]).clamp_min(1e-300)
    residual = float(torch.linalg.vector_norm(values[1] - values[0]) / apart)
    return LayerInjectivity("not one-to-one", RANK_METHOD, condition, pair, direction, residual, stage.width)
