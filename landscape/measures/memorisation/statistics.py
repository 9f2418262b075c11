"""Whether a network memorises: statistics of its samples, compared with held-out points, and a verdict by a fixed rule."""

from __future__ import annotations

import re
from collections.abc import Mapping

import torch
from jaxtyping import Float
from torch import Tensor

from landscape.choices import NEIGHBOURS
from landscape.measures.gate import gated
from landscape.measures.memorisation.copying import data_copying, nearness
from landscape.measures.neighbours.distances import Surroundings, surroundings
from landscape.measures.neighbours.sample_quality import fidelity, modes, sliced_wasserstein, variety
from landscape.measures.transfer import on_cpu

VERDICTS = ("underfit", "collapsed", "copies", "generalises", "mixed")
# The thresholds were fixed on scikit-learn's digits (1,000 training, 400 held-out and 300 sampled images, 20 seeds) before
# any other network was judged by them. The comments give what was measured there, from the smallest to the largest seed.
THRESHOLDS = {
    "training_loss": 0.02,  # as the claim on memorisation (C14) registers it, in [0, 1]; the mean of digits has .073
    "collapsed_distinct": 0.25,  # of the expected: 5 or 20 images repeated .02 and .08; four of the ten classes .57, copies .96
    "collapsed_modes": 0.25,  # of held-out points': 5 or 20 images with noise .02 to .10; four classes .46, mean-like .55
    "collapsed_precision": 0.5,  # of held-out points': the few images .63 to 1.07; uniform noise 0
    "copies_share": 0.5,
    "copies_authenticity": 0.25,  # half of what held-out points have; copies .00 to .05
    "copies_c_t": -3.0,  # registered for claim C14; copies −6.3 to −5.5
    "most_copied": 0.05,  # held-out points 0 to .029; with a tenth of copies .093 to .120
    "least_authenticity": 0.5,  # held-out points .49 to .61
    "least_c_t": -3.0,  # registered for claim C14; held-out points −.52 to .51
    "nearest_ratio": 0.8,  # held-out points .94 to 1.06
    "farthest_ratio": 1.2,  # mean-like 1.25 to 1.35, a Gaussian on principal components 1.43 to 1.56
    "least_fidelity": 0.8,  # registered for claim C11; held-out points .87 to 1.12; recall of four classes .37 to .49
    "farthest_sliced": 0.1,  # held-out points −.01 to .02; averaged pairs .14 to .21, four classes .14 to .23
    "fewest": 100,  # 300 samples distinguish a tenth of copies from none; fewer than 100 do not
}


def in_words(rule: str, thresholds: Mapping[str, float]) -> str:
    """A rule with its thresholds filled in, with a space before each per-cent sign and true minus signs."""
    return re.sub(r"(?<=\d)%", " %", rule.format(**thresholds)).replace(" -", " −")


RULE = in_words(
    "A verdict is the first that holds. Underfit: the training loss is above {training_loss} of the range's square. Collapsed: "
    "among the samples are fewer than {collapsed_distinct} of the different images that as many random training images are, or "
    "they are nearest to fewer than {collapsed_modes} of the training images that held-out images are nearest to, at "
    "{collapsed_precision} of their precision or more. Copies: "
    "{copies_share:.0%} or more are copies, or authenticity is at most {copies_authenticity} with C_T at most {copies_c_t:g}. "
    "Generalises: at most {most_copied:.0%} are copies, authenticity is not below {least_authenticity} or held-out images' own "
    "by more than its 95 % interval, C_T is above {least_c_t:g}, and against held-out images the median distance is "
    "{nearest_ratio} to {farthest_ratio}, precision, recall and coverage {least_fidelity} or more, and the sliced Wasserstein "
    "distance larger by at most {farthest_sliced} of their spread, with {fewest} points or more. Mixed: anything else.",
    THRESHOLDS,
)
QUANTILES = {"q05": 0.05, "median": 0.5, "q95": 0.95}
NORMAL_95 = 1.96


