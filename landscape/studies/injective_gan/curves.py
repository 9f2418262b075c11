"""The course of an adversarial training in windows, and whether the critic's estimate has come to rest. No torch."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

WINDOWS = 20  # of equal length; each is shown as its mean
PLATEAU = 0.25  # of the level before: what the last fifth of training may change


def windows(curves: Mapping[str, Tensor]) -> pd.DataFrame:
    """The means of the curves over WINDOWS windows, or as many as there are steps: columns `step`, the last of each, and a
    column per curve."""
    steps = len(next(iter(curves.values())))
    ends = np.linspace(0, steps, min(WINDOWS, steps) + 1).round().astype(int)
    table = pd.DataFrame({"step": ends[1:]})
    for name, values in curves.items():
        numbers = values.numpy()
        table[name] = [float(numbers[low:high].mean()) for low, high in pairwise(ends)]
    return table


def change(estimates: np.ndarray) -> float:
    """How much the critic's estimate of the distance changed at the end of training, relative to its level before.

    It is |last − before| / |before|, of the means over the last fifth of the windows and over the fifth before. NaN where there
    are fewer than two windows, or where the estimate is not finite."""
    fifth = max(1, len(estimates) // 5)
    if len(estimates) < 2 * fifth:
        return float("nan")
    last, before = estimates[-fifth:].mean(), estimates[-2 * fifth : -fifth].mean()
    return float(np.divide(abs(last - before), abs(before)))
