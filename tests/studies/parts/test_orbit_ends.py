"""Shares of ends of orbits, on maps for which they are known."""

from __future__ import annotations

import pytest
import torch

from landscape import measures
from landscape.data import Dataset
from landscape.studies.parts.comparison import Comparison
from landscape.studies.parts.orbit_ends import distances, near_training, relative_distances, shares_of_ends

TRAINING = torch.tensor([[0.1], [0.3], [0.9]])  # gaps .2, .2 and .6
STARTS = torch.arange(7)[:, None] / 7


def comparison(training: torch.Tensor, held_out: torch.Tensor, members: int = 1) -> Comparison:
    def dataset(points: torch.Tensor) -> Dataset:
        return Dataset("made", points.expand(members, *points.shape), 0.0, 1.0, (1,))

    return Comparison(dataset(training), dataset(held_out), held_out[None, :0].expand(members, -1, -1), None)


def ends_of(
    map: measures.Map, against: Comparison
) -> tuple[measures.dynamics.Ends, measures.dynamics.DistinctEnds, torch.Tensor]:
    found = measures.dynamics.ends(map, STARTS, 3)
    listed = measures.dynamics.distinct_ends(map, found, generator=torch.Generator().manual_seed(0))
    distance, index = distances(found, listed, against)
    return found, listed, relative_distances(distance, index, listed.member, against)


def test_an_end_is_at_an_image_within_half_that_images_gap() -> None:
    against = comparison(TRAINING, torch.tensor([[0.5]]), members=5)
    map = measures.known_maps.Constant(torch.tensor([[0.1], [0.19], [0.39], [0.41], [0.65]]))
    found, listed, relative = ends_of(map, against)
    assert relative.tolist() == pytest.approx([0, 0.45, 0.45, 0.55, 0.25 / 0.6], abs=1e-5)
    shares = shares_of_ends(found, listed, relative)
    assert shares["at_training"].tolist() == [1, 1, 1, 0, 1]
    assert shares["spurious"].tolist() == [0, 0, 0, 1, 0]
    assert shares["spurious_attractors"].tolist() == [0, 0, 0, 1, 0]


def test_an_only_image_has_its_gap_to_the_nearest_held_out_one() -> None:
    against = comparison(torch.tensor([[0.2]]), torch.tensor([[0.9], [0.6]]), members=2)
    _, _, relative = ends_of(measures.known_maps.Constant(torch.tensor([[0.3], [0.5]])), against)
    assert relative.tolist() == pytest.approx([0.25, 0.75])


def test_held_out_images_are_counted_as_ends_would_be() -> None:
    against = comparison(TRAINING, torch.tensor([[0.15], [0.45], [0.7], [0.5], [0.55]]))
    assert near_training(against).tolist() == [[True, False, True, False, False]]


def test_orbits_that_rest_nowhere_are_neither_spurious_nor_at_an_image() -> None:
    drift = measures.known_maps.Constant(torch.tensor([[0.1]]))
    against = comparison(TRAINING, torch.tensor([[0.5]]))
    found, _, relative = ends_of(drift, against)
    gone = measures.dynamics.Ends(found.points, torch.zeros_like(found.period), found.moved)
    none = measures.dynamics.distinct_ends(drift, gone, generator=torch.Generator().manual_seed(0))
    shares = shares_of_ends(gone, none, relative[:0])
    assert [shares[name].tolist() for name in ("at_rest", "at_training", "attracted", "ends")] == [[0.0]] * 4
    assert shares["spurious"].isnan().all()
