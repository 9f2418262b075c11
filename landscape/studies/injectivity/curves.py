"""The share of Gaussian layers that is one-to-one, against the number of rows per input: bounds and intervals."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from landscape.claims import median_interval, share_interval
from landscape.studies.injectivity.claims import half_interval
from landscape.studies.injectivity.parameters import EXACT

COLUMNS = ("ratio", "middle", "low", "high", "low_of_sample", "high_of_sample")


def curve(rows: pd.DataFrame, widest: float) -> pd.DataFrame:
    """The share that is one-to-one with m rows, for every m from 2n to `widest` · n: a row per m, columns COLUMNS.

    A matrix is one-to-one for certain from `most` rows on, and may be from `least` rows on. These bound the share of the
    sample, `low_of_sample` to `high_of_sample`; `middle` lies between both. `low` and `high` are the outer ends of their
    95 % intervals (Clopper–Pearson), for each m alone."""
    inputs = int(rows.inputs.iloc[0])
    found = []
    for size in range(2 * inputs - 1, math.floor(widest * inputs) + 1):
        certain, possible = share_interval(rows["most"] <= size), share_interval(rows["least"] <= size)
        middle = (certain.estimate + possible.estimate) / 2
        found.append((size / inputs, middle, certain.low, possible.high, certain.estimate, possible.estimate))
    return pd.DataFrame(found, columns=list(COLUMNS))


def half(matrices: pd.DataFrame) -> pd.DataFrame:
    """The rows per input at which half of the layers are one-to-one, a row per number of inputs.

    Columns inputs, method, matrices, estimate, low, high, unresolved (matrices whose number of rows has only bounds). Of layers
    that were only searched, the estimate is the median of the lower bounds, and there is no upper end."""
    found = []
    for (inputs, method), rows in matrices.groupby(["inputs", "method"], sort=False):
        if method == EXACT:
            one = half_interval(rows)
            numbers = one.estimate, one.low, one.high
        else:
            bound = median_interval(rows["least"] / int(str(inputs)))
            numbers = bound.estimate, bound.low, np.inf
        unresolved = int((rows["least"] < rows["most"]).sum())
        found.append((inputs, method, len(rows), *numbers, unresolved))
    return pd.DataFrame(found, columns=["inputs", "method", "matrices", "estimate", "low", "high", "unresolved"])
