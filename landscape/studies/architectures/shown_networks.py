"""What the report shows of one network of each architecture: its samples, and its loss between training images."""

from __future__ import annotations

import numpy as np
import pandas as pd

from landscape.figures import Panel, Scene, SceneGrid, Surface
from landscape.figures.scene import scene_limits
from landscape.results import Cell, Result
from landscape.studies.architectures.figures import sheet_of_nets
from landscape.studies.architectures.one_example import pixels_of
from landscape.studies.architectures.ranking import beside, extremes, ranked
from landscape.studies.parts.claim_words import counted
from landscape.studies.parts.summaries import member_rows
from landscape.studies.parts.words import two_digits


def sheet_panel(result: Result, cells: list[Cell], band: float, section: str) -> Panel:
    """Training images, samples and their nearest training images: a row per architecture."""
    rows: dict[str, list[np.ndarray]] = {}
    different = {}
    for one in cells:
        arrays = result.arrays[one]
        shape = pixels_of(arrays)
        images = [arrays["training"], arrays["reconstructed"], *arrays["samples"], arrays["nearest"]]
        rows[one["net"]] = [levels.reshape(len(levels), *shape) for levels in images]
        different[one["net"]] = len(np.unique(arrays["nearest"].reshape(len(arrays["nearest"]), -1), axis=0))
    times, samples = result.arrays[cells[0]]["times"].tolist(), len(result.arrays[cells[0]]["nearest"])
    counts = pd.DataFrame({"net": list(different), "found": list(different.values())})
    low, high = extremes(counts, "found")
    shown = ranked(low, high, "the fewest training images", "the most", "as many training images", verb="come near")
    return Panel(
        title=f"Samples of {shown}",
        caption=(
            f"The number of different training images that are nearest to {counted(samples, 'sample')} is "
            f"{beside(low, high, '{:.0f}'.format)}."
        ),
        body=sheet_of_nets(rows, ["training", "reconstructed", *(f"iteration {time}" for time in times), "nearest"]),
        section=section,
        how=(
            f"A row per architecture: the network of median training loss of those at most {band:g}. Training images, what it "
            "makes of them, samples from the same noise at some iterations, and the training images nearest to the last of "
            "these."
        ),
    )


def surfaces_panel(result: Result, cells: list[Cell], band: float, section: str) -> Panel:
    """Loss surfaces through three training images, an architecture beside the other."""
    limits = scene_limits([result.arrays[one]["height"] for one in cells])
    scenes, medians = [], []
    for one in cells:
        arrays, rows = result.arrays[one], member_rows(result, one)
        loss = float(rows.loss[int(arrays["shown"])])
        left, right, bottom, top = map(float, arrays["extent"])
        surface = Surface(
            f"network {int(arrays['shown'])}",
            arrays["height"],
            arrays["spots"],
            None,
            f"training loss {two_digits(loss)}",
        )
        scenes.append(Scene(one["net"], (surface,), (left, right, bottom, top), limits, ("u", "v", "loss")))
        medians.append({"net": one["net"], "height": float(np.median(arrays["height"]))})
    low, high = extremes(pd.DataFrame(medians), "height")
    return Panel(
        title=f"Between training images {ranked(low, high, 'the lowest loss', 'the highest', 'the same loss', verb='have')}",
        caption=f"The median loss on a plane through three training images is {beside(low, high, two_digits)}.",
        body=SceneGrid((f"loss ≤ {band:g}",), tuple(one["net"] for one in cells), (tuple(scenes),)),
        section=section,
        how=(
            "Mean squared reconstruction error on the plane through three training images (black), log scale, one scale for "
            f"all; of each net the network of median training loss of those at most {band:g}. The identity would be flat and "
            "low."
        ),
    )
