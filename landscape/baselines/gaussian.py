"""A Gaussian in the principal components of the data."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

KEPT_VARIANCE = 0.95  # the fraction of the data's variance that the components keep


@dataclass(frozen=True, eq=False)
class Gaussian:
    """A Gaussian about the mean: its scores along the components (K, D) are N(0, variances)."""

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
    """The Gaussian in the components that keep 95 % of the variance. `generator` and `steps` are not used."""
    from sklearn.decomposition import PCA

    several = len(points) > points.shape[1]
    pca = PCA(svd_solver="covariance_eigh" if several else "full").fit(points.numpy())
    count = 1 + int((pca.explained_variance_ratio_.cumsum() < KEPT_VARIANCE).sum())
    mean, components, variances = (
        torch.from_numpy(values).to(points)
        for values in (pca.mean_, pca.components_[:count], pca.explained_variance_[:count])
    )
    return Gaussian(mean, components, variances)
