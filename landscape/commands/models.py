"""`landscape models`: the store of trained networks, and the removal of networks that no run uses."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from landscape import model_store, results
from landscape.commands import faults, summary
from landscape.commands.faults import bad_input, writing_to
from landscape.commands.tables import print_table
from landscape.model_store import STORED, TRAINING, Entry
from landscape.progress import rough

MAX_RUNS_NAMED = 2  # in the table; JSON has all


def list_models(out: Path, *, as_json: bool = False) -> int:
    """Print the entries of the store of `out`, largest first."""
    found = _entries(out)
    if as_json:
        summary.print_as_json([_plain(entry) for entry in found])
        return faults.OK
    if not found:
        print(f"no networks in {out / 'models'}", file=sys.stderr)
        return faults.OK
    rows = [
        {
            "key": entry.key,
            "network": entry.network or f"({entry.state})",
            "data": entry.data,
            "members": entry.members or "",
            "size": size(entry.bytes),
            "age": rough(max(0.0, time.time() - entry.changed)),
            "used by": _named(entry),
        }
        for entry in found
    ]
    print_table(summary.console(), pd.DataFrame(rows), optional=("age", "data"), prose=("used by",))
    unused = [entry for entry in found if not entry.runs and entry.state != TRAINING]
    spare = f"; no run uses {len(unused)} of them ({size(sum(entry.bytes for entry in unused))})" if unused else ""
    print(f"{_counted(found)}, {size(sum(entry.bytes for entry in found))}{spare}")
    return faults.OK


def prune(out: Path, *, unused: bool = False, dry_run: bool = False) -> int:
    """Remove the entries that no run under `out` uses, and say which. With `dry_run` nothing is removed."""
    if not unused:
        raise faults.Fault("say what to remove: `landscape models prune --unused` removes networks that no run uses")
    chosen = [entry for entry in _entries(out) if not entry.runs and entry.state != TRAINING]
    removed = chosen
    if not dry_run:
        with bad_input(), writing_to(out, kept="the other entries are kept"):
            removed = model_store.prune(out, chosen)
    for entry in removed:
        words = ", ".join(part for part in (entry.network or entry.state, entry.data) if part)
        print(f"{'would remove' if dry_run else 'removed'} {entry.key} ({words}): {entry.bytes:,} bytes")
    total = sum(entry.bytes for entry in removed)
    print(f"{'would remove' if dry_run else 'removed'} {_counted(removed)}, {total:,} bytes")
    return faults.OK


def _entries(out: Path) -> list[Entry]:
    with bad_input():
        results.check_place(out)
        return model_store.entries(out)


def _counted(found: Sequence[Entry]) -> str:
    return "1 entry" if len(found) == 1 else f"{len(found)} entries"


def _plain(entry: Entry) -> dict[str, object]:
    words = {"network": entry.network, "data": entry.data, "members": entry.members}
    when = datetime.fromtimestamp(entry.changed, UTC).isoformat(timespec="seconds")
    return asdict(entry) | words | {"changed": when, "runs": list(entry.runs)}


def _named(entry: Entry) -> str:
    if entry.state == TRAINING:
        return "in training"
    if not entry.runs:
        return "no run" if entry.state == STORED else f"no run ({entry.state})"
    names: Sequence[str] = entry.runs[:MAX_RUNS_NAMED]
    more = len(entry.runs) - len(names)
    return ", ".join(names) + (f" and {more} more" if more else "")


def size(count: float) -> str:
    """A number of bytes with its unit: 812 B, 40 KB, 1.2 MB, 3.4 GB."""
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("KB", 1e3)):
        if count >= factor:
            return f"{count / factor:.1f} {unit}" if unit != "KB" else f"{count / factor:.0f} KB"
    return f"{count:.0f} B"
