"""Which architecture has most or least of something, in words."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from landscape.studies.architectures.answer import NET_WORDS

Place = tuple[str, float]  # an architecture and its number


def named(net: str) -> str:
    """The architecture in the plural: 'MLPs'; with its initialisation if that follows a comma: 'MLPs, he init'."""
    first, comma, rest = net.partition(",")
    return f"{NET_WORDS[first]}s{comma}{rest}" if first in NET_WORDS else net


def extremes(table: pd.DataFrame, column: str, by: str = "mean") -> tuple[Place, Place]:
    """The architectures with the smallest and the largest value of a column, `by` its mean or median over networks."""
    values = table.groupby("net", sort=False)[column].agg(by).dropna().sort_values(kind="stable")
    if values.empty:
        return ("", float("nan")), ("", float("nan"))
    return (str(values.index[0]), float(values.iloc[0])), (str(values.index[-1]), float(values.iloc[-1]))


def ranked(first: Place, last: Place, most: str, least: str, same: str, verb: str = "come to") -> str:
    """'MLPs come to the lowest loss, CNNs the highest'; that all come to the same; or 'MLPs alone', without another."""
    if first[0] == last[0]:
        return f"{named(first[0])} alone"
    if first[1] == last[1]:
        return f"all {verb} {same}"
    return f"{named(first[0])} {verb} {most}, {named(last[0])} {least}"


def beside(first: Place, last: Place, form: Callable[[float], str]) -> str:
    """'0.002 for MLPs and 0.1 for CNNs': the numbers of two architectures, or that of the only one."""
    if first[0] == last[0]:
        return f"{form(first[1])} for {named(first[0])}"
    return f"{form(first[1])} for {named(first[0])} and {form(last[1])} for {named(last[0])}"
