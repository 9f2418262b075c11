"""How like the data the end points of samples are: coverage, copying and classes, each beside that of held-out points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from landscape.choices import NEIGHBOURS
from landscape.data import Dataset
from landscape.measures.memorisation.copying import data_copying
from landscape.measures.neighbours.distances import Surroundings, surroundings
from landscape.measures.neighbours.sample_quality import Predictor, class_shares, classifiers, fidelity

COMPARED_STARTS = ("uniform", "normal")  # C13: samples from both kinds of starts end alike

Reference = tuple[Surroundings | None, Sequence[Predictor] | None]


def reference_of(training: Dataset) -> Reference:
    """The surroundings (None if the points are too few) and the classifiers (None without classes) of the training points."""
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
    """Statistics of the end points (E, S, D) of each kind of start against the training points, by name: (E,) each.

    Of the first kind of start, of as many samples as there are held-out points, or of all if they are fewer:
    - `coverage` and `c_t` (Meehan et al. 2020); `coverage_held_out`, with as many held-out points in the samples' place;
    - if the data have classes, `variation`, the total variation distance between the class histograms of the end points and of
      the training points, and `variation_held_out`, the same for the held-out points.
    Of all samples of uniform and normal starts, if there are both and the data have classes:
    - `variation_starts`, the total variation distance between their class histograms;
    - `variation_chance`, its mean over all ways to redistribute the end points between the two.

    Statistics of a member with a sample that is not finite are NaN, except those of held-out points; so are coverages with too
    few points for the balls. `around` and `predictors`, of the training points, are computed unless given: all maps share
    them."""
    first = next(iter(ends.values()))
    finite = torch.stack([points.isfinite().all(-1).all(-1) for points in ends.values()]).all(0)
    usable = {kind: torch.where(finite[:, None, None], points, 0) for kind, points in ends.items()}
    compared = next(iter(usable.values()))[:, : held.count]
    found = _coverage(compared, training.points, held.points, around)
    found["c_t"] = data_copying(compared, training.points, held.points).c_t.to(first)
    if has_classes(training):
        found |= _classes(compared, usable, training, held, predictors)
    nulls = ("coverage_held_out", "variation_held_out")
    return {name: value if name in nulls else value.masked_fill(~finite, torch.nan) for name, value in found.items()}


def has_classes(dataset: Dataset) -> bool:
    """Whether the points have labels of two or more classes."""
    return dataset.labels is not None and len(dataset.classes) > 1


def chance_variation(first: np.ndarray, second: np.ndarray) -> float:
    """The mean total variation distance of two histograms (C,) of counts, over all ways to redistribute their points.

    The first gets a hypergeometric number of the points of each class."""
    from scipy.stats import hypergeom  # it takes long to load

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
    compared: Tensor,
    ends: Mapping[str, Tensor],
    training: Dataset,
    held: Dataset,
    predictors: Sequence[Predictor] | None,
) -> dict[str, Float[Tensor, "members"]]:
    assert training.labels is not None
    assert held.labels is not None
    known = training.points, training.labels, held.points, held.labels
    predictors = predictors or classifiers(training.points, training.labels)
    first = class_shares(compared, *known, predictors=predictors)
    found = {"variation": first.total_variation, "variation_held_out": first.held_out}
    if set(COMPARED_STARTS) <= set(ends):
        ours, theirs = (class_shares(ends[kind], *known, predictors=predictors).shares for kind in COMPARED_STARTS)
        samples = ends[COMPARED_STARTS[0]].shape[1]
        counts = zip(*((samples * one).round().cpu().numpy() for one in (ours, theirs)), strict=True)
        chance = [chance_variation(*pair) for pair in counts]
        found |= {
            "variation_starts": (ours - theirs).abs().sum(-1) / 2,
            "variation_chance": torch.tensor(chance).to(ours),
        }
    return found
