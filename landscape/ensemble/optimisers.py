"""Steps of Adam, AdamW and SGD by torch's kernels, without its classes, which load torch's compiler: that takes a second."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import torch
from torch import Tensor

from landscape.ensemble.spec import FitSpec

ADAM_SETTINGS: dict[str, Any] = {  # torch.optim.Adam's own
    "beta1": 0.9,
    "beta2": 0.999,
    "eps": 1e-8,
    "weight_decay": 0.0,
    "amsgrad": False,
    "maximize": False,
}
COUNT = "step"  # the name of the number of steps taken; the other moments have the parameters' shape


def moments_of(how: FitSpec, flat: Tensor) -> dict[str, Tensor]:
    """What the optimiser of `how` keeps beside the parameters `flat`, before its first step: zeros, by torch's names."""
    if how.optimizer == "sgd":
        return {"momentum_buffer": torch.zeros_like(flat)} if how.momentum else {}
    moments = {name: torch.zeros_like(flat) for name in ("exp_avg", "exp_avg_sq")}
    return {COUNT: torch.zeros((), device=flat.device), **moments}


def take_step(how: FitSpec, flat: Tensor, slope: Tensor, moments: dict[str, Tensor], rate: float) -> None:
    """Take a step of the optimiser of `how` down the `slope`, at the learning rate `rate`: `flat` and `moments` are changed.

    The steps are those of torch.optim.Adam, AdamW and SGD (without dampening and Nesterov's momentum)."""
    if how.optimizer == "sgd":
        torch._fused_sgd_(
            [flat], [slope], list(moments.values()), weight_decay=how.weight_decay, momentum=how.momentum, lr=rate,
            dampening=0.0, nesterov=False, maximize=False, is_first_step=False,
        )  # fmt: skip
        return
    count = moments[COUNT]
    count.add_(1)
    kernel = torch._fused_adamw_ if how.optimizer == "adamw" else torch._fused_adam_
    settings = ADAM_SETTINGS | {"weight_decay": how.weight_decay}
    kernel([flat], [slope], [moments["exp_avg"]], [moments["exp_avg_sq"]], [], [count], lr=rate, **settings)


class Adam:
    """torch.optim.Adam(fused=True) on these tensors, which it changes in place. `settings` replace ADAM_SETTINGS."""

    def __init__(self, parameters: Iterable[Tensor], lr: float, **settings: float) -> None:
        self.lr, self.settings = lr, ADAM_SETTINGS | settings
        self.parameters: Sequence[Tensor] = list(parameters)
        self.first, self.second = ([torch.zeros_like(one) for one in self.parameters] for _ in range(2))
        self.count = torch.zeros((), device=self.parameters[0].device)

    def descend(self, loss: Tensor, share: float = 1.0) -> None:
        """A step down the gradient of the loss, at a share of the learning rate."""
        slopes = list(torch.autograd.grad(loss, self.parameters))
        trained = list(self.parameters)
        self.count += 1
        with torch.no_grad():
            torch._fused_adam_(
                trained,
                slopes,
                self.first,
                self.second,
                [],
                [self.count] * len(trained),
                lr=self.lr * share,
                **self.settings,
            )

    def state(self, name: str) -> Iterator[tuple[str, Tensor]]:
        """The tensors of its state, by names that begin with `name`."""
        yield f"{name}.count", self.count
        for index, moments in enumerate(zip(self.first, self.second, strict=True)):
            yield f"{name}.first.{index}", moments[0]
            yield f"{name}.second.{index}", moments[1]
