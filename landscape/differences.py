"""What differs between two runs of a study: parameters, cells, numbers and verdicts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from landscape import presets, reporting
from landscape.results import Result, RunError

NUMBER_COLUMNS = ["table", "column", "rows", "differ", "largest difference"]
VERDICT_COLUMNS = ["claim", "first", "second", "first estimate", "second estimate"]


@dataclass(frozen=True, eq=False)
class Differences:
    """The differences between a first and a second run of a study.

    - `parameters`: both values of each parameter that differs, and of the study's version.
    - `only_first`, `only_second`: the finished cells that the other run lacks. `both`: the number of the others.
    - `rows`: by table, how many rows of common cells only the first, and only the second run has.
    - `numbers`: a row per column that differs, over the rows of both runs; columns NUMBER_COLUMNS. The largest difference is
      NaN for texts, and for numbers of which one is missing or infinite.
    - `verdicts`: a row per claim whose verdict differs; VERDICT_COLUMNS. `unjudged`: why none is compared, or empty."""

    parameters: dict[str, tuple[Any, Any]]
    both: int
    only_first: list[str]
    only_second: list[str]
    rows: dict[str, tuple[int, int]]
    numbers: pd.DataFrame
    verdicts: pd.DataFrame
    unjudged: str = ""

    @property
    def equal(self) -> bool:
        """Whether nothing differs."""
        parts = (self.parameters, self.only_first, self.only_second, self.rows)
        return not any(parts) and self.numbers.empty and self.verdicts.empty


def compare(first: Result, second: Result) -> Differences:
    """The differences between two runs. Raises RunError for runs of different studies."""
    names = first.record["study"], second.record["study"]
    if names[0] != names[1]:
        raise RunError(
            f"only runs of one study are compared; {first.path.name} is of {names[0]}, {second.path.name} of {names[1]}"
        )
    cells = [cell for cell in first.arrays if cell in second.arrays]
    parts = [_numbers(name, first, second) for name in dict.fromkeys([*first.tables, *second.tables])]
    numbers = [row for _, _, rows in parts for row in rows] + _arrays(first, second)
    verdicts, unjudged = _verdicts(first, second)
    return Differences(
        _parameters(first.record, second.record),
        len(cells),
        [cell.name for cell in first.arrays if cell not in second.arrays],
        [cell.name for cell in second.arrays if cell not in first.arrays],
        {name: counts for name, counts, _ in parts if any(counts)},
        pd.DataFrame(numbers, columns=NUMBER_COLUMNS),
        verdicts,
        unjudged,
    )


def _parameters(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    pairs = {"version": (first["version"], second["version"])}
    for name in dict.fromkeys([*first["parameters"], *second["parameters"]]):
        pairs[name] = (first["parameters"].get(name), second["parameters"].get(name))
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def _indexed(name: str, result: Result, other: Result) -> pd.DataFrame:
    """A table of the cells of both runs. Two rows are compared if they agree in cell, seed and place."""
    table = result.tables.get(name, pd.DataFrame(columns=[*result.keys]))
    shared = {tuple(value for _, value in cell.values) for cell in result.arrays if cell in other.arrays}
    kept = [values in shared for values in table[result.keys].itertuples(index=False, name=None)]
    table = table[np.array(kept, dtype=bool)]
    if "seed" not in table and "member" in table:
        table = table.assign(seed=table["member"] + result.record["parameters"].get("seed", 0))
    by = [*result.keys, *(["seed"] if "seed" in table else [])]
    place = table.groupby(by, dropna=False).cumcount() if len(table) else pd.Series(dtype=int)
    return table.drop(columns="member", errors="ignore").assign(_place=place).set_index([*by, "_place"])


def _numbers(name: str, first: Result, second: Result) -> tuple[str, tuple[int, int], list[dict[str, Any]]]:
    """The table's name, the numbers of rows that one run lacks, and a row for each column that differs."""
    one, two = _indexed(name, first, second), _indexed(name, second, first)
    if list(one.index.names) != list(two.index.names):  # a run without this table, or of other columns
        return name, (len(one), len(two)), []
    common = one.index.intersection(two.index)
    counts = len(one) - len(common), len(two) - len(common)
    one, two = one.loc[common], two.loc[common]
    columns = [column for column in dict.fromkeys([*one, *two]) if len(common)]
    found = []
    for column in columns:
        if column not in one or column not in two:
            found.append(_row(name, str(column), len(common), len(common), np.nan))
        else:
            found += _compared(name, str(column), one[column].to_numpy(), two[column].to_numpy())
    return name, counts, found


def _arrays(first: Result, second: Result) -> list[dict[str, Any]]:
    """A row for each array that differs in some common cell; `rows` counts numbers."""
    flat: dict[str, list[tuple[np.ndarray, np.ndarray]]] = {}
    for cell in (cell for cell in first.arrays if cell in second.arrays):
        one, two = first.arrays[cell], second.arrays[cell]
        for name in dict.fromkeys([*one, *two]):
            if name in one and name in two and one[name].shape == two[name].shape:
                flat.setdefault(name, []).append((one[name].ravel(), two[name].ravel()))
            else:
                size = max(held[name].size for held in (one, two) if name in held)
                flat.setdefault(name, []).append((np.zeros(size), np.full(size, np.nan)))
    return [
        row
        for name, pairs in flat.items()
        for row in _compared("arrays", name, *(np.concatenate([pair[side] for pair in pairs]) for side in (0, 1)))
    ]


def _compared(table: str, column: str, one: np.ndarray, two: np.ndarray) -> list[dict[str, Any]]:
    """A row if values differ, else none. Missing values are equal to each other."""
    if one.dtype.kind in "iuf" and two.dtype.kind in "iuf":
        a, b = one.astype(np.float64), two.astype(np.float64)
        differ = ~((a == b) | (np.isnan(a) & np.isnan(b)))
        apart = np.abs(a[differ] - b[differ])
        largest = apart.max() if len(apart) and np.isfinite(apart).all() else np.nan
    else:
        left, right = pd.Series(one, dtype=object), pd.Series(two, dtype=object)
        differ = ((left != right) & ~(left.isna() & right.isna())).to_numpy(dtype=bool)
        largest = np.nan
    return [_row(table, column, len(one), int(differ.sum()), float(largest))] if differ.any() else []


def _row(*values: Any) -> dict[str, Any]:
    return dict(zip(NUMBER_COLUMNS, values, strict=True))


def _verdicts(first: Result, second: Result) -> tuple[pd.DataFrame, str]:
    """The claims whose verdicts differ, and why verdicts are not compared, if they are not."""
    try:
        judged = [
            {claim.key: claim for claim in reporting.claims_of(presets.study_of(run.record, run.path), run)}
            for run in (first, second)
        ]
    except ValueError as error:  # the study is missing or has changed
        return pd.DataFrame(columns=VERDICT_COLUMNS), str(error)
    rows = []
    for key in dict.fromkeys(key for claims in judged for key in claims):
        pair = [claims.get(key) for claims in judged]
        verdicts = [claim.verdict if claim else "no claim" for claim in pair]
        if verdicts[0] != verdicts[1]:
            rows.append((key, *verdicts, *(claim.estimate if claim else np.nan for claim in pair)))
    return pd.DataFrame(rows, columns=VERDICT_COLUMNS), ""
