"""The ledger as files: Parquet for programs, CSV for spreadsheets."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from landscape import disk

NAMES = ("claims.parquet", "claims.csv")
QUIRKS = "quirks.csv"


def save(table: pd.DataFrame, folder: Path, quirks: pd.DataFrame | None = None) -> tuple[Path, ...]:
    """Write the ledger, and the table of quirks if there is one, into a folder, each file at once, and return the paths.

    Raises OSError where nothing can be written."""
    folder.mkdir(parents=True, exist_ok=True)
    parquet, csv = (folder / name for name in NAMES)
    with disk.replacing(parquet) as place:
        table.to_parquet(place, index=False)
    with disk.replacing(csv) as place:
        table.to_csv(place, index=False, lineterminator="\n")
    if quirks is None:
        return parquet, csv
    with disk.replacing(folder / QUIRKS) as place:
        quirks.to_csv(place, index=False, lineterminator="\n")
    return parquet, csv, folder / QUIRKS
