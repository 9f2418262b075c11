"""Private copies of other people's modules: the caller's module is never moved, cast, or put into another mode."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from copy import deepcopy
from typing import Any

import torch
from torch import Tensor, nn


class NotAMap(ValueError):
    """What was given as a map makes networks instead."""


class Called(nn.Module):
    """A module, or a function, that takes a batch (P, *shape): by `call(inner, batch)` where a call is given."""

    def __init__(self, inner: Callable[..., Any], call: Callable[[Any, Tensor], Any] | None = None) -> None:
        super().__init__()
        self.inner, self.call = inner, call

    def forward(self, batch: Any) -> Any:  # a tensor, or what stands for it while torch.fx records
        return self.inner(batch) if self.call is None else self.call(self.inner, batch)

    @property
    def title(self) -> str:
        """The name of what is called, for messages."""
        if isinstance(self.inner, nn.Module):
            return f"the module {type(self.inner).__name__}"
        return f"the function {getattr(self.inner, '__name__', type(self.inner).__name__)}"

    def makes(self, out: object = None) -> str:
        """What to do where a function that makes networks was given as a map, in a line."""
        name = getattr(self.inner, "__name__", type(self.inner).__name__)
        what = f"a {type(out).__name__}" if out is not None else "a network"
        needed = takes(self.inner, needed=True)
        given = ", ".join(f"{key}=…" for key in needed)
        return (
            f"{name} makes {what} and is no map of points; it takes {' and '.join(needed) or 'an argument'}. Give what it "
            f"makes: landscape.wrap({name}({given})); on the command line, a function without arguments: def build(): return "
            f"{name}({given})"
        )

    def placed(self, device: torch.device | str | None, dtype: torch.dtype | None) -> Called:
        """The same on another device or in another precision: a cast copy of a module, a function as it is."""
        if not isinstance(self.inner, nn.Module):
            return self
        return Called(_copied(self.inner).to(device=device, dtype=dtype), self.call)


def takes(function: Callable[..., Any], *, needed: bool = False) -> list[str]:
    """The names of a function's arguments; with `needed`, only of those without a default.

    The list is empty for functions whose arguments Python does not tell, such as some of those written in C."""
    try:
        found = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return []
    named = [one for one in found if one.kind not in (one.VAR_POSITIONAL, one.VAR_KEYWORD)]
    return [one.name for one in named if one.default is one.empty or not needed]


def own_copy(module: nn.Module) -> nn.Module:
    """A copy of `module` in eval mode, whose parameters take no gradients.

    A module of torch.compile, or of data-parallel training, is copied without its wrapper. Raises ValueError for what cannot
    be copied."""
    copy = _copied(_behind(module))
    for part in list(copy.modules()):
        for name, child in list(part.named_children()):
            if (plain := _behind(child)) is not child:
                setattr(part, name, plain)
    with suppress(NotImplementedError):  # a program of torch.export has the mode in which it was exported
        copy.eval()
    for value in copy.parameters():
        value.requires_grad_(False)
        value.grad = None
    return copy


def precision_of(module: nn.Module) -> torch.dtype:
    """float64 if a parameter or buffer of the module has it, else float32."""
    return torch.float64 if torch.float64 in precisions(module) else torch.float32


def precisions(module: nn.Module) -> set[torch.dtype]:
    """The floating-point precisions of the module's parameters and buffers."""
    return {value.dtype for value in _tensors(module) if value.is_floating_point()}


def device_of(module: nn.Module) -> torch.device:
    """The device of the module's parameters and buffers; the CPU if it has none. Raises ValueError for several devices."""
    devices = {value.device for value in _tensors(module)}
    if len(devices) > 1:
        raise ValueError(
            f"a module must be on one device; {type(module).__name__} is on {', '.join(sorted(map(str, devices)))}"
        )
    return next(iter(devices), torch.device("cpu"))


def _tensors(module: nn.Module) -> Iterator[Tensor]:
    yield from module.parameters()
    yield from module.buffers()


def _behind(module: nn.Module) -> nn.Module:
    """The module itself, without the wrappers of torch.compile and of data-parallel training."""
    while True:
        if isinstance(inner := getattr(module, "_orig_mod", None), nn.Module):
            module = inner
        elif isinstance(module, nn.DataParallel | nn.parallel.DistributedDataParallel):
            module = module.module
        else:
            return module


def _copied(module: nn.Module) -> nn.Module:
    """A deep copy. Results of a forward pass that the module keeps as attributes are copied without their graph."""
    memo: dict[int, Any] = {
        id(value): value.detach().clone()
        for part in module.modules()
        for value in vars(part).values()
        if isinstance(value, Tensor) and not value.is_leaf
    }
    try:
        with warnings.catch_warnings(), torch.no_grad():  # TorchScript's parameters would be copied with a graph
            warnings.simplefilter(
                "ignore", FutureWarning
            )  # torch copies a program of torch.export by its own old functions
            return deepcopy(module, memo)
    except Exception as error:
        text = str(error).partition("\n")[0]
        raise ValueError(
            f"landscape.wrap copies what it measures, and {type(module).__name__} cannot be copied ({type(error).__name__}: "
            f"{text}); pass a function of a batch that calls it"
        ) from error
