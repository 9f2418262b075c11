"""The share of a run's cells that one process does: `--shard`, `--cell` and `--list-cells`."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from landscape import results, sharing
from landscape.sweep import all_cells

if TYPE_CHECKING:
    from landscape.commands.plan import RunOptions
    from landscape.results import Cell
    from landscape.study import Study


def chosen(study: Study, options: RunOptions) -> list[Cell] | None:
    """The cells that --shard or --cell ask for, in the study's order; None for all.

    Raises ValueError for both at once, for a shard that is not I/N, and for numbers that no cell has."""
    if not options.shard and not options.cell:
        return None
    if options.shard and options.cell:
        raise ValueError("give --shard or --cell, not both: each says which cells to run")
    cells = all_cells(study)
    if options.shard:
        number, of = shard(options.shard)
        return list(cells[number - 1 :: of])
    wrong = [number for number in options.cell or () if not 1 <= number <= len(cells)]
    if wrong:
        raise ValueError(
            f"`cell` must be a number from 1 to {len(cells)}, as --list-cells gives them; got {', '.join(map(str, wrong))}"
        )
    return [cells[number - 1] for number in sorted(set(options.cell or ()))]


def shard(text: str) -> tuple[int, int]:
    """The numbers I and N of a shard I/N. Raises ValueError for another text, and for an I that is not from 1 to N."""
    found = re.fullmatch(r"(\d{1,6})/(\d{1,6})", text.strip())
    number, of = map(int, found.groups()) if found else (0, 0)
    if not 1 <= number <= of:
        raise ValueError(f"`shard` must be I/N with I from 1 to N, such as 3/20; got {text!r}")
    return number, of


def show_cells(study: Study, options: RunOptions, cells: Sequence[Cell] | None) -> None:
    """Print a line per cell: its number, its state and its name; as JSON with --json. With `cells`, those alone."""
    folder, every = study.folder(options.out), all_cells(study)
    left = results.unfinished(folder, every)
    failed = set[str]()
    if (folder / results.RECORD).exists():
        entries = results.read_record(folder)["cells"]
        failed = {entry["name"] for entry in entries if entry["status"] == "failed"}

    def state(cell: Cell) -> str:
        if cell not in left:
            return "done"
        if sharing.is_claimed(folder, cell.key):
            return "running"
        return "failed" if cell.name in failed else "damaged" if left[cell] else "waiting"

    rows = [(number, state(cell), cell) for number, cell in enumerate(every, 1) if cells is None or cell in cells]
    if options.json:
        listed = [{"number": number, "state": word, "cell": dict(cell.values)} for number, word, cell in rows]
        print(json.dumps(listed, indent=1))
        return
    width = len(str(len(every)))
    for number, word, cell in rows:
        print(f"{number:>{width}}  {word:<7}  {cell.name}")


def still_to_run(entries: Sequence[Mapping[str, Any]]) -> str:
    """A line for a run of which this process did its share: how many cells have ended, and who writes the report."""
    states = [entry["status"] for entry in entries]
    waiting = states.count("waiting")
    return (
        f"{len(states) - waiting} of {len(states)} cells have ended, and {waiting} {'is' if waiting == 1 else 'are'} still to "
        "run; the process that ends the last one writes the report"
    )
