"""The titles and findings of a depth sweep's panels, computed from the tables."""

from __future__ import annotations

import pandas as pd

from landscape.claims import decide, median_interval
from landscape.findings import listed, percent, points
from landscape.studies.depth_sweep.answer import NEARLY_ALL, compared
from landscape.studies.depth_sweep.figures import PLATEAU_SLOPE
from landscape.studies.depth_sweep.parameters import EARLY_ITERATION
from landscape.studies.parts.changes import change
from landscape.studies.parts.claim_words import counted
from landscape.studies.parts.trends import rank_trend
from landscape.studies.parts.words import layers, ranged, two_digits

SHARES = (0.0, 1.0)
NO_EFFECT = "depth makes no clear difference"


def surface_words(rows: pd.DataFrame) -> tuple[str, str]:
    """The title and the finding on how much networks lose over the whole range of inputs, by depth."""
    found, what = change(rows, "hidden", "cube_mean"), "The mean loss over the range of inputs is"
    if found is None:
        return _one_depth(rows), f"{what} {two_digits(rows.cube_mean.median())}, median over networks."
    title = found.words("deeper networks lose more off the data", "deeper networks lose less off the data", NO_EFFECT)
    ends = f"{two_digits(found.first)} with {layers(found.least)} and {two_digits(found.last)} with {found.greatest}"
    return title, f"{what} {ends}, medians over seeds."


def plateau_words(rows: pd.DataFrame) -> tuple[str, str]:
    """The title and the finding on how much of the line is flat, by depth."""
    found, what = change(rows, "hidden", "flat_share", bounds=SHARES), f"The slope is below {PLATEAU_SLOPE:g} on"
    if found is None:
        return _one_depth(rows), f"{what} {percent(rows.flat_share.mean())} of the line, mean over networks."
    title = found.words("deeper networks are flat on more of it", "deeper networks are flat on less of it", NO_EFFECT)
    ends = (
        f"{percent(found.first)} of the line with {layers(found.least)} and {percent(found.last)} with {found.greatest}"
    )
    return title, f"{what} {ends}, means over seeds."


def climbing_words(shares: pd.Series[float], iterations: int) -> tuple[str, str]:
    """The title and the finding on the `shares` of samples at the data, one per pictured network."""
    title = "nearly all arrive at the data" if shares.min() >= NEARLY_ALL else "not all arrive at the data"
    which = "the network shown" if len(shares) == 1 else "the networks shown"
    return (
        title,
        f"After {iterations} iterations {ranged(shares, percent)} of the samples of {which} are at a training point.",
    )


def arrival_words(rows: pd.DataFrame) -> tuple[str, str]:
    """The title and the finding on the share of samples at the data early on, by depth, over all widths."""
    found, what = change(rows, "hidden", "share_early", bounds=SHARES), f"After {EARLY_ITERATION} iterations"
    where = "of the samples are at the data"
    if found is None:
        return _one_depth(rows), f"{what} {percent(rows.share_early.mean())} {where}."
    title = found.words("sooner in deeper networks", "later in deeper networks", NO_EFFECT)
    over = ", over all widths" if rows.width.nunique() > 1 else ""
    ends = f"{percent(found.first)} {where} with {layers(found.least)} and {percent(found.last)} with {found.greatest}"
    return title, f"{what} {ends}{over}."


def capacity_words(rows: pd.DataFrame) -> tuple[str, str]:
    """The title and the finding on what depth brings at equal numbers of parameters, judged as in the answer.

    `rows` are networks of one data set at several depths of each budget."""
    (pair,) = compared(rows)
    verdict = decide(pair.gain("share_early"), above=0)
    title = {
        "supported": "at equal size depth brings samples sooner",
        "refuted": "at equal size depth brings samples later",
    }
    gains = [
        f"{points(found.last - found.first)} points with {budget:,} parameters"
        for budget, some in rows.groupby("budget")
        if (found := change(some, "hidden", "share_early", bounds=SHARES))
    ]
    what = f"the share of samples at the data after {EARLY_ITERATION} iterations changes by"
    finding = f"From {pair.shallow} to {layers(pair.deep)} {what} {listed(gains)}."
    return title.get(verdict, f"at equal size {NO_EFFECT}"), finding


def burn_in_words(rows: pd.DataFrame, iterations: int) -> tuple[str, str]:
    """The title and the finding on the iterations that networks need, by their number of parameters."""
    known = rows.dropna(subset="burn_in")
    small, large = int(known.parameters.min()), int(known.parameters.max())
    late = f"{int(rows.burn_in_censored.sum())} of {counted(len(rows), 'network')} had not settled by iteration {iterations}"
    if small == large:
        return "networks of one size", f"The median burn-in is {two_digits(known.burn_in.median())} iterations; {late}."
    trend = median_interval(rank_trend(known, "parameters", "burn_in"))
    words = {"supported": "larger networks settle later", "refuted": "larger networks settle sooner"}
    few, many = (two_digits(known.burn_in[known.parameters == size].median()) for size in (small, large))
    title = words.get(decide(trend, above=0), "no clear trend with size")
    ends = f"{few} iterations for networks of {small:,} parameters and {many} for networks of {large:,}"
    return title, f"The median burn-in is {ends}; {late}."


def _one_depth(rows: pd.DataFrame) -> str:
    return f"networks with {layers(int(rows.hidden.iloc[0]))}"
