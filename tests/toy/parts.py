"""Architectures and measures of a user: `--net tests/toy/parts.py:make`, `--measure tests/toy/parts.py:steepest`."""

from __future__ import annotations

import torch
from torch import Tensor, nn


def make(dim: int, width: int, hidden: int) -> nn.Module:
    layers: list[nn.Module] = [nn.Linear(dim, width), nn.Tanh(), nn.LayerNorm(width)]
    for _ in range(hidden - 1):
        layers += [nn.Linear(width, width), nn.Tanh()]
    return nn.Sequential(*layers, nn.Linear(width, dim))


def convolution(dim: int) -> nn.Module:
    return nn.Sequential(nn.Unflatten(1, (1, 2, dim // 2)), nn.Conv2d(1, 1, 3, padding=1), nn.Flatten())


def steepest(map, points: Tensor) -> Tensor:  # type: ignore[no-untyped-def]
    """The largest distance between a point and its image."""
    return (map(points) - points).abs().amax((1, 2))


def missed(map, points: Tensor, data: Tensor) -> Tensor:  # type: ignore[no-untyped-def]
    """The largest loss at a training point."""
    return (map(data) - data).square().amax((1, 2))


def pair(map, points: Tensor) -> Tensor:  # type: ignore[no-untyped-def]
    return torch.zeros(len(points), 2)
