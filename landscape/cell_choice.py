"""The cell of a run that is meant by some of its values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

from landscape import presets, results
from landscape.cells import count_converged
from landscape.record import cell_of
from landscape.results import Cell, RunError

MAX_NAMES = 8  # of cells, or of values of a key, in a message


def only_cell(record: Mapping[str, Any], where: Mapping[str, Any]) -> Cell:
    """The only cell of a run that has the values `where`, of its own or among the run's parameters.

    Raises RunError, which names what would tell the cells apart, where no cell or several cells have them."""
    found = fitting(record, where)
    if len(found) == 1:
        return found[0]
    asked = ", ".join(f"{name}={value!r}" for name, value in where.items())
    if not found:
        raise RunError(f"no cell has {asked}; {_there_are(record, where)}")
    if not where:
        raise RunError(f"the run has {len(found)} cells; choose one by --where KEY=VALUE, of {told_apart(found)}")
    raise RunError(f"{asked} fits {len(found)} cells; choose one by {told_apart(found)}")


def best_cell(folder: Path, record: Mapping[str, Any], where: Mapping[str, Any]) -> tuple[Cell, str]:
    """The cell of a run that has the values `where`, and how it was chosen, in words; "" if there is no other such cell.

    1. Finished cells go before the others.
    2. Of these, the cells in which most members converged.
    3. Of these, the first.

    Raises RunError where no cell has the values."""
    found = fitting(record, where)
    if len(found) < 2:
        return only_cell(record, where), ""
    done = {cell_of(entry) for entry in record["cells"] if entry["status"] == "done"}
    pool = [cell for cell in found if cell in done] or found
    counted = [count_converged(folder / results.CELLS / cell.key) for cell in pool]
    good, members = max(counted, key=lambda count: count[0])
    chosen = pool[[count[0] for count in counted].index(good)]
    why = f"in which most members converged ({good} of {members})" if good else "the first"
    asked = " and ".join(f"{name}={value}" for name, value in where.items())
    number = f"{len(found)} cells have {asked}" if where else f"the run has {len(found)} cells"
    return chosen, f"{number}: this is {chosen.name}, {why}; --where takes another, by {told_apart(found)}"


def fitting(record: Mapping[str, Any], where: Mapping[str, Any]) -> list[Cell]:
    """The cells of a run that have the values `where`. Raises RunError for a name that neither cells nor parameters have."""
    cells, fixed = _cells(record), dict(record["parameters"])
    names = sorted({name for cell in cells for name, _ in cell.values} | fixed.keys())
    for name in where:
        if name not in names:
            raise RunError(f"{record['study']} has no {name!r}{presets.did_you_mean(name, names)}")
    return [
        cell for cell in cells if all(_same((fixed | dict(cell.values))[name], value) for name, value in where.items())
    ]


def told_apart(cells: Sequence[Cell]) -> str:
    """The fewest keys that tell the cells apart, with their values, in words: 'data (digits, clusters) and width (5, 50)'."""
    keys = list(dict.fromkeys(name for cell in cells for name, _ in cell.values))
    several = [name for name in keys if len({dict(cell.values).get(name) for cell in cells}) > 1]
    enough = next(
        (
            names
            for count in range(1, len(several))
            for names in combinations(several, count)
            if len({tuple(dict(cell.values).get(name) for name in names) for cell in cells}) == len(cells)
        ),
        several,
    )
    values = {name: dict.fromkeys(str(cell[name]) for cell in cells if name in dict(cell.values)) for name in enough}
    return " and ".join(f"{name} ({_names(list(texts), ', ')})" for name, texts in values.items())


def _there_are(record: Mapping[str, Any], where: Mapping[str, Any]) -> str:
    """The values that there are of the names asked, in words: of each that no cell has, or else of all."""
    values = {name: dict.fromkeys(str(_value(record, cell, name)) for cell in _cells(record)) for name in where}
    strange = [name for name in where if not fitting(record, {name: where[name]})]
    return " and ".join(f"{name} is {_names(list(values[name]), ', ')}" for name in strange or where)


def _value(record: Mapping[str, Any], cell: Cell, name: str) -> Any:
    return (dict(record["parameters"]) | dict(cell.values)).get(name)


def _cells(record: Mapping[str, Any]) -> list[Cell]:
    return [cell_of(entry) for entry in record["cells"]]


def _names(names: Sequence[str], between: str = "; ") -> str:
    return between.join(names[:MAX_NAMES]) + (f"{between.rstrip()} …" if len(names) > MAX_NAMES else "")


def _same(value: Any, asked: Any) -> bool:
    """Whether a parameter has the value `asked`, which may be given as text."""
    if value == asked or not isinstance(asked, str):
        return bool(value == asked)
    try:
        return str(value).lower() == asked.lower() or float(value) == float(asked)
    except (TypeError, ValueError):
        return False
