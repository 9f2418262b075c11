"""Shapes and types, checked at run time in tests only. An int passes for a float, as in Python's type system."""

import inspect
import typing
from collections.abc import Callable
from functools import cache, partial
from typing import Any

import jaxtyping
from beartype import BeartypeConf, beartype
from jaxtyping import AbstractArray, TypeCheckError

CONF = BeartypeConf(is_pep484_tower=True)
ALONE = BeartypeConf(is_pep484_tower=True, violation_type=TypeCheckError)
with_shapes = jaxtyping.jaxtyped


def checked(stub: Callable[..., Any]) -> Callable[..., Any]:
    """The type checker for jaxtyping's import hook, which passes it two stubs of each function.

    The first stub, whose result is Any, checks the parameters before the call. The second checks the result after the call. It
    would check the parameters again, so they lose their annotations here, which halves the time of checking. jaxtyping carries
    the sizes of axes over from the first to the second."""
    result = stub.__annotations__.get("return", Any)
    if result is not Any:
        stub.__annotations__ = {"return": result}
    return beartype(stub, conf=CONF)


def jaxtyped(function: Any = None, *, typechecker: Any) -> Any:
    """The decorator that the import hook gives each function and class: jaxtyping's, or beartype alone where no shape stands.

    jaxtyping binds the arguments of every call to compare their axes. In the numerical tests this took up to 80 % of the time,
    and four of five calls are of functions without an axis: of these, beartype checks the same parameters and result."""
    if function is None:
        return partial(jaxtyped, typechecker=typechecker)
    if isinstance(function, property):
        parts = (function.fget, function.fset, function.fdel)
        return property(*(part and jaxtyped(part, typechecker=typechecker) for part in parts))
    if isinstance(function, (classmethod, staticmethod)):
        return type(function)(jaxtyped(function.__func__, typechecker=typechecker))
    if inspect.isfunction(function):
        hints = {name: hint_of(function, written) for name, written in function.__annotations__.items()}
        if not any(names_axes(hint) for hint in hints.values()):
            return with_beartype_alone(function, hints)
    return with_shapes(function, typechecker=typechecker)


def with_beartype_alone(function: Callable[..., Any], hints: dict[str, Any]) -> Callable[..., Any]:
    """The function, checked against these hints in place of its annotations, which stay as they are written."""
    written, function.__annotations__ = function.__annotations__, hints
    checking = beartype(function, conf=ALONE)
    function.__annotations__ = checking.__annotations__ = written
    return checking


def hint_of(function: Callable[..., Any], written: Any) -> Any:
    """What an annotation of the function stands for. As with jaxtyping, it is Any if a name in it is not there yet."""

    def stub(value: Any) -> None: ...

    stub.__annotations__ = {"value": written}
    try:
        return typing.get_type_hints(stub, function.__globals__, include_extras=True)["value"]
    except Exception:
        return Any


def names_axes(hint: Any) -> bool:
    if inspect.isclass(hint) and issubclass(hint, AbstractArray):
        return True
    parts = [part for arg in typing.get_args(hint) for part in (arg if isinstance(arg, list) else [arg])]
    return any(names_axes(part) for part in parts)


jaxtyping.jaxtyped = jaxtyped
# Python 3.11 collects the members of a protocol, such as Map, at every isinstance; later versions keep them.
typing._get_protocol_attrs = cache(typing._get_protocol_attrs)
