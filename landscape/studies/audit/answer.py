"""The answers of an audit in plain words: a paragraph for each set of samples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any

import pandas as pd

from landscape.findings import Answer, Finding, ci, number, percent, unclear_share
from landscape.measures.memorisation.answers import ANSWER_THRESHOLDS
from landscape.names import last_names, printable
from landscape.results import Result

ASKED = "Are the samples copies of the training points, and are they as varied as points that were held out?"
WHY = "A sampler that copies gives away its training data. One that lacks variety never shows a part of these data."
MOST_TOLD = 3  # sets of samples: up to so many have a finding each, more share findings
NOTABLE_OVERLAP = 0.01  # of the held-out points that are training points, too: from this share on, the answer says so
HEADS = {"copies": "copies", "does not copy": "does not copy", "undecided": "may copy"}
TAILS = {"varied": "and is varied", "collapsed": "and lacks variety", "undecided": "and may lack variety"}
COPIES = {"copies": "copies", "does not copy": "no copies", "undecided": "copying undecided"}
VARIED = {"varied": "varied", "collapsed": "lacks variety", "undecided": "variety undecided"}
YES_NO = {"copies": "yes", "varied": "yes", "does not copy": "no", "collapsed": "no", "undecided": "undecided"}
Row = Mapping[Any, Any]


def answer_of(result: Result) -> Answer:
    """The answers on all sets of samples: two findings on one set, a finding for each of few, shared findings for many."""
    names = names_of(result.whole)
    rows = {names[str(row["samples"])]: row for row in result.whole.to_dict("records")}
    if len(rows) == 1:
        ((name, row),) = rows.items()
        found, title = [_copying(row, name), _variety(row)], _title_of_one(row, name)
    else:
        few = len(rows) <= MOST_TOLD
        found = [brief(row, name) for name, row in rows.items()] if few else _together(rows)
        title = _title_of_many(result.whole)
    return Answer(ASKED, found, why=WHY, not_shown=_limits(rows), title=title)


def names_of(table: pd.DataFrame) -> dict[str, str]:
    """A short name for each set of samples: that of its file, with as many folders as tell it from files of the same name."""
    paths = [str(one) for one in table["samples"].unique()] if len(table) else []
    short = last_names({path: PurePath(path).parts or (path,) for path in paths})
    return {path: printable(name) for path, name in short.items()}


def brief(row: Row, name: str) -> Finding:
    """Both answers on one set of samples, with the numbers that decide."""
    copies = f"{_share(row)} of its samples are copies."
    covers = f"They reach {_times(row, 'coverage')} as many training points as held-out points do."
    return Finding(
        f"{name}: {COPIES[row['copying']]}, {VARIED[row['variety']]}.", f"{_unclear(row) or copies} {covers}"
    )


def headline(row: Row) -> str:
    """The two answers in few words: 'no copies, varied'."""
    return f"{COPIES[row['copying']]}, {VARIED[row['variety']]}"


def times(row: Row, name: str) -> str:
    """How many times the held-out points' value a statistic is, with its interval: above 1 where the samples have more."""
    low, high = number(row[f"{name}_low"]), number(row[f"{name}_high"])
    return f"{number(row[f'{name}_share'])} [{low}, {high}] times"


def _unclear(row: Row) -> str:
    """The sentence for samples of which too few are different to tell a share of copies; "" for other samples."""
    return unclear_share(row["copied_low"], row["copied_high"], row["distinct"])


def _share(row: Row) -> str:
    """'34 % (95 % CI 30 % to 38 %)': the share of copies."""
    return f"{percent(row['copied'])} ({ci(row['copied_low'], row['copied_high'], percent)})"


def _times(row: Row, name: str) -> str:
    """'0.98 times (95 % CI 0.9 to 1.1)': a statistic over held-out points' value."""
    return f"{number(row[f'{name}_share'])} times ({ci(row[f'{name}_low'], row[f'{name}_high'], number)})"


