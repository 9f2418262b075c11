"""The published dots, and how our numbers are compared with them."""

from __future__ import annotations

import pandas as pd

from landscape.studies.parts.published import against_published, published_corner_maxima, published_mnist_losses


def test_the_published_dots_are_those_of_two_dimensions() -> None:
    dots = published_corner_maxima()
    assert dots.groupby("dim").size().to_dict() == {2: 11, 4: 11}
    assert 16 not in dots["count"].tolist()
    assert dots["reading"].value_counts().to_dict() == {"read": 16, "approximate": 3, "below": 3}


def test_the_published_loss_of_mnist_falls_from_step_to_step() -> None:
    losses = published_mnist_losses()
    assert losses.iloc[[0, -1]].to_numpy().tolist() == [[0, 0.9275], [9000, 0.064]]
    assert losses.loss.is_monotonic_decreasing


def test_a_dot_is_inside_between_our_smallest_and_largest() -> None:
    ours = {
        (2, 1): (0.4, 0.6),
        (2, 2): (0.43, 0.5),
        (2, 4): (0.3, 0.5),
        (2, 512): (0.0005, 0.1),
        (2, 1024): (0.0025, 0.1),
    }
    rows = [{"hidden": 6, "dim": d, "count": n, "corner_maximum": v} for (d, n), both in ours.items() for v in both]
    found = against_published(pd.DataFrame(rows)).set_index("count")
    assert found["inside"].to_dict() == {1: True, 2: False, 4: False, 512: True, 1024: False}
    assert found["inside_with_error"].to_dict() == {1: True, 2: True, 4: False, 512: True, 1024: True}
    assert (found["members"] == 2).all()
