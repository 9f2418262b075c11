"""The titles and findings of a corners report, computed from the tables."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from landscape.findings import listed, number, percent
from landscape.studies.corners.claims import C6
from landscape.studies.parts.claim_words import counted
from landscape.studies.parts.words import layers, stated, two_digits

CORNERS = "The largest loss over the corners"  # the reproduction of the paper picks panels by how their titles begin
COPIES = C6.limits["by identity, tr J/D"].number  # above it a fall is called one by identity
SETTING = ["hidden", "dim"]


def corner_words(members: pd.DataFrame) -> tuple[str, str]:
    """The title and the finding of Fig. 6: how the largest loss over the corners changes with the number of points."""
    few, many = int(members["count"].min()), int(members["count"].max())
    if few == many:
        values = members.groupby(SETTING)["corner_maximum"].median()
        at = f"With {counted(few, 'training point')} its median is {ends_of(values, two_digits)}."
        return _by_dimension(values.unstack("dim")), at
    by_seed = members.groupby([*SETTING, "count", "seed"])["corner_maximum"].mean().unstack("count")
    ratios = (by_seed[many] / by_seed[few]).groupby(SETTING).median()
    title = stated(
        ratios < 1,
        f"{CORNERS}: it falls with the number of points",
        f"{CORNERS}: it does not fall with the number of points",
    )
    caption = f"From {few} to {counted(many, 'training point')} it changes to {ends_of(ratios, percent)} of its value."
    return title, f"{caption} Medians over seeds."


def _by_dimension(values: pd.DataFrame) -> str:
    """The title on the largest loss over the corners in few and in many dimensions; `values` has a row per depth."""
    few, many = values.columns.min(), values.columns.max()
    larger = values[many] > values[few]
    words = "it is larger in more dimensions" if larger.all() else "it is no larger in more dimensions"
    if few == many:
        words = f"in {counted(int(few), 'dimension')}"
    elif larger.nunique() > 1:
        words = "it depends on depth and dimension"
    return f"{CORNERS}: {words}"


def copying_words(members: pd.DataFrame) -> tuple[str, str]:
    """The title and the finding on how far the networks of the most points copy their input."""
    many = int(members["count"].max())
    traces = members[members["count"] == many].groupby(SETTING)["trace_share"].median()
    which = f"with {counted(many, 'training point')}"
    title = stated(
        traces > COPIES, f"{which} networks mostly copy their input", f"{which} networks copy little of their input"
    )
    finding = f"Their median tr J/D is {ends_of(traces, number)}; copying gives 1, sending regions to single points 0."
    return title, finding


def fall_words(members: pd.DataFrame) -> str:
    """A sentence on the largest loss over the corners and on copying, from few to many points, of networks of one depth."""
    few, many = int(members["count"].min()), int(members["count"].max())
    ends = members.groupby(["dim", "count"])[["corner_maximum", "trace_share"]].median()
    first, last = (ends.xs(count, level="count") for count in (few, many))
    falls = in_dimensions((last["corner_maximum"] / first["corner_maximum"]).map(C6["ratio"].holds))
    rises = in_dimensions(last["trace_share"] > first["trace_share"])
    return (
        f"From {few} to {counted(many, 'training point')} the loss at corners falls fivefold or more {falls} (a), "
        f"and copying rises {rises} (b)."
    )


def in_dimensions(holds: pd.Series[bool]) -> str:
    """'in every dimension', or in which: 'in 1 and 2 dimensions, but not in 8'. Its index has the level dim."""
    if holds.all():
        return "in every dimension"
    if not holds.any():
        return "in no dimension"
    dims = holds.index.get_level_values("dim")
    yes, no = (sorted(set(dims[holds == value])) for value in (True, False))
    return f"in {dims_words(yes)}, but not in {listed(no)}"


def dims_words(dims: Sequence[int]) -> str:
    """'1 dimension', '1, 2 and 4 dimensions'."""
    return f"{listed(dims)} dimension{'' if list(dims) == [1] else 's'}"


def spread_words(rows: pd.DataFrame) -> tuple[str, str]:
    """The title and the finding on how the mean loss over the cube changes with the spread of the data."""
    powers = slopes(rows)
    title = stated(
        powers < 0,
        "wider data lower the loss over the cube",
        "wider data do not lower the loss over the cube",
    )
    return (
        title,
        f"The mean loss over the cube changes with the side of the data's box to the power {ends_of(powers, number)}.",
    )


def slopes(rows: pd.DataFrame) -> pd.Series[float]:
    """The slope of log cube-mean loss on log spread, for each depth and dimension."""
    found = {
        key: float(np.polyfit(np.log(some["spread"]), np.log(some["cube_mean"]), 1)[0])
        for key, some in rows.groupby(SETTING)
    }
    return pd.Series(found).rename_axis(SETTING)


def ends_of(values: pd.Series[float], form: Callable[[float], str]) -> str:
    """The least and the greatest value with the depth and the dimension that have it; the value alone if there is one."""
    known = values.dropna().sort_values()
    if len(known) < 2:
        return form(float(known.iloc[0])) if len(known) else form(math.nan)
    ends = zip(known.iloc[[0, -1]], known.index[[0, -1]], strict=True)
    return " to ".join(f"{form(float(value))} (D = {dim}, {layers(hidden)})" for value, (hidden, dim) in ends)
