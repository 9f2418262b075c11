"""The titles and findings of the panels on fixed points, computed from the tables."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from landscape.findings import listed, number, percent
from landscape.studies.parts.changes import change
from landscape.studies.parts.claim_words import counted
from landscape.studies.parts.words import data_words, two_digits

ENDED = {"iteration": "iterations", "gradient": "descents from noise", "gradient_data": "descents from noisy data"}


def nothing_happened(rows: pd.DataFrame) -> bool:
    """Whether every network of a data set has a single fixed point, which is stable and at the training point."""
    return bool(((rows.fixed == 1) & (rows.stable == 1) & (rows.remembered == 1)).all())


def single_words(by_data: Mapping[str, pd.DataFrame]) -> str:
    """A sentence on the data sets in which nothing happened; empty without any."""
    return " ".join(
        f"With {data_words(name)} every one of {counted(len(rows), 'network')} has a single fixed point, stable and at it."
        for name, rows in by_data.items()
    )


def remembered_words(by_data: Mapping[str, pd.DataFrame]) -> tuple[str, str]:
    """The title and the finding on the share of training points with a stable fixed point, over several data sets."""
    means = pd.Series({name: rows.remembered.mean() for name, rows in by_data.items()})
    mostly = [data_words(str(name)) for name in means.index[means > 0.5]]
    title = "few training points attract"
    if mostly:
        title = f"most training points attract on {'every data set' if len(mostly) == len(means) else listed(mostly)}"
    least, most = str(means.idxmin()), str(means.idxmax())
    ends = f"{percent(means[least])} of the training points ({data_words(least)})"
    if least != most:
        ends += f" to {percent(means[most])} ({data_words(most)})"
    return title, f"A stable fixed point is at {ends}, means over networks."


def number_words(rows: pd.DataFrame) -> tuple[str, str]:
    """The title and the finding on how many fixed points networks have, and how many of them attract."""
    title = "most attract" if rows.stable.sum() > rows.fixed.sum() / 2 else "most do not attract"
    if not rows.fixed.sum():
        title = "none found"
    return (
        title,
        f"A network has {number(rows.fixed.mean())} fixed points on average, of which {number(rows.stable.mean())} attract.",
    )


def kind_words(rows: pd.DataFrame) -> tuple[str, str]:
    """The title and the finding on the share of training points with a stable fixed point, over the settings of a data set."""
    means = rows.groupby("setting", sort=False).remembered.mean()
    whole = rows.remembered.mean()
    title = "most training points attract" if whole > 0.5 else "few training points attract"
    between = f", from {percent(means.min())} to {percent(means.max())} in single settings" if len(means) > 1 else ""
    return title, f"{percent(whole)} of the training points have a stable fixed point{between}."


def dimple_words(census: pd.DataFrame) -> tuple[str, str]:
    """The title and the finding on the fixed points of the pictured networks that are at no training point."""
    off = int((~census.training.astype(bool)).sum())
    title = "some dimples lie off the data" if off else "every dimple is at the data"
    return (
        title,
        f"Of {counted(len(census), 'dimple')} of the networks shown {off} {'is' if off == 1 else 'are'} at no training point.",
    )


def end_words(rows: pd.DataFrame) -> tuple[str, str]:
    """The title and the finding on which sampler ends at training points, whether they attract or not."""
    shares = {words: float(rows[f"{sampler}_training"].mean()) for sampler, words in ENDED.items()}
    best = max(shares, key=lambda words: shares[words])
    alike = len({percent(share) for share in shares.values()}) == 1
    title = "all three alike at the training points" if alike else f"{best} most often at the training points"
    words = [f"{percent(share)} of the {name}" for name, share in shares.items()]
    return title, f"At a training point end {listed(words)}, whether it attracts or not."


def census_words(census: pd.DataFrame) -> tuple[str, str]:
    """The title and the finding on how near to the data the fixed points are that attract, and the others."""
    attract = census.stability == "stable"
    middle = census.groupby(attract).distance.median()
    if attract.all() or not attract.any():
        title = "all attract" if attract.all() else "none attracts"
        return title, f"The median distance to the nearest training point is {two_digits(census.distance.median())}."
    title = (
        "those that attract are nearer to the data"
        if middle[True] < middle[False]
        else "those that attract are no nearer"
    )
    ends = f"{two_digits(middle[True])} for those that attract and {two_digits(middle[False])} for the others"
    return title, f"The median distance to the nearest training point is {ends}."


def cycle_words(rows: pd.DataFrame) -> tuple[str, str]:
    """The title and the finding on networks with a stable cycle, where samples never rest."""
    having = int((rows.stable_cycles > 0).sum())
    title = (
        "no stable one found"
        if not having
        else f"stable ones in {'most' if 2 * having > len(rows) else 'few'} networks"
    )
    return (
        title,
        f"In {having} of {counted(len(rows), 'network')} a stable cycle was found, on which samples never rest.",
    )


def spurious_words(rows: pd.DataFrame) -> tuple[str, str]:
    """The title and the finding on fixed points off the data, by the number of training points."""
    found = change(rows, "count", "spurious")
    means = rows.groupby("count").spurious.mean()
    few, many = int(means.index.min()), int(means.index.max())
    title = (
        found.words("more with more points", "fewer with more points", "no clear trend")
        if found
        else "one number of points"
    )
    ends = f"{number(means[few])} with {few} training points and {number(means[many])} with {many}"
    return title, f"A network has {ends} on average, whether it fits its points or not."
