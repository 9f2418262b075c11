"""How studies of images state a claim: setting by setting, decided by MLPs on digits, other data and nets beside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pandas as pd

from landscape.claims import Claim, Statement, with_beside
from landscape.results import Result
from landscape.studies.parts.image_study import SWEPT, setting_words
from landscape.studies.parts.judging import combined, untestable

ILLUSTRATION = "illustration: one net"
SHARED = "one training set: over initialisations"
# Many seeds run on digits, and the paper's networks are MLPs: other data and nets stand beside these, or decide alone.
DECIDING = {"data": "digits", "net": "mlp"}
Rows = pd.DataFrame


def settings_of(result: Result, images: Rows) -> list[tuple[dict[str, str], Rows]]:
    """The image cells with the plain objective, which is the paper's: the words of the setting, and its rows.

    A setting of one net is an illustration, and its label says so; where all members have one training set, their intervals
    are over initialisations, and it says that."""
    plain = images[images.objective == "plain"]
    found = []
    for values, rows in plain.groupby(list(SWEPT), sort=False):
        words = {"setting": setting_words(dict(zip(SWEPT, values, strict=True)))}
        label = "" if result.record["parameters"]["drawn"] else SHARED
        found.append((words | {"label": ILLUSTRATION if len(rows) == 1 else label}, rows))
    return found


def over_data(
    statement: Statement, result: Result, images: Rows, parts: Callable[[Statement, Rows], list[Claim]]
) -> Claim:
    """The claim over the settings of MLPs on digits, the others beside; over all of them where there are none such."""
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
    if ILLUSTRATION in whole.label:
        whole = replace(whole, reason=f"one net is an illustration, whatever it shows: {whole.reason}")
    return with_beside(whole, beside)


def of_cell(table: Rows, rows: Rows) -> Rows:
    """The rows of `table` that belong to the cell of `rows`."""
    first = rows.iloc[0]
    for name in SWEPT:
        table = table[table[name] == first[name]]
    return table
