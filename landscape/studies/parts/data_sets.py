"""The data sets of a run: which points of each a study takes, and what it needs of them, with the reasons."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

from landscape import own_data
from landscape.choices import DRAWN_SETS, FIXED_SETS, IMAGE_SETS
from landscape.data import DataSpec, find, load_data, shape_of
from landscape.data.load import whole

WITH_IMAGES = ("digits", *IMAGE_SETS)
Met = Callable[[int, tuple[int, ...]], bool]


@dataclass(frozen=True)
class Need:
    """What a study needs of its data: `met`, of the number of points and the shape of one; in `words`; and the reason."""

    words: str
    reason: str
    met: Met


def points_needed(least: int, reason: str) -> Need:
    """A need for so many points or more."""
    return Need(f"{least} points or more", reason, lambda count, _: count >= least)


def plane_needed(reason: str) -> Need:
    """A need for three points in more than two dimensions, where networks are looked at on the plane through them."""
    return Need(
        "3 points or more in more than 2 dimensions", reason, lambda count, shape: prod(shape) <= 2 or count >= 3
    )


@dataclass(frozen=True)
class DataSets:
    """The data sets `texts` of a run of `study`, by their plain names.

    Of the user's own tables and arrays of points the first `points` are taken, all where it is 0."""

    study: str
    texts: tuple[str, ...]
    points: int = 0
    needs: Sequence[Need] = ()

    @property
    def names(self) -> list[str]:
        """The plain names, in the order of the texts."""
        plain = own_data.plain_names(self.texts)
        return [plain[text] for text in self.texts]

    def identity(self, name: str) -> dict[str, Any]:
        """The fields `name` and `digest` of the spec of a set. Raises ValueError where the user's data are not there."""
        if not own_data.is_own(name):
            return {"name": name}
        text = next((text for text, plain in own_data.plain_names(self.texts).items() if plain == name), name)
        digest = DataSpec(text).digest
        path = find(text)
        if not digest or path is None:
            raise ValueError(own_data.missing(text))
        own_data.remember(digest, path.absolute())
        return {"name": name, "digest": digest}

    def content(self, name: str) -> dict[str, str]:
        """The digest of a set's content, for the cells of a run with data of the user's own; else empty."""
        if not any(map(own_data.is_own, self.names)):
            return {}
        return {"digest": self.identity(name).get("digest", "")[:12]}

    def digest(self, name: str) -> dict[str, str]:
        """The digest of a set's content, for its cells, so that a changed file gives new ones; empty for sets of ours."""
        return {"digest": self.identity(name)["digest"][:12]} if own_data.is_own(name) else {}

    def counted(self, name: str) -> bool:
        """Whether the option --count says how many points of a set are taken: of drawn sets and of images."""
        return name in DRAWN_SETS or self.is_images(name)

    def is_images(self, name: str) -> bool:
        """Whether the points of a set are images."""
        if not own_data.is_own(name):
            return name in WITH_IMAGES
        return len(shape_of(DataSpec(**self.identity(name)))) > 1

    def spec(self, name: str, count: int, dim: int, **drawn: Any) -> DataSpec:
        """The training points of a set: `count` drawn points or images, else all. `drawn` are fields of generated sets.

        Raises ValueError, with the reason, for a set that the study cannot take."""
        if name == "clusters" and "clusters" not in drawn:
            raise ValueError(
                f"{self.study} cannot take 'clusters': their number and size are options of depth-sweep alone; save the points "
                "as a file, or take 'uniform'"
            )
        if name in DRAWN_SETS:
            drawn = {field: value for field, value in drawn.items() if field != "clusters" or name == "clusters"}
            spec = DataSpec(name, count, dim, **drawn)
        elif name in FIXED_SETS:
            spec = DataSpec(name)
        else:
            identity = self.identity(name)
            spec = DataSpec(count=count if self.counted(name) else self.points or None, **identity)
        self.check(spec)
        return spec

    def check(self, spec: DataSpec) -> None:
        """Raise ValueError for data that cannot be read, that are too few, or that the study cannot take, with the reason."""
        if own_data.is_own(spec.name):
            load_data(spec, (0,), most=1)  # raises ValueError for what cannot be read, and for too few points
        count, shape = number_of_points(spec), shape_of(spec)
        for need in self.needs:
            if not need.met(count, shape):
                raise ValueError(
                    f"{self.study} cannot take {spec.name} ({own_data.form_words(count, shape)}): it needs {need.words}, as "
                    f"{need.reason}"
                )


def number_of_points(spec: DataSpec) -> int:
    """How many points of a set are taken, without reading all of them."""
    if spec.count is not None:
        return spec.count
    return load_data(spec, (0,)).count if spec.name in FIXED_SETS else whole(spec).count - spec.skip
