"""Panels on the samples of one member: of images, of rows of a table, and of samples that all diverged."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from landscape.figures import Panel
from landscape.studies.kaleidoscope.one_member import nearness_panels, sample_panels

TIMES, SAMPLES, COUNT = [0, 1, 2, 5, 40], 3, 7


def arrays(*shape: int) -> dict[str, np.ndarray]:
    """What the study keeps of member 1: samples of which all but the first end near a training point."""
    rng, dim = np.random.default_rng(0), int(np.prod(shape))
    distance = np.tile([0.5, 0.1, 0.2], (len(TIMES), 1))
    return {
        "shown": np.array(1),
        "shape": np.array(shape),
        "iterations": np.array(TIMES),
        "frames": rng.integers(0, 256, (len(TIMES), SAMPLES, dim)).astype(np.uint8),
        "neighbours": rng.integers(0, 256, (2, dim)).astype(np.uint8),
        "nearest": np.tile([0, 1, 1], (len(TIMES), 1)),
        "distance": distance,
        "last_jump": np.array([-1, 2, -1]),
        "training": rng.integers(0, 256, (COUNT, dim)).astype(np.uint8),
        "held_out_distance": np.full(COUNT, 0.3),
        "radius": np.array(0.25),
    }


def members() -> pd.DataFrame:
    return pd.DataFrame({"status": ["stalled", "converged"], "loss": [1e-3, 1e-7]})


def shown(*shape: int) -> list[Panel]:
    found = arrays(*shape)
    return [*sample_panels(found, members(), "a section"), *nearness_panels(found, members(), "a section")]


def test_images_have_a_kaleidoscope_a_sheet_and_their_nearest_images() -> None:
    panels = shown(2, 2)
    assert [panel.title for panel in panels] == [
        "Some samples end near a training image, others do not",
        "In the end as many training images are nearest to samples as at first",
        "Samples are 0.1 to 0.5 from their nearest training images",
        "Samples end less spread out than the training images",
        "Most samples are nearer to the training data than the median unseen point",
    ]
    assert panels[0].caption == "At iteration 40, 67 % of 3 samples are near a training image."
    assert "(member 1 of the tables, loss 1e-7)" in panels[0].how
    assert panels[1].caption.startswith(
        "At iteration 0, 2 training images are nearest to the 3 samples; at iteration 40, 2."
    )
    assert panels[2].caption.startswith(
        "The median sample is 0.2 from its nearest training image, the median unseen image 0.3"
    )
    assert panels[4].caption.startswith("67 % of the samples are nearer")
    assert {panel.section for panel in panels} == {"a section"}


@pytest.mark.parametrize(
    ("distance", "end", "closer"),
    [
        (0.1, "Every sample ends near", "Most samples are nearer"),
        (0.9, "No sample ends near", "Most samples are no nearer"),
    ],
)
def test_titles_say_where_the_samples_end(distance: float, end: str, closer: str) -> None:
    found = arrays(2, 2)
    found["distance"] = np.full((len(TIMES), SAMPLES), distance)
    found["nearest"] = np.tile([0, 1, 1], (len(TIMES), 1))
    found["nearest"][-1] = 0
    found["frames"][-1] = 0
    panels = [*sample_panels(found, members(), "a section"), *nearness_panels(found, members(), "a section")]
    titles = [panel.title for panel in panels]
    assert titles[0] == f"{end} a training image"
    assert titles[1] == "In the end fewer training images are nearest to samples than at first"
    assert titles[3] == "Samples end less spread out than the training images"
    assert panels[3].caption == "The ends of 3 orbits have 0 % of the training images' standard deviation."
    assert titles[4].startswith(closer)


def test_rows_of_a_table_are_drawn_over_the_iterations() -> None:
    panels = shown(3)
    assert [panel.title for panel in panels] == [
        "Some samples end near a training point, others do not",
        "Samples end less spread out than the training points",
        "Most samples are nearer to the training data than the median unseen point",
    ]
    assert panels[0].caption == "At iteration 40, 67 % of 3 samples are near a training point."


def test_a_single_coordinate_has_no_principal_axes() -> None:
    assert [panel.title.partition(" ")[0] for panel in shown(1)] == ["Some", "Most"]


def test_samples_that_all_diverged_are_near_nothing() -> None:
    found = arrays(2, 2)
    found["distance"] = np.full((len(TIMES), SAMPLES), np.nan)
    assert list(nearness_panels(found, members(), "a section")) == []
