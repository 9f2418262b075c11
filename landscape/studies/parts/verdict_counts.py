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


def counts_in_words(found: pd.Series[str], words: Mapping[str, str]) -> str:
    """'13 have collapsed and 6 copy', the most frequent verdict first; 'none can be told' without networks."""
    counts = found.value_counts()
    return (
        listed([f"{count:,} {words[str(word)]}" for word, count in counts.items()])
        if len(counts)
        else "none can be told"
    )


def majority(found: pd.Series[str], words: Mapping[str, str]) -> str:
    """'most networks have collapsed', or that no answer holds of more than half of the networks."""
    counts = found.value_counts()
    if counts.empty or 2 * counts.iloc[0] <= len(found):
        return "none holds of most networks"
    return f"{'all' if counts.iloc[0] == len(found) else 'most'} networks {words[str(counts.index[0])]}"
