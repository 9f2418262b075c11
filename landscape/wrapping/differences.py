"""Derivatives of what torch cannot differentiate, such as functions of numpy arrays: by central differences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from landscape.wrapping.parts import pieces
from landscape.wrapping.wrapped import Wrapped

PROBES_TOGETHER = 2**12  # points at which the function is evaluated at once
ENTRIES_TOGETHER = 2**22  # of Jacobians that are held at once while gradients flow back


@dataclass(frozen=True, eq=False, repr=False)
class Differenced(Wrapped):
    """A wrapped map whose derivatives are central differences, (f(x + h) − f(x − h)) / 2h along each coordinate.

    `digits` is the precision of the function's results. Its rounding ε sets h, the cube root of ε times the range, and the
    error of the derivatives: about 1e-10 for float64, and 1e-4 for float32, where the function is smooth. A Jacobian takes 2 D
    evaluations per point. Second derivatives are not computed: they count as zero."""

    digits: torch.dtype

    def __call__(self, points: Float[Tensor, "members points dim"]) -> Float[Tensor, "members points dim"]:
        image: Tensor = _Flow.apply(points.to(self.dtype), self)  # type: ignore[no-untyped-call]
        return image

    @torch.no_grad()
    def jacobian(self, points: Float[Tensor, "members points dim"]) -> Float[Tensor, "members points dim dim"]:
        """∂f_i/∂x_j at [..., i, j], by central differences: (E, P, D, D)."""
        members, count, dim = points.shape
        kind = torch.float64 if self.digits == torch.float64 else self.dtype
        model = self.to(dtype=kind).how
        step = (self.high - self.low) * torch.finfo(self.digits).eps ** (1 / 3)
        moves = torch.eye(dim, dtype=kind, device=points.device) * step
        probes = points.to(kind)[:, :, None] + torch.cat([moves, -moves])
        images = [model(some) for some in pieces(probes.flatten(1, 2), PROBES_TOGETHER, 1)]
        up, down = torch.cat(images, 1).view(members, count, 2, dim, dim).unbind(2)
        slopes: Tensor = ((up - down) / (2 * step)).transpose(-1, -2).to(points.dtype)
        return slopes


class _Flow(torch.autograd.Function):
    """The map itself forwards; backwards, the product of a gradient with the Jacobian."""

    @staticmethod
    def forward(ctx: Any, points: Tensor, model: Differenced) -> Tensor:
        ctx.model = model
        ctx.save_for_backward(points)
        return model.how(points.detach())

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        (points,) = ctx.saved_tensors
        (gradient,) = gradients
        size = max(1, ENTRIES_TOGETHER // points.shape[0] // points.shape[2] ** 2)
        back = [
            (some[..., None, :] @ ctx.model.jacobian(at.detach()))[..., 0, :]
            for at, some in zip(pieces(points, size, 1), pieces(gradient, size, 1), strict=True)
        ]
        return torch.cat(back, 1), None
