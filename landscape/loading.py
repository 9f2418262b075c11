"""Runs read back by name: the folder, the Result, and the trained networks of the cells."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from landscape import outside, presets, recorded, results
from landscape.cell_choice import best_cell, only_cell
from landscape.data import Dataset, held_out
from landscape.ensemble import Fitted
from landscape.measures import Map
from landscape.own_data import default_out as default_out
from landscape.record import PAGE
from landscape.result import MAIN
from landscape.results import Cell, Result, RunError
from landscape.training import Recipe, stored, stored_recipe

OUT = "reports"
EXAMINE = "examine"  # the study whose networks come from outside
PICKLE_SUFFIXES = (".pt", ".pth", ".pkl", ".pickle", ".ckpt", ".joblib")


def find_run(run: str | Path, out: Path | None = None) -> Path:
    """The folder of a run, given as a path, or as the beginning of its name under `out`.

    Raises RunError if no run has this name, or several names begin with it."""
    return _found(run, out)[0]


def _found(run: str | Path, out: Path | None) -> tuple[Path, dict[str, Any]]:
    """The folder of `find_run`, and its record."""
    path, out = Path(run), default_out() if out is None else out
    if path.name in (results.RECORD, PAGE):
        path = path.parent
    if path.suffix in PICKLE_SUFFIXES:
        raise RunError(
            f"{path} may be a pickle, and to open one can run any code: networks are taken from runs alone, by folder or name"
        )
    if (path / results.RECORD).exists() or len(path.parts) > 1 or (path.exists() and not path.is_dir()):
        return _usable(path)
    results.check_place(out)
    names = sorted(folder.name for folder in out.glob(f"*/{results.RECORD}") for folder in [folder.parent])
    found = [name for name in names if name == str(run)] or [name for name in names if name.startswith(str(run))]
    if len(found) > 1:
        raise RunError(f"{str(run)!r} could be any of {', '.join(found)}; give more of the name")
    if not found:
        hint = presets.did_you_mean(str(run), names) or "; `landscape runs` lists the runs there are"
        raise RunError(f"no run named {str(run)!r} in {out}{hint}")
    return _usable(out / found[0])


def _usable(folder: Path) -> tuple[Path, dict[str, Any]]:
    """The folder and its record. Raises RunError if the record cannot be read, or a parameter's value is not allowed."""
    record = results.read_record(folder)
    try:
        presets.check_parameters(record)
    except ValueError as error:
        raise RunError(
            f"{folder / results.RECORD} cannot be used: of its parameters, {error}; run the study again with --fresh"
        ) from None
    return folder, record


def newest_run(out: Path | None = None) -> Path:
    """The folder of the run under `out` that was started last. Raises RunError if there are no runs."""
    out = default_out() if out is None else out
    found = results.runs(out)
    if not found:
        raise RunError(f"no runs in {out}; `landscape study depth-sweep` makes one, and --out says where to look")
    return _usable(found[0][0])[0]


def load(run: str | Path, out: Path | None = None, *, partial: bool = False) -> Result:
    """A run read back: `.table` (a row per member), `.tables`, `.arrays`, `.record`.

    `.table` is the run's main grid. Members of cells beside it, such as the networks of equal size in a depth sweep, are in
    `.separate`; `.whole` has both.

    `run` is a path, or the beginning of a run's name under `out`. Raises RunError for a missing run, and for a finished cell
    that is missing or altered. With `partial`, such cells are left out instead, and `.left_out` names them."""
    folder, record = _found(run, out)
    return results.load(folder, partial=partial, record=_with_main_grid(record))


def _with_main_grid(record: dict[str, Any]) -> dict[str, Any]:
    """The record with the values of its main grid, which those of earlier versions of this package lack."""
    if MAIN in record or record["study"] not in presets.study_names() or recorded.STUDY in record.get("code", {}):
        return record
    try:
        return record | {MAIN: presets.study_of(record).main()}
    except ValueError:  # of an earlier version of the study
        return record


def load_model(
    run: str | Path,
    member: int | str = 0,
    *,
    recipe: int = 0,
    out: Path | None = None,
    code: str | Path | None = None,
    **where: Any,
) -> Map:
    """The trained network of a member of a cell, from the model store: an ensemble with E = 1.

    Of a run of `examine` it is the network that was examined, from the code and weights that the record names.

    `where` describes the cell by its values, such as hidden=6. `member` is a number, 'median' or 'best', as for `find_model`.
    If a cell trains several ensembles, `recipe` is the number of the ensemble. `code` is a Python file of yours that may be
    executed where the run's record names it (--code on the command line). Raises RunError if `where` does not fit exactly one
    cell, or if the store no longer has the network."""
    if code is not None:
        outside.read(Path(code))
    return find_model(run, member, recipe=recipe, out=out, **where).ensemble


@dataclass(frozen=True, eq=False)
class Model:
    """A network of a run: an `ensemble` with E = 1, the recipe of this member alone, and the run and cell.

    `choice` says in words how the member was chosen. A network from outside, which was examined, has no recipe: `ensemble` is
    then a map of landscape.wrap, and `seen` holds its data and, if any were given, its held-out points."""

    ensemble: Map
    recipe: Recipe | None
    run: Path
    cell: Cell
    member: int
    loss: float
    status: str
    choice: str
    seen: tuple[Dataset, Dataset | None] | None = None

    def dataset(self) -> Dataset:
        """The points that the network was trained on."""
        if self.recipe is not None:
            return self.recipe.dataset()
        assert self.seen is not None
        return self.seen[0]

    def held_out(self, count: int) -> Dataset:
        """Points that it was not trained on. Raises ValueError where there are none."""
        if self.recipe is not None:
            return held_out(self.recipe.data, self.recipe.seeds, count)
        if self.seen is None or self.seen[1] is None:
            raise ValueError("this network was examined without held-out points; examine it again with --held-out")
        return self.seen[1]


