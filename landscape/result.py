"""A run that was read back: its record, tables and arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from landscape import named_axes
from landscape.facts import Facts, Shown, described
from landscape.record import Cell, unchecked

if TYPE_CHECKING:
    import xarray
    from matplotlib.figure import Figure

ROWS_IN_A_NOTEBOOK = 10
MAIN = "main"  # of a record: the values that the cells of its main grid have, in studies with cells beside it


@dataclass(frozen=True, eq=False, repr=False)
class Result(Shown):
    """A run, read from its folder.

    `tables` join the tables of all finished cells, with the cells' values as columns. `arrays` are stored by cell. `left_out`
    gives, by the cell's name, why a partial reading left out a damaged cell. An `unchecked` run was made before records had
    digests, so that damage to it may go unnoticed."""

    path: Path
    record: dict[str, Any]
    tables: dict[str, pd.DataFrame]
    arrays: dict[Cell, dict[str, np.ndarray]]
    left_out: dict[str, str] = field(default_factory=dict)

    @property
    def unchecked(self) -> bool:
        """Whether the run was made before records had digests."""
        return unchecked(self.record)

    @property
    def table(self) -> pd.DataFrame:
        """The members of the run's main grid: a row per member, tidy. Of most studies these are all members.

        The members of cells beside that grid, which do not cross with it and would bias its groups, are in
        `separate["members_budget"]` or `["members_spread"]`."""
        return self.separate.get("members", pd.DataFrame())

    @property
    def separate(self) -> dict[str, pd.DataFrame]:
        """The tables with the cells beside the main grid in tables of their own: `members`, `members_budget`, `controls`, …"""
        found = dict(self.tables)
        for name, table in self.tables.items():
            for column, value in self.main.items():
                if column in table and (table[column] != value).any():
                    found[f"{name}_{column}"] = table[table[column] != value].reset_index(drop=True)
                    found[name] = table = table[table[column] == value].reset_index(drop=True)
        return found

    @property
    def whole(self) -> pd.DataFrame:
        """All members, those beside the main grid too."""
        return self.tables.get("members", pd.DataFrame())

    @property
    def main(self) -> dict[str, Any]:
        """The values that the cells of the main grid have, by the columns that have others beside it."""
        return dict(self.record.get(MAIN, {}))

    @property
    def failed_cells(self) -> dict[str, str]:
        """The error of every cell that failed, by the cell's name."""
        return {entry["name"]: entry["error"] for entry in self.record["cells"] if entry["status"] == "failed"}

    @property
    def keys(self) -> list[str]:
        """The names of the cells' values, which are columns of every table."""
        return [name for name, _ in self.record["cells"][0]["values"]]

    def figures(self, *, only: str | Sequence[str] = (), style: str | Path | None = None) -> dict[str, Figure]:
        """The figures of the run's page by their names, as matplotlib Figures: `figures["depth-or-capacity"].savefig(…)`.

        `only` are titles or parts of them, `style` is a file of matplotlib's settings or the name of one of its styles.
        Surfaces, players and tables are left out. Raises ValueError where there is no such figure, and for a run of another
        version of its study."""
        from landscape.publishing import figures_of

        return figures_of(self, only=only, style=style)

    def to_latex(self, table: str = "claims", *, caption: str = "", label: str = "") -> str:
        """A table in LaTeX, for the package booktabs: `claims` with verdicts and intervals, `cells`, or one of `tables`.

        With a `caption` or a `label` it is a float. Raises ValueError, which lists the names, if there is no such table,
        and for a run of another version of its study."""
        from landscape.publishing import table_of, to_latex

        return to_latex(table_of(self, table), caption=caption, label=label)

    def to_xarray(self) -> xarray.Dataset:
        """The members' table and the arrays with named axes: (cell, member) and (cell, …), the cells' values along `cell`.

        Needs the package xarray, or raises ImportError. A cell without a member, or with fewer, has NaN. Arrays whose shapes
        differ between cells are left out, and the attribute `left_out` names them."""
        return named_axes.dataset(
            self.whole, self.arrays, self.keys, {"study": self.record["study"], "run": self.path.name}
        )

    def facts(self) -> Facts:
        """The run in a few words: how much of it is done, what was swept, and which tables and arrays it has."""
        states = [entry["status"] for entry in self.record["cells"]]
        statuses = self.whole["status"].value_counts() if "status" in self.whole else pd.Series(dtype=int)
        kinds = ", ".join(f"{count:,} {status}" for status, count in statuses.items())
        failed = f", {len(self.failed_cells)} failed" if self.failed_cells else ""
        done = f"{states.count('done')} of {len(states)} cells{failed}, {len(self.whole):,} members"
        cells = [dict(entry["values"]) for entry in self.record["cells"]]
        values = {key: list(dict.fromkeys(values[key] for values in cells)) for key in self.keys}
        names = dict.fromkeys(name for arrays in self.arrays.values() for name in arrays)
        tables = sorted(self.separate.items(), key=lambda item: not item[0].startswith("members"))
        rows = {
            "swept": "; ".join(f"{key} {described(each)}" for key, each in values.items()),
            "tables": ", ".join(f"{name} ({len(table):,} × {len(table.columns)})" for name, table in tables),
            "arrays": ", ".join(names),
            "folder": str(self.path),
        }
        title = f"{self.record['study']}: {done}{f' ({kinds})' if kinds else ''}"
        return Facts(title, tuple((name, words) for name, words in rows.items() if words))

    def _repr_html_(self) -> str:
        return f"{self.facts().html()}{self.table.head(ROWS_IN_A_NOTEBOOK).to_html(index=False, max_cols=12)}"


def as_control(result: Result, name: str) -> Result:
    """The result with the control `name` in place of its members. It shows what the claims say of maps that learned nothing.

    1. In the members' table, every column that the table "controls" also has is replaced. Other columns stay.
    2. Of other tables with a column `control`, the rows of the control are kept, with the value 'none' in that column.

    Raises ValueError for a control that the run does not have."""
    controls = result.tables.get("controls", pd.DataFrame({"control": []}))
    rows = controls[controls["control"] == name].drop(columns="control")
    if rows.empty:
        names = ", ".join(map(repr, controls["control"].unique())) or "none at all"
        raise ValueError(f"`name` must be a control of the run ({names}); got {name!r}")
    keys = [*result.keys, "member"]
    replaced = [column for column in rows if column in result.whole and column not in keys]
    members = result.whole.drop(columns=replaced).merge(rows[[*keys, *replaced]], on=keys, validate="one_to_one")
    tables = {"members": members[list(result.whole)]}
    for key, table in result.tables.items():
        if key not in ("members", "controls"):
            chosen = table[table["control"] == name].assign(control="none") if "control" in table else table
            tables[key] = chosen.reset_index(drop=True)
    return replace(result, tables=tables)
