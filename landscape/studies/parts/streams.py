"""The random streams of studies, by name. They are the same in all cells, so that cells differ by their maps alone."""

from __future__ import annotations

import torch

SHARED_SEED = 2**40  # plus a stream's number: no member has so large a seed
# By study and name: the stream's first number, and how many numbers belong to it. A stream has a number per index, such as a
# kind of start or a member. The numbers never change, because results depend on them.
STREAM_NUMBERS: dict[str, dict[str, tuple[int, int]]] = {
    "architectures": {"starts": (80, 1), "attraction": (81, 1), "probes": (82, 1)},
    "audit": {"known samplers": (130, 1), "copies": (131, 1)},
    "basins": {"starts": (95, 1)},
    "corners": {"probes": (1, 1), "cube mean": (2, 1), "cube maximum": (3, 1), "shells": (4, 1)},
    "depth-sweep": {"probes": (1, 1), "starts": (2, 1), "neighbourhoods": (3, 1)},
    "examine": {
        "starts": (110, 10),
        "noise": (120, 1),
        "probes": (121, 1),
        "search": (122, 1),
        "tangents": (123, 1),
        "film": (124, 1),
        "corners": (125, 1),
    },
    "fixed-points": {"ends": (90, 1), "density starts": (91, 1), "density noise": (92, 1), "newton starts": (93, 1)},
    "initialisation": {"newton starts": (97, 1)},
    "injectivity": {"matrices": (150, 1), "images": (151, 1), "probes": (152, 1)},
    "injective-kaleidoscope": {"probes": (140, 1), "starts": (141, 1), "attraction": (142, 1)},
    "injective-gan": {"codes": (150, 1), "sets": (151, 1), "classifier": (152, 1)},
    "kaleidoscope": {"noise": (3, 1), "starts": (10, 10)},
    "memorisation": {
        "starts": (40, 10),
        "noise": (50, 1),
        "control samplers": (60, 10),
        "mixtures": (70, 930),
        "baselines": (1000, 10**9),
    },
    "training-film": {"starts": (96, 1)},
    "step-flatness": {"probes": (1, 1), "pairs": (2, 1), "paired points": (3, 1)},
}


def number_of(study: str, name: str, index: int = 0) -> int:
    """The number of a stream. Raises KeyError for a name that is not in STREAM_NUMBERS."""
    return STREAM_NUMBERS[study][name][0] + index


def stream(study: str, name: str, index: int = 0) -> torch.Generator:
    """A generator of the stream that all cells and all runs of a study share."""
    return torch.Generator().manual_seed(SHARED_SEED + number_of(study, name, index))


def seeded_stream(study: str, name: str, seed: int) -> torch.Generator:
    """A generator of the stream that all cells of a run share; `seed` is the run's first."""
    return torch.Generator().manual_seed(1000 * seed + number_of(study, name))
