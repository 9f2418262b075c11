"""`wrap`: a map for every measure from a module, a list of modules, an exported program or a function of a batch."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from landscape.notes import note
from landscape.wrapping.copying import Called, device_of, own_copy, precision_of, precisions
from landscape.wrapping.differences import Differenced
from landscape.wrapping.members import LEAST_IN_VMAP, MOST_IN_VMAP, Loop, Members, dense, in_stack
from landscape.wrapping.onnx_programs import OnnxProgram
from landscape.wrapping.parts import OfArrays, Part, raw_precision
from landscape.wrapping.trial import SAME, Trial, called, trial_points, tried
from landscape.wrapping.wrapped import Wrapped

Call = Callable[[Any, Tensor], Any]
ASK = "pass the shape of one point, without the batch, such as landscape.wrap(model, shape=(1, 28, 28))"


def wrap(
    model: Any,
    shape: int | Sequence[int] | None = None,
    range: tuple[float, float] = (0.0, 1.0),
    call: Call | Sequence[Call] | Mapping[str, Call] | None = None,
) -> Wrapped:
    """A map for every measure, (E, P, D) → (E, P, D), from somebody's network or function: E members, D numbers a point.

    `model` is one of these:
    - a `torch.nn.Module` that maps a batch (P, *shape) to as many numbers; also one of torch.compile or TorchScript, whose
      own code is used, and a program of `torch.export` (its ExportedProgram, or the module of it);
    - a function of such a batch, of torch tensors or of numpy arrays;
    - a list of these: an ensemble with a member for each.

    `shape` is that of one point, such as (1, 28, 28); it can be left out where the first layer is Linear. `range` is that of
    the data: measures use it where they are given no other. `call(module, batch)` returns the images where the module itself
    does not return a tensor, or needs more than a batch: lambda module, batch: module(batch).sample. A list of calls, or a
    dict of calls by name, gives a member per call of one module, such as a denoiser at several timesteps.

    - The modules are copied as they are now. The copies are in eval mode, take no gradients, and are what is measured: later
      changes to the caller's modules are not seen, and the caller's are not moved, cast or changed.
    - A map computes in float32, or in float64 if the module has numbers of float64; half precision becomes float32.
      `to(dtype=torch.float64)` casts parameters and buffers.
    - Modules whose code is a chain of affine maps and activations are read into layers when a measure asks for them:
      `regions`, `fixed_points` and their proofs then work. `layers()` says which layer is in the way.
    - Derivatives are torch's own. Functions without gradients are differentiated by central differences: see `Differenced`.
    - A trial of five points, uniform in the range, checks the shapes. A note says if an image differs from call to call, or
      depends on other points. Measures still take such a map; those that need a function of each point refuse it.

    Raises ValueError in one line for what is no such map: other shapes, NaN, a missing `shape` or `call`."""
    low, high = _range(range)
    models = list(model) if isinstance(model, list | tuple | nn.ModuleList) else [model]
    if not models:
        raise ValueError("landscape.wrap needs at least one model; the list is empty")
    calls, labels = _calls(call)
    if len(models) > 1 and len(calls) > 1:
        raise ValueError(
            f"give several models or several calls, not both; got {len(models)} models and {len(calls)} calls"
        )
    inner = [_inner(one) for one in models]
    sizes = _shape(shape, inner[0])
    modules = [one for one in inner if isinstance(one, nn.Module)]
    device = _common([device_of(one) for one in modules]) or torch.device("cpu")
    dtype = torch.float64 if any(precision_of(one) == torch.float64 for one in modules) else torch.float32
    parts = [
        _fitted(Part(Called(one, how), sizes, (low, high), batch=_traced_with(one)[0]), dtype, device)
        for one in inner
        for how in calls
    ]
    trials = []
    for place, part in enumerate(parts):
        try:
            trials.append(tried(part, dtype, device))
        except ValueError as error:
            if len(parts) == 1:
                raise
            which = f"model {place + 1} of {len(parts)}" if len(models) > 1 else f"call {place + 1} of {len(parts)}"
            raise ValueError(f"{which}: {error}") from error
    reasons = {
        name: next((one for trial in trials if (one := getattr(trial, name))), "")
        for name in ("stochastic", "stateful")
    }
    for reason in reasons.values():
        if reason:
            note(f"{parts[0].called.title} {reason}; exact measures refuse it, and others may differ from call to call")
    fields: dict[str, Any] = {
        "how": _evaluated(parts, device, dtype, in_vmap=_most_in_vmap(trials, parts, device)),
        "shape": sizes,
        "low": low,
        "high": high,
        "dtype": dtype,
        "device": device,
        "labels": labels,
        **reasons,
        "activations_per_point": max(trial.numbers for trial in trials),
        "operations_per_point": max(trial.operations for trial in trials),
        "numbers_at_work": 3
        * max(trial.largest for trial in trials),  # a layer's inputs, its outputs, their activation
    }
    if all(trial.differentiable for trial in trials):
        return Wrapped(**fields)
    return Differenced(**fields, digits=_digits(parts, trial_points(parts[0].dim, low, high, torch.float64, device)))


def _range(given: tuple[float, float]) -> tuple[float, float]:
    try:
        low, high = (float(end) for end in given)
    except (TypeError, ValueError) as error:
        raise ValueError(f"`range` must be two numbers, such as (0, 1); got {given!r}") from error
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise ValueError(f"`range` must be two finite numbers, the lower first; got {given!r}")
    return low, high


def _calls(call: Call | Sequence[Call] | Mapping[str, Call] | None) -> tuple[list[Call | None], tuple[str, ...]]:
    """The calls of the members, and their names where they were given by name."""
    if call is None or callable(call):
        return [call], ()
    calls: list[Call | None] = list(call.values()) if isinstance(call, Mapping) else list(call)
    if not calls or not all(callable(one) for one in calls):
        raise ValueError(f"`call` must be call(module, batch), or a list or dict of such functions; got {call!r:.80}")
    return calls, tuple(map(str, call)) if isinstance(call, Mapping) else ()


def _inner(model: Any) -> Callable[..., Any]:
    """A private copy of a module or program; a function as it is. Raises ValueError for anything else."""
    if isinstance(model, torch.export.ExportedProgram):
        return own_copy(model.module())
    if isinstance(model, nn.Module):
        return own_copy(model)
    kind = type(model).__name__
    if isinstance(model, type):
        raise ValueError(
            f"landscape.wrap needs a network, not its class; make one: landscape.wrap({model.__name__}(…))"
        )
    if all(hasattr(model, name) for name in ("members", "dim", "select", "to")):
        raise ValueError(f"{kind} is a map already, which every measure takes as it is")
    if isinstance(model, str | Path):
        raise ValueError(f"landscape.wrap takes networks, not files; load it: landscape.load_module({str(model)!r}, …)")
    if not callable(model):
        raise ValueError(f"landscape.wrap takes a torch.nn.Module, a list of them, a program or a function; got {kind}")
    return model  # type: ignore[no-any-return]


def _shape(shape: int | Sequence[int] | None, inner: Callable[..., Any]) -> tuple[int, ...]:
    """The shape of one point: as given, else as the program or the first layer tells. Raises ValueError if neither does."""
    if shape is not None:
        sizes = (shape,) if isinstance(shape, int) else tuple(shape)
        if not sizes or not all(isinstance(size, int) and size > 0 for size in sizes):
            raise ValueError(f"`shape` must be the positive sizes of one point, such as (1, 28, 28); got {shape!r}")
        return sizes
    if traced := _traced_with(inner)[1]:
        return traced
    if not isinstance(inner, nn.Module):
        raise ValueError(f"a function does not tell the shape of its points; {ASK}")
    layers = [part for part in inner.modules() if not list(part.children()) and list(part.parameters())]
    if layers and isinstance(layers[0], nn.Linear):
        return (layers[0].in_features,)
    first = f", as its first layer is {type(layers[0]).__name__}" if layers else ""
    raise ValueError(f"the module {type(inner).__name__} does not tell the shape of its points{first}; {ASK}")


def _traced_with(inner: Callable[..., Any]) -> tuple[int | None, tuple[int, ...]]:
    """The number of points that a program takes at once, if it takes no other, and the shape of one; else None, ()."""
    if isinstance(inner, OnnxProgram):
        return inner.batch, inner.shape
    if not isinstance(inner, torch.fx.GraphModule):
        return None, ()
    example = next((node.meta.get("val") for node in inner.graph.nodes if node.op == "placeholder"), None)
    if not isinstance(example, Tensor) or example.ndim < 2:
        return None, ()
    batch, *sizes = example.shape
    fixed = batch if isinstance(batch, int) else None
    return fixed, tuple(sizes) if all(isinstance(size, int) for size in sizes) else ()


def _common(devices: Sequence[torch.device]) -> torch.device | None:
    if len(set(devices)) > 1:
        raise ValueError(
            f"the models must be on one device; they are on {', '.join(sorted({str(d) for d in devices}))}"
        )
    return devices[0] if devices else None


def _fitted(part: Part, dtype: torch.dtype, device: torch.device) -> Part:
    """The part in the map's precision; a function, with torch's tensors or numpy's arrays, whichever it takes."""
    if isinstance(part.called.inner, nn.Module):
        return part if precisions(part.called) <= {dtype} else part.to(None, dtype)
    points = trial_points(part.dim, *part.range, dtype, device).requires_grad_(True)  # so that numpy does not take it
    arrays = replace(part, called=Called(OfArrays(part.called.inner), part.called.call))
    failures: list[ValueError] = []
    for tried_part in (part, replace(part, fixed=torch.float64), arrays):
        try:
            called(tried_part, points)
        except ValueError as error:
            failures.append(error)
        else:
            return tried_part
    raise failures[-1] if "numpy" in str(failures[0]) or "ndarray" in str(failures[0]) else failures[0]


