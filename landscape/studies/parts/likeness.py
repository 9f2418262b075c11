"""How like the data the ends of samples are: coverage, copying and classes, each beside what held-out points would show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from jaxtyping import Float
from scipy.stats import hypergeom
from torch import Tensor

from landscape.choices import NEIGHBOURS
from landscape.data import Dataset
from landscape.measures.memorisation.copying import data_copying
from landscape.measures.neighbours.distances import Surroundings, surroundings
from landscape.measures.neighbours.sample_quality import Predictor, class_shares, classifiers, fidelity

COMPARED = ("uniform", "normal")  # C13's two kinds of starts


Known = tuple[Surroundings | None, Sequence[Predictor] | None]


def known_of(training: Dataset) -> Known:
    """The surroundings and classifiers of training points, which all maps are compared with."""
    around = surroundings(training.points, NEIGHBOURS) if training.count > NEIGHBOURS else None
    if not has_classes(training):
        return around, None
    assert training.labels is not None
    return around, classifiers(training.points, training.labels)


@torch.no_grad()
def likeness(
    ends: Mapping[str, Tensor],
    training: Dataset,
    held: Dataset,
    around: Surroundings | None = None,
    predictors: Sequence[Predictor] | None = None,
) -> dict[str, Tensor]:
    """Numbers of the end points (E, S, D) of each kind of start, by name: (E,) each.

    Of the first kind: `coverage` and `c_t` against the training points, `coverage_held_out` of as many held-out points; where
    the data have classes, `variation`, the total variation distance of the class histogram from the training points', and
    `variation_held_out`. With uniform and normal starts, `variation_starts` between their class histograms, and
    `variation_chance`, what a random division of both together would show. NaN for a member with a sample that is not finite,
    and for a coverage where its balls want more points. `around` and `predictors` are the training points' surroundings and
    classifiers, where they are known: several maps are compared with them."""
    first = next(iter(ends.values()))
    finite = torch.stack([points.isfinite().all(-1).all(-1) for points in ends.values()]).all(0)
    known = {kind: torch.where(finite[:, None, None], points, 0) for kind, points in ends.items()}
    found = _coverage(next(iter(known.values())), training.points, held.points, around)
    found["c_t"] = data_copying(next(iter(known.values())), training.points, held.points).c_t.to(first)
    if has_classes(training):
        found |= _classes(known, training, held, predictors)
    nulls = ("coverage_held_out", "variation_held_out")
    return {name: value if name in nulls else value.masked_fill(~finite, torch.nan) for name, value in found.items()}


def has_classes(dataset: Dataset) -> bool:
    """Whether its points are of two or more classes."""
    return dataset.labels is not None and len(dataset.classes) > 1


def chance_variation(first: np.ndarray, second: np.ndarray) -> float:
    """The mean total variation distance of two histograms, counts (C,), over all ways of dividing both together in two.

    Of a class of n among T, the first S to be drawn hold a hypergeometric number."""
    total, drawn = int(first.sum() + second.sum()), int(first.sum())
    apart = 0.0
    for count in (first + second).astype(int).tolist():
        ours = np.arange(count + 1)
        gap = np.abs(ours / drawn - (count - ours) / (total - drawn))
        apart += float(hypergeom(total, count, drawn).pmf(ours) @ gap)
    return apart / 2


def _coverage(
    samples: Tensor, training: Tensor, held: Tensor, around: Surroundings | None
) -> dict[str, Float[Tensor, "members"]]:
    if min(samples.shape[1], training.shape[1], held.shape[1]) <= NEIGHBOURS:
        nothing = samples.new_full(samples.shape[:1], torch.nan)
        return {"coverage": nothing, "coverage_held_out": nothing}
    shared = training.stride(0) == 0 and held.stride(0) == 0
    one = slice(0, 1) if shared else slice(None)
    around = around or surroundings(training, NEIGHBOURS)
    null = fidelity(held[one, : samples.shape[1]], training[one], around=around).coverage
    return {
        "coverage": fidelity(samples, training, around=around).coverage,
        "coverage_held_out": null.expand(len(samples)),
    }


def _classes(
    ends: Mapping[str, Tensor], training: Dataset, held: Dataset, predictors: Sequence[Predictor] | None
) -> dict[str, Float[Tensor, "members"]]:
    assert training.labels is not None
    assert held.labels is not None
    both = set(COMPARED) <= set(ends)
    predictors = predictors or classifiers(training.points, training.labels)
    kinds = [next(iter(ends)), *(COMPARED if both else ())]
    shares = {
        kind: class_shares(
            ends[kind], training.points, training.labels, held.points, held.labels, predictors=predictors
        )
        for kind in dict.fromkeys(kinds)
    }
    first = shares[kinds[0]]
    found = {"variation": first.total_variation, "variation_held_out": first.held_out}
    if both:
        ours, theirs = (shares[kind].shares for kind in COMPARED)
        samples = ends[kinds[0]].shape[1]
        counts = zip(*((one * samples).round().cpu().numpy() for one in (ours, theirs)), strict=True)
        chance = [chance_variation(*pair) for pair in counts]
        found |= {
            "variation_starts": (ours - theirs).abs().sum(-1) / 2,
            "variation_chance": torch.tensor(chance).to(ours),
        }
    return found
