"""The titles and findings of the panels on regions, computed from the tables."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from landscape.claims import decide
from landscape.findings import listed, number, percent
from landscape.studies.parts.changes import change
from landscape.studies.parts.claim_words import counted
from landscape.studies.parts.words import layers, stated, two_digits
from landscape.studies.regions.answer import LIMIT, WEIGHTS, factor_words, training_factor

MARGIN = LIMIT.margin or 0.0
PLACES = {1: "on a line", 2: "in a plane"}


def count_words(counts: Mapping[tuple[int, int], int]) -> tuple[str, str]:
    """The title and the finding on the numbers of regions of the pictured networks, by depth and width."""
    ordered = sorted(counts, key=lambda sizes: (sizes[0] * sizes[1], sizes))
    small, large = ordered[0], ordered[-1]
    first, last = (f"{counts[sizes]:,}" for sizes in (small, large))
    if small == large:
        return "one size", f"The median network has {counted(counts[small], 'region')}, all found exactly."
    more = counts[large] > counts[small]
    title = "more in the largest network than in the smallest" if more else "no more in the largest network"
    ends = f"{first} with {layers(small[0])} of width {small[1]} and {last} with {large[0]} of width {large[1]}"
    return title, f"The number of regions of the median network is {ends}, all found exactly."


def terrace_words(shown: Mapping[int, tuple[np.ndarray, np.ndarray]]) -> tuple[str, str]:
    """The title and the finding on how uneven the slopes are: the steepest over the median by area, by depth.

    `shown` are the slopes and the shares of the area of each network's regions: (R,) each."""
    ratios = {hidden: _steepest_over_median(*one) for hidden, one in sorted(shown.items())}
    words = [f"{ratio:.1f} times the median slope with {layers(hidden)}" for hidden, ratio in ratios.items()]
    least, most = min(ratios), max(ratios)
    title = f"networks with {layers(least)}"
    if least != most:
        title = (
            "more uneven in deeper networks" if ratios[most] > ratios[least] else "no more uneven in deeper networks"
        )
    ends = words if len(words) < 3 else [words[0], words[-1]]
    return title, f"The steepest terrace has {listed(ends)}."


def training_words(rows: pd.DataFrame) -> tuple[str, str]:
    """The title and the finding on how training changes the number of regions."""
    known = rows[(rows.regions > 0) & (rows.untrained_regions > 0)]
    if known.empty:
        return "none counted", "No network has a number of regions."
    factor = training_factor(known)
    words = {"supported": "training adds some", "refuted": "training removes some"}
    title = words.get(decide(factor, above=0), "training changes them by no clear factor")
    return title, f"Training changes their number by a factor of {factor_words(factor)}."


def growth_words(powers: Mapping[tuple[str, int], float]) -> tuple[str, str]:
    """The title and the finding on the powers by which regions grow with neurons, by initial weights and dimension."""
    if not powers:
        return "networks of one size", "Networks of one size say nothing of growth."
    near = pd.Series([abs(power - dim) <= MARGIN for (_, dim), power in powers.items()], dtype=bool)
    by_place = [
        f"{PLACES.get(dim, f'in {dim} dimensions')} "
        + listed([f"{number(powers[init, dim])} with {WEIGHTS[init]}" for init, of in powers if of == dim])
        for dim in sorted({dim for _, dim in powers}, reverse=True)
    ]
    title = stated(near, f"within {MARGIN:g} of theory's power", f"not within {MARGIN:g} of theory's power")
    return title, f"Regions grow as neurons to a power: {'; '.join(by_place)}. Theory says the dimension."


def steep_words(rows: pd.DataFrame) -> tuple[str, str]:
    """The title and the finding on the steepest region of a network, by depth."""
    found, what = change(rows, "hidden", "steepest"), "The steepest region of a network has a slope of"
    if found is None:
        depth = layers(int(rows.hidden.iloc[0]))
        return f"networks with {depth}", f"{what} {two_digits(rows.steepest.median())}, median over networks."
    title = found.words(
        "steeper in deeper networks", "less steep in deeper networks", "depth makes no clear difference"
    )
    ends = f"{two_digits(found.first)} with {layers(found.least)} and {two_digits(found.last)} with {found.greatest}"
    return title, f"{what} {ends}, medians over seeds."


def flat_words(rows: pd.DataFrame, whole: str) -> tuple[str, str]:
    """The title and the finding on networks with exactly flat regions; `whole` names what they cover a share of."""
    flat, converged = rows.plateau_share > 0, rows.status == "converged"
    title = "in most networks" if flat.mean() > 0.5 else "in few networks"
    title = "in every network" if flat.all() else title if flat.any() else "in no network"
    fitted = f"of the {converged.sum():,} that converged {(flat & converged).sum():,}"
    counts = f"{flat.sum():,} of {counted(len(rows), 'network')} have a region of exactly no slope, {fitted}"
    return title, f"{counts}; such regions cover {percent(rows.plateau_share.mean())} of {whole} on average."


def _steepest_over_median(slope: np.ndarray, share: np.ndarray) -> float:
    """The steepest slope over the median by area; infinite if half of the area is exactly flat."""
    order = np.argsort(slope)
    reached = np.cumsum(share[order]) / share.sum()
    middle = float(slope[order][np.searchsorted(reached, 0.5)])
    return float(slope.max()) / middle if middle > 0 else float("inf")
