"""One member of a wrapped map: a module or a function of a batch, as a map of flat points."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from landscape.notes import note
from landscape.wrapping.copying import Called, NotAMap, precisions


@dataclass(frozen=True, eq=False)
class Part:
    """The map of one member: (P, D) → (P, D).

    - `shape`: of one point in the batch that the module or function gets.
    - `range`: of the data, from which the trial draws its points.
    - `fixed`: the precision in which it always computes, if it cannot be cast.
    - `batch`: the number of points that it takes at once, if it takes no other number, as exported programs may.
    - `known`: what has been read of its code, for this part and all casts of it."""

    called: Called
    shape: tuple[int, ...]
    range: tuple[float, float]
    fixed: torch.dtype | None = None
    batch: int | None = None
    known: dict[str, Any] = field(default_factory=dict)

    @property
    def dim(self) -> int:
        return math.prod(self.shape)

    def __call__(self, points: Float[Tensor, "*members dim"]) -> Float[Tensor, "*members dim"]:
        return self.by(self._run, points)

    @cached_property
    def _run(self) -> Callable[[Tensor], Any]:
        """What takes a batch. A module without a call is called itself: looking it up at each call took a third of the time."""
        if self.batch is not None:
            return self._in_batches
        return self.called if self.called.call is not None else self.called.inner

    def by(self, module: Callable[[Tensor], Any], points: Float[Tensor, "*members dim"]) -> Tensor:
        """The images of flat points by `module`, which takes a batch."""
        if not points.numel():
            return points.clone()
        batch = points.reshape(-1, *self.shape)
        out = module(batch if self.fixed is None else batch.to(self.fixed))
        if not isinstance(out, Tensor) or out.numel() != points.numel():
            raise ValueError(self._unfit(batch, out))
        image: Tensor = out.reshape(points.shape)
        return image if image.dtype == points.dtype else image.to(points.dtype)

    def to(self, device: str | torch.device | None, dtype: torch.dtype | None) -> Part:
        """The same map on another device or in another precision, tried on a point.

        What cannot be cast stays in its precision; a note says so."""
        if dtype is None or self.fixed:
            return replace(self, called=self.called.placed(device, None))
        placed = replace(self, called=self.called.placed(device, dtype))
        try:
            with torch.no_grad():
                cast = raw_precision(placed, torch.zeros(1, self.dim, dtype=dtype, device=device))
        except (RuntimeError, TypeError, ValueError) as error:
            text = str(error).partition("\n")[0]
            self._say(f"cannot be cast to {_word(dtype)}, and computes in its own precision ({text})")
            own = next(iter(precisions(self.called)), torch.float32 if dtype == torch.float64 else torch.float64)
            return replace(self, called=self.called.placed(device, None), fixed=own)
        if dtype == torch.float64 and cast != dtype:
            self._say(f"gives {_word(cast)} for {_word(dtype)}: its results have no more digits")
        return placed

    def _say(self, words: str) -> None:
        """A note, once for a part and all casts of it."""
        if words not in self.known:
            self.known[words] = True
            note(f"{self.called.title} {words}")

    def _in_batches(self, batch: Tensor) -> Any:
        """The images of a batch by calls of as many points as it takes; the last is filled up with its last point."""
        images, size = [], self.batch or len(batch)
        for some in pieces(batch, size):
            filled = torch.cat([some, some[-1:].expand(size - len(some), *some.shape[1:])])
            out = self.called(filled)
            if not isinstance(out, Tensor):
                return out
            images.append(out[: len(some)])
        return torch.cat(images)

    def _unfit(self, batch: Tensor, out: object) -> str:
        """What is wrong with a result that is no image of the batch, in a line."""
        if isinstance(out, torch.nn.Module):
            raise NotAMap(self.called.makes(out))
        came = f"{self.called.title} must map points {tuple(batch.shape)} to as many numbers; it gave"
        if isinstance(out, Tensor):
            return (
                f"{came} {tuple(out.shape)}. Pass the part that maps points to points, by call=lambda module, batch: …"
            )
        named = {}
        if isinstance(out, Mapping):
            named = {f"[{key!r}]": value for key, value in out.items()}
        elif isinstance(out, list | tuple):
            named = {f"[{place}]": value for place, value in enumerate(out)}
        elif hasattr(out, "__dict__"):
            named = {f".{key}": value for key, value in vars(out).items() if not key.startswith("_")}
        kind = type(out).__name__
        if not named:
            return f"{came} {kind}. Say how to get a tensor by call=lambda module, batch: …"
        fitting = [key for key, value in named.items() if isinstance(value, Tensor) and value.numel() == batch.numel()]
        listed = ", ".join(
            f"{key} {tuple(v.shape) if isinstance(v, Tensor) else type(v).__name__}" for key, v in named.items()
        )
        return (
            f"{came} a {kind} with {listed}. Say which part is the image: "
            f"call=lambda module, batch: module(batch){(fitting or list(named))[0]}"
        )


class OfArrays:
    """A function of numpy arrays as a function of tensors, without gradients."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        self.__name__ = getattr(function, "__name__", type(function).__name__)

    def __call__(self, batch: Tensor) -> Any:
        out = self.function(batch.detach().cpu().numpy())
        if not isinstance(out, np.ndarray | np.generic | list | float):
            return out
        array = np.asarray(out)
        if array.dtype.kind not in "biuf":
            return out
        return torch.from_numpy(np.ascontiguousarray(array)).to(batch.device, batch.dtype)


def pieces(values: Tensor, size: int, axis: int = 0) -> list[Tensor]:
    """The tensor cut along an axis into pieces of at most `size`."""
    return [
        values.narrow(axis, first, min(size, values.shape[axis] - first))
        for first in range(0, values.shape[axis], size)
    ]


def raw_precision(part: Part, points: Tensor) -> torch.dtype:
    """The precision of what the module gives for points, before it is cast to theirs."""
    batch = points.reshape(-1, *part.shape)
    out = part.called(batch) if part.batch is None else part._in_batches(batch)
    return out.dtype if isinstance(out, Tensor) else points.dtype


def _word(kind: torch.dtype) -> str:
    return str(kind).removeprefix("torch.")
