"""A Gaussian in the principal components of the data."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

VARIANCE = 0.95  # of the data's, kept by the components


@dataclass(frozen=True, eq=False)
class Gaussian:
    """Scores drawn from N(0, variances) along the components (K, D) about the mean."""

    mean: Float[Tensor, "dim"]
    components: Float[Tensor, "components dim"]
    variances: Float[Tensor, "components"]

    def sample(self, count: int, generator: torch.Generator) -> Float[Tensor, "count dim"]:
        """New points (S, D)."""
        scores = torch.randn(count, len(self.variances), generator=generator) * self.variances.sqrt()
        return self.mean + scores @ self.components

    def reconstruct(self, points: Float[Tensor, "points dim"]) -> Float[Tensor, "points dim"]:
        """Projections onto the components."""
        return self.mean + (points - self.mean) @ self.components.T @ self.components


def train_gaussian(points: Float[Tensor, "data dim"], generator: torch.Generator, steps: int | None = None) -> Gaussian:
    """The components that keep 95 % of the variance. `generator` and `steps` have no use here."""
    from sklearn.decomposition import PCA

    several = len(points) > points.shape[1]
    found = PCA(svd_solver="covariance_eigh" if several else "full").fit(points.numpy())
    kept = 1 + int((found.explained_variance_ratio_.cumsum() < VARIANCE).sum())
    mean, components, variances = (
        torch.from_numpy(values).to(points)
        for values in (found.mean_, found.components_[:kept], found.explained_variance_[:kept])
    )
    return Gaussian(mean, components, variances)
