"""Nets with weights written by hand, for which the right result of a measure is known."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from landscape.ensemble import Ensemble, build
from landscape.nets import MLP

MEMBERS = 3


def chain(*layers: tuple[Tensor, Tensor], output: str = "linear", activation: str = "relu") -> Ensemble:
    """An ensemble of affine maps, each (weight (E, in, out), bias (E, out))."""
    width = layers[0][0].shape[2] if len(layers) > 1 else 1
    net = MLP(hidden=len(layers) - 1, width=width, output=output, activation=activation)
    members, dim, _ = layers[0][0].shape
    ensemble = build(net, dim, range(members))
    for index, (weight, bias) in enumerate(layers):
        ensemble.parameters[f"layers.{index}.weight"].copy_(weight)
        ensemble.parameters[f"layers.{index}.bias"].copy_(bias[:, None])
    return ensemble


def affine(matrix: Tensor, shift: Tensor) -> Ensemble:
    """f(x) = matrix x + shift for each member: matrix (E, D, D), shift (E, D)."""
    return chain((matrix.transpose(1, 2), shift))


def identity(dim: int, members: int = MEMBERS) -> Ensemble:
    """f(x) = x on [0, ∞), through a hidden ReLU layer."""
    eye, zero = torch.eye(dim).expand(members, -1, -1), torch.zeros(members, dim)
    return chain((eye, zero), (eye, zero))


def half(dim: int, members: int = MEMBERS) -> Ensemble:
    """f(x) = σ(0)."""
    ensemble = build(MLP(hidden=2, width=5), dim, range(members))
    ensemble.flat.zero_()
    return ensemble


def broken_line(
    kinks: list[float], changes: list[float], start: float, slope: float = 0.0, members: int = 1
) -> Ensemble:
    """f on [0, ∞), one-dimensional: f(0) = start, first slope `slope`, which changes by changes[k] at kinks[k]."""
    width = len(kinks) + 1
    first = torch.ones(members, 1, width), -torch.tensor([0.0, *kinks]).expand(members, -1)
    last = torch.tensor([slope, *changes])[:, None].expand(members, -1, -1), torch.full((members, 1), start)
    return chain(first, last)


@dataclass(frozen=True)
class Opaque:
    """A map that has values only: no layers and no Jacobian."""

    ensemble: Ensemble

    @property
    def members(self) -> int:
        return self.ensemble.members

    @property
    def dim(self) -> int:
        return self.ensemble.dim

    @property
    def device(self) -> torch.device:
        return self.ensemble.device

    def select(self, indices: slice) -> Opaque:
        return replace(self, ensemble=self.ensemble.select(indices))

    def to(self, device: str | torch.device | None = None, dtype: torch.dtype | None = None) -> Opaque:
        return replace(self, ensemble=self.ensemble.to(device, dtype))

    def __call__(self, points: Tensor) -> Tensor:
        return self.ensemble(points)


@dataclass(frozen=True)
class Plain:
    """Any function of points as a map of one member. A module in it is cast by `to`."""

    function: Callable[[Tensor], Tensor]
    dim: int
    members: int = 1

    @property
    def device(self) -> torch.device:
        return torch.device("cpu")

    def select(self, indices: slice) -> Plain:
        return self

    def to(self, device: str | torch.device | None = None, dtype: torch.dtype | None = None) -> Plain:
        if not isinstance(self.function, torch.nn.Module):
            return self
        return replace(self, function=deepcopy(self.function).to(device, dtype))

    def __call__(self, points: Tensor) -> Tensor:
        return self.function(points[0])[None]
