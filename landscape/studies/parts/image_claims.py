"""How studies of images judge a claim: in each setting, with MLPs on digits to decide and the other settings beside them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pandas as pd

from landscape.claims import Claim, Statement, with_beside
from landscape.results import Result
from landscape.studies.parts.image_study import SWEPT, setting_words
from landscape.studies.parts.judging import combined, untestable

ILLUSTRATION_LABEL = "illustration: one net"
SHARED_DATA_LABEL = "one training set: over initialisations"
# Settings with these values decide: digits are cheap enough for many seeds, and the paper's networks are MLPs. Other settings
# stand beside them, and decide only in a run without such a setting.
DECIDING = {"data": "digits", "net": "mlp"}
Rows = pd.DataFrame


def settings_of(result: Result, images: Rows) -> list[tuple[dict[str, str], Rows]]:
    """The settings of image cells with the paper's plain objective: for each the words of a statement, and its rows.

    The label of a setting says if it has one network only, which illustrates but decides nothing. It also says if all members
    share a training set, so that intervals are over initialisations."""
    plain = images[images.objective == "plain"]
    found = []
    for values, rows in plain.groupby(list(SWEPT), sort=False):
        words = {"setting": setting_words(dict(zip(SWEPT, values, strict=True)))}
        label = "" if result.record["parameters"]["drawn"] else SHARED_DATA_LABEL
        found.append((words | {"label": ILLUSTRATION_LABEL if len(rows) == 1 else label}, rows))
    return found


def over_data(
    statement: Statement, result: Result, images: Rows, parts: Callable[[Statement, Rows], list[Claim]]
) -> Claim:
    """The claim over the settings of MLPs on digits, with other settings beside; over all settings if there are no such.

    `parts` returns the claims of a setting from its statement and its rows."""
    found = [
        (all(rows[name].iloc[0] == value for name, value in DECIDING.items()), parts(statement.at(**setting), rows))
        for setting, rows in settings_of(result, images)
    ]
    if not found:
        return untestable(statement, "needs --objective plain")
    some = any(deciding for deciding, _ in found)
    decides = [claim for deciding, claims in found for claim in claims if deciding or not some]
    beside = [claim for deciding, claims in found for claim in claims if some and not deciding]
    whole = decides[0] if len(decides) == 1 else combined(statement, decides)
    if ILLUSTRATION_LABEL in whole.label:
        whole = replace(whole, reason=f"one net is an illustration, whatever it shows: {whole.reason}")
    return with_beside(whole, beside)


def of_cell(table: Rows, rows: Rows) -> Rows:
    """The rows of `table` that belong to the cell of `rows`."""
    first = rows.iloc[0]
    for name in SWEPT:
        table = table[table[name] == first[name]]
    return table
