"""The parameters of a study: their types, the values that they may take, and the checks."""

from __future__ import annotations

import dataclasses
import inspect
import math
import sys
import types
import typing
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from landscape import outside, own_data
from landscape.facts import Facts, Shown, described, first_sentence
from landscape.names import listed, unknown

MAX_INTEGER = 2**53  # up to here, floats hold every integer exactly, as do tables, JSON and JavaScript


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
    data: bool = False,
    training: bool = False,
) -> Any:
    """A parameter of a study: a dataclass field with a default, a help text and the values that it may take.

    - `low`, `high`, `choices`: the limits of the value. For a tuple, each item must obey them.
    - `later`: the parameter was added after the study's first runs. Its default does not enter the name of the run's folder, so
      that earlier runs keep their names.
    - `memory`: a larger value needs more memory. If a run is too large for the machine, the message advises a smaller value.
    - `group`: a group of entry points. The parameter also takes the names of entry points of installed packages in this group,
      and FILE.py:NAME, a function of the user's.
    - `several`: the text is a list of items separated by commas, and the option may be repeated.
    - `data`: the values name data sets: `choices`, which are proposed, and any other set, file, folder or registered name.
    - `training`: how networks are trained. Claims are set for the default, and say so where a run has another value."""
    metadata = {
        "help": help, "low": low, "high": high, "choices": choices, "later": later, "memory": memory, "group": group,
        "several": several, "data": data, "training": training,
    }  # fmt: skip
    return field(default=default, metadata=metadata)


@dataclass(frozen=True, repr=False)
class Parameters(Shown):
    """The parameters of a study: fields made by `option`, which are its options, TOML keys and columns.

    The parameters have a class of their own, in a module that does not import torch, so that the study's help appears at once.
    The types of the fields are int, float, str, bool, or a tuple of values of one such type. Tuples are swept. Raises
    ValueError for a value outside its field's type, range or choices."""

    seed: int = option(0, "The first member's seed; member e has seed + e.", low=0)
    members: int = option(30, "Networks per cell, each from its own seed.", low=1, high=100_000)
    measures: str = option(
        "",
        "Functions of yours, FILE.py:NAME, that give each network a number.",
        later=True,
        group=outside.MEASURES,
        several=True,
    )

    def __init_subclass__(cls, **options: Any) -> None:
        """Keep the short repr: `@dataclass` gives a class its long one unless the class has one of its own."""
        super().__init_subclass__(**options)
        if "__repr__" not in vars(cls):
            cls.__repr__ = Shown.__repr__  # type: ignore[method-assign]

    def __post_init__(self) -> None:
        for each in dataclasses.fields(self):
            object.__setattr__(self, each.name, checked(each, getattr(self, each.name), hints(type(self))[each.name]))

    def facts(self) -> Facts:
        """The question, and the parameters that are swept, set and left at their defaults."""
        kinds: dict[str, list[str]] = {"swept": [], "set": [], "default": []}
        for each in dataclasses.fields(self):
            value = getattr(self, each.name)
            several = isinstance(value, tuple) and len(value) > 1
            kind = "swept" if several else "default" if value == each.default else "set"
            if value != "":
                kinds[kind].append(f"{each.name} {described(value)}")
        name, asked = getattr(self, "name", type(self).__name__), _question(type(self))
        rows = tuple((kind, "; ".join(words)) for kind, words in kinds.items() if words)
        return Facts(f"{name}: {asked}" if asked else name, rows)

    @classmethod
    def no_data(cls) -> str:
        """Why the study has no parameter `data`, and what to do, in words; "" if there is nothing to say."""
        return ""

    def check_data(self) -> None:
        """Raise ValueError for the first name of data that is neither a set of ours nor a file, folder or registered name."""
        for flag, text in data_texts(self):
            own_data.check(flag, text)

    def check_paths(self) -> None:
        """Raise ValueError for names of files and of things in them that are not there: what can be seen without torch.

        The command line calls this first, so that a mistyped word is answered at once."""

    @classmethod
    def usual(cls) -> dict[str, Any]:
        """The defaults of the parameters with `later`, JSON-able. The records of earlier runs lack these parameters."""
        later = {each.name: each.default for each in dataclasses.fields(cls) if each.metadata["later"]}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in later.items()}


def trained_otherwise(given: Parameters) -> str:
    """The options of training that differ from their defaults, in words: '--optimizer sgd --momentum 0.5'; else empty."""
    asked = (
        (field.name.replace("_", "-"), getattr(given, field.name))
        for field in dataclasses.fields(given)
        if field.metadata.get("training") and getattr(given, field.name) != field.default
    )
    return " ".join(f"--{name} {value}" for name, value in asked)


