"""Words of answers and captions: data sets, layers, sizes and numbers in plain language."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
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


def data_sets(names: Iterable[str]) -> str:
    """Up to two different data sets in words, and the number of more: 'two training points and digits', '4 data sets'."""
    different = list(dict.fromkeys(map(str, names)))
    return " and ".join(map(data_words, different)) if len(different) < 3 else f"{len(different)} data sets"


def layers(count: int) -> str:
    """'1 hidden layer', '7 hidden layers'."""
    return f"{count} hidden layer{'' if count == 1 else 's'}"


def spanned(values: pd.Series[int]) -> str:
    """The least and the greatest of some numbers: '673 to 2,881', or the one number."""
    low, high = int(values.min()), int(values.max())
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"


def two_digits(value: float) -> str:
    """A number of any size with two significant digits: '0.031', '4.2e-7', '1,200' for large ones."""
    if math.isfinite(value) and abs(value) >= 100:
        return f"{value:,.0f}"
    return re.sub(r"e([+-])0", r"e\1", f"{value:.2g}").replace("nan", "–")


def ranged(values: pd.Series[float], form: Callable[[float], str]) -> str:
    """The least and the greatest number in a form: '0.7 % to 42 %', or the number that all have."""
    low, high = form(float(values.min())), form(float(values.max()))
    return low if low == high else f"{low} to {high}"


def stated(holds: pd.Series[bool], everywhere: str, nowhere: str) -> str:
    """The words for what holds in every setting, in none, or in how many: '… in 3 of 10 settings'."""
    if holds.all():
        return everywhere
    return f"{everywhere} in {holds.sum()} of {len(holds)} settings" if holds.any() else nowhere


def sentence(words: str) -> str:
    """The words as a sentence, with a capital and a full stop."""
    return f"{words[0].upper()}{words[1:].rstrip('.')}."
