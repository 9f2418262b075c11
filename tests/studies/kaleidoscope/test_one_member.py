"""Panels on the samples of one member: of images, of rows of a table, and of samples that all diverged."""

from __future__ import annotations

import numpy as np
import pandas as pd

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
        "The kaleidoscope",
        "Iterations side by side",
        "Samples and their nearest training images",
        "Orbits among the training points",
        "Distances to the training data",
    ]
    assert "at iteration 40 67% of 3 samples are near a training point" in panels[0].caption
    assert "1 samples made one" in panels[0].caption
    assert "2 different images are nearest to 3 samples" in panels[2].caption
    assert "67% of the samples are nearer to a training image than the median held-out image" in panels[4].caption
    assert {panel.section for panel in panels} == {"a section"}


def test_rows_of_a_table_are_drawn_over_the_iterations() -> None:
    panels = shown(3)
    assert [panel.title for panel in panels] == [
        "Samples over the iterations",
        "Orbits among the training points",
        "Distances to the training data",
    ]
    assert panels[0].caption.startswith(
        "Samples of the member of median training loss (member 1, converged, loss 1e-07): at iteration 40 67% of 3 samples are"
    )


def test_a_single_coordinate_has_no_principal_axes() -> None:
    assert [panel.title for panel in shown(1)] == ["Samples over the iterations", "Distances to the training data"]


def test_samples_that_all_diverged_are_near_nothing() -> None:
    found = arrays(2, 2)
    found["distance"] = np.full((len(TIMES), SAMPLES), np.nan)
    assert list(nearness_panels(found, members(), "a section")) == []