@gated("samples", "training", "held_out", unchecked=("samples",))
@torch.no_grad()
def memorisation_statistics(
    samples: Float[Tensor, "members samples dim"],
    training: Float[Tensor, "members data dim"],
    held_out: Float[Tensor, "members held_out dim"],
    *,
    training_loss: Float[Tensor, "members"] | None = None,
    low: float = 0.0,
    high: float = 1.0,
    seed: int = 0,
    around: Surroundings | None = None,
) -> dict[str, Tensor]:
    """All statistics of samples against the training points, by name: (E,) each.

    A name that ends in `_null` is the same statistic of held-out points in the samples' place.

    - `training_loss`: over the square of the range; left out if it is not given, as for samplers that are not networks.
    - `distance_q05`, `distance_median`, `distance_q95`: quantiles of the distance to the nearest training point;
      `distance_ratio`: the ratio of the medians of samples and of held-out points.
    - `copied`, `authenticity`: see Nearness. `c_t`, `c_t_least`, `farther`, `cells`, `cells_dropped`: see DataCopying.
    - `precision`, `recall`, `density`, `coverage` (k = 5) and `modes`: of as many samples as held-out points.
    - `duplicates`, `distinct`, `distinct_share`: see Variety.
    - `sliced`: the sliced Wasserstein distance to half of the held-out points; its null is the distance between the halves.
      `spread`: the standard deviation of the held-out points, as the root mean square over the coordinates.
    - `samples`, `held_out`: the numbers of points.

    Statistics of a member with a sample that is not finite are NaN. `seed` is that of k-means and of the projections. `around`,
    the training points' `surroundings` for k = 5, saves time if they are used more than once. Raises ValueError unless there
    are more than five points of each kind."""
    fewest = min(samples.shape[1], training.shape[1], held_out.shape[1])
    if fewest <= NEIGHBOURS:
        raise ValueError(
            f"`samples`, `training` and `held_out` must be more than {NEIGHBOURS} points each; got {fewest}"
        )
    around = around or surroundings(training, NEIGHBOURS)
    finite = samples.isfinite().all(-1).all(-1)
    samples = torch.where(finite[:, None, None], samples, 0)
    columns: dict[str, Tensor] = {}
    if training_loss is not None:
        columns["training_loss"] = training_loss / (high - low) ** 2
    columns |= _copying(samples, training, held_out, seed, around) | _quality(samples, training, held_out, seed, around)
    alone = around.gaps.isinf().all(-1)  # all training points are the same: there is no gap to compare with
    for name in ("authenticity", "authenticity_null"):
        columns[name] = torch.where(alone, torch.nan, columns[name])
    columns["samples"] = finite.new_full(finite.shape, samples.shape[1], dtype=torch.int64)
    columns["held_out"] = finite.new_full(finite.shape, held_out.shape[1], dtype=torch.int64)
    of_samples = {name for name in columns if not name.endswith("_null")}
    of_samples -= {"training_loss", "held_out", "samples", "spread"}
    return {
        name: torch.where(finite, value, torch.nan) if name in of_samples else value for name, value in columns.items()
    }


def verdicts(statistics: Mapping[str, Tensor]) -> tuple[str, ...]:
    """The verdict on each member, from the statistics that `memorisation_statistics` returns: E words of VERDICTS."""
    columns = {name: map(float, values.tolist()) for name, values in on_cpu(statistics).items()}
    rows = zip(*columns.values(), strict=True)
    return tuple(memorisation_verdict(dict(zip(columns, row, strict=True))) for row in rows)


def memorisation_verdict(statistics: Mapping[str, float]) -> str:
    """The verdict on one network, from its statistics by name as `memorisation_statistics` returns them: a word of VERDICTS.

    The verdict is the first of these that holds, with the numbers of THRESHOLDS:

    1. underfit: the training loss is above 0.02 of the square of the range, or is NaN.
    2. collapsed: the number of different images among the samples is less than ¼ of that among as many random training
       points. Or the samples are nearest to less than ¼ as many training points as held-out points are, and their precision
       is at least half that of held-out points.
    3. copies: at least half of the samples are copies. Or authenticity ≤ 0.25 (half of what held-out points have) and C_T ≤ −3.
    4. generalises: the samples are new, and they are like held-out points.
       New: at most 5 % are copies, C_T > −3, and authenticity is not below 0.5 by more than its 95 % interval. If held-out
       points have an authenticity below 0.5, theirs takes its place.
       Like held-out points: the median distance is 0.8 to 1.2 times theirs; precision, recall and coverage are at least 0.8
       times theirs; the sliced Wasserstein distance exceeds theirs by at most 0.1 of the spread; and there are at least 100
       samples and 100 held-out points.
    5. mixed: none of these, or a statistic that decides is NaN. If all training points are the same point, the verdict is
       copies or mixed, as nothing else can be decided.

    Raises KeyError for a missing statistic other than the training loss."""
    s, limit = statistics, THRESHOLDS
    if "training_loss" in s and not s["training_loss"] <= limit["training_loss"]:
        return "underfit"
    precise = s["precision"] >= limit["collapsed_precision"] * s["precision_null"]
    few_modes = s["modes"] < limit["collapsed_modes"] * s["modes_null"]
    if s["distinct_share"] < limit["collapsed_distinct"] or (few_modes and precise):
        return "collapsed"
    near = s["authenticity"] <= limit["copies_authenticity"] and s["c_t"] <= limit["copies_c_t"]
    if s["copied"] >= limit["copies_share"] or near:
        return "copies"
    return "generalises" if _new(s) and _like_held_out(s) else "mixed"


