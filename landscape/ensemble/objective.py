"""Training objectives: the reconstruction error, denoising, and contractive or idempotent penalties."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from landscape.ensemble.spec import FitSpec
from landscape.nets import Gradient, Net, Parameters, differentiate

Draw = Callable[[str], Tensor]
Function = Callable[[Tensor], Tensor]


def prepare(
    how: FitSpec, net: Net, parameters: Parameters, points: Tensor, gradients: Parameters, draw: Draw
) -> Gradient:
    """A function that writes the gradient of the objective at `points` (E, P, D) to `gradients`.

    Every call uses the current values of `points`. It returns the reconstruction errors without any penalty: (E,).
    draw('normal') must return (E, P, D) numbers from the unit normal, draw('uniform') from the data's range, each member's
    from its own generator."""
    inputs = torch.empty(points.shape, device=points.device) if how.objective == "denoising" else points
    if how.objective in ("plain", "denoising") and how.precision == "float32":
        gradient = net.prepare_gradient(parameters, inputs, points, gradients)
    else:
        gradient = _by_autograd(how, net, parameters, inputs, points, gradients, draw)
    if inputs is points:
        return gradient

    def denoising() -> Tensor:
        torch.add(points, draw("normal"), alpha=how.strength, out=inputs)
        return gradient()

    return denoising


def _by_autograd(
    how: FitSpec, net: Net, parameters: Parameters, inputs: Tensor, targets: Tensor, gradients: Parameters, draw: Draw
) -> Gradient:
    kind = targets.device.type

    def total(leaves: Parameters) -> tuple[Tensor, Tensor]:
        def function(x: Tensor) -> Tensor:
            return net.forward(leaves, x).float()

        errors = (function(inputs) - targets).square().mean((1, 2))
        if how.objective == "contractive":
            return errors + how.strength * _squared_slope(function, inputs, draw("normal")), errors
        if how.objective == "idempotent":
            return errors + how.strength * _change_on_repeat(function, draw("uniform")), errors
        return errors, errors

    def gradient() -> Tensor:
        with torch.autocast(kind, torch.bfloat16, enabled=how.precision == "bfloat16"):
            return differentiate(total, parameters, gradients)

    return gradient


def _squared_slope(function: Function, points: Tensor, direction: Tensor) -> Tensor:
    """‖J‖²/D averaged over the points: (E,).

    One vector–Jacobian product per point, in a random direction, estimates the trace of JJᵀ (Hutchinson's estimator)."""
    x = points.detach().requires_grad_(True)
    (pulled,) = torch.autograd.grad((function(x) * direction).sum(), x, create_graph=True)
    return pulled.square().mean((1, 2))


def _change_on_repeat(function: Function, points: Tensor) -> Tensor:
    """‖f(f(z)) − f(z)‖²/D averaged over the points: (E,)."""
    once = function(points)
    return (function(once) - once).square().mean((1, 2))
