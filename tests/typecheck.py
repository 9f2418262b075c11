"""Shapes and types, checked at run time in tests only. An int passes for a float, as in Python's type system."""

from collections.abc import Callable
from typing import Any

from beartype import BeartypeConf, beartype

CONF = BeartypeConf(is_pep484_tower=True)


def checked(stub: Callable[..., Any]) -> Callable[..., Any]:
    """The type checker for jaxtyping's import hook, which passes it two stubs of each function.

    The first stub, whose result is Any, checks the parameters before the call. The second checks the result after the call. It
    would check the parameters again, so they lose their annotations here, which halves the time of checking. jaxtyping carries
    the sizes of axes over from the first to the second."""
    result = stub.__annotations__.get("return", Any)
    if result is not Any:
        stub.__annotations__ = {"return": result}
    return beartype(stub, conf=CONF)
