"""One line that says what was read, and how images or points became coordinates."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

FAINT = 0.5  # data whose maximum is below this are unusually dark: the summary says so
ARROW = " → "


def summary(
    count: int, noun: str, shape: tuple[int, ...], notes: Sequence[str] = (), *, largest: float = 1.0, classes: int = 0
) -> str:
    """A line such as "60 images of 8 × 8, grey, 16 bits, largest value 0.0625, 3 classes → 64 coordinates".

    `shape` is the form of one point, `noun` the plural word for points, `largest` the largest value on the scale of 0 to 1."""
    noun = noun.removesuffix("s") if count == 1 else noun
    parts = [f"{count:,} {noun}"]
    if len(shape) > 1:
        parts = [f"{count:,} {noun} of {shape[0]} × {shape[1]}", "colour" if len(shape) > 2 else "grey"]
    faint = [f"largest value {largest:.3g}"] if largest < FAINT else []
    named = [f"{classes} {'class' if classes == 1 else 'classes'}"] if classes else []
    return ", ".join([*parts, *notes, *faint, *named]) + _coordinates(shape)


def changed(before: str, note: str, shape: tuple[int, ...]) -> str:
    """The summary `before` with a further `note`, for points that now have `shape`; an empty summary stays empty."""
    return f"{before.rpartition(ARROW)[0]}, {note}{_coordinates(shape)}" if before else ""


def _coordinates(shape: tuple[int, ...]) -> str:
    dim = prod(shape)
    return f"{ARROW}{dim:,} {'coordinate' if dim == 1 else 'coordinates'}"
