"""The density that samples would have if the loss were an energy, p(x) ∝ exp(−β‖x − f(x)‖²), and how far they are from it."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from landscape.facts import Shown
from landscape.measures.gate import gated
from landscape.measures.local.loss import loss_at
from landscape.measures.maps import Map, doubled, per_member

BOXES = 20  # along each side of the range: samples are counted in such boxes
GRID_PER_BOX = {1: 200, 2: 10}  # points of the grid along each side of a box, by dimensions
BETAS = (1e-3, 1e6)  # the inverse temperatures among which one is fitted
HALVINGS = 24  # of the interval of log β: β is right to about one part in a million


@dataclass(frozen=True, eq=False, repr=False)
class LossDensity(Shown):
    """The density exp(−β‖x − f(x)‖²) on the range that fits samples best, and its distance from them: (E,) each, float64.

    - `beta`: the inverse temperature of maximum likelihood, within BETAS. The lower end also stands for samples that are no
      denser where the loss is low, the upper end for samples denser than the grid resolves. NaN if the loss is the same
      everywhere, as the identity's is.
    - `variation`: the total variation between the shares of samples in boxes and the density's; where `beta` is NaN, the
      uniform density's.
    - `expected`: the mean `variation` of as many exact draws from the density."""

    beta: Float[Tensor, "members"]
    variation: Float[Tensor, "members"]
    expected: Float[Tensor, "members"]

    @property
    def excess(self) -> Float[Tensor, "members"]:
        """The total variation that chance does not explain: (E,)."""
        return self.variation - self.expected


@gated("samples")
@torch.no_grad()
def loss_density(model: Map, samples: Tensor, *, low: float = 0.0, high: float = 1.0) -> LossDensity:
    """The inverse temperature of `samples`, (S, D) or (E, S, D), and how far they are from that density: (E,) each.

    1. The loss ‖x − f(x)‖² is evaluated at the samples and at a grid of the range, D ≤ 2, which gives the normaliser.
    2. β makes the density's mean loss that of the samples, which is the condition of maximum likelihood.
    3. Samples are counted in 20^D boxes.

    A peak of the density that is narrower than a step of the grid, 1 / 4,000 of a line or 1 / 200 of a side of the plane, is
    not resolved. Shrivastava (2024) states β = 1. Raises ValueError for more than two dimensions and for samples outside."""
    if model.dim > max(GRID_PER_BOX):
        raise ValueError(f"`loss_density` needs a map of one or two dimensions; got {model.dim}")
    points = per_member(model, samples)
    if bool(((points < low) | (points > high)).any()):
        raise ValueError(f"`samples` must lie within [{low:g}, {high:g}]; some are outside")
    grid = _grid(model.dim, low, high).to(points)
    energy = doubled(loss_at(model, grid)) * model.dim
    beta = inverse_temperature(doubled(loss_at(model, points)).mean(1) * model.dim, energy)
    chances = box_chances(beta.nan_to_num(0.0), energy, model.dim)
    counts = _counts(points, low, high)
    size = points.shape[1]
    variation = (counts / size - chances).abs().sum(1) / 2
    return LossDensity(beta, variation, expected_variation(chances, size))


def inverse_temperature(mean: Tensor, energy: Tensor) -> Tensor:
    """The β at which the mean of `energy` (E, G) over a grid, weighted by exp(−β · energy), is `mean` (E,): (E,).

    The weighted mean falls with β, so that the interval of log β is halved."""
    low, high = (torch.full_like(mean, beta).log() for beta in BETAS)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        weights = torch.softmax(-middle.exp()[:, None] * energy, 1)
        above = (weights * energy).sum(1) > mean
        low, high = torch.where(above, middle, low), torch.where(above, high, middle)
    return torch.where(energy.amax(1) > energy.amin(1), ((low + high) / 2).exp(), torch.nan)


def box_chances(beta: Tensor, energy: Tensor, dim: int) -> Tensor:
    """The probabilities of the boxes under exp(−β · energy), with `beta` (E,) and `energy` (E, G) on the grid: (E, 20^D)."""
    weights = torch.softmax(-beta[:, None] * energy, 1)
    parts = weights.reshape(len(weights), *(BOXES, GRID_PER_BOX[dim]) * dim)
    return parts.sum(tuple(range(2, 2 * dim + 1, 2))).reshape(len(weights), BOXES**dim)


def expected_variation(chances: Tensor, size: int) -> Tensor:
    """The mean total variation between the shares of `size` independent draws and their probabilities (E, B): (E,).

    De Moivre's mean absolute deviation of a binomial count: E|X − np| = 2 ν C(n, ν) p^ν (1 − p)^(n − ν + 1), ν = ⌊np⌋ + 1."""
    count = torch.tensor(float(size), dtype=chances.dtype, device=chances.device)
    p = chances.clamp(0.0, 1.0)
    nu = (count * p).floor().clamp(max=size - 1) + 1
    log_choose = torch.lgamma(count + 1) - torch.lgamma(nu + 1) - torch.lgamma(count - nu + 1)
    log_mean = nu.log() + log_choose + torch.xlogy(nu, p) + torch.xlogy(count - nu + 1, 1 - p)
    return log_mean.exp().sum(1) / size


def _grid(dim: int, low: float, high: float) -> Tensor:
    """The middles of the grid's cells, in the order of boxes: (G, D)."""
    side = BOXES * GRID_PER_BOX[dim]
    middles = (torch.arange(side, dtype=torch.float64) + 0.5) / side * (high - low) + low
    return torch.cartesian_prod(*[middles] * dim).reshape(-1, dim)


def _counts(points: Tensor, low: float, high: float) -> Tensor:
    """The numbers of `points` (E, S, D) in boxes: (E, 20^D), float64."""
    place = ((points - low) / (high - low) * BOXES).long().clamp(0, BOXES - 1)
    box = place[..., 0]
    for axis in range(1, points.shape[2]):
        box = box * BOXES + place[..., axis]
    counts = torch.zeros(len(points), BOXES ** points.shape[2], dtype=torch.int64, device=points.device)
    return doubled(counts.scatter_add(1, box, torch.ones_like(box)))
