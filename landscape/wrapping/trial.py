"""What a call of a module on a few points shows: whether it fits, and whether it is a function of each point alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from traceback import walk_tb
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import FlopCounterMode

from landscape.wrapping.copying import NotAMap, takes
from landscape.wrapping.parts import Part

TRIED = 5  # points of the trial
SLOW_IN_VMAP = ("convolution", "attention", "softmax", "rnn", "lstm", "gru")  # parts of names of torch's operations
SAME = 1e-4  # of the range: images that differ by less are the same up to rounding
RANDOM = (nn.modules.dropout._DropoutNd,)
MIXING = (nn.modules.batchnorm._BatchNorm,)


@dataclass(frozen=True)
class Trial:
    """What the trial of a member showed.

    - `stochastic`, `stateful`: why a point's image may differ from call to call, or depends on the other points; else empty.
    - `differentiable`: whether gradients flow from the images to the points.
    - `numbers`: how many numbers a call makes per point; `largest`: those of its largest tensor. `operations`: its
      multiplications per point.
    - `slow_in_vmap`: whether it has convolutions or attention, which a loop over members evaluates faster on a CPU."""

    stochastic: str
    stateful: str
    differentiable: bool
    numbers: int
    largest: int
    operations: int
    slow_in_vmap: bool


def trial_points(dim: int, low: float, high: float, dtype: torch.dtype, device: torch.device) -> Tensor:
    """The points of the trial, uniform in [low, high]^D and the same each time: (5, D)."""
    drawn = torch.rand(TRIED, dim, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    return (low + (high - low) * drawn).to(device, dtype)


def tried(part: Part, dtype: torch.dtype, device: torch.device) -> Trial:
    """The trial of a member at uniform points of its range. Its buffers and torch's global stream are kept.

    Raises ValueError in one line for a member that cannot take the points, gives no image of each, or gives NaN."""
    low, high = part.range
    points = trial_points(part.dim, low, high, dtype, device)
    with _streams_kept(device), torch.no_grad():
        before = _state(part)
        first = called(part, points)
        if not bool(first.isfinite().all()):
            bad = int((~first.isfinite()).any(1).sum())
            raise ValueError(
                f"{part.called.title} gives NaN or infinite numbers at {bad} of {TRIED} points drawn uniformly from "
                f"[{low:g}, {high:g}]^{part.dim}; check its weights, and pass the range of its data as range=(low, high)"
            )
        again = called(part, points)
        changed = [name for name, value in part.called.named_buffers() if not torch.equal(value, before[name])]
        apart = torch.cat([called(part, points[:2]), called(part, points[2:])])
        counted = _counted(part, points[:1])
        room = SAME * max(high - low, float(first.abs().max()))
        stochastic = stateful = ""
        if changed:
            stateful = f"keeps state: its buffer {changed[0].removeprefix('inner.')} changes in a call"
        elif float((again - first).abs().max()) > room:
            stochastic = f"gives other images for the same points{_named(part, RANDOM)}"
        elif float((apart - first).abs().max()) > room:
            stateful = f"lets a point's image depend on the other points of its batch{_named(part, MIXING)}"
        flows = _flows(part, points, float((first - first[:1]).abs().max()) > 0)
        for name, value in part.called.named_buffers():
            value.copy_(before[name])
    return Trial(stochastic, stateful, flows, *counted)


def called(part: Part, points: Tensor) -> Tensor:
    """The images of points (P, D). Raises ValueError in one line if the module cannot take them, and NotAMap for a function
    that makes a network."""
    try:
        return part(points)
    except Exception as error:
        if isinstance(error, NotAMap) or (isinstance(error, ValueError) and str(error).startswith(part.called.title)):
            raise
        if _in_constructor(error):
            raise NotAMap(part.called.makes()) from error
        raise ValueError(_cannot(part, points, error)) from error


def _in_constructor(error: Exception) -> bool:
    """Whether an error came up while a torch module was made: what was called makes a network, and is none."""
    frames = [frame for frame, _ in walk_tb(error.__traceback__)]
    return any(
        frame.f_code.co_name == "__init__" and isinstance(frame.f_locals.get("self"), nn.Module) for frame in frames
    )


def _cannot(part: Part, points: Tensor, error: Exception) -> str:
    text = " ".join(str(error).partition("\n")[0].split())
    needed = takes(part.called.inner, needed=True)
    if part.called.call is None and not isinstance(part.called.inner, nn.Module) and len(needed) > 1:
        return (
            f"{part.called.title} takes {', '.join(needed)}, and a map takes one batch of points: pass "
            f"call=lambda function, batch: function(batch, …), or, if it makes a network, what it makes"
        )
    return (
        f"{part.called.title} cannot take a batch {(len(points), *part.shape)}: {type(error).__name__}: {text}. "
        f"`shape` is that of one point, without the batch; it is {part.shape}"
    )


def _flows(part: Part, points: Tensor, varies: bool) -> bool:
    """Whether gradients flow from the images to the points. A constant map needs none."""
    with torch.enable_grad():
        leaf = points.detach().requires_grad_(True)
        try:
            out = part(leaf)
            if not out.requires_grad:
                return not varies
            return torch.autograd.grad(out.sum(), leaf, allow_unused=True)[0] is not None or not varies
        except Exception:  # whatever the caller's code raises here, gradients do not flow through it
            return False


def _state(part: Part) -> dict[str, Tensor]:
    """Copies of the module's buffers, by name."""
    return {name: value.clone() for name, value in part.called.named_buffers()}