def _new(s: Mapping[str, float]) -> bool:
    """Whether the samples are new, not copies: see `memorisation_verdict`, 4."""
    share, null = s["authenticity"], s["authenticity_null"]
    variance = share * (1 - share) / s["samples"] + null * (1 - null) / s["held_out"]
    return (
        s["copied"] <= THRESHOLDS["most_copied"]
        and share + NORMAL_95 * max(variance, 0.0) ** 0.5 >= min(THRESHOLDS["least_authenticity"], null)
        and s["c_t"] > THRESHOLDS["least_c_t"]
    )


def _like_held_out(s: Mapping[str, float]) -> bool:
    """Whether the samples are as good and as varied as held-out points: see `memorisation_verdict`, 4."""
    return (
        min(s["samples"], s["held_out"]) >= THRESHOLDS["fewest"]
        and THRESHOLDS["nearest_ratio"] <= s["distance_ratio"] <= THRESHOLDS["farthest_ratio"]
        and all(
            s[name] >= THRESHOLDS["least_fidelity"] * s[f"{name}_null"] for name in ("precision", "recall", "coverage")
        )
        and s["sliced"] - s["sliced_null"] <= THRESHOLDS["farthest_sliced"] * s["spread"]
    )


def _copying(samples: Tensor, training: Tensor, held_out: Tensor, seed: int, around: Surroundings) -> dict[str, Tensor]:
    """The statistics by distances to training points."""
    close = nearness(samples, training, held_out, around=around)
    cells = data_copying(samples, training, held_out, seed=seed)
    columns = {}
    for name, share in QUANTILES.items():
        columns[f"distance_{name}"] = close.samples.quantile(share, dim=-1)
        columns[f"distance_{name}_null"] = close.held_out.quantile(share, dim=-1)
    return columns | {
        "distance_ratio": close.ratio,
        "copied": close.copied,
        "authenticity": close.authenticity,
        "authenticity_null": close.held_out_authenticity,
        "c_t": cells.c_t,
        "c_t_least": cells.least,
        "farther": cells.farther,
        "cells": cells.cells,
        "cells_dropped": cells.dropped,
    }


def _quality(samples: Tensor, training: Tensor, held_out: Tensor, seed: int, around: Surroundings) -> dict[str, Tensor]:
    """The statistics of quality and variety. The null is computed once if all members share their points."""
    members = len(samples)
    count, half = min(samples.shape[1], held_out.shape[1]), min(samples.shape[1], held_out.shape[1] // 2)
    shared = training.stride(0) == 0 and held_out.stride(0) == 0
    null, null_training = (held_out[:1], training[:1]) if shared else (held_out, training)
    ours = fidelity(samples[:, :count], training, around=around)
    theirs = fidelity(null[:, :count], null_training, around=around)
    columns = {}
    for name in ("precision", "recall", "density", "coverage"):
        columns[name], columns[f"{name}_null"] = getattr(ours, name), getattr(theirs, name).expand(members)
    other = null[:, half : 2 * half]
    images = variety(samples, training, around=around)
    return columns | {
        "modes": modes(samples[:, :count], training),
        "modes_null": modes(null[:, :count], null_training).expand(members),
        "duplicates": images.duplicates,
        "distinct": images.distinct,
        "distinct_share": images.distinct_share,
        "sliced": sliced_wasserstein(samples[:, :half], other.expand(members, -1, -1), generator=_generator(seed)),
        "sliced_null": sliced_wasserstein(null[:, :half], other, generator=_generator(seed)).expand(members),
        "spread": null.var(1, correction=0).mean(-1).sqrt().expand(members),
    }


def _generator(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)
