"""What a depth sweep found, in words: whether depth brings samples to the data sooner, and whether it brings more of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from landscape.claims import Claim, Interval, Verdict, decide, difference_interval
from landscape.findings import Answer, ci, percent, points, together, told
from landscape.results import Result
from landscape.studies.depth_sweep.paper_answer import paper_answer
from landscape.studies.depth_sweep.parameters import EARLY_ITERATION
from landscape.studies.parts.claim_words import counted
from landscape.studies.parts.words import data_sets, data_words, ranged, spanned

ASKED = {
    True: "At equal size, do more hidden layers help a network, applied again and again, carry random inputs (samples) to its "
    "training points?",
    False: "Do more hidden layers help a network, applied again and again, carry random inputs (samples) to its training "
    "points?",
}
NEARLY_ALL = 0.95  # of the samples
CARRY = "carry random inputs to training points"
MORE = {"supported": "more", "refuted": "fewer"}
WHEN = {"supported": "sooner", "refuted": "later"}


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

    def words(self, column: str, when: int, *, named: bool) -> str:
        """One sentence with both shares and the gain, and the data set if it is to be named."""
        rows, where = self.rows, f"On {data_words(self.data)}, " if named else ""
        deep, shallow = (float(rows[name].mean()) for name in (column, f"{column}_shallow"))
        if self.at_ceiling(column):
            gain = self.gain(column)
            why = f": {counted(len(rows), 'seed')} cannot rule out rare failures" if gain.low < 0 < gain.high else ""
            gained = self._gained(column, " percentage points", "95 % CI ", why)
            where = where.replace(",", "")
            return (
                f"{where}{'nearly' if named else 'Nearly'} all arrive in {when} iterations, {percent(deep)} with {self.deep} "
                f"layers, {percent(shallow)} with {self.shallow}: {gained}."
            )
        gained = self._gained(column, " percentage points", "95 % CI ")
        return (
            f"{where}{when} iterations bring {percent(deep)} of inputs to the data with {self.deep} layers, "
            f"{percent(shallow)} with {self.shallow}: {gained}."
        )

    def at_ceiling(self, column: str) -> bool:
        """Whether nearly all samples are at the data with both depths, so that depth can bring no more."""
        return bool((self.rows[[column, f"{column}_shallow"]].mean() >= NEARLY_ALL).all())

    def brief(self, column: str) -> str:
        """One sentence with the gain alone."""
        return f"On {data_words(self.data)}: {self._gained(column)}."

    def _gained(self, column: str, unit: str = "", kind: str = "", why: str = "") -> str:
        gain = self.gain(column)
        return f"{points(gain.estimate)}{unit} ({kind}{ci(gain.low, gain.high, points).removeprefix('95 % CI ')}{why})"


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


def answer_of(result: Result, claims: Sequence[Claim]) -> Answer | None:
    """The answer: what depth brings at equal size or, without equal sizes, the paper's claims, or else what two depths bring.

    None for runs with a single depth that test no claim of the paper."""
    equal = bool((result.whole.budget > 0).any())
    if not equal and (answer := paper_answer(result, claims)):
        return answer
    pairs, iterations = compared(result.whole), result.record["parameters"]["iterations"]
    if not pairs:
        return None
    drawn = {cell["data"] for cell, arrays in result.arrays.items() if "height" in arrays}
    pairs.reverse()
    pairs.sort(key=lambda one: one.data not in drawn)  # first the data set of the picture
    moments = (("Sooner", "share_early", EARLY_ITERATION), ("More arrive", "share_end", iterations))
    found, verdicts = [], []
    for topic, column, when in moments:
        by_data = [decide(one.gain(column), above=0) for one in pairs]
        verdicts.append(by_data)
        found.append(told(topic, {"": together(by_data)}, _sentence(pairs, column, when)))
    return Answer(
        ASKED[equal],
        found,
        why=(
            "The paper credits depth with carrying inputs from anywhere to the data (over-generalization)."
            + (" Networks of equal size separate depth from size." if equal else "")
        ),
        not_shown=_limits(result.whole, equal),
        title=_title(verdicts[0], verdicts[1], "Deeper networks of equal size" if equal else "Deeper networks"),
    )


def _sentence(pairs: list[Compared], column: str, when: int) -> str:
    """Both shares on the first data set, and the gain on a second; of more data sets, the span of the gains."""
    first, *others = pairs
    words = [first.words(column, when, named=bool(others))]
    if len(others) == 1:
        words.append(others[0].brief(column))
    elif others:
        gains = pd.Series([one.gain(column).estimate for one in others])
        words.append(f"On {len(others)} other data sets: {ranged(gains, points)}.")
    return " ".join(words)


def _limits(table: pd.DataFrame, equal: bool) -> str:
    """What the run does not show: other sizes and data than its own, and depth apart from width."""
    rows = table[table.budget > 0] if equal else table
    names = data_sets(rows.data)
    narrower = " At equal size a deeper network is also narrower." if equal else " A deeper network is also larger."
    return f"Anything beyond networks of {spanned(rows.parameters)} parameters on {names}.{narrower}"


def _title(early: list[Verdict], late: list[Verdict], who: str) -> str:
    """The heading: what is decided of how soon and how many; what holds on some data sets is said of these."""
    soon, many = (together(verdicts) for verdicts in (early, late))
    if soon == "mixed":
        decided = {verdict for verdict in early if verdict in WHEN}
        if len(decided) == 2:
            return f"Whether depth carries {CARRY.removeprefix('carry ')} sooner depends on the data"
        (verdict,) = decided
        where = f"on {early.count(verdict)} of {len(early)} data sets"
        return f"Depth carries {CARRY.removeprefix('carry ')} {WHEN[verdict]} {where}"
    if soon not in WHEN and many not in MORE:
        return f"Whether depth carries {CARRY.removeprefix('carry ')} sooner is undecided"
    if soon not in WHEN:
        return f"{who} carry {MORE[many]} random inputs to training points"
    if soon == many:
        return f"{who} carry {MORE[many]} random inputs to training points, and {WHEN[soon]}"
    but = f", but {MORE[many]}" if many in MORE else ""
    return f"{who} {CARRY} {WHEN[soon]}{but}"
