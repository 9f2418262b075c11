"""The provenance of a run, as the page shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from landscape.report.tables import format_number

FIRST_KEYS = (
    "study",
    "command",
    "data",
    "commit",
    "seed",
    "device",
    "started",
    "seconds",
    "versions",
)  # in this order; others follow


@dataclass(frozen=True)
class Provenance:
    """A run's record as rows (key, text), its parameters, its number of cells, and its failed cells with their errors."""

    rows: Sequence[tuple[str, str]]
    parameters: Sequence[tuple[str, str]]
    cells: int
    failures: Sequence[tuple[str, str]]


def provenance(record: Mapping[str, Any]) -> Provenance:
    """The provenance in `record`. Keys that the page has no format for are shown as they are."""
    rest = [key for key in record if key not in (*FIRST_KEYS, "parameters", "cells", "format")]
    rows = [(key, _text(key, record[key])) for key in (*FIRST_KEYS, *rest) if record.get(key) not in (None, "", {}, [])]
    parameters = [(str(key), _text("", value)) for key, value in (record.get("parameters") or {}).items()]
    cells: Sequence[Any] = record.get("cells") or []
    if isinstance(cells, Mapping):
        cells = [{"cell": key, **value} for key, value in cells.items()]
    failures = [_failure(cell) for cell in cells if isinstance(cell, Mapping) and _failed(cell)]
    return Provenance(rows, parameters, len(cells), failures)


def _failed(cell: Mapping[str, Any]) -> bool:
    return bool(cell.get("error")) or cell.get("status") in ("failed", "error")


def _failure(cell: Mapping[str, Any]) -> tuple[str, str]:
    """The cell's parameters, and the last line of its error."""
    named = {key: value for key, value in cell.items() if key not in ("status", "error", "seconds", "traceback")}
    error = str(cell.get("error") or "failed").strip()
    return _text("", named), error.splitlines()[-1]


def _text(key: str, value: Any) -> str:
    if key == "seconds":
        return duration(float(value))
    if key == "data" and isinstance(value, Mapping):
        return " · ".join(f"{name}: {words}" for name, words in value.items())
    if key == "own_data" and isinstance(value, Mapping):  # without the path, which is nobody else's business
        return " · ".join(
            f"{name}: {about.get('form', '')}, sha256 {about.get('sha256', '')}" for name, about in value.items()
        )
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_text('', part)}" for name, part in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(_text("", part) for part in value) or "none"
    if isinstance(value, float):
        return format_number(value)
    return str(value)


def duration(seconds: float) -> str:
    """Seconds in convenient units: 41.2 s, 3 min 20 s, 2 h 5 min."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"
