"""Words of answers: data sets, layers and sizes in plain language."""

from __future__ import annotations

from pathlib import PurePath

import pandas as pd

DATA_WORDS = {
    "one-point": "one training point",
    "centre": "one training point in the plane",
    "two-points": "two training points",
    "four-points": "four training points",
    "tanh-four": "four training points on the line",
    "tanh-square": "four training points of a tanh network",
    "digits": "digits (8 × 8)",
    "mnist": "MNIST",
    "fashion-mnist": "Fashion-MNIST",
    "cifar10": "CIFAR-10",
    "uniform": "uniform points",
    "clusters": "clustered points",
}


def data_words(name: str) -> str:
    """A data set in words: 'four training points'; a file by its name."""
    return DATA_WORDS.get(name, PurePath(name).name or name)


def layers(count: int) -> str:
    """'1 hidden layer', '7 hidden layers'."""
    return f"{count} hidden layer{'' if count == 1 else 's'}"


def spanned(values: pd.Series[int]) -> str:
    """The least and the greatest of some numbers: '673 to 2,881', or the one number."""
    low, high = int(values.min()), int(values.max())
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"
