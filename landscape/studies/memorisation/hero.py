"""The picture beside the answer of a run on memorisation."""

from __future__ import annotations

import numpy as np

from landscape.figures import Panel
from landscape.figures.bars import state_shares
from landscape.figures.samples import nearest_pairs
from landscape.findings import listed, percent
from landscape.results import Cell, Result
from landscape.studies.memorisation.answer import fitting
from landscape.studies.memorisation.claims import FEWEST_COUNTS
from landscape.studies.parts.words import data_words, two_digits

AXIS = "training images"
PAIRS = 8  # of a sample and its nearest training image


def hero_of(result: Result) -> Panel | None:
    """What samples are by the number of images, where several numbers are run; else samples above their nearest images.

    None of points that are no images, and where the network shown diverged."""
    if result.whole["count"].nunique() >= FEWEST_COUNTS:
        return _states(result)
    images = (cell for cell, arrays in result.arrays.items() if len(arrays["shape"]) > 1)
    cell = next((one for one in images if np.isfinite(result.arrays[one]["distance samples"]).all()), None)
    return None if cell is None else _pairs(result, cell)


def _states(result: Result) -> Panel | None:
    rows = fitting(result.whole).dropna(subset=["memorised", "spurious", "new"])
    if rows.empty:
        return None
    counts = rows.sort_values("count")["count"]
    table = rows.sort_values("count").assign(**{AXIS: counts.map("{:,}".format)})
    shares = table.groupby("count")[["memorised", "spurious"]].mean()
    ends = shares.iloc[[0, -1]] if len(shares) > 1 else shares
    copies = [f"{percent(share)} of samples with {count:,}" for count, share in ends.memorised.items()]
    repeated = [percent(share) for share in ends.spurious]
    caption = f"Copies (memorised) are {listed(copies)} training images, repeated others (spurious) {listed(repeated)}."
    how = (
        "What samples are, by the number of training images: the same as one of these (memorised), the same as each other "
        "(spurious), or neither: new, or unlike the data if farther from them than 99 % of unseen images. Means over networks "
        "that fit."
    )
    return Panel("", caption, state_shares(table, setting=AXIS, width=5.2), how=how)


def _pairs(result: Result, cell: Cell) -> Panel:
    arrays = result.arrays[cell]
    shape, samples = tuple(arrays["shape"].tolist()), arrays["samples"]
    far = {name: two_digits(float(np.median(arrays[f"distance {name}"]))) for name in ("samples", "held out")}
    caption = (
        f"From its nearest training image the median sample is {far['samples']} away, the median unseen image "
        f"{far['held out']}."
    )
    how = (
        f"Samples of the network of median training loss ({cell['count']:,} images of {data_words(cell['data'])}) above their "
        "nearest training images, from the nearest pair to the farthest. Copies would be at distance 0."
    )
    picture = nearest_pairs(
        samples.reshape(-1, *shape),
        arrays["nearest"].reshape(-1, *shape),
        arrays["distance samples"][: len(samples)],
        pairs=PAIRS,
        columns=PAIRS // 2,
        limits=(0, 255),
    )
    return Panel("", caption, picture, how=how)
