"""Shapes and types, checked at run time in tests only. An int passes for a float, as in Python's type system."""

import dataclasses
import functools
import inspect
import typing
from collections.abc import Callable
from typing import Any

import jaxtyping
from beartype import BeartypeConf, beartype
from jaxtyping import AbstractArray, TypeCheckError
from jaxtyping import jaxtyped as jaxtypings

CONF = BeartypeConf(is_pep484_tower=True, violation_type=TypeCheckError)


def checked(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, whose parameters are checked before each call and whose result after it.

    jaxtyping's decorator binds the arguments of each call to its signature, for its messages; with small arrays the tests of
    measures spent most of their time there. Here beartype checks, in jaxtyping's context, which holds the sizes of the axes of
    one call. A function without a shape in its annotations needs no context. The annotations stay as they are written."""
    hints = {name: hint_of(function, written) for name, written in function.__annotations__.items()}
    written, function.__annotations__ = function.__annotations__, hints
    checking = beartype(function, conf=CONF)
    function.__annotations__ = checking.__annotations__ = written
    if not any(names_axes(hint) for hint in hints.values()):
        return checking

    @functools.wraps(function)
    def in_context(*given: Any, **options: Any) -> Any:
        with jaxtypings("context"):
            return checking(*given, **options)

    return in_context


def hint_of(function: Callable[..., Any], written: Any) -> Any:
    """What an annotation of the function stands for. As with jaxtyping, it is Any if a name in it is not there yet."""

    def stub(value: Any) -> None: ...

    stub.__annotations__ = {"value": written}
    try:
        return typing.get_type_hints(stub, function.__globals__, include_extras=True)["value"]
    except (NameError, AttributeError, TypeError):
        return Any


def names_axes(hint: Any) -> bool:
    """Whether an array with a shape is a part of the hint."""
    if inspect.isclass(hint) and issubclass(hint, AbstractArray):
        return True
    parts = [part for given in typing.get_args(hint) for part in (given if isinstance(given, list) else [given])]
    return any(names_axes(part) for part in parts)


def jaxtyped(decorated: Any = None, *, typechecker: Callable[..., Any]) -> Any:
    """The decorator that jaxtyping's import hook gives every function and class of the modules that it imports."""
    if decorated is None:
        return functools.partial(jaxtyped, typechecker=typechecker)
    if isinstance(decorated, property):
        parts = (decorated.fget, decorated.fset, decorated.fdel)
        return property(*(part and typechecker(part) for part in parts))
    if isinstance(decorated, (classmethod, staticmethod)):
        return type(decorated)(typechecker(decorated.__func__))
    if dataclasses.is_dataclass(decorated) and "__init__" in vars(decorated):
        decorated.__init__ = typechecker(decorated.__init__)
    return typechecker(decorated) if inspect.isfunction(decorated) else decorated


jaxtyping.jaxtyped = jaxtyped
# Python 3.11 collects the members of a protocol, such as Map, at every isinstance; later versions keep them.
if hasattr(typing, "_get_protocol_attrs"):
    typing._get_protocol_attrs = functools.cache(typing._get_protocol_attrs)
