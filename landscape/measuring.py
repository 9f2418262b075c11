"""One cell measured: by its study, and by functions of the user's, each of which adds a column to the members' table.

`--measure mine.py:f` adds the column `f`; `--measure f` adds that of an installed package, by an entry point in the group
`landscape.measures`. The function f(map, points) gets the cell's trained networks, a map of points (E, P, D) to (E, P, D), and
512 points drawn uniformly from the range of the data, the same for each network: (E, 512, D). A third argument named `data`
gets the training points, (E, N, D). It returns a number per network, (E,). Before anything is trained it is tried on untrained
networks."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Protocol

import numpy as np
import pandas as pd
import torch

from landscape import cube, outside
from landscape.cells import MEMBERS_FILE
from landscape.data import Dataset
from landscape.measures import Map
from landscape.names import listed
from landscape.results import Cell, Measured
from landscape.training import Recipe, Site, recording, trained

POINTS, STREAM = 512, 17  # a user's function is called at so many points; the number of their random stream
TRIED = 2  # untrained networks on which a function is tried before anything is trained


class MeasureError(ValueError):
    """A function given by --measure that fails, or returns something else than a number per network."""


class Measuring(Protocol):
    """What is needed of a study."""

    @property
    def seed(self) -> int: ...
    @property
    def measures(self) -> str: ...
    def recipes(self, cell: Cell) -> Sequence[Recipe]: ...
    def measure(self, cell: Cell, site: Site) -> Measured: ...
    def network(self, cell: Cell, device: str) -> tuple[Map, Dataset] | None: ...


def functions(texts: str) -> dict[str, Callable[..., Any]]:
    """The user's functions by the columns they fill, from texts such as 'mine.py:f,mine.py:g'.

    Raises ValueError for what is neither FILE.py:NAME of a function nor an entry point, and for two of one name."""
    found: dict[str, Callable[..., Any]] = {}
    for text in filter(None, listed(texts)):
        if not outside.is_reference(text) and not outside.entries(outside.MEASURES):
            raise ValueError(f"--measure must be FILE.py:NAME, a function of yours; got {text!r}")
        name = text.rpartition(":")[2]
        if name in found:
            raise ValueError(
                f"--measure names two functions {name!r}, and each fills the column of its name; rename one"
            )
        try:
            found[name] = outside.function(text, outside.MEASURES)
        except ValueError as error:
            raise ValueError(f"--measure: {error}") from None
    return found


def try_measures(study: Measuring, cell: Cell, device: str) -> None:
    """Call the user's functions on untrained networks of the cell, so that a mistake in them is seen before training.

    Raises MeasureError for a function that fails, or does not return a number per network."""
    chosen, recipes = functions(study.measures), study.recipes(cell)
    given = study.network(cell, device) if chosen else None
    if not chosen or not (recipes or given):
        return
    if given is None:
        recipe = replace(recipes[0], seeds=recipes[0].seeds[:TRIED])
        given = recipe.untrained(device), recipe.dataset()
        tried = "an untrained network, on which it was tried before training"
        where = f"tried on {given[0].members} untrained networks before training"
    else:
        tried = "the network, on which it was tried first"
        where = "tried before the network is examined"
    for name, function in chosen.items():
        try:
            _values(name, function, *given, study.seed)
        except MeasureError as error:
            raise MeasureError(f"{error} ({where})") from None
        except Exception as error:
            raise MeasureError(f"--measure {name} failed on {tried}: {outside.described(error)}") from error


def measured(study: Measuring, site: Site, cell: Cell) -> Measured:
    """The cell's tables and arrays, with the user's columns and the keys of what it trained.

    Raises ValueError where the study, or a function, does not give what it must."""
    with recording() as used:
        found = study.measure(cell, site)
    _check(found)
    chosen = functions(study.measures)
    given = study.network(cell, site.device) if chosen else None
    for name, function in chosen.items():
        members = _with_column(found.tables["members"], name, function, used, study.seed, site, given)
        found = replace(found, tables={**found.tables, "members": members})
    keys = [one.key for one in (*study.recipes(cell), *used)]
    return replace(found, recipes=tuple(dict.fromkeys(keys)))


def _check(found: Any) -> None:
    if not isinstance(found, Measured):
        raise ValueError(f"`measure` must return Measured(tables, arrays); got {type(found).__name__}")
    name = MEMBERS_FILE.removesuffix(".parquet")
    if name not in found.tables:
        raise ValueError(
            f"`measure` must give a table {name!r}, a row per network; got {', '.join(found.tables) or 'none'}"
        )
    for key, table in found.tables.items():
        if not isinstance(table, pd.DataFrame):
            raise ValueError(f"`measure`: table {key!r} must be a pandas DataFrame; got {type(table).__name__}")
    for key, array in found.arrays.items():
        if np.asarray(array).dtype.hasobject:
            raise ValueError(f"`measure`: array {key!r} must hold numbers or texts; it holds Python objects")


def _with_column(
    members: pd.DataFrame,
    name: str,
    function: Callable[..., Any],
    used: Sequence[Recipe],
    seed: int,
    site: Site,
    given: tuple[Map, Dataset] | None,
) -> pd.DataFrame:
    if name in members:
        raise ValueError(f"--measure: the members' table has a column {name!r} already; rename the function")
    if given is None:
        recipe = _recipe_of(members, used, site)
        given = trained(recipe, site).ensemble, recipe.dataset()
    return members.assign(**{name: _values(name, function, *given, seed)})


def _values(name: str, function: Callable[..., Any], ensemble: Map, dataset: Dataset, seed: int) -> np.ndarray:
    """What the user's function gives for each network: (E,). Raises MeasureError where it gives something else."""
    generator = torch.Generator().manual_seed(1000 * seed + STREAM)
    points = cube.uniform(POINTS, dataset.dim, generator, low=dataset.low, high=dataset.high).to(ensemble.device)
    given: list[Any] = [ensemble, points.expand(ensemble.members, -1, -1)]
    names = list(inspect.signature(function).parameters)
    if names[2:3] == ["data"]:
        given.append(dataset.points.to(ensemble.device))
    with torch.no_grad():
        found = function(*given)
    if isinstance(found, torch.Tensor):
        found = found.detach().cpu().double() if found.is_floating_point() else found.detach().cpu()
    values = np.asarray(found)
    if values.shape != (ensemble.members,) or values.dtype.kind not in "biuf":
        what = f"{values.dtype} {values.shape}" if values.dtype.kind in "biufc" else f"{type(found).__name__}"
        raise MeasureError(
            f"--measure {name} must return a number per network, ({ensemble.members},); it returned {what}"
        )
    return values


def _recipe_of(members: pd.DataFrame, used: Sequence[Recipe], site: Site) -> Recipe:
    """What the members' table is about: of the ensembles that the cell trained, that of its losses; else the first one."""
    fitting = [one for one in used if len(one.seeds) == len(members)]
    if not fitting:
        raise ValueError(
            f"--measure needs networks from landscape.trained, one for each of {len(members)} rows of 'members'"
        )
    if "loss" in members and len(fitting) > 1:
        losses = members["loss"].to_numpy(float)
        for one in fitting:
            if np.allclose(trained(one, site).losses.cpu().numpy(), losses, rtol=1e-6, atol=0, equal_nan=True):
                return one
    return fitting[0]
