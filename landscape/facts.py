"""What an object is, in a few lines of text for a terminal, or as a small HTML table for a notebook."""

from __future__ import annotations

import dataclasses
import re
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

LINES = 5  # of a text, at most
LINE_LENGTH = 79  # characters of a line of text, at most
CELL_LENGTH = 400  # characters of a cell of an HTML table, at most
LISTED_ITEMS = 6  # the most values that are written out
SCANNED_ITEMS = 10_000_000  # the most values whose range is computed
AXES = re.compile(r"\[[^'\"]*['\"]([\w ]+)['\"]\]")  # the names in "Float[Tensor, 'members dim']"


@dataclass(frozen=True)
class Facts:
    """A title, and facts by their names. `more` is a last line, such as how to get the rest."""

    title: str
    rows: tuple[tuple[str, str], ...] = ()
    more: str = ""

    def text(self) -> str:
        """The title and the first facts, at most LINES lines of LINE_LENGTH characters. Facts without a line are named."""
        room = LINES - 1 - bool(self.more)
        rows, left = self.rows, ""
        if len(rows) > room:
            names = [name for name, _ in rows[room - 1 :]]
            rows, left = rows[: room - 1], f"and {', '.join(names)}"
        width = max((len(name) for name, _ in rows), default=0)
        lines = [self.title, *(f"  {name:<{width}}  {words}" for name, words in rows)]
        return "\n".join(map(_line, [*lines, *(f"  {line}" for line in (left, self.more) if line)]))

    def html(self) -> str:
        """The title above a table of all facts, escaped. It has no script and loads nothing."""
        rows = "".join(
            f'<tr><th style="text-align:left">{escape(name)}</th><td style="text-align:left">{escape(_cell(words))}</td></tr>'
            for name, words in self.rows
        )
        more = f"<p>{escape(self.more)}</p>" if self.more else ""
        return f"<p><b>{escape(self.title)}</b></p><table>{rows}</table>{more}"


class Shown:
    """An object that prints as facts. A subclass may give its own `facts`; by default they are a dataclass's fields.

    A dataclass needs `repr=False`, as it would otherwise get a repr of all its values."""

    def facts(self) -> Facts:
        """What the object is: the first sentence of its class, and its fields with their shapes and ranges."""
        more = ".table() has all of it as a table" if callable(getattr(self, "table", None)) else ""
        return Facts(f"{type(self).__name__}: {first_sentence(type(self))}", tuple(_fields(self)), more)

    def __repr__(self) -> str:
        return self.facts().text()

    def _repr_html_(self) -> str:
        return self.facts().html()


def first_sentence(kind: type) -> str:
    """The first sentence of a class's docstring on one line, without its last stop; "" without a docstring."""
    paragraph = " ".join((kind.__doc__ or "").split("\n\n")[0].split())
    return re.split(r"\.(?:\s|$)", paragraph, maxsplit=1)[0].rstrip(":")


def described(value: Any, axes: str = "") -> str:
    """A value in words: the shape and the range of an array, whose axes have the names `axes`; the items of a short list."""
    if hasattr(value, "shape") and hasattr(value, "dtype"):
        return _array(value, axes)
    if hasattr(value, "columns"):
        return f"table of {len(value):,} rows × {len(value.columns)} columns"
    if isinstance(value, Shown):
        return value.facts().title
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return f"{type(value).__name__}{changed(value)}"
    if isinstance(value, Mapping):
        return _several([f"{key} {described(item)}" for key, item in value.items()])
    if isinstance(value, list | tuple | set | frozenset):
        return _several([described(item) for item in value])
    return number(value) if isinstance(value, float) else str(value)


def changed(given: Any) -> str:
    """The fields of a dataclass that differ from their defaults: `, width 50, batch 4`; "" if there are none."""
    return "".join(f", {name} {words}" for name, words in _fields(given))


def _fields(given: Any) -> list[tuple[str, str]]:
    """The fields of a dataclass in words, by their names. Fields that are None or at their defaults are left out."""
    return [
        (each.name, described(value, _axes(each.type)))
        for each in dataclasses.fields(given)
        if (value := getattr(given, each.name)) is not None
        and (each.default is dataclasses.MISSING or value != each.default)
    ]


def number(value: float) -> str:
    """A number with four significant digits."""
    return f"{value:.4g}"


def _several(items: list[str]) -> str:
    if len(items) <= LISTED_ITEMS:
        return ", ".join(items) or "none"
    return f"{', '.join(items[: LISTED_ITEMS - 2])}, … {items[-1]} ({len(items):,})"


def _axes(annotation: Any) -> str:
    match = AXES.search(annotation if isinstance(annotation, str) else "")
    return match[1] if match else ""


def _array(value: Any, axes: str) -> str:
    """An array or tensor: `members 3 × dim 2: 0.1 to 0.9`, or its few values."""
    names = axes.split()
    names = names if len(names) == value.ndim and all(map(str.isalpha, names)) else [""] * value.ndim
    shape = " × ".join(f"{name} {size:,}".strip() for name, size in zip(names, value.shape, strict=True))
    values = _values(value)
    return f"{shape or 'number'}{f': {values}' if values else ''}"


def _values(value: Any) -> str:
    import numpy as np

    size = int(np.prod(value.shape))
    if not 0 < size <= SCANNED_ITEMS:
        return ""
    value = value.detach().cpu() if hasattr(value, "detach") else value
    values = np.asarray(value.float() if str(value.dtype) == "torch.bfloat16" else value)
    if values.dtype == bool:
        return f"true for {values.sum():,} of {size:,}"
    if values.dtype.kind not in "iuf":
        return _several(list(map(str, values.ravel()[: LISTED_ITEMS + 1].tolist()))) if size <= LISTED_ITEMS else ""
    if values.ndim <= 1 and size <= LISTED_ITEMS:
        return ", ".join(number(float(one)) for one in values.ravel())
    finite = values[np.isfinite(values)]
    if not len(finite):
        return "none is finite"
    low, high = number(float(finite.min())), number(float(finite.max()))
    missing = f", {size - len(finite):,} not finite" if len(finite) < size else ""
    return f"{f'{low} to {high}' if low != high else f'all {low}'}{missing}"


def _line(text: str) -> str:
    """The text, cut after its last whole word that fits."""
    if len(text) <= LINE_LENGTH:
        return text
    words = text[: LINE_LENGTH - 1]
    end = words.rfind(" ")
    whole = words[:end] if end > LINE_LENGTH // 2 else words  # a path has no blanks
    return f"{whole.rstrip(' ,;:(')} …"


def _cell(words: str) -> str:
    return textwrap.shorten(words, CELL_LENGTH, placeholder=" …")
