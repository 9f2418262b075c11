"""The four statuses of a trained member, each from outputs made for it."""

from __future__ import annotations

import torch

from landscape.ensemble import STATUSES, status_of

POINTS = torch.tensor([[[0.2], [0.8]]])


def word(output: list[float], points: torch.Tensor = POINTS) -> str:
    outputs = torch.tensor(output)[None, :, None]
    losses = (outputs - points).square().mean((1, 2))
    return status_of(losses, outputs, points)[0]


def test_each_status_from_a_map_made_for_it() -> None:
    found = [word([0.2, 0.8]), word([0.3, 0.6]), word([0.5, 0.5]), word([float("nan"), 0.8])]
    assert found == list(STATUSES)


def test_a_loss_above_four_is_diverged() -> None:
    assert word([5.0, 5.0]) == "diverged"


def test_a_constant_far_from_the_mean_is_stalled_not_collapsed() -> None:
    assert word([0.9, 0.9]) == "stalled"


def test_one_training_point_never_counts_as_collapsed() -> None:
    assert word([0.4], torch.tensor([[[0.5]]])) == "stalled"
