"""Training objectives: the reconstruction error, as a loss of choice, denoising, and contractive or idempotent penalties."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from landscape.ensemble.spec import FitSpec
from landscape.nets import Gradient, Net, Parameters, differentiate
from landscape.nets.net import activate

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
    if how.objective in ("plain", "denoising") and how.precision == "float32" and how.loss == "mse":
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
    linear = net.without_squash() if how.loss == "bce" else net

    def total(leaves: Parameters) -> tuple[Tensor, Tensor]:
        def function(x: Tensor) -> Tensor:
            return net.forward(leaves, x).float()

        if how.loss == "bce":
            before = linear.forward(leaves, inputs).float()
            loss, errors = _cross_entropy(before, targets)
        else:
            rest = function(inputs) - targets
            errors = rest.square().mean((1, 2))
            loss = rest.abs().mean((1, 2)) if how.loss == "l1" else errors
        if how.objective == "contractive":
            return loss + how.strength * _squared_slope(function, inputs, draw("normal")), errors
        if how.objective == "idempotent":
            return loss + how.strength * _change_on_repeat(function, draw("uniform")), errors
        return loss, errors

    def gradient() -> Tensor:
        with torch.autocast(kind, torch.bfloat16, enabled=how.precision == "bfloat16"):
            return differentiate(total, parameters, gradients)

    return gradient


def check_loss(how: FitSpec, net: Net) -> None:
    """Raise ValueError if the net's outputs are none that the loss of `how` can take."""
    squash = getattr(net, "output", "linear")
    if how.loss == "bce" and squash != "sigmoid":
        raise ValueError(
            f"`loss` bce takes outputs between 0 and 1, of a net that ends in a sigmoid; got one that ends in {squash}. "
            "Take mse or l1"
        )


def _cross_entropy(before: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    """A function whose gradient is that of the mean cross entropy, and the mean squared error: (E,) each.

    `before` are outputs z before the sigmoid. The gradient with respect to z is sigmoid(z) − x, without a logarithm that could
    be of zero; the function's own value means nothing."""
    errors = activate("sigmoid", before.detach()) - targets
    return (errors * before).mean((1, 2)), errors.square().mean((1, 2))


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
