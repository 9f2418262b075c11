"""All images, rows or points of a file, folder or published set, before a recipe chooses among them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from landscape.data.tables import Table
from landscape.names import unknown


@dataclass(frozen=True, eq=False)
class Source:
    """`count` points of one `shape`. `take` reads the points at given indices: (n,) → (n, D), uint8 or floats in [0, 1].

    `labels` (N,) are indices into `classes`. The points of a `shuffled` source are taken in a fixed random order, as files and
    folders are often sorted by class; those of other sources in the order of the files. `noun` is the word for points in
    messages. The last `strip` rows of pixels of an image show its class. `summary` says in one line how the content became
    coordinates."""

    name: str
    noun: str
    shape: tuple[int, ...]
    count: int
    take: Callable[[np.ndarray], np.ndarray]
    labels: np.ndarray | None = None
    classes: tuple[str, ...] = ()
    shuffled: bool = False
    table: Table | None = None
    strip: int = 0
    summary: str = ""

    def order(self) -> np.ndarray:
        """The indices of all points, in the order in which `count` takes them: (N,)."""
        return np.random.default_rng(0).permutation(self.count) if self.shuffled else np.arange(self.count)

    def chosen(self, classes: tuple[str, ...]) -> tuple[int, ...]:
        """The indices of the given classes, each a name or a number, in increasing order. No classes mean all.

        Raises ValueError for data without labels, an unknown class, and a class without points."""
        if not classes:
            return tuple(range(len(self.classes)))
        if self.labels is None:
            raise ValueError(
                f"{self.name} has no labels, so `classes` cannot choose among its {self.noun}; leave it out, or label "
                "them (a sub-folder per class, an array y in the .npz, a table's column 'class')"
            )
        places = sorted({place_of(name, self.classes) for name in classes})
        for place in places:
            if not (self.labels == place).any():
                raise ValueError(
                    f"{self.name} has no {self.noun} of class {self.classes[place]!r}; choose another class"
                )
        return tuple(places)


def place_of(name: str, classes: Sequence[str]) -> int:
    """The index of a class that is given by its name or number. Raises ValueError for an unknown class."""
    if name in classes:
        return classes.index(name)
    lower = [known.lower() for known in classes]
    if name.lower() in lower:
        return lower.index(name.lower())
    if name.isdecimal() and int(name) < len(classes):
        return int(name)
    hint = "; a name that holds a comma stands in double quotes" if any("," in known for known in classes) else ""
    raise ValueError(f"{unknown('classes', name, classes)}{hint}")
