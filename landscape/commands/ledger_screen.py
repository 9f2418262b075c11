"""The ledger on one screen of a terminal: a line per claim that was run, and one line for all that were not."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from textwrap import shorten
from typing import Any

import pandas as pd
from rich.text import Text

from landscape.commands import summary
from landscape.reproduce.ledger import NOT_RUN, after_holm, counts
from landscape.reproduce.rows import family_size

GAP = "  "  # between two columns
COUNTED = {"paper": "the paper's {} claims", "injectivity": "the {} claims on injective networks"}  # families, in words
QUALIFIES = r"by (constant|identity)|\d+ of \d+ networks are judged"  # parts of a label that fit on the screen


def show_ledger(table: pd.DataFrame) -> None:
    """Print the ledger: key, verdict, effect with its interval, adjusted p, and the claim, cut to the width of the screen.

    What the label says of a verdict, such as 'by identity', stands before the claim."""
    out = summary.console()
    run = table[table.verdict != NOT_RUN].to_dict("records")
    lines = [(str(row["key"]), _verdict(row), effect(row), adjusted(row), _labelled(row)) for row in run]
    widths = [max(map(len, cells)) for cells in zip(*lines, strict=True)][:-1]
    room = out.width - sum(widths) - len(GAP) * len(widths)
    for *cells, statement in lines:
        padded = [Text(cell.ljust(width)) for cell, width in zip(cells, widths, strict=True)]
        padded[0].stylize("bold")
        padded[1].stylize(summary.COLOURS.get(cells[1].rstrip("*"), ""))
        out.print(Text(GAP).join([*padded, Text(shorten(statement, max(room, 12), placeholder=" …"))]))
    if lines:
        out.print("effect with its 95 % interval; p by Holm's method over the family; * the adjusted p does not agree")
    waiting = table[table.verdict == NOT_RUN]
    if len(waiting):
        out.print(f"{NOT_RUN}: {', '.join(waiting.key)}", soft_wrap=True)
    families = [family for family in COUNTED if any(row["family"] == family for row in run)] or ["paper"]
    for family in families:
        words = ", ".join(f"{number} {verdict}" for verdict, number in counts(table, family).items())
        out.print(f"of {COUNTED[family].format(family_size(family))}: {words}", soft_wrap=True)


def _verdict(row: Mapping[Any, Any]) -> str:
    return f"{row['verdict']}{'*' if after_holm(row) else ''}"


def _labelled(row: Mapping[Any, Any]) -> str:
    """The claim, and before it what its verdict rests on: the map by which it holds, or how many networks are judged."""
    kept = [part for part in re.split("[:;] ", row["label"]) if re.match(QUALIFIES, part)]
    return f"({', '.join(kept)}) {row['statement']}" if kept else str(row["statement"])


def effect(row: Mapping[Any, Any]) -> str:
    """The estimate with its interval, or that there is one by setting."""
    if not math.isfinite(row["estimate"]):
        return "by setting" if row["clusters"] else ""
    if not (math.isfinite(row["low"]) or math.isfinite(row["high"])):
        return f"{row['estimate']:.3g}"
    return f"{row['estimate']:.3g} [{row['low']:.3g}, {row['high']:.3g}]"


def adjusted(row: Mapping[Any, Any]) -> str:
    """The adjusted p, or nothing."""
    return "" if not math.isfinite(row["p_holm"]) else f"p {row['p_holm']:.2g}"
