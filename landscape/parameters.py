"""The values that a study's parameters may take, and the types of their fields."""

from __future__ import annotations

import dataclasses
import math
import sys
import types
import typing
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from landscape import outside
from landscape.names import listed, unknown

LARGEST = 2**53  # whole numbers up to it are exact in tables, in JSON and on pages


def option(
    default: Any,
    help: str,
    *,
    low: float | None = None,
    high: float | None = None,
    choices: Sequence[str] | None = None,
    later: bool = False,
    memory: bool = False,
    group: str = "",
    several: bool = False,
) -> Any:
    """A study's parameter: a dataclass field with its help text and the values it may take (each item of a tuple).

    - `later`: the parameter was added after the study's first runs. Where it has its default it does not enter the name of the
      run's folder, so that runs made before it stay where they are.
    - `memory`: a run needs more memory the larger the number is. For a run too large for the machine, the message names it.
    - `group`: the parameter also takes FILE.py:NAME, a function of the user's, and the names that installed packages give
      entry points of this group.
    - `several`: the text lists items, separated by commas, and the option may be repeated."""
    metadata = {
        "help": help, "low": low, "high": high, "choices": choices, "later": later, "memory": memory, "group": group,
        "several": several,
    }  # fmt: skip
    return field(default=default, metadata=metadata)


@dataclass(frozen=True)
class Parameters:
    """The parameters of a study: fields made by `option`, which are its options, TOML keys and columns.

    A study's parameters stand in a class of their own, in a module that loads no torch, so that its help answers at once.
    Types of fields are int, float, str, bool, or a tuple of one of these; tuples are swept. Raises ValueError for a value
    outside its field's type, range or choices."""

    seed: int = option(0, "The first member's seed; member e has seed + e.", low=0)
    members: int = option(30, "Networks per cell, each from its own seed.", low=1, high=100_000)
    measures: str = option(
        "", "Functions of yours, FILE.py:NAME, that give each network a number.", later=True, several=True
    )

    def __post_init__(self) -> None:
        for one in dataclasses.fields(self):
            object.__setattr__(self, one.name, checked(one, getattr(self, one.name), hints(type(self))[one.name]))

    @classmethod
    def usual(cls) -> dict[str, Any]:
        """The defaults of the parameters that were added later, JSON-able. Records of earlier runs lack them."""
        later = {one.name: one.default for one in dataclasses.fields(cls) if one.metadata["later"]}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in later.items()}


def is_outside(value: str, group: str) -> bool:
    """Whether a value names code of the user's or of an installed package: FILE.py:NAME, or an entry point of `group`."""
    return bool(group) and (outside.is_reference(value) or value in outside.entries(group))


def outside_texts(given: Parameters) -> Iterator[tuple[str, str]]:
    """The values that name code of the user's or of an installed package, each with its group of entry points."""
    for one in dataclasses.fields(given):
        value, limits = getattr(given, one.name), one.metadata
        if limits["several"]:
            yield from ((text, "") for text in listed(value) if outside.is_reference(text))
        elif limits["group"]:
            texts = value if isinstance(value, tuple) else (value,)
            yield from (
                (text, limits["group"])
                for text in texts
                if text not in limits["choices"] and is_outside(text, limits["group"])
            )


def hints(study: type) -> dict[str, Any]:
    """The type of every field of a study's class."""
    return typing.get_type_hints(study)


def element_type(hint: Any) -> tuple[type, bool]:
    """A field's scalar type, and whether the field is a tuple of them."""
    if typing.get_origin(hint) is tuple:
        return typing.get_args(hint)[0], True
    if isinstance(hint, types.UnionType):
        raise TypeError(f"a study's field is a plain type or a tuple of one; got {hint}")
    return hint, False


def checked(one: dataclasses.Field[Any], value: Any, hint: Any) -> Any:
    """The value of a field, converted to its type `hint`.

    Raises ValueError for a value outside the field's type, range or choices."""
    kind, swept = element_type(hint)
    flag = f"`{one.name.replace('_', '-')}`"
    if not swept:
        return _checked_scalar(flag, kind, value, one.metadata)
    items = tuple(value) if isinstance(value, (list, tuple)) else (value,)
    if not items:
        raise ValueError(f"{flag} must list at least one value; got none")
    found = tuple(_checked_scalar(flag, kind, item, one.metadata) for item in items)
    if len(set(found)) != len(found):
        raise ValueError(f"{flag} lists a value twice: {', '.join(map(str, found))}")
    return found


def _checked_scalar(flag: str, kind: type, value: Any, limits: Mapping[str, Any]) -> Any:
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value) if abs(value) <= sys.float_info.max else math.inf
    if not isinstance(value, kind) or (kind is not bool and isinstance(value, bool)):
        words = {int: "a whole number", float: "a number", str: "a word", bool: "true or false"}
        raise ValueError(f"{flag} must be {words[kind]}; got {value!r}")
    if isinstance(value, str) and not value.isprintable() and any("\ud800" <= sign <= "\udfff" for sign in value):
        raise ValueError(f"{flag} must be text in UTF-8; got {value!r}. Rename the file or the class")
    if limits.get("choices") and value not in limits["choices"] and not is_outside(str(value), limits.get("group", "")):
        hint = "; or give FILE.py:NAME, a function of yours" if limits.get("group") else ""
        raise ValueError(f"{unknown(flag.strip('`'), str(value), limits['choices'])}{hint}")
    low, high = limits.get("low"), limits.get("high")
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{flag} must be a finite number; got {value}")
    most = LARGEST if kind is int and high is None else high
    if isinstance(value, (int, float)) and not ((low is None or value >= low) and (most is None or value <= most)):
        one_sided = f"at least {low}" if low is not None and value < low else f"at most {most}"
        span = one_sided if low is None or high is None else f"from {low} to {high}"
        raise ValueError(f"{flag} must be {span}; got {value}")
    return value