def _named(part: Part, kinds: tuple[type[nn.Module], ...]) -> str:
    """The first layer of one of the kinds that is at work, as an addition to a message; empty if there is none.

    Torch's own layers of these kinds are at work in training mode, a batch norm without running statistics always. A layer of a
    class of the caller's may draw in any mode. A dropout of probability 0 draws nothing."""
    for name, layer in part.called.named_modules():
        torchs = type(layer).__module__.startswith("torch.")
        works = layer.training or not torchs or getattr(layer, "running_mean", layer) is None
        if isinstance(layer, kinds) and works and getattr(layer, "p", 1) > 0:
            return f" ({type(layer).__name__} {name.removeprefix('inner').removeprefix('.')}".rstrip() + ")"
    return ""


@contextmanager
def _streams_kept(device: torch.device) -> Iterator[None]:
    """Keep the global random streams of torch and numpy as they are."""
    devices = [device.index or 0] if device.type == "cuda" else []
    numpy_state = np.random.get_state()  # noqa: NPY002  functions of the caller may draw from it
    try:
        with torch.random.fork_rng(devices=devices):
            yield
    finally:
        np.random.set_state(numpy_state)  # noqa: NPY002


class _Made(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Counts the numbers of all tensors that operations make, other than views of what was there."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.numbers, self.largest, self.slow_in_vmap = 0, 0, False

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        out = func(*args, **(kwargs or {}))
        self.slow_in_vmap |= any(name in str(func) for name in SLOW_IN_VMAP)
        if not func.is_view:
            made = out if isinstance(out, tuple | list) else [out]
            sizes = [value.numel() for value in made if isinstance(value, Tensor)]
            self.numbers += sum(sizes)
            self.largest = max([self.largest, *sizes])
        return out


def _counted(part: Part, point: Tensor) -> tuple[int, int, int, bool]:
    """The last four fields of `Trial`. A function that torch does not see counts as 4 D numbers."""
    made = _Made()
    try:
        with FlopCounterMode(display=False) as counter, made:
            called(part, point)
        operations = counter.get_total_flops() // 2
    except Exception:  # some operations cannot be counted, though they can be computed
        operations = 0
    held = sum(value.numel() for value in part.called.parameters())
    numbers = max(4 * part.dim, made.numbers), max(part.dim, made.largest)
    return *numbers, max(operations or held, part.dim), made.slow_in_vmap
