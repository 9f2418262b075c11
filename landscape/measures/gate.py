"""The gate: how the arrays that callers pass to `measures` are checked and converted.

- Shapes: (P, D) is one set of P points for all members, (E, P, D) a set for each member, (P, h, w, c) a set of images. Three
  axes always mean members, points and coordinates. So grey images (N, h, w) must be passed as (N, h, w, 1) or (N, h·w).
- Types: torch tensors, numpy arrays and nested lists of numbers are accepted. float32 and float64 stay as they are. Integers,
  booleans and half precision become float32 if it holds the type exactly, else float64.
- Sets of points that are compared with each other get the widest precision among them, one device, and the same number of
  members."""

from __future__ import annotations

import functools
import inspect
import threading
import warnings
from collections.abc import Callable, Collection, Sequence
from typing import Any, TypeVar, cast

import numpy as np
import torch
from torch import Tensor

from landscape.measures.maps import Map, expect_map, flattened, precision

F = TypeVar("F", bound=Callable[..., Any])
MAX_EXACT_INTEGER = 2**53  # float64 holds all integers below it, and rounds the next larger integer to it
EXACT_IN_FLOAT32 = (torch.bool, torch.uint8, torch.int8, torch.int16, torch.uint16, torch.float16, torch.bfloat16)
INTEGERS = (torch.int32, torch.uint32, torch.int64, torch.uint64)
_within = threading.local()  # `gate` is true while a measure runs: the measures that it calls do not check again


def gated(
    *names: str, unchecked: Collection[str] = (), layout: bool = True, positional_once: Sequence[str] = ()
) -> Callable[[F], F]:
    """A decorator that checks and converts the arguments `names` of a measure. Arguments that are None are left alone.

    1. Each array becomes a tensor of float32 or float64.
    2. Sets of points become (E, P, D). Exceptions: a measure of a `model` calls `per_member` itself, so its points keep their
       shape, and `data` are put on the model's device, in its precision, for all members. Without `layout` all shapes stay.
    3. Numbers must be finite, except in `unchecked` arguments. The measure says what it does with other numbers there.
    4. `low` and `high` that are not given are the range with which `landscape.wrap` made the model. Other maps have no range of
       their own; for them the defaults in the measure's signature hold.

    `positional_once` are keyword-only options that older versions also accepted by position, in this order. They still are,
    with a DeprecationWarning."""

    def decorate(function: F) -> F:
        signature = inspect.signature(function)
        of_model = "model" in signature.parameters
        positional = sum(one.kind is one.POSITIONAL_OR_KEYWORD for one in signature.parameters.values())
        by_name = [name for name, one in signature.parameters.items() if one.kind is one.KEYWORD_ONLY]

        @functools.wraps(function)
        def through(*given: Any, **options: Any) -> Any:
            if getattr(_within, "gate", False):
                return function(*given, **options)
            if of_model and "map" in options:
                warnings.warn("the argument `map` is now `model`", DeprecationWarning, stacklevel=2)
                options["model"] = options.pop("map")
            if 0 < len(given) - positional <= len(positional_once):
                late = dict(zip(positional_once, given[positional:], strict=False))
                listed = ", ".join(f"{name}=…" for name in late)
                warnings.warn(
                    f"pass options of `{function.__name__}` by name: {listed}", DeprecationWarning, stacklevel=2
                )
                given, options = given[:positional], late | options
            if len(given) > positional:
                raise TypeError(
                    f"too many positional arguments: `{function.__name__}` takes {positional}, got {len(given)}. "
                    f"Pass options by name: {', '.join(by_name) or 'it has none'}"
                )
            bound = signature.bind(*given, **options)
            arguments = {
                name: bound.arguments[name]
                for name in names
                if name in bound.arguments
                and not (bound.arguments[name] is None and signature.parameters[name].default is None)
                and not (name == "start" and isinstance(bound.arguments[name], str))  # the name of a distribution
            }
            if of_model:
                expect_map(bound.arguments["model"])
                bound.arguments |= _range_of(bound)
            _within.gate = True
            try:
                arrays = {name: as_numbers(name, value) for name, value in arguments.items()}
                if of_model and "data" in arrays:
                    arrays["data"] = _beside(bound.arguments["model"], arrays["data"])
                bound.arguments |= arrays if of_model or not layout else as_sets(arrays)
                check_finite({name: bound.arguments[name] for name in arguments if name not in unchecked})
                return function(*bound.args, **bound.kwargs)
            finally:
                _within.gate = False

        return cast(F, through)

    return decorate


def _range_of(bound: inspect.BoundArguments) -> dict[str, float]:
    """The ends of the wrapped model's range that the measure takes and that were not given."""
    model, parameters = bound.arguments["model"], bound.signature.parameters
    left = [end for end in ("low", "high") if end in parameters and end not in bound.arguments]
    return {end: own for end in left if isinstance(own := getattr(model, end, None), float)}