def data_texts(given: Parameters) -> Iterator[tuple[str, str]]:
    """The values of parameters that name data sets, each with its option."""
    for each in dataclasses.fields(given):
        if each.metadata.get("data"):
            value = getattr(given, each.name)
            flag = each.name.replace("_", "-")
            yield from ((flag, text) for text in (value if isinstance(value, tuple) else (value,)))


def is_outside(value: str, group: str) -> bool:
    """Whether a value names the user's code: FILE.py:NAME, or an entry point of `group`."""
    return bool(group) and (outside.is_reference(value) or value in outside.entries(group))


def outside_texts(given: Parameters) -> Iterator[tuple[str, str]]:
    """The values among the parameters that name the user's code, each with its group of entry points ("" if it has none)."""
    for each in dataclasses.fields(given):
        value, limits = getattr(given, each.name), each.metadata
        if limits["several"]:
            yield from ((text, limits["group"]) for text in listed(value) if text and is_outside(text, limits["group"]))
        elif limits["group"]:
            texts = value if isinstance(value, tuple) else (value,)
            yield from (
                (text, limits["group"])
                for text in texts
                if text not in (limits["choices"] or ()) and is_outside(text, limits["group"])
            )


def hints(study: type) -> dict[str, Any]:
    """The type of every field of a study's class, by the field's name."""
    return _hints(study)


# Each field is checked by its type, and Python can only work out the types of all fields at once.
_hints = lru_cache(maxsize=64)(typing.get_type_hints)


def docstring(study: type) -> str:
    """The docstring of a study's class, or "" if it has none: a dataclass then has its signature in place of a docstring."""
    text = inspect.getdoc(study) or ""
    return "" if text.startswith(f"{study.__name__}(") else text


def _question(kind: type) -> str:
    """The first sentence of a study: of its class of parameters, if that has a module of its own, else of its class."""
    own = [base for base in kind.__mro__ if base.__module__.endswith(".parameters") and base is not Parameters]
    asked = own[0] if own else kind
    return first_sentence(asked) if "__doc__" in vars(asked) and docstring(asked) else ""


def element_type(hint: Any) -> tuple[type, bool]:
    """The scalar type of a field, and whether the field is a tuple of such scalars."""
    if typing.get_origin(hint) is tuple:
        return typing.get_args(hint)[0], True
    if isinstance(hint, types.UnionType):
        raise TypeError(
            f"a study's field must be int, float, str, bool, or a tuple of values of one such type; got {hint}"
        )
    return hint, False


def checked(of: dataclasses.Field[Any], value: Any, hint: Any) -> Any:
    """The value of a field, converted to its type `hint`. Raises ValueError if type, range or choices do not allow it."""
    kind, swept = element_type(hint)
    flag = f"`{of.name.replace('_', '-')}`"
    if not swept:
        return _checked_scalar(flag, kind, value, of.metadata)
    items = tuple(value) if isinstance(value, (list, tuple)) else (value,)
    if not items:
        raise ValueError(f"{flag} must list at least one value; got none")
    values = tuple(_checked_scalar(flag, kind, item, of.metadata) for item in items)
    if len(set(values)) != len(values):
        raise ValueError(f"{flag} lists a value twice: {', '.join(map(str, values))}")
    return values


def _checked_scalar(flag: str, kind: type, value: Any, limits: Mapping[str, Any]) -> Any:
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value) if abs(value) <= sys.float_info.max else math.inf
    if not isinstance(value, kind) or (kind is not bool and isinstance(value, bool)):
        words = {int: "a whole number", float: "a number", str: "a word", bool: "true or false"}
        raise ValueError(f"{flag} must be {words[kind]}; got {value!r}")
    if isinstance(value, str) and not value.isprintable() and any("\ud800" <= sign <= "\udfff" for sign in value):
        raise ValueError(f"{flag} must be text in UTF-8; got {value!r}. Rename the file or the class")
    open_ended = limits.get("data", False)
    if (
        limits.get("choices")
        and not open_ended
        and value not in limits["choices"]
        and not is_outside(str(value), limits.get("group", ""))
    ):
        hint = "; or give FILE.py:NAME, a function of yours" if limits.get("group") else ""
        raise ValueError(f"{unknown(flag.strip('`'), str(value), limits['choices'])}{hint}")
    low, high = limits.get("low"), limits.get("high")
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{flag} must be a finite number; got {value}")
    most = MAX_INTEGER if kind is int and high is None else high
    if isinstance(value, (int, float)) and not ((low is None or value >= low) and (most is None or value <= most)):
        one_sided = f"at least {low}" if low is not None and value < low else f"at most {most}"
        span = one_sided if low is None or high is None else f"from {low} to {high}"
        raise ValueError(f"{flag} must be {span}; got {value}")
    return value
