"""Recipes of trained ensembles: everything that determines their numbers, and the surroundings, which determine none."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from landscape.data import Dataset, DataSpec, dimension, load_data
from landscape.ensemble import Ensemble, FitSpec, build, check_loss
from landscape.facts import Shown
from landscape.nets import Net, net_of

RECIPE_VERSION = 2  # raised when the same recipe would train to different numbers. 2: the best weights are kept
Progress = Callable[[int, int, int, float], None]


@dataclass(frozen=True, repr=False)
class Recipe(Shown):
    """Everything that determines a trained ensemble. Its `key` is the ensemble's name in the model store.

    Raises ValueError if the net's outputs are none that the loss can take."""

    net: Net
    data: DataSpec
    fit: FitSpec
    seeds: tuple[int, ...]
    version: int = RECIPE_VERSION  # lower in entries of the model store that an earlier version of the code wrote

    def __post_init__(self) -> None:
        check_loss(self.fit, self.net)

    @classmethod
    def of(cls, spec: Mapping[str, Any]) -> Recipe:
        """The recipe from its JSON form. Raises ValueError if this version of the code no longer has a part of it."""
        parts = {name: {key: _tupled(value) for key, value in spec[name].items()} for name in ("data", "fit")}
        try:
            data, how = DataSpec(**parts["data"]), FitSpec(**parts["fit"])
            found = cls(net_of(spec["net"]), data, how, tuple(spec["seeds"]), spec["version"])
        except TypeError as error:
            raise ValueError(
                f"the networks were trained in a way that this version of landscape no longer has ({error})"
            ) from None
        if found.spec() != spec:
            raise ValueError(
                "the networks were trained in a way that this version of landscape no longer has: their recipe reads otherwise"
            )
        return found

    def spec(self) -> dict[str, Any]:
        """The JSON form that is hashed."""
        return {
            "version": self.version,
            "net": self.net.spec(),
            "data": self.data.spec(),
            "fit": self.fit.spec(),
            "seeds": list(self.seeds),
        }

    @property
    def key(self) -> str:
        """Sixteen hexadecimal digits, a hash of the recipe's content."""
        return hashlib.sha256(json.dumps(self.spec(), sort_keys=True).encode()).hexdigest()[:16]

    def dataset(self) -> Dataset:
        """The training points of each member."""
        return load_data(self.data, self.seeds)

    def untrained(self, device: str | torch.device = "cpu") -> Ensemble:
        """The ensemble before its first step."""
        return build(self.net, dimension(self.data), self.seeds, device)


@dataclass(frozen=True)
class Site:
    """The surroundings of a cell's run. They never change a result.

    `models` is the model store. `cores` is the number of processor cores for one large network. `progress(done, total, members
    converged, median loss)` counts member-steps."""

    device: str = "cpu"
    models: Path | None = None
    cores: int = 1
    progress: Progress | None = field(default=None, compare=False)


def _tupled(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