def as_numbers(name: str, values: object) -> Tensor:
    """`values` as a tensor of float32 or float64. Raises ValueError if they are not an array of real numbers."""
    array = values if isinstance(values, Tensor) else _from_numpy(name, values)
    if array.is_complex() or array.is_quantized or array.device.type == "meta" or array.layout != torch.strided:
        raise ValueError(f"`{name}` must be a dense array of real numbers; got {_kind(array)}")
    if array.dtype in (torch.float32, torch.float64):
        return array
    if array.dtype in EXACT_IN_FLOAT32:
        return array.float()
    if array.dtype not in INTEGERS:
        raise ValueError(f"`{name}` must be float32, float64, half precision or integers; got {_kind(array)}")
    double = array.float() if array.device.type == "mps" else array.double()
    if array.dtype in (torch.int64, torch.uint64) and array.numel() and float(double.abs().max()) >= MAX_EXACT_INTEGER:
        raise ValueError(
            f"`{name}` must hold integers below 2^53 in size, as float64 cannot distinguish larger ones; scale or shift them"
        )
    return double


def as_sets(arrays: dict[str, Tensor]) -> dict[str, Tensor]:
    """The sets of points as (E, P, D) with equal E and D, in the same precision and on the same device.

    (P, D) is one set for all members, (P, h, w, c) a set of images. Raises ValueError for other shapes, for sets without a
    point or a coordinate, and if the numbers of members or of dimensions differ."""
    sets = {name: _one_set(name, values) for name, values in arrays.items()}
    if not sets:
        return sets
    listed = "; ".join(f"`{name}` {tuple(arrays[name].shape)}" for name in sets)
    if len({points.shape[2] for points in sets.values()}) > 1:
        raise ValueError(
            f"points must have one number of coordinates; got {listed}. Flatten images: x.reshape(len(x), -1)"
        )
    members = max(len(points) for points in sets.values())
    if {len(points) for points in sets.values()} - {1, members}:
        raise ValueError(
            f"sets (members, points, coordinates) must have the same number of members, or 1; got {listed}. "
            "Flatten images: x.reshape(len(x), -1)"
        )
    devices = {points.device for points in sets.values()} - {torch.device("cpu")}
    if len(devices) > 1:
        raise ValueError(f"points must be on one device; got {', '.join(sorted(map(str, devices)))}")
    kind = functools.reduce(torch.promote_types, (points.dtype for points in sets.values()))
    device = next(iter(devices), torch.device("cpu"))
    moved = {name: points.to(device, kind) for name, points in sets.items()}
    return {
        name: points if len(points) == members else points.expand(members, -1, -1) for name, points in moved.items()
    }


def check_finite(arrays: dict[str, Tensor]) -> None:
    """Raise a ValueError that names the first array with numbers that are not finite. A GPU is waited for only once."""
    if not arrays:
        return
    device = next(iter(arrays.values())).device
    bad = torch.stack([(~values.isfinite()).sum().to(device) for values in arrays.values()])
    for (name, values), count in zip(arrays.items(), bad.tolist(), strict=True):
        if count:
            raise ValueError(f"`{name}` must hold finite numbers; {count:,} of {values.numel():,} are NaN or infinite")


def _beside(model: Map, data: Tensor) -> Tensor:
    """The data on the model's device and in its precision; a single set is expanded to all members."""
    placed = flattened(model, data).to(model.device, precision(model))
    return placed.expand(model.members, *placed.shape) if placed.ndim == 2 else placed


def _one_set(name: str, values: Tensor) -> Tensor:
    """A set of points as (E, P, D), with E = 1 if it has no member axis. Raises ValueError for other shapes."""
    if values.ndim not in (2, 3, 4):
        raise ValueError(
            f"`{name}` must be (points, coordinates), (members, points, coordinates) or images (points, height, width, "
            f"channels); got {tuple(values.shape)}"
        )
    if 0 in values.shape:
        raise ValueError(f"`{name}` must hold at least one point of at least one coordinate; got {tuple(values.shape)}")
    if values.ndim == 4:
        return values.flatten(1)[None]
    return values[None] if values.ndim == 2 else values


def _from_numpy(name: str, values: object) -> Tensor:
    """A numpy array or nested list as a tensor. Raises ValueError for masked entries and for what is not numeric."""
    if np.ma.is_masked(values):
        raise ValueError(f"`{name}` must be an array without masked entries; leave their rows out, or fill them in")
    try:
        array = np.asarray(values)
        if array.dtype.kind == "f" and array.dtype.itemsize > 8:
            array = array.astype(np.float64)
        native = array.astype(array.dtype.newbyteorder("="), copy=False)
        return torch.from_numpy(
            np.array(native, copy=True) if not native.flags.writeable else np.ascontiguousarray(native)
        )
    except (TypeError, ValueError) as error:
        kind = f"numpy {values.dtype}" if isinstance(values, np.ndarray) else type(values).__name__
        raise ValueError(f"`{name}` must be a tensor or an array of real numbers; got {kind}") from error


def _kind(values: Tensor) -> str:
    """The type of a tensor, for error messages."""
    kind = "" if values.layout == torch.strided else ", sparse"
    return f"{values.dtype}".removeprefix("torch.") + (", without content (meta)" if values.is_meta else kind)