def find_model(
    run: str | Path, member: int | str = "median", *, recipe: int = 0, out: Path | None = None, **where: Any
) -> Model:
    """The trained network of a member of the cell that `where` describes, from the model store, with its source.

    `member` is

    - a number,
    - 'median': the member with the median training loss among the converged members; if none converged, among those that did
      not diverge,
    - 'best': the member with the lowest training loss.

    Values of `where` may be given as text. Raises RunError as `load_model` does."""
    folder, record = _found(run, out)
    return _model(folder, record, only_cell(record, where), member, recipe)


def choose_cell(run: str | Path, where: Mapping[str, Any], out: Path | None = None) -> tuple[Cell, str]:
    """The cell of a run that has the values `where`, and how it was chosen among several, in words.

    The rule is that of `landscape.cell_choice.best_cell`. Raises RunError where no cell has the values."""
    folder, record = _found(run, out)
    return best_cell(folder, record, where)


def model_of_cell(run: str | Path, cell: Cell, member: int | str, *, recipe: int = 0, out: Path | None = None) -> Model:
    """The trained network of a member of a cell, as `find_model` gives it."""
    folder, record = _found(run, out)
    return _model(folder, record, cell, member, recipe)


def _model(folder: Path, record: dict[str, Any], cell: Cell, member: int | str, recipe: int) -> Model:
    models = folder.parent / "models"
    results.check_cell(folder, cell)
    if record["study"] == EXAMINE and recorded.STUDY not in record.get("code", {}):
        return _examined(folder, record, cell, member)
    try:
        chosen = _recipe(folder, record, cell, recipe)
        fitted = stored(chosen, models)
    except ValueError as error:
        raise error if isinstance(error, RunError) else RunError(f"cell {cell.name} of {folder}: {error}") from None
    if fitted is None:
        other = " as they were written (altered, or of another architecture)" if (models / chosen.key).is_dir() else ""
        raise RunError(f"{models} does not have the networks of cell {cell.name}{other}; {_again(record, folder)}")
    place, choice = _member(member, fitted)
    alone = replace(chosen, seeds=chosen.seeds[place : place + 1])
    loss = float(fitted.losses[place])
    return Model(fitted.ensemble.select([place]), alone, folder, cell, place, loss, fitted.status[place], choice)


def _examined(folder: Path, record: dict[str, Any], cell: Cell, member: int | str) -> Model:
    """The network of a cell of `examine`, from the code, the files or the memory that it was examined from."""
    if str(member) not in ("0", "median", "best"):
        raise RunError(f"a cell of examine has one network, member 0; got `member` {member}")
    try:
        recorded.recall_models(record, folder)
        study: Any = presets.study_of(record, folder)
        if cell not in study.cells():
            raise ValueError("its data or weights have changed since it was examined; examine it again")
        network, look = study.look(cell, "cpu")
    except ValueError as error:
        raise RunError(f"cell {cell.name} of {folder}: {error}") from error
    loss = float(results.load(folder, partial=True, record=record).tables["members"].loss_data.iloc[0])
    return Model(network, None, folder, cell, 0, loss, "examined", "from outside", seen=look.datasets())


def _recipe(folder: Path, record: dict[str, Any], cell: Cell, number: int) -> Recipe:
    """The recipe `number` of a cell.

    1. Cells note the keys of their recipes, and the model store has the recipe of each key. The study is not needed.
    2. Cells of older runs have no such note. Then the study gives the recipes.

    Raises ValueError if the cell has fewer recipes, the store lacks the recipe, or the study has changed (case 2)."""
    keys = results.recipes_of(folder, cell)
    recipes = [] if keys else presets.study_of(record, folder).recipes(cell)
    if not 0 <= number < len(keys or recipes):
        raise RunError(f"cell {cell.name} trains {len(keys or recipes)} ensembles; got `recipe` {number}")
    if not keys:
        return recipes[number]
    recorded.recall_nets(record, folder)
    found = stored_recipe(keys[number], folder.parent / "models")
    if found is None:
        raise RunError(
            f"{folder.parent / 'models'} does not have the networks of cell {cell.name}; {_again(record, folder)}"
        )
    return found


def _again(record: dict[str, Any], folder: Path) -> str:
    """The advice for networks that are missing: the command that trains them again."""
    try:
        return f"run again: {presets.command(presets.study_of(record, folder))} --fresh"
    except ValueError:
        return f"run again: {record.get('command', 'the study')} --fresh"


def _member(asked: int | str, fitted: Fitted) -> tuple[int, str]:
    """The number of the member that was asked for, and how it was chosen, in words."""
    count, losses = len(fitted.status), fitted.losses.tolist()
    if asked not in ("median", "best"):
        if not (str(asked).isdecimal() and int(asked) < count):
            raise RunError(f"`member` must be median, best or from 0 to {count - 1}; got {asked}")
        return int(asked), f"member {asked} of {count}"
    pool = [place for place, status in enumerate(fitted.status) if status == "converged"]
    among = f"{len(pool)} converged members"
    if asked == "best" or not pool:
        pool = [place for place in range(count) if math.isfinite(losses[place]) and fitted.status[place] != "diverged"]
        among = f"{len(pool)} members" if asked == "best" else f"{len(pool)} members, none converged"
    if not pool:
        raise RunError(f"all {count} members diverged; give a member's number")
    ordered = sorted(pool, key=lambda place: losses[place])
    place = ordered[0 if asked == "best" else (len(ordered) - 1) // 2]
    return place, f"member {place}, the {asked} of {among}"
