"""Pictures of samples that are not images."""

from __future__ import annotations

import numpy as np

from landscape.figures.points import MAX_HISTOGRAMS, sample_figure


def test_samples_on_the_line_are_paths_beside_a_histogram() -> None:
    points = np.random.default_rng(0).random((7, 5, 1))
    points[-1, 0] = np.nan
    path, side = sample_figure(points, range(7), np.array([[0.2], [0.8]]), 0.0, 1.0).axes
    drawn = [line for line in path.lines if len(line.get_xdata()) == 7]
    assert len(drawn) == 5
    assert np.array_equal(drawn[3].get_ydata(), points[:, 3, 0])
    assert sum(patch.get_width() for patch in side.patches) == 4  # type: ignore[attr-defined]


def test_samples_in_the_plane_are_dots_at_eight_iterations() -> None:
    points = np.random.default_rng(0).random((101, 5, 2))
    axes = sample_figure(points, range(101), np.array([[0.2, 0.2], [0.8, 0.8]]), 0.0, 1.0, unit="step").axes
    assert len(axes) == 8
    assert axes[-1].get_title() == "step 100"
    samples, training = axes[-1].collections
    assert np.array_equal(samples.get_offsets(), points[100])
    assert np.array_equal(training.get_offsets(), [[0.2, 0.2], [0.8, 0.8]])


def test_samples_of_a_table_are_histograms_of_named_coordinates() -> None:
    points = np.random.default_rng(0).random((3, 11, 13))
    names = [f"column {place}" for place in range(13)]
    axes = sample_figure(points, (0, 5, 9), points[0], 0.0, 1.0, names=names).axes
    assert [axis.get_title() for axis in axes] == names[:MAX_HISTOGRAMS]
    assert all(len(axis.patches) == 3 for axis in axes)
    one = sample_figure(points[:, :, :3], (0, 5, 9), np.zeros((1, 3)), 0.0, 1.0).axes
    assert [axis.get_title() for axis in one if axis.axison] == ["coordinate 1", "coordinate 2", "coordinate 3"]
