"""The random streams of studies: their numbers never meet and never change."""

from itertools import combinations

import pytest
import torch

from landscape.choices import STARTS
from landscape.presets import study_names
from landscape.studies.parts.streams import SHARED_SEED, STREAM_NUMBERS, number_of, seeded_stream, stream


@pytest.mark.parametrize("study", STREAM_NUMBERS)
def test_no_two_streams_of_a_study_share_a_number(study: str) -> None:
    ranges = {name: range(first, first + count) for name, (first, count) in STREAM_NUMBERS[study].items()}
    for one, other in combinations(ranges, 2):
        assert ranges[one][-1] < ranges[other][0] or ranges[other][-1] < ranges[one][0], (one, other)


def test_streams_belong_to_studies_and_have_room_for_every_start() -> None:
    assert set(STREAM_NUMBERS) <= set(study_names())
    assert min(STREAM_NUMBERS[study]["starts"][1] for study in ("kaleidoscope", "memorisation")) >= len(STARTS)


def test_a_stream_gives_the_numbers_that_earlier_versions_drew() -> None:
    def first(generator: torch.Generator) -> float:
        return float(torch.rand(1, generator=generator))

    def seeded(seed: int) -> torch.Generator:
        return torch.Generator().manual_seed(seed)

    assert first(stream("memorisation", "noise")) == first(seeded(2**40 + 50))
    assert first(stream("memorisation", "mixtures", 2)) == first(seeded(SHARED_SEED + 72))
    assert first(seeded_stream("depth-sweep", "starts", 7)) == first(seeded(7002))
    assert number_of("fixed-points", "newton starts") == 93
    with pytest.raises(KeyError):
        stream("memorisation", "nose")
