"""`landscape export --tables`: the tables of a run as LaTeX, CSV or Markdown."""

from __future__ import annotations

import sys
from pathlib import Path

from landscape import disk, loading
from landscape.commands import faults
from landscape.commands.faults import bad_input, stoppable, writing_to
from landscape.commands.runs import named_or_newest
from landscape.publishing.formats import FORMATS, MOST_ROWS, written
from landscape.publishing.tables import table_of, tables_of


def export_tables(
    run: str | None, form: str, to: Path | None, *, only: tuple[str, ...] = (), out: Path | None = None
) -> int:
    """Write the tables of a run to the folder `to`, by default `tables` in the run's folder: a file each.

    The run is by default the newest. `only` are names of tables. Without it, long tables are written as CSV alone, and a
    line says so."""
    with bad_input():
        if form not in FORMATS:
            raise ValueError(f"`tables` must be one of {', '.join(FORMATS)}; got {form!r}")
        result = loading.load(named_or_newest(run, out), out)
        tables = {name: table_of(result, name) for name in only} or tables_of(result)
        long = [name for name, table in tables.items() if len(table) > MOST_ROWS and not only and form != "csv"]
        folder = to or result.path / "tables"
        with stoppable("the tables so far are kept"), writing_to(folder, option="--to"):
            folder.mkdir(parents=True, exist_ok=True)
            for name in [name for name in tables if name not in long]:
                file = folder / f"{name}.{form}"
                caption = f"{name.capitalize()} of the run {result.path.name}."
                text = written(tables[name], form, caption=caption, label=f"tab:{result.path.name}-{name}")
                with disk.replacing(file) as part:
                    part.write_text(text, encoding="utf-8")
                print(f"table   {file}")
        if long:
            counts = ", ".join(f"{name} ({len(tables[name]):,} rows)" for name in long)
            print(f"landscape: left out, as too long for a page: {counts}; --only NAME writes one", file=sys.stderr)
    return faults.OK
