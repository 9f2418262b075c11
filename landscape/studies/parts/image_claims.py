"""How studies of images judge a claim: in each setting, with MLPs on digits to decide and the other settings beside them."""

from __future__ import annotations

import pandas as pd

from landscape.results import Result
from landscape.studies.parts.image_study import SWEPT, setting_words

ILLUSTRATION_LABEL = "illustration: one net"
SHARED_DATA_LABEL = "one training set: over initialisations"
# Settings with these values decide: digits are cheap enough for many seeds, and the paper's networks are MLPs. Other settings
# stand beside them, and decide only in a run without such a setting.
DECIDING = {"data": "digits", "net": "mlp"}
Rows = pd.DataFrame


def settings_of(result: Result, images: Rows, *, but: str = "") -> list[tuple[dict[str, str], Rows]]:
    """The settings of image cells with the paper's plain objective: for each the words of a statement, and its rows.

    Cells that differ in the parameter `but` alone are one setting. The label of a setting says if it has one seed only, which
    illustrates but decides nothing. It also says if all members share a training set, so that intervals are over
    initialisations."""
    plain, names = images[images.objective == "plain"], [name for name in SWEPT if name != but]
    found = []
    for _, rows in plain.groupby(names, sort=False):
        words = {"setting": setting_words(rows.iloc[0].to_dict(), names)}
        label = "" if result.record["parameters"]["drawn"] else SHARED_DATA_LABEL
        found.append((words | {"label": ILLUSTRATION_LABEL if rows.seed.nunique() == 1 else label}, rows))
    return found


def of_cell(table: Rows, rows: Rows) -> Rows:
    """The rows of `table` that belong to the cell of `rows`."""
    first = rows.iloc[0]
    for name in SWEPT:
        table = table[table[name] == first[name]]
    return table