def _copying(row: Row, name: str) -> Finding:
    """Whether one set of samples copies: the share of copies, or the statistics that decide in its place."""
    words = [_unclear(row) or f"{_share(row)} of the {row['sample_count']:,} samples of {name} copy a training point."]
    if row["exact"]:
        words.append(f"{round(row['exact'] * row['sample_count']):,} equal one exactly.")
    elif row["copying"] == "copies" and not row["copied_low"] > ANSWER_THRESHOLDS["some_copies"]:
        words.append(
            f"Two further statistics decide: authenticity {number(row['authenticity'])}, C_T {number(row['c_t'])}."
        )
    return Finding(f"Copies: {YES_NO[row['copying']]}.", " ".join(words))


def _variety(row: Row) -> Finding:
    """Whether one set of samples is varied: its different samples, and what it covers."""
    return Finding(
        f"Varied: {YES_NO[row['variety']]}.",
        f"{row['distinct']:,.0f} of its samples are different, {row['distinct_expected']:,.0f} would be expected. They reach "
        f"{_times(row, 'coverage')} as many training points as held-out points do.",
    )


def _together(rows: Mapping[str, Row]) -> list[Finding]:
    """A finding on the sets that copy, on those that lack variety, and on those that do neither."""
    copies = {name: percent(row["copied"]) for name, row in rows.items() if row["copying"] == "copies"}
    lacking = {
        name: f"{number(row['coverage_share'])} times" for name, row in rows.items() if row["variety"] == "collapsed"
    }
    fine = [name for name, row in rows.items() if (row["copying"], row["variety"]) == ("does not copy", "varied")]
    rest = [name for name in rows if name not in (*copies, *lacking, *fine)]
    open_ = f" Undecided: {_few(rest)}." if rest else ""
    return [
        Finding(f"Copy: {len(copies)} of {len(rows)}.", _with(copies, "Share of copies")),
        Finding(
            f"Lack variety: {len(lacking)} of {len(rows)}.",
            _with(lacking, "Training points reached, over held-out points'"),
        ),
        Finding(f"New and varied: {len(fine)} of {len(rows)}.", f"{_few(fine)}.{open_}" if fine else open_.strip()),
    ]


def _with(numbers: Mapping[str, str], what: str) -> str:
    return f"{what}: {_few([f'{name} {text}' for name, text in numbers.items()])}." if numbers else ""


def _few(names: Sequence[str]) -> str:
    """The first names of a list, and how many more there are."""
    more = f" and {len(names) - MOST_TOLD} more" if len(names) > MOST_TOLD else ""
    return f"{', '.join(names[:MOST_TOLD])}{more}"


def _title_of_one(row: Row, name: str) -> str:
    return f"{name} {HEADS[row['copying']]} training points {TAILS[row['variety']]}"


def _title_of_many(table: pd.DataFrame) -> str:
    """How many sets copy and lack variety, and how many are undecided in either."""
    copy, lack = int((table.copying == "copies").sum()), int((table.variety == "collapsed").sum())
    decided = (table.copying == "copies") | (table.variety == "collapsed")
    rest = int((~decided & ((table.copying == "undecided") | (table.variety == "undecided"))).sum())
    words = [f"{copy} {'copies' if copy == 1 else 'copy'} training points", f"{lack} lack{'s' * (lack == 1)} variety"]
    words += [f"{rest} {'is' if rest == 1 else 'are'} undecided"] if rest else []
    return f"Of {len(table)} sets of samples {', '.join(words)}"


def _limits(rows: Mapping[str, Row]) -> str:
    """What limits the answers: likeness is that of the features, equal samples count as one, and held-out points may leak."""
    features = " and ".join(dict.fromkeys(str(row["features"]) for row in rows.values()))
    words = [f"Likeness is measured in {features}: copies that are far from their originals in these are not seen."]
    if equal := [name for name, row in rows.items() if 2 * row["distinct"] < row["sample_count"]]:
        words.append(f"Equal samples of {_few(equal)} count as one in the intervals.")
    overlap = max(float(row["exact_null"]) for row in rows.values()) if rows else 0.0
    if overlap >= NOTABLE_OVERLAP:
        words.append(
            f"{percent(overlap)} of the held-out points are training points, too, so that copies look like new ones."
        )
    return " ".join(words)
