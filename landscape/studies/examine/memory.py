"""Models given in memory: their names, which end in a digest of all that decides what they compute."""

from __future__ import annotations

import hashlib
import inspect
import re
import uuid
from collections.abc import Iterator
from types import CodeType
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from landscape.ensemble import Ensemble
from landscape.wrapping import Wrapped

KEY_DIGITS = 12
_NO_NAME = re.compile(r"[^\w.-]+")


def text_of(name: str, model: Any) -> str:
    """The value of --model that stands for a model in memory: its name, and a digest of its state and code.

    Equal models have equal texts. The text of a model whose state or code cannot be read is new each time."""
    digest = hashlib.sha256()
    for part in _parts(model):
        digest.update(part)
    return f"{_NO_NAME.sub('-', name).strip('-') or 'model'}@{digest.hexdigest()[:KEY_DIGITS]}"


def name_of(model: Any) -> str:
    """A name for a model that was given without one: that of its class or function."""
    if isinstance(model, Wrapped):
        return "wrapped"
    return str(getattr(model, "__name__", type(model).__name__)).strip("<>")


def _parts(model: Any, depth: int = 0) -> Iterator[bytes]:
    """All that decides what a model computes, as bytes."""
    if isinstance(model, nn.Module):
        yield from _module(model)
    elif isinstance(model, Tensor | np.ndarray):
        yield from _array(model)
    elif isinstance(model, Ensemble):
        yield f"{model.net!r} {model.dim}".encode()
        yield from _array(model.flat)
    elif depth < 3 and isinstance(model, list | tuple):
        for one in model:
            yield from _parts(one, depth + 1)
    elif isinstance(model, int | float | str | bool | bytes | type(None)):
        yield repr(model).encode()
    elif depth < 3 and inspect.isfunction(model):
        yield _code(model)
        defaults = [*(model.__defaults__ or ()), *(model.__kwdefaults__ or {}).values()]
        for value in (*_enclosed(model), *defaults):
            yield from _parts(value, depth + 1)
    elif depth < 3 and isinstance(model, Wrapped):
        yield repr((model.shape, model.low, model.high, str(model.dtype))).encode()
        for part in _members(model):
            yield from _parts(part, depth + 1)
    else:
        yield uuid.uuid4().bytes  # nothing says when two of these are equal


def _module(module: nn.Module) -> Iterator[bytes]:
    """The architecture, the code of classes that are not torch's, and all parameters and buffers by name."""
    yield repr(module).encode()
    kinds = {type(part) for part in module.modules()}
    for kind in sorted(kinds, key=lambda one: one.__qualname__):
        if not kind.__module__.startswith("torch."):
            yield _code(kind)
    for part in module.modules():  # plain attributes, such as a number of steps; what torch keeps has its own place
        plain = {key: value for key, value in vars(part).items() if isinstance(value, int | float | str | tuple)}
        yield repr(sorted((key, value) for key, value in plain.items() if key != "training")).encode()
    for name, value in (*module.named_parameters(), *module.named_buffers()):
        yield name.encode()
        yield from _array(value)


def _array(values: Tensor | np.ndarray) -> Iterator[bytes]:
    plain = values.detach().cpu() if isinstance(values, Tensor) else torch.from_numpy(np.ascontiguousarray(values))
    yield f"{plain.dtype} {tuple(plain.shape)}".encode()
    yield plain.contiguous().flatten().view(torch.uint8).numpy().tobytes() if plain.numel() else b""


def _code(of: Any) -> bytes:
    """The code of a function, without its place in a file; the source of a class, or the code of its methods."""
    if (code := getattr(of, "__code__", None)) is not None:
        return _bytecode(code)
    try:
        return inspect.getsource(of).encode()
    except (OSError, TypeError):
        methods = [vars(of)[key] for key in sorted(vars(of)) if inspect.isfunction(vars(of)[key])]
        return b"".join(_code(method) for method in methods) or uuid.uuid4().bytes


def _bytecode(code: CodeType) -> bytes:
    inner = [_bytecode(one) if isinstance(one, CodeType) else repr(one).encode() for one in code.co_consts]
    return b"|".join([code.co_code, repr(code.co_names).encode(), *inner])


def _enclosed(function: Any) -> list[Any]:
    """The values that a function uses from around it."""
    try:
        found = inspect.getclosurevars(function)
    except (TypeError, ValueError):
        return [object()]
    outer = [value for value in (*found.nonlocals.values(), *found.globals.values()) if not inspect.ismodule(value)]
    return [value for value in outer if not (inspect.isclass(value) or inspect.isbuiltin(value))]


def _members(model: Wrapped) -> list[Any]:
    """What a wrapped map calls: its modules or functions."""
    parts = getattr(model.how, "parts", None)
    if parts is None:
        return [object()]
    return [one for part in parts for one in (part.called.inner, part.called.call)]
