"""Shapes and types checked at run time, in tests only: an int passes for a float, as the type system has it."""

from collections.abc import Callable
from typing import Any

from beartype import BeartypeConf, beartype

CONF = BeartypeConf(is_pep484_tower=True)


def checked(stub: Callable[..., Any]) -> Callable[..., Any]:
    """The type checker of jaxtyping's import hook, which hands it two stubs of each function.

    One, of result Any, has the parameters checked before the call. The other has the result checked after it, and would have
    the parameters checked again: half of the time of checking. The sizes of axes are remembered from one to the other."""
    result = stub.__annotations__.get("return", Any)
    if result is not Any:
        stub.__annotations__ = {"return": result}
    return beartype(stub, conf=CONF)
