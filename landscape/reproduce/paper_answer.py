"""What the re-run paper says in words: how many of its claims hold, and which."""

from __future__ import annotations

import pandas as pd

from landscape.claims.certificates import EXCUSES
from landscape.findings import Answer, Finding
from landscape.reproduce.ledger import NOT_RUN, TESTED, after_holm
from landscape.reproduce.rows import family_size

ASKED = (
    "Do the claims of “Generative Kaleidoscopic Networks” (Shrivastava 2024) hold if its networks are trained again?"
)


def answer_of(table: pd.DataFrame) -> Answer:
    """The answer from the ledger's rows of the paper's family: what holds is named, and what is open is counted."""
    own = table[(table.family == "paper") & table.key.isin(TESTED)]
    holding, failing = (own[own.verdict == verdict] for verdict in ("supported", "refuted"))
    size, missing = family_size("paper"), int((own.verdict == NOT_RUN).sum())
    rest = size - len(holding) - len(failing) - missing
    found = [
        Finding(f"Hold: {len(holding)} of {size}.", _named(holding)),
        Finding(f"Do not hold: {len(failing)} of {size}.", _named(failing)),
        Finding(f"Open: {rest + missing} of {size}.", _open(rest, missing)),
    ]
    tested = size - missing
    return Answer(
        ASKED,
        found,
        why="Each claim has a threshold that stood in the code before the run, and is judged over seeds, not over samples.",
        not_shown="Other sizes, data and training than those of the runs below.",
        title=f"Of {tested} claims of the paper that were tested, {len(holding)} hold and {len(failing)} do not"
        if tested
        else "No claim of the paper was tested",
    )


def _named(rows: pd.DataFrame) -> str:
    """The statements of the rows, and what limits their verdicts."""
    if rows.empty:
        return ""
    limits = []
    if excused := sum(any(words in label for words in EXCUSES) for label in rows.label):
        limits.append(f"{excused} because networks became the identity or a constant")
    if weak := sum(bool(after_holm(row)) for row in rows.to_dict("records")):
        limits.append(f"{weak} not if all questions are counted (Holm's adjustment)")
    statements = "; ".join(str(text).rstrip(".") for text in rows.statement)
    return f"{statements}." + (f" Of these {', '.join(limits)}." if limits else "")


def _open(rest: int, missing: int) -> str:
    words = [f"{rest} undecided, mixed or untestable"] if rest else []
    return ", ".join([*words, *([f"{missing} not yet run"] if missing else [])]) + ("." if rest or missing else "")
