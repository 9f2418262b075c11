"""Other ways to compute the step of an ensemble, kept to be timed beside the way that landscape computes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields

import torch
from torch import Tensor, nn
from torch.nn.functional import pad

from landscape.ensemble import Ensemble
from landscape.nets import CNN, Net, Parameters
from landscape.nets.net import activate

Make = Callable[[Net], Net]


def company_changed(net: Net) -> Net:
    """The net with the opposite choice: members one after another where landscape stacks them, and stacked where it loops."""
    return _as(type("Other", (type(net),), {"alone": lambda self, dim, points: not net.alone(dim, points)}), net)


def one_grouped_convolution(net: Net) -> Net:
    """The net with all members of a block in a single grouped convolution, which vmap makes of a loop, too."""
    ours = {"_group": lambda self, dim, count, device: 0, "alone": lambda self, dim, points: False}
    return _as(type("Grouped", (type(net),), ours), net)


def im2col(net: Net) -> Net:
    """The CNN whose convolution is a stacked product with nine shifted copies of the image."""
    return _as(Im2col, net)


class Im2col(CNN):
    """A CNN whose convolutions are products of stacked matrices."""

    def forward(self, parameters: Parameters, points: Tensor) -> Tensor:
        members, count, dim = points.shape
        height, width, channels = self.form(dim)
        value = points.reshape(members, count, height, width, channels)
        for index in range(self.hidden + 1):
            weight, bias = parameters[f"layers.{index}.weight"], parameters[f"layers.{index}.bias"]
            matrix = weight.permute(0, 3, 4, 2, 1).flatten(1, 3)
            around = pad(value, (0, 0, 1, 1, 1, 1))
            shifted = [around[:, :, i : i + height, j : j + width] for i in range(3) for j in range(3)]
            product = torch.baddbmm(bias[:, None], torch.cat(shifted, -1).flatten(1, 3), matrix)
            function = self.output if index == self.hidden else self.activation
            value = activate(function, product).view(members, count, height, width, -1)
        return value.reshape(points.shape)

    def alone(self, dim: int, points: int) -> bool:
        return False


def vmapped_fit(modules: list[nn.Module], points: Tensor, steps: int, lr: float) -> Tensor:
    """Train modules together by torch.func.vmap and Adam over the stacked parameters. Returns the last losses: (E,)."""
    stacked, _ = torch.func.stack_module_state(modules)  # type: ignore[arg-type]

    def loss(parameters: dict[str, Tensor], x: Tensor) -> Tensor:
        return (torch.func.functional_call(modules[0], parameters, (x,)) - x).square().mean()

    optimiser = torch.optim.Adam(stacked.values(), lr=lr)
    for _ in range(steps):
        optimiser.zero_grad()
        losses: Tensor = torch.func.vmap(loss)(stacked, points)
        losses.sum().backward()
        optimiser.step()
    return losses.detach()


def with_net(ensemble: Ensemble, make: Make) -> Ensemble:
    """The ensemble with the same parameters, and with the net that `make` gives."""
    return Ensemble(make(ensemble.net), ensemble.dim, ensemble.flat)


def _as(kind: type[Net], net: Net) -> Net:
    return kind(**{field.name: getattr(net, field.name) for field in fields(net)})
