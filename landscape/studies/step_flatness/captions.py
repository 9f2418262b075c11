"""The titles and findings of the panels on step flatness, computed from the tables."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from landscape.findings import percent
from landscape.studies.parts.changes import change
from landscape.studies.parts.claim_words import counted
from landscape.studies.parts.words import layers, two_digits
from landscape.studies.step_flatness.claims import LINEAR_SHARPNESS, STEP_SHARPNESS
from landscape.studies.step_flatness.figures import PLATEAU_SLOPE, LineProfile

SHARES = (0.0, 1.0)
HALF_STEP = (
    LINEAR_SHARPNESS + STEP_SHARPNESS
) / 2  # a map of less sharpness is nearer to a straight line than to a step
SAME_PLACE = 0.1  # of the picture's width: steepest places whose middle half is narrower count as about the same
NO_EFFECT = "depth makes no clear difference"


def slope_words(rows: pd.DataFrame) -> tuple[str, str]:
    """The title and the finding on the largest slope between training points, by depth."""
    found, what = change(rows, "hidden", "largest_slope"), "Their steepest place has a slope of"
    if found is None:
        return _one_depth(rows), f"{what} {two_digits(rows.largest_slope.median())}, median over networks."
    title = found.words("deeper networks are steeper", "deeper networks are less steep", NO_EFFECT)
    ends = f"{two_digits(found.first)} with {layers(found.least)} and {two_digits(found.last)} with {found.greatest}"
    return title, f"{what} {ends}, medians over seeds."


def steepest_words(shown: Mapping[int, float], data: str) -> str:
    """The finding on the sharpness of the pictured median networks on a data set, by their numbers of hidden layers."""
    first, *others = shown.items()
    ends = [
        f"{percent(first[1])} of the change with {layers(first[0])}",
        *(f"{percent(b)} with {a}" for a, b in others),
    ]
    return f"On {data} the steepest tenth of the way carries {', '.join(ends)} (one network each, the median)."


def sharpness_words(rows: pd.DataFrame) -> tuple[str, str]:
    """The title and the finding on sharpness, by depth: whether the deepest networks are nearer to a line or to a step."""
    means = rows.groupby("hidden").sharpness.mean()
    least, most = int(means.index.min()), int(means.index.max())
    near = "a straight line than to a step" if means[most] < HALF_STEP else "a step than to a straight line"
    first = f"{percent(means[least])} of the output's change with {layers(least)}"
    ends = first if least == most else f"{first} and {percent(means[most])} with {most}"
    title = "no map varies" if np.isnan(means[most]) else f"nearer to {near}"
    return title, (
        f"The steepest tenth of the way between training points carries {ends}; a straight line has "
        f"{percent(LINEAR_SHARPNESS)}, a step {percent(STEP_SHARPNESS)}."
    )


def run_words(rows: pd.DataFrame, steps: float) -> tuple[str, str]:
    """The title and the finding on the flat runs beside training points, by depth; perfect steps have runs of `steps`."""
    found, what = change(rows, "hidden", "run_mean", bounds=SHARES), "Beside a training point networks are flat on"
    where, perfect = "of the way to the next", f"perfect steps would be on {percent(steps)}."
    if found is None:
        return _one_depth(rows), f"{what} {percent(rows.run_mean.mean())} {where}; {perfect}"
    title = found.words("deeper networks have wider ones", "deeper networks have narrower ones", NO_EFFECT)
    ends = f"{percent(found.first)} {where} with {layers(found.least)} and {percent(found.last)} with {found.greatest}"
    return title, f"{what} {ends}; {perfect}"


def flat_words(rows: pd.DataFrame) -> tuple[str, str]:
    """The title and the finding on how many networks are flat anywhere on the lines between training points."""
    none, dead = (rows.flat_line == 0), (rows.dead_share > 0)
    title = "something in every network"
    if none.any():
        title = "something in most networks" if none.mean() <= 0.5 else "nothing in most networks"
    if none.all():
        title = "nothing in any network"
    nowhere = f"{none.sum()} of {counted(len(rows), 'network')} have no place with a slope below {PLATEAU_SLOPE:g}"
    return title, f"{nowhere}; {dead.sum()} have places with exactly no slope before the output squash."


def blend_words(shown: Mapping[str, tuple[np.ndarray, np.ndarray]]) -> tuple[str, str]:
    """The title and the finding on outputs along the line between two images, by the depths of the networks in words.

    `shown` are the inputs along the line and the outputs, (S, …) each: the first and the last input are the two images. An
    output counts as a jump if it is nearer to one of them than to its input."""
    jumps, words = [], []
    for name, (blends, outputs) in shown.items():
        flat = [one.reshape(len(one), -1)[1:-1] for one in (blends, outputs)]
        ends = blends.reshape(len(blends), -1)[[0, -1]]
        apart = np.linalg.norm(flat[1] - flat[0], axis=1)
        nearest = np.linalg.norm(flat[1][:, None] - ends, axis=2).min(1)
        jumps.append(float((nearest < apart).mean()))
        words.append(f"{(nearest < apart).sum()} of {len(apart)} with {name}")
    title = f"most outputs are nearer to {'a training image' if jumps[-1] > 0.5 else 'the blend'}"
    return title, f"Outputs nearer to one of the two training images than to the blend put in: {', '.join(words)}."


def place_words(shown: Mapping[str, LineProfile]) -> tuple[str, str]:
    """The title and the finding on where the steepest place of each network lies, by the depths of the networks in words."""
    words, widths = [], []
    for name, one in shown.items():
        places = one.position[one.slopes.argmax(1)]
        ends = np.quantile(places, [0.25, 0.75])
        widths.append(np.ptp(ends) / np.ptp(one.position))
        low, high = (f"{end:.2f}" for end in ends)
        words.append(f"at {low} with {name}" if low == high else f"from {low} to {high} with {name}")
    title = "at about the same place" if widths[-1] < SAME_PLACE else "at different places"
    return title, f"Half of the networks have their steepest place {' and '.join(words)}.".replace("-", "−")


def _one_depth(rows: pd.DataFrame) -> str:
    return f"networks with {layers(int(rows.hidden.iloc[0]))}"
