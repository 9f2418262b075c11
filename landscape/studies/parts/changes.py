"""How a quantity changes from the least to the greatest level of a setting, in words for titles and captions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from landscape.claims import MINIMUM_CLUSTERS, Verdict, decide, mean_interval, median_interval


@dataclass(frozen=True)
class Change:
    """A quantity at the `least` and the `greatest` level of a setting: `first` and `last`, and the `verdict` that it rises.

    The verdict is "refuted" if it falls, and "undecided" if neither is shown or there are too few seeds."""

    least: int
    greatest: int
    first: float
    last: float
    verdict: Verdict

    def words(self, rises: str, falls: str, unclear: str) -> str:
        """The words for what the seeds show."""
        return {"supported": rises, "refuted": falls}.get(self.verdict, unclear)


def change(rows: pd.DataFrame, by: str, column: str, *, bounds: tuple[float, float] | None = None) -> Change | None:
    """How `column` differs between the greatest and the least level of `by`, paired by seed; None without two levels.

    The value of a seed is its mean over the other settings that its networks have. With `bounds`, the range that values can
    have, means over seeds are compared; without, medians, by the exact test of signs. Infinite values and missing ones are
    left out with their seed."""
    least, greatest = int(rows[by].min()), int(rows[by].max())
    if least == greatest:
        return None
    sides = [rows[rows[by] == level].groupby("seed")[column].mean() for level in (least, greatest)]
    both = pd.concat(sides, axis=1, keys=["first", "last"]).replace([np.inf, -np.inf], np.nan).dropna()
    gain = both["last"] - both["first"]
    verdict: Verdict = "undecided"
    if len(gain) >= MINIMUM_CLUSTERS:
        reach = bounds[1] - bounds[0] if bounds else 0.0
        verdict = decide(mean_interval(gain, bounds=(-reach, reach)) if bounds else median_interval(gain), above=0)
    middle = both.mean() if bounds else both.median()
    return Change(least, greatest, float(middle["first"]), float(middle["last"]), verdict)
