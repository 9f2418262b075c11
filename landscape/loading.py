"""Runs and their networks by name: the run folder meant, its Result, and the trained networks of its cells."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from landscape import presets, recorded, results
from landscape.ensemble import Ensemble, Fitted
from landscape.record import cell_of
from landscape.results import Cell, Result, RunError
from landscape.training import Recipe, stored, stored_recipe

OUT = "reports"
PICKLES = (".pt", ".pth", ".pkl", ".pickle", ".ckpt", ".joblib")


def default_out() -> Path:
    """Where runs go unless told otherwise: LANDSCAPE_OUT, else reports/ in the current folder."""
    return Path(os.environ.get("LANDSCAPE_OUT") or OUT)


def find_run(run: str | Path, out: Path | None = None) -> Path:
    """The folder of a run given as a path, or as an unambiguous beginning of its name under `out`.

    Raises RunError where there is no such run, or several."""
    return _found(run, out)[0]


def _found(run: str | Path, out: Path | None) -> tuple[Path, dict[str, Any]]:
    """The folder of `find_run`, and its record."""
    path, out = Path(run), default_out() if out is None else out
    if path.name in (results.RECORD, "report.html"):
        path = path.parent
    if path.suffix in PICKLES:
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
    """A run's folder and record. Raises RunError where the record cannot be read, or a parameter is none of its study's."""
    record = results.read_record(folder)
    try:
        presets.check_parameters(record)
    except ValueError as error:
        raise RunError(
            f"{folder / results.RECORD} cannot be used: of its parameters, {error}; run the study again with --fresh"
        ) from None
    return folder, record


def newest_run(out: Path | None = None) -> Path:
    """The run started last under `out`. Raises RunError where there is none."""
    out = default_out() if out is None else out
    found = results.runs(out)
    if not found:
        raise RunError(f"no runs in {out}; `landscape study depth-sweep` makes one, and --out says where to look")
    return _usable(found[0][0])[0]


def load(run: str | Path, out: Path | None = None, *, partial: bool = False) -> Result:
    """A run read back: `.table` (a row per member), `.tables`, `.arrays`, `.record`.

    `run` is a path, or the beginning of a run's name under `out`. Raises RunError for a missing run, and for one of which a
    finished cell is missing or altered; with `partial` such cells are left out, and `.left_out` names them."""
    folder, record = _found(run, out)
    return results.load(folder, partial=partial, record=record)


def load_model(
    run: str | Path, member: int | str = 0, *, recipe: int = 0, out: Path | None = None, **where: Any
) -> Ensemble:
    """The trained network of one member of the one cell that `where` describes, from the model store: E = 1.

    `member` is a number, 'median' or 'best', as for `find_model`. Where a cell trains several ensembles, `recipe` counts them.
    Raises RunError where `where` fits no cell or several, or where the store no longer has the network."""
    return find_model(run, member, recipe=recipe, out=out, **where).ensemble


@dataclass(frozen=True, eq=False)
class Model:
    """One trained network of a run: `ensemble` of E = 1, the recipe of this member alone, and where both came from.

    `choice` says in words how the member was chosen."""

    ensemble: Ensemble
    recipe: Recipe
    run: Path
    cell: Cell
    member: int
    loss: float
    status: str
    choice: str


def find_model(
    run: str | Path, member: int | str = "median", *, recipe: int = 0, out: Path | None = None, **where: Any
) -> Model:
    """The trained network of one member of the one cell that `where` describes, from the model store.

    `member` is its number; 'median', which has the median training loss of the converged (of all that did not diverge where
    none converged); or 'best', the least loss. Values of `where` may be written as text. Raises RunError as `load_model`."""
    folder, record = _found(run, out)
    models = folder.parent / "models"
    cell = _only_cell(record, where)
    results.check_cell(folder, cell)
    try:
        chosen = _recipe(folder, record, cell, recipe)
        fitted = stored(chosen, models)
    except ValueError as error:
        raise error if isinstance(error, RunError) else RunError(f"cell {cell.name} of {folder}: {error}") from None
    if fitted is None:
        other = " as they were written (altered, or of another architecture)" if (models / chosen.key).is_dir() else ""
        raise RunError(f"{models} does not have the networks of cell {cell.name}{other}; {_again(record, folder)}")
    place, choice = _member(member, fitted)
    own = replace(chosen, seeds=chosen.seeds[place : place + 1])
    loss = float(fitted.losses[place])
    return Model(fitted.ensemble.select([place]), own, folder, cell, place, loss, fitted.status[place], choice)


def _recipe(folder: Path, record: dict[str, Any], cell: Cell, number: int) -> Recipe:
    """What the cell trained: by the recipe in the model store, whatever has become of the study; of a run that was made before
    its cells noted their recipes, by the study.

    Raises ValueError where there are not so many, the store does not have it, or the study is another one by now."""
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
    """What to do where networks are gone."""
    try:
        return f"run again: {presets.command(presets.study_of(record, folder))} --fresh"
    except ValueError:
        return f"run again: {record.get('command', 'the study')} --fresh"


def _member(asked: int | str, fitted: Fitted) -> tuple[int, str]:
    """The member's number, and how it was chosen."""
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


def _only_cell(record: dict[str, Any], where: dict[str, Any]) -> Cell:
    """The only cell of a run that `where` describes by the cell's values and the run's parameters."""
    cells, fixed = [cell_of(entry) for entry in record["cells"]], dict(record["parameters"])
    names = sorted({name for cell in cells for name, _ in cell.values} | fixed.keys())
    for name in where:
        if name not in names:
            raise RunError(f"{record['study']} has no {name!r}{presets.did_you_mean(name, names)}")
    found = [
        cell for cell in cells if all(_same((fixed | dict(cell.values))[name], value) for name, value in where.items())
    ]
    if len(found) == 1:
        return found[0]
    asked = ", ".join(f"{name}={value!r}" for name, value in where.items())
    listed = "; ".join(cell.name for cell in (found or cells)[:6]) + (" …" if len(found or cells) > 6 else "")
    if not where:
        raise RunError(f"the run has {len(cells)} cells; say which one (--where KEY=VALUE): {listed}")
    raise RunError(f"{asked} fits {len(found)} cells; name one of: {listed}")


def _same(value: Any, asked: Any) -> bool:
    """Whether a parameter has the value asked for, which may be written as text."""
    if value == asked or not isinstance(asked, str):
        return bool(value == asked)
    try:
        return str(value).lower() == asked.lower() or float(value) == float(asked)
    except (TypeError, ValueError):
        return False
