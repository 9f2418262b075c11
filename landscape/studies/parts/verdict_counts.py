"""How many networks have each verdict or answer, in words."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from landscape.findings import listed

# Of each verdict or answer, what networks do that have it.
VERDICT_WORDS = {
    "underfit": "underfit",
    "collapsed": "have collapsed",
    "copies": "copy",
    "generalises": "generalise",
    "mixed": "are mixed",
}
ANSWER_WORDS = {
    "copies": "copy",
    "does not copy": "do not copy",
    "collapsed": "have collapsed",
    "varied": "are varied",
    "undecided": "are undecided",
}
# Verbs as a single network has them; in VERDICT_WORDS and ANSWER_WORDS they are those of several.
SINGULAR = {
    "underfit": "underfits",
    "have": "has",
    "copy": "copies",
    "generalise": "generalises",
    "are": "is",
    "do": "does",
}


def counts_in_words(found: pd.Series[str], words: Mapping[str, str]) -> str:
    """How many networks have each verdict, the commonest first: "13 have collapsed and 1 copies". Without networks "none can be
    told"."""
    counts = found.value_counts()
    if counts.empty:
        return "none can be told"
    return listed([f"{count:,} {_agreeing(words[str(word)], count)}" for word, count in counts.items()])


def majority(found: pd.Series[str], words: Mapping[str, str]) -> str:
    """'most networks have collapsed', or that no answer holds of more than half of the networks."""
    counts = found.value_counts()
    if counts.empty or 2 * counts.iloc[0] <= len(found):
        return "none holds of most networks"
    does = words[str(counts.index[0])]
    if len(found) == 1:
        return f"the network {_agreeing(does, 1)}"
    return f"{'all' if counts.iloc[0] == len(found) else 'most'} networks {does}"


def _agreeing(does: str, count: int) -> str:
    """What so many networks do, with the verb of one where there is one: 'is mixed'."""
    verb, space, rest = does.partition(" ")
    return f"{SINGULAR[verb]}{space}{rest}" if count == 1 else does
