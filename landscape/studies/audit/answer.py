"""The answers of an audit in plain words: a paragraph for each set of samples."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

import pandas as pd

from landscape.findings import Answer, Finding, interval, number, percent, unclear_share
from landscape.names import last_names, printable
from landscape.results import Result

ASKED = "Are the samples copies of the training points, and are they as varied as points that were held out?"
MOST_IN_FULL = 2  # sets of samples: of more, the answer gives only the numbers that decide
NOTABLE_OVERLAP = 0.01  # of the held-out points that are training points, too: from this share on, the answer says so
HEADS = {"copies": "it copies", "does not copy": "it does not copy", "undecided": "whether it copies is undecided"}
TAILS = {
    "varied": "it is varied",
    "collapsed": "it is collapsed",
    "undecided": "whether it is varied is undecided",
}


def answer_of(result: Result) -> Answer:
    """The answers on all sets of samples: a finding each."""
    names = names_of(result.table)
    rows, brief = result.table.to_dict("records"), len(result.table) > MOST_IN_FULL
    found = [finding(row, names[str(row["samples"])], brief=brief) for row in rows]
    return Answer(ASKED, found)


def names_of(table: pd.DataFrame) -> dict[str, str]:
    """A short name for each set of samples: that of its file, with as many folders as tell it from files of the same name."""
    paths = [str(one) for one in table["samples"].unique()] if len(table) else []
    short = last_names({path: PurePath(path).parts or (path,) for path in paths})
    return {path: printable(name) for path, name in short.items()}


def finding(row: Mapping[Any, Any], name: str, *, brief: bool = False) -> Finding:
    """The two answers on one set of samples, with their numbers: with `brief` only those that decide."""
    short = f"{name}: {HEADS[row['copying']]}, and {TAILS[row['variety']]}."
    if brief:
        copies = f"Copies {percent(row['copied'])} {interval(row['copied_low'], row['copied_high'])}."
        return Finding(
            short, f"{_unclear(row) or copies} Its coverage is {times(row, 'coverage')} that of held-out points."
        )
    return Finding(short, f"{_copying(row)} {_variety(row)}")


def headline(row: Mapping[Any, Any]) -> str:
    """The two answers in two words."""
    words = {"undecided": "copying undecided"}.get(row["copying"], row["copying"])
    return f"{words}, {'variety undecided' if row['variety'] == 'undecided' else row['variety']}"


def times(row: Mapping[Any, Any], name: str) -> str:
    """How many times the held-out points' value a statistic is, with its interval: above 1 where the samples have more."""
    low, high = number(row[f"{name}_low"]), number(row[f"{name}_high"])
    return f"{number(row[f'{name}_share'])} [{low}, {high}] times"


def _unclear(row: Mapping[Any, Any]) -> str:
    """The sentence for samples of which too few are different to tell a share of copies; "" for other samples."""
    return unclear_share(row["copied_low"], row["copied_high"], row["distinct"])


def _copying(row: Mapping[Any, Any]) -> str:
    """The sentences on copies."""
    unclear = _unclear(row)
    words = (
        [unclear]
        if unclear
        else [
            f"By estimate {percent(row['copied'])} {interval(row['copied_low'], row['copied_high'])} of its "
            f"{row['sample_count']:,} samples are copies of a training point.",
            f"On mixtures of known copies made of these data, it reads like {percent(row['reads_like'])} "
            f"{interval(row['reads_low'], row['reads_high'])} copies.",
        ]
    )
    words += [
        f"Authenticity is {number(row['authenticity'])} (held-out points {number(row['authenticity_null'])}), "
        f"C_T {number(row['c_t'])} (new points 0 ± {number(2 * row['c_t_error'])}).",
    ]
    if not unclear and 2 * row["distinct"] < row["sample_count"]:
        words.append(f"Equal samples count as one: the intervals are those of {row['distinct']:,.0f} samples.")
    if row["exact"]:
        words.append(f"{round(row['exact'] * row['sample_count']):,} samples equal a training point exactly.")
    if row["exact_null"] >= NOTABLE_OVERLAP:
        words.append(
            f"Mind that {percent(row['exact_null'])} of the held-out points are training points, too: the null is too near."
        )
    return " ".join(words)


def _variety(row: Mapping[Any, Any]) -> str:
    """The sentences on variety."""
    return (
        f"Counted once each, its different samples are {row['distinct']:,.0f}, where {row['distinct_expected']:,.0f} would be "
        f"expected of random training points. Their coverage of the training points is {times(row, 'coverage')} that of as "
        f"many held-out points, and their recall {times(row, 'recall')} theirs."
    )
