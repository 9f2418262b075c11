"""Distances between Gaussians fitted to sets of points, and a score of how sure and how varied a classifier's answers are."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

from landscape.measures.gate import gated


@gated("samples", "others")
def frechet_distance(
    samples: Float[Tensor, "members samples dim"], others: Float[Tensor, "members others dim"]
) -> Float[Tensor, "members"]:
    """The squared 2-Wasserstein distance of Gaussians fitted to two sets of points: (E,), float64 on the CPU.

    ‖μ₁ − μ₂‖² + Tr(Σ₁ + Σ₂ − 2(Σ₁Σ₂)^½) (Dowson and Landau 1982). Of features of images it is the Fréchet distance of Heusel et
    al. (2017). It falls with the number of points even if both sets have one distribution: compare only equal numbers. Raises
    ValueError for fewer than two points."""
    pairs = zip(samples.cpu().double(), others.cpu().double(), strict=True)
    return torch.stack([_between(*_fitted(a), *_fitted(b)) for a, b in pairs])


@gated("codes")
def standard_normal_distance(codes: Float[Tensor, "members codes dim"]) -> Float[Tensor, "members"]:
    """The squared 2-Wasserstein distance of N(0, I) and a Gaussian fitted to codes: (E,), float64 on the CPU.

    With mean μ and covariance Σ it is ‖μ‖² + Tr(Σ + I − 2Σ^½). Puthawala et al. (JMLR 2022, Table 1) measure so how well a
    generator's codes are inferred. Raises ValueError for fewer than two codes."""
    found = []
    for one in codes.cpu().double():
        mean, covariance = _fitted(one)
        roots = torch.linalg.eigvalsh(covariance).clamp(min=0).sqrt()
        found.append(mean.square().sum() + (roots - 1).square().sum())
    return torch.stack(found)


@gated("logits")
def inception_score(logits: Float[Tensor, "members samples classes"]) -> Float[Tensor, "members"]:
    """exp of the mean divergence KL(p(class | image) ‖ p(class)) of a classifier's answers to images: (E,), float64 on the CPU.

    From 1, where all answers are the same, to the number of classes, where all are sure and the classes equally frequent.
    Salimans et al. (2016) take an Inception network's answers; here they are those of any classifier."""
    logs = logits.cpu().double().log_softmax(-1)
    shares = logs.exp()
    marginal = shares.mean(1, keepdim=True).clamp(min=torch.finfo(torch.float64).tiny).log()
    scores: Tensor = (shares * (logs - marginal)).sum(-1).mean(1).exp()
    return scores


def _fitted(points: Tensor) -> tuple[Tensor, Tensor]:
    """The mean and the covariance of points (P, D)."""
    if len(points) < 2:
        raise ValueError(f"a Gaussian is fitted to at least two points; got {len(points)}")
    covariance: Tensor = torch.cov(points.T).reshape(points.shape[1], points.shape[1])
    return points.mean(0), covariance


def _between(mean: Tensor, covariance: Tensor, other_mean: Tensor, other_covariance: Tensor) -> Tensor:
    """The squared distance of two Gaussians. Tr(Σ₁Σ₂)^½ is the sum of the roots of the eigenvalues of Σ₁^½Σ₂Σ₁^½."""
    values, vectors = torch.linalg.eigh(covariance)
    root = vectors * values.clamp(min=0).sqrt() @ vectors.T
    crossed = torch.linalg.eigvalsh(root @ other_covariance @ root).clamp(min=0).sqrt().sum()
    squared = (mean - other_mean).square().sum() + covariance.trace() + other_covariance.trace() - 2 * crossed
    distance: Tensor = squared.clamp(min=0)
    return distance
