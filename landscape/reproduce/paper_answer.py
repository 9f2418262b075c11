"""What the re-run paper says in words: how many of its claims hold, and which."""

from __future__ import annotations

import pandas as pd

from landscape.claims.certificates import EXCUSES
from landscape.figures import Panel
from landscape.findings import Answer, Finding
from landscape.reproduce.ledger import NOT_RUN, TESTED, after_holm
from landscape.reproduce.pictures import verdict_list
from landscape.reproduce.rows import family_size, rows

ASKED = {
    "paper": "Do the claims of “Generative Kaleidoscopic Networks” (Shrivastava 2024) hold if its networks are trained again?",
    "injectivity": (
        "Do the testable statements of “Globally Injective ReLU Networks” (Puthawala et al. 2022) hold, and what becomes of "
        "over-generalization where layers cannot merge points?"
    ),
}
WHY = {
    "paper": (
        "The paper says that applying such a network to noise again and again draws samples of its data. Each claim got "
        "its limit before the run, and is judged over many networks."
    ),
    "injectivity": (
        "From the values of a one-to-one layer its input can be inferred. Networks that draw all inputs to their data may "
        "merge points, or only shrink distances."
    ),
}
MOST_WORDS = 33  # of a finding, but for its short answer and "and N more"
SHORT = {row.key: row.short for row in rows()}
MARKS = {"supported": "holds", "refuted": "does not hold"}
COUNTED = {"holds": "hold", "does not hold": "do not", "open": "are open"}


def answer_of(table: pd.DataFrame, family: str = "paper") -> Answer:
    """The answer from the ledger's rows of a paper's family: what holds is named, and what is open is counted."""
    own = table[(table.family == family) & table.key.isin(TESTED)]
    holding, failing = (own[own.verdict == verdict] for verdict in ("supported", "refuted"))
    size, missing = family_size(family), int((own.verdict == NOT_RUN).sum())
    open_ = size - len(holding) - len(failing)
    found = [
        Finding(f"Hold: {len(holding)} of {size}.", _named(holding)),
        Finding(f"Do not hold: {len(failing)} of {size}.", _named(failing)),
        Finding(f"Open: {open_} of {size}.", _open(own.verdict)),
    ]
    words = f"the paper's {size} claims" if family == "paper" else f"{size} claims on injective networks"
    untested = "the paper" if family == "paper" else "injective networks"
    return Answer(
        ASKED[family],
        found,
        why=WHY[family],
        not_shown="Other sizes, data and training than those of the runs below.",
        title=f"Of {words} {len(holding)} hold, {len(failing)} do not, {open_} are open"
        if missing < size
        else f"No claim {'of' if family == 'paper' else 'on'} {untested} was tested",
        hero=_hero(own),
    )


def _hero(own: pd.DataFrame) -> Panel:
    """Each claim with its verdict."""
    marks = [MARKS.get(str(verdict), "open") for verdict in own.verdict]
    names = [_capital(SHORT[str(key)]) for key in own.key]
    counts = ", ".join(f"{marks.count(mark)} {words}" for mark, words in COUNTED.items())
    return Panel(
        "", f"Of {len(own)} claims {counts}.", verdict_list(names, marks), how="Each claim in short, with its result."
    )


def _capital(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}"


def _named(rows: pd.DataFrame) -> str:
    """The first claims of the rows in short, and what limits their verdicts."""
    if rows.empty:
        return ""
    limits = []
    if excused := sum(any(words in label for words in EXCUSES) for label in rows.label):
        limits.append(f"{excused} as a map that copies or ignores its input would")
    if weak := sum(bool(after_holm(row)) for row in rows.to_dict("records")):
        limits.append(f"{weak} not after correction for many tests")
    limited = f" Of these, {', '.join(limits)}." if limits else ""
    names: list[str] = []
    for key in rows.key:
        if len(f"{' '.join([*names, SHORT[str(key)]])} {limited}".split()) > MOST_WORDS:
            break
        names.append(SHORT[str(key)])
    more = [f"and {len(rows) - len(names)} more"] if len(names) < len(rows) else []
    return f"{_capital('; '.join([*names, *more]))}.{limited}"


def _open(verdicts: pd.Series[str]) -> str:
    """How many claims are neither held nor refuted, by verdict: '1 mixed, 4 not yet run.'"""
    counts = verdicts[~verdicts.isin(list(MARKS))].value_counts(sort=False)
    return ", ".join(f"{count} {verdict}" for verdict, count in counts.items()) + ("." if len(counts) else "")
