"""Layers whose injectivity is known, and a check of collisions that shares no code with the package."""

from __future__ import annotations

import numpy as np

from landscape.measures.exact import LayerInjectivity


def basis_pair(dim: int, seed: int, more: int = 0) -> np.ndarray:
    """[B; −DB; M] with a Gaussian basis B, positive D and `more` Gaussian rows M: one-to-one. (2·dim + more, dim)."""
    random = np.random.default_rng(seed)
    basis, scale = random.standard_normal((dim, dim)), random.uniform(0.5, 2, (dim, 1))
    return np.vstack([basis, -scale * basis, random.standard_normal((more, dim))])


def shuffled(weight: np.ndarray, seed: int) -> np.ndarray:
    """The rows in another order, each scaled by a positive number."""
    random = np.random.default_rng(seed)
    return random.permutation(weight) * random.uniform(0.3, 3, (len(weight), 1))


def assert_merged(found: LayerInjectivity, weight: np.ndarray, bias: np.ndarray | float = 0.0) -> None:
    """The pair's points differ, and ReLU(Wx + b) is the same at both in float64, to 1e-10 of ‖W‖·‖x − y‖."""
    assert found.verdict == "not one-to-one"
    assert found.pair is not None
    one, other = found.pair.numpy()
    apart = np.linalg.norm(one - other)
    assert apart > 0
    values = [np.maximum(np.asarray(weight, float) @ x + bias, 0) for x in (one, other)]
    assert np.linalg.norm(values[0] - values[1]) <= 1e-10 * np.linalg.norm(weight) * apart
    assert found.residual is not None
    assert found.residual <= 1e-10


def smallest_ratio(weight: np.ndarray, bias: np.ndarray | float, points: np.ndarray) -> float:
    """The least ‖f(x) − f(y)‖ / ‖x − y‖ over pairs of the points: consecutive ones, close ones, and opposite ones."""
    random = np.random.default_rng(0)
    pairs = [(points[:-1], points[1:]), (points, points + 1e-3 * random.standard_normal(points.shape))]
    if not np.any(bias):
        pairs.append((points, -points))
    found = []
    for x, y in pairs:
        images = [np.maximum(z @ weight.T + bias, 0) for z in (x, y)]
        found.append((np.linalg.norm(images[0] - images[1], axis=1) / np.linalg.norm(x - y, axis=1)).min())
    return float(min(found))
