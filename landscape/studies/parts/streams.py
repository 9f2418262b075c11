"""The random streams of studies by name: the same in every cell, so that cells differ by their maps alone."""

from __future__ import annotations

import torch

BASE = 2**40  # no member has such a seed
# By study and name: the stream's number, and how many numbers from there on belong to it. A stream with several has one per
# index, such as a kind of start or a member. Numbers never change: results depend on them.
NUMBERS: dict[str, dict[str, tuple[int, int]]] = {
    "architectures": {"starts": (80, 1), "attraction": (81, 1), "probes": (82, 1)},
    "basins": {"starts": (95, 1)},
    "corners": {"probes": (1, 1), "cube mean": (2, 1), "cube maximum": (3, 1), "shells": (4, 1)},
    "depth-sweep": {"probes": (1, 1), "starts": (2, 1), "neighbourhoods": (3, 1)},
    "fixed-points": {"ends": (90, 1), "density starts": (91, 1), "density noise": (92, 1), "newton starts": (93, 1)},
    "kaleidoscope": {"noise": (3, 1), "starts": (10, 10)},
    "memorisation": {
        "starts": (40, 10),
        "noise": (50, 1),
        "control samplers": (60, 10),
        "mixtures": (70, 930),
        "baselines": (1000, 10**9),
    },
    "step-flatness": {"probes": (1, 1), "pairs": (2, 1), "paired points": (3, 1)},
}


def number_of(study: str, name: str, index: int = 0) -> int:
    """The number of a stream. Raises KeyError for a name that the table lacks."""
    return NUMBERS[study][name][0] + index


def stream(study: str, name: str, index: int = 0) -> torch.Generator:
    """A stream that all cells and runs of a study share."""
    return torch.Generator().manual_seed(BASE + number_of(study, name, index))


def seeded_stream(study: str, name: str, seed: int) -> torch.Generator:
    """A stream that runs of one first seed share."""
    return torch.Generator().manual_seed(1000 * seed + number_of(study, name))
