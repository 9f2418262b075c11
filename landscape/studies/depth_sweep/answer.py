"""What a depth sweep found, in words: whether depth brings samples to the data sooner, and whether it brings more of them."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from landscape.claims import Interval, decide, difference_interval
from landscape.findings import Answer, ci, percent, points, together, told
from landscape.results import Result
from landscape.studies.depth_sweep.parameters import EARLY_ITERATION
from landscape.studies.parts.words import data_words, layers, spanned

ASKED = {
    True: "At equal size, do more hidden layers help a network, applied again and again, carry random inputs (samples) to its "
    "training data?",
    False: "Do more hidden layers help a network, applied again and again, carry random inputs (samples) to its training data?",
}
HOW = {
    "supported": ("sooner", "in greater number"),
    "refuted": ("later", "in smaller number"),
    "mixed": ("sooner on some data only", "in greater number on some data only"),
}


@dataclass(frozen=True)
class Compared:
    """The deepest and the shallowest networks of a data set, a row per seed: shares of samples at the data, early and late."""

    data: str
    deep: int
    shallow: int
    budget: int
    rows: pd.DataFrame

    def gain(self, column: str) -> Interval:
        """The mean share with the deep network of a seed less that with its shallow one."""
        rows = self.rows
        return difference_interval(rows[column], rows[f"{column}_shallow"], rows.seed, paired=True, bounds=(0, 1))

    def words(self, column: str, when: int) -> str:
        """One sentence with both shares and the gain."""
        rows, gain = self.rows, self.gain(column)
        return (
            f"On {data_words(self.data)}, after {when} iterations {percent(rows[column].mean())} of the samples are at the "
            f"data with {layers(self.deep)} against {percent(rows[f'{column}_shallow'].mean())} with {self.shallow}: "
            f"{points(gain.estimate)} points ({ci(gain.low, gain.high, points)})."
        )


def compared(table: pd.DataFrame) -> list[Compared]:
    """For each data set the deepest and the shallowest networks of its largest budget or, without one, width."""
    found = []
    for data, own in table.groupby("data", sort=False):
        equal = own[own.budget > 0]
        rows = equal[equal.budget == equal.budget.max()] if len(equal) else own[own.width == own.width.max()]
        deep, shallow = int(rows.hidden.max()), int(rows.hidden.min())
        if deep > shallow:
            sides = (rows[rows.hidden == hidden].drop_duplicates("seed") for hidden in (deep, shallow))
            columns = ["seed", "share_early", "share_end"]
            pairs = next(sides)[columns].merge(next(sides)[columns], on="seed", suffixes=("", "_shallow"))
            found.append(Compared(str(data), deep, shallow, int(rows.budget.iloc[0]), pairs))
    return found


def answer_of(result: Result) -> Answer | None:
    """The answer for runs with two depths or more; None for others."""
    pairs, iterations = compared(result.table), result.record["parameters"]["iterations"]
    if not pairs:
        return None
    moments = (("Sooner", "share_early", EARLY_ITERATION), ("More of them", "share_end", iterations))
    found, verdicts = [], []
    for topic, column, when in moments:
        by_data = {f"on {data_words(one.data)}": decide(one.gain(column), above=0) for one in pairs}
        found.append(told(topic, by_data, " ".join(one.words(column, when) for one in pairs)))
        verdicts.append(together(by_data.values()))
    equal = bool((result.table.budget > 0).any())
    return Answer(
        ASKED[equal],
        found,
        why=(
            "The paper credits depth with over-generalization: that samples end at the data from anywhere. Depth and size are "
            "separated here."
            if equal
            else "The paper credits depth with over-generalization: that samples end at the data from anywhere."
        ),
        not_shown=_limits(result.table, equal),
        title=_title(verdicts, "Deeper networks of equal size" if equal else "Deeper networks"),
    )


def _limits(table: pd.DataFrame, equal: bool) -> str:
    """What the run does not show: other sizes and data than its own, and depth apart from width."""
    rows = table[table.budget > 0] if equal else table
    names = " and ".join(data_words(str(name)) for name in rows.data.unique())
    narrower = " At equal size a deeper network is also narrower." if equal else " A deeper network is also larger."
    return f"Anything beyond networks of {spanned(rows.parameters)} parameters on {names}.{narrower}"


def _title(verdicts: list[str], who: str) -> str:
    """The heading that states both results; what is undecided is said at its end."""
    known = [words[place] for place, verdict in enumerate(verdicts) if (words := HOW.get(verdict))]
    open_ = [HOW["supported"][place] for place, verdict in enumerate(verdicts) if verdict not in HOW]
    if not known:
        return f"Whether {who[0].lower()}{who[1:]} bring samples to the data {' or '.join(open_)} is undecided"
    joined = " and " if verdicts[0] == verdicts[1] else ", but "
    rest = f"; whether {open_[0]} is undecided" if open_ else ""
    return f"{who} bring samples to the data {joined.join(known)}{rest}"