def _digits(parts: Sequence[Part], points: Tensor) -> torch.dtype:
    """float64 if all parts give it for points of float64, else float32."""
    with torch.no_grad():
        try:
            return (
                torch.float64 if all(raw_precision(part, points) == torch.float64 for part in parts) else torch.float32
            )
        except Exception:  # a function of the caller that refuses float64 has the digits of float32
            return torch.float32


def _most_in_vmap(trials: Sequence[Trial], parts: Sequence[Part], device: torch.device) -> int:
    """The most points of a call that torch.func.vmap evaluates; 0 for modules that a loop always evaluates.

    Those are modules of several calls, modules that are no functions of each point, and, on a CPU, a few modules and those
    with operations that are slow in vmap."""
    one_call = len({id(part.called.call) for part in parts}) == 1 and all(part.batch is None for part in parts)
    deterministic = not any(trial.stochastic or trial.stateful for trial in trials)
    slow = device.type == "cpu" and (len(parts) < LEAST_IN_VMAP or any(trial.slow_in_vmap for trial in trials))
    return MOST_IN_VMAP // max(trial.numbers for trial in trials) if one_call and deterministic and not slow else 0


def _evaluated(parts: Sequence[Part], device: torch.device, dtype: torch.dtype, *, in_vmap: int) -> Members:
    """The fastest way to evaluate the members that gives their own images at the points of the trial.

    1. A single member is evaluated by its own code.
    2. Chains of dense layers are stacked: one matrix product a layer for all members.
    3. Other modules are evaluated by torch.func.vmap in calls of at most `in_vmap` points, and the rest by a loop."""
    loop = Loop(tuple(parts))
    ways: list[Callable[[], Members]] = [lambda: dense(parts, device, dtype)]
    if in_vmap:
        ways.append(lambda: in_stack(parts, in_vmap))
    if len(parts) == 1 or not all(isinstance(part.called.inner, nn.Module) and part.fixed is None for part in parts):
        return loop
    points = trial_points(parts[0].dim, *parts[0].range, dtype, device).expand(len(parts), -1, -1)
    with torch.no_grad():
        expected = loop(points)
        for way in ways:
            try:
                members = way()
                if torch.allclose(members(points), expected, rtol=SAME, atol=SAME):
                    return members
            except (ValueError, RuntimeError, TypeError):  # no chain; not of one architecture; no rule of vmap
                continue
    return loop
