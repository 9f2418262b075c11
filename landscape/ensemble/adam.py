"""Adam on a few tensors: torch's kernel without torch's class, which loads torch's compiler and takes a second for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import torch
from torch import Tensor

ADAM_SETTINGS: dict[str, Any] = {  # torch.optim.Adam's own
    "beta1": 0.9,
    "beta2": 0.999,
    "eps": 1e-8,
    "weight_decay": 0.0,
    "amsgrad": False,
    "maximize": False,
}


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
