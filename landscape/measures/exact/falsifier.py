"""A search for points at which few rows of a ReLU layer are active, for layers of thousands of rows."""

from __future__ import annotations

import math

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from landscape.measures.exact.collisions import Collision, active_at, collision, null_direction
from landscape.measures.exact.hyperplanes import Layer, frame

STARTS = 4
STEPS = 300
STEP_LENGTH = 0.1  # of the first step, relative to √n; it falls to zero linearly
MOMENTUM = 0.9
SMOOTHING = (0.5, 0.05)  # width of the smoothed step function, first and last, where a row's typical value is 1
CHECK_EVERY = 10  # steps; a GPU is waited for as often
START_DISTANCES = (
    -0.5,
    1.5,
)  # of layers with biases on ℝⁿ: powers of ten, in units of the hyperplanes' typical distance
INSIDE_BOX = 0.99  # points stay within this share of the box, so that one can go either way from them


def falsify(
    layer: Layer,
    *,
    device: torch.device,
    generator: torch.Generator,
    starts: int = STARTS,
    steps: int = STEPS,
) -> tuple[Collision | None, int]:
    """A verified collision, if the search finds one, and the smallest number of active rows that it saw.

    1. The first start is the normalised negative sum of the unit rows; the others are mixed with random directions.
    2. The number of active rows is smoothed: a sum of logistic functions of the rows' values. All starts descend on it at once
       with momentum, in float32, while the smoothing narrows.
    3. The search ends early if fewer than n rows are active. Then some direction is orthogonal to all of them.
    4. The points with the fewest active rows are checked in float64.

    Of layers without bias on all of ℝⁿ, points stay on a sphere. The first start is that of Puthawala
    et al. (2022), which refutes Gaussian rows up to about m = 3.4 n. The descent from it refuted m = 5 n, but not 6 n, at
    n = 1000."""
    rows, offsets = _unit_rows(layer)
    if not len(rows):
        return collision(layer, frame(layer)[0], np.eye(layer.dim)[0], widen=False), 0
    weight = torch.as_tensor(rows, dtype=torch.float32, device=device)
    bias = torch.as_tensor(offsets, dtype=torch.float32, device=device)
    points = _starts(layer, weight, starts, generator)
    best, fewest = points, torch.full((starts,), len(rows), device=device)
    speed = torch.zeros_like(points)
    for step in range(steps):
        values = points @ weight.T + bias
        active = (values >= 0).sum(1)
        best = torch.where((active < fewest)[:, None], points, best)
        fewest = torch.minimum(active, fewest)
        if step % CHECK_EVERY == 0 and int(fewest.min()) < layer.dim:
            break
        width = SMOOTHING[0] * (SMOOTHING[1] / SMOOTHING[0]) ** (step / steps)
        logistic = torch.sigmoid(values / width)
        gradient = _along_domain(layer, points, (logistic * (1 - logistic)) @ weight)
        speed = MOMENTUM * speed + gradient / torch.linalg.vector_norm(gradient, dim=1, keepdim=True).clamp_min(1e-30)
        length = STEP_LENGTH * math.sqrt(layer.dim) * (1 - MOMENTUM) * (1 - step / steps)
        points = _in_domain(layer, points - length * speed)
    order = fewest.argsort().cpu()
    return _verified(layer, best.cpu().double().numpy()[order.numpy()]), int(fewest.min())


def _verified(layer: Layer, points: Float[np.ndarray, "starts dim"]) -> Collision | None:
    """The first collision around the points, which are given in the frame's coordinates."""
    centre, size = frame(layer)
    for place, scaled in enumerate(points):
        point = centre + size * scaled
        rows = layer.weight[active_at(layer, point)]
        if (
            place and len(rows) >= layer.dim
        ):  # a set of n rows or more may be dependent: that is checked once, as it takes long
            break
        found = collision(layer, point, null_direction(rows))
        if found is not None:
            return found
    return None


def _unit_rows(layer: Layer) -> tuple[Float[np.ndarray, "rows dim"], Float[np.ndarray, "rows"]]:
    """Unit rows in the frame's coordinates, and their offsets; rows of zeros are left out."""
    centre, size = frame(layer)
    kept = layer.weight.any(1)
    rows, offsets = layer.weight[kept] * size, layer.before(centre)[kept]
    lengths = np.linalg.norm(rows, axis=1)
    return rows / lengths[:, None], offsets / lengths


def _starts(layer: Layer, weight: Tensor, count: int, generator: torch.Generator) -> Tensor:
    """The starts, in the frame's coordinates: (count, n)."""
    dim = layer.dim
    against = torch.nn.functional.normalize(-weight.sum(0), dim=0)
    random = torch.nn.functional.normalize(torch.randn(count, dim, generator=generator), dim=1).to(weight.device)
    share = torch.linspace(0, 1, count, device=weight.device)[:, None]
    points = math.sqrt(dim) * torch.nn.functional.normalize(against + share * random, dim=1)
    if (
        layer.low is None and not layer.is_linear
    ):  # how far out hyperplanes with biases leave few rows active is not known
        points = points * torch.logspace(*START_DISTANCES, count, device=weight.device)[:, None]
    return _in_domain(layer, points)


def _in_domain(layer: Layer, points: Tensor) -> Tensor:
    """The points, on the sphere of radius √n for a linear layer, or inside the box."""
    if layer.is_linear:
        return math.sqrt(layer.dim) * torch.nn.functional.normalize(points, dim=1)
    return points if layer.low is None else points.clamp(-INSIDE_BOX, INSIDE_BOX)


def _along_domain(layer: Layer, points: Tensor, gradient: Tensor) -> Tensor:
    """The gradient, along the sphere for a linear layer."""
    if not layer.is_linear:
        return gradient
    return gradient - (gradient * points).sum(1, keepdim=True) / layer.dim * points
