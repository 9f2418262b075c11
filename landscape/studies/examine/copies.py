"""Whether samples of a network, the ends of orbits from noise, are copies of its data: the verdict, with its nulls."""

from __future__ import annotations

import torch

from landscape import measures
from landscape.choices import NEIGHBOURS
from landscape.measures import Map
from landscape.measures.memorisation.answers import copied_interval, copying_answer, different, variety_answer
from landscape.measures.memorisation.statistics import THRESHOLDS
from landscape.studies.examine.look import NO_HELD_OUT, Look, Part, Skip

FEWEST = int(THRESHOLDS["fewest"])  # points of each kind: fewer cannot tell a tenth of copies from none
DRAWN = 300  # orbits from noise that the preset quick judges as samples
SHOWN = (
    "copied", "authenticity", "authenticity_null", "c_t", "precision", "precision_null", "coverage", "coverage_null",
    "distance_median", "distance_median_null", "distance_ratio", "distinct", "distinct_share", "modes", "modes_null",
    "duplicates",
)  # fmt: skip


@torch.no_grad()
def verdict(network: Map, look: Look) -> Part:
    """Whether the ends of orbits from noise are copies of the data, and whether they are as varied as held-out points."""
    if look.held_out is None:
        raise Skip(NO_HELD_OUT)
    counted = {"points of the data": look.data.shape[1], "held-out points": look.held_out.shape[1]}
    counted["orbits from noise (--samples)"] = look.given.samples
    few = [f"{count} {name}" for name, count in counted.items() if count < max(FEWEST, NEIGHBOURS + 1)]
    if few:
        draw = f". The preset test draws few: use quick, or samples={DRAWN} (--set samples={DRAWN})"
        more = draw if look.given.samples < FEWEST else ""
        raise Skip(f"a verdict needs {FEWEST} points of each kind, and there are {' and '.join(few)}{more}")
    *_, final = measures.iterate(network, look.starts("noise", look.given.samples), look.given.iterations)
    loss = (network(look.data) - look.data).square().mean((1, 2))
    found = measures.memorisation_statistics(
        final, look.data, look.held_out, training_loss=loss, low=look.low, high=look.high, seed=look.given.seed
    )
    known = {name: float(values[0]) for name, values in found.items()}
    copying, variety = copying_answer(known), variety_answer(known)
    low, high = copied_interval(known["copied"], different(known), known["held_out"])
    columns: dict[str, float | int | str] = {name: known[name] for name in SHOWN if name in known}
    columns |= {"copying": copying, "variety": variety, "copied_low": low, "copied_high": high}
    return Part(columns | {"verdict": f"{_decided(copying, 'copying')}, {_decided(variety, 'variety')}"})


def _decided(word: str, what: str) -> str:
    return f"{what} undecided" if word == "undecided" else word
