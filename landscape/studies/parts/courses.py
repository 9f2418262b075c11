"""The course of samples under iteration: how far each step goes, when they settle, how near they come to the data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from jaxtyping import Float, Int
from torch import Tensor

from landscape import measures
from landscape.measures.dynamics.iteration import GAP_SHARE
from landscape.measures.neighbours.distances import gaps

# A step below this share of the range, as root mean square over coordinates, is that of a sample at rest.
RESTING_STEP = measures.dynamics.NEAR
# The report plays every iteration up to the 20th, then every tenth, and at most 60 in all.
PLAYED_SINGLY, PLAYED_EVERY, MOST_PLAYED = 20, 10, 60


@dataclass(frozen=True, eq=False)
class Course:
    """M samples under T iterations of x ← f(x). The first S of them are watched at every iteration.

    `residual` (E, T, S): f(x) − x at iterations 0 … T−1, as root mean square over coordinates and as a share of the range.
    `distance` (E, T+1, S): the Euclidean distance to the nearest training point. `burn_in`: as in `settling`.
    `final` (E, M, D): all M samples at iteration T."""

    residual: Float[Tensor, "members iterations watched"]
    distance: Float[Tensor, "members times watched"]
    burn_in: measures.dynamics.BurnIn
    final: Float[Tensor, "members samples dim"]


@torch.no_grad()
def course(
    map: measures.Map,
    starts: Float[Tensor, "members samples dim"],
    iterations: int,
    data: Float[Tensor, "members data dim"],
    *,
    watched: int,
    low: float = 0.0,
    high: float = 1.0,
) -> Course:
    """The course of `starts` (E, M, D) under `map`, of which the first `watched` are watched at every iteration."""
    residuals, distances, before = [], [], None
    for points in measures.iterate(map, starts.to(map.device), iterations):
        some = points[:, :watched]
        if before is not None:
            residuals.append((some - before).square().mean(-1).sqrt() / (high - low))
        distances.append(measures.nearest(some, data)[0])
        before = some
    residual = torch.stack(residuals, 1)
    return Course(residual, torch.stack(distances, 1), settling(residual), points)


def settling(residual: Float[Tensor, "members iterations watched"]) -> measures.dynamics.BurnIn:
    """The burn-in of samples, from their residuals at iterations 0 … T−1: (E,) each.

    1. A step is short if it is below 0.02 of the range, as root mean square over coordinates.
    2. A sample has settled at the first iteration after which all its steps are short. It never settles if the last is long.
    3. The burn-in is the first iteration by which at least 95 % of the samples that ever settle have settled. If no sample
       settles, it is T and censored.

    A slow drift counts as settled. A cycle with longer steps does not."""
    short = residual < RESTING_STEP
    return measures.dynamics.burn_in(torch.cat([short, short[:, -1:]], 1))


def image_radius(
    data: Float[Tensor, "members data dim"], low: float = 0.0, high: float = 1.0
) -> Float[Tensor, "members"]:
    """The distance within which a sample is near a training image: (E,).

    It is 0.02 of the range in each coordinate, 0.02·(high − low)·√D in all, but at most a quarter of the smallest gap between
    training images."""
    return (GAP_SHARE * gaps(data).amin(-1)).clamp_max(RESTING_STEP * (high - low) * data.shape[-1] ** 0.5)


def shown(
    map: measures.Map,
    starts: Float[Tensor, "members samples dim"],
    iterations: int,
    noise: measures.Noise,
    generator: torch.Generator,
    low: float = 0.0,
    high: float = 1.0,
) -> Iterator[Float[Tensor, "members samples dim"]]:
    """Yield the starts, then the image f(x) of each iteration before noise is added to it, as the paper shows it: (E, S, D).

    The noise itself is not shown: it would count as movement, and near a border between training points as jumps, although f
    removes most of it."""
    yield starts
    for image, _ in under_noise(map, starts, iterations, noise, generator, low, high):
        yield image


def under_noise(
    map: measures.Map,
    starts: Float[Tensor, "members samples dim"],
    iterations: int,
    noise: measures.Noise,
    generator: torch.Generator,
    low: float = 0.0,
    high: float = 1.0,
) -> Iterator[tuple[Float[Tensor, "members samples dim"], Float[Tensor, "members samples dim"]]]:
    """Yield the image f(x) of each iteration, and that plus noise, clamped to the box as in the paper's code: (E, S, D) each.

    The next iteration begins at the second."""
    points = starts
    for amplitude in noise.amplitudes(iterations):
        with torch.no_grad():
            image = map(points)
            added = noise.draw(tuple(image.shape), amplitude, generator, low, high).to(image)
            points = (image + added).clamp(low, high)
        yield image, points


def agreement(
    starts: Int[Tensor, "members starts"], ends: Int[Tensor, "members starts"]
) -> tuple[Float[Tensor, "members"], Float[Tensor, "members"]]:
    """The share of samples that end in the class of their start, and its mean over all shuffles of the starts' classes: (E,)
    twice. An end of class −1 agrees with no start."""
    starts, ends = measures.transfer.on_cpu({"starts": starts, "ends": ends}).values()
    classes = torch.arange(int(starts.max()) + 1)
    first = (starts[..., None] == classes).double().mean(1)
    last = (ends[..., None] == classes).double().mean(1)
    return (starts == ends).double().mean(1), (first * last).sum(-1)


def frames(iterations: int) -> list[int]:
    """The iterations that the report plays: all up to 20, then every tenth, and the last; thinned if they are more than 60."""
    later = np.arange(PLAYED_SINGLY + PLAYED_EVERY, iterations, PLAYED_EVERY)
    room = MOST_PLAYED - PLAYED_SINGLY - 2
    if len(later) > room:
        later = later[np.linspace(0, len(later) - 1, room).round().astype(int)]
    return [*range(min(PLAYED_SINGLY, iterations - 1) + 1), *later.tolist(), iterations]


def levels(points: Tensor, low: float, high: float) -> np.ndarray:
    """Points as bytes, from 0 at `low` to 255 at `high`. Values outside are clipped, and NaN becomes 128."""
    unit = ((points - low) / (high - low)).nan_to_num(0.5).clamp(0, 1)
    return (255 * unit).round().to(torch.uint8).cpu().numpy()


def in_the_end(found: Course, radius: Tensor, kind: str) -> dict[str, Tensor]:
    """The columns on samples of one kind of start at the last iteration: burn-in, share near the data, distance: (E,) each."""
    away = found.distance[:, -1]
    return burnt_in(found.burn_in, kind) | {
        f"near_{kind}": (away <= radius[:, None]).float().mean(-1),
        f"distance_{kind}": away.nanmedian(-1).values,
    }


def burnt_in(found: measures.dynamics.BurnIn, kind: str) -> dict[str, Tensor]:
    """The columns on the burn-in of samples of one kind of start: (E,) each."""
    return {
        f"burn_in_{kind}": found.value,
        f"burn_in_{kind}_censored": found.censored,
        f"settled_{kind}": found.settled,
    }


def by_course(found: Course, radius: Tensor, kind: str) -> pd.DataFrame:
    """A table with a row per member and iteration: medians over samples, and the share near a training point."""
    residual = found.residual.nanmedian(-1).values
    series = {
        "residual": torch.cat([residual, torch.full_like(residual[:, :1], torch.nan)], 1),
        "distance": found.distance.nanmedian(-1).values,
        "near": (found.distance <= radius[:, None, None]).float().mean(-1),
    }
    return by_iteration(series).assign(start=kind)


def by_iteration(series: dict[str, Tensor]) -> pd.DataFrame:
    """Series (E, T+1) as a table with a row per member and iteration."""
    members, times = next(iter(series.values())).shape
    keys = {"member": np.repeat(np.arange(members), times), "iteration": np.tile(np.arange(times), members)}
    return pd.DataFrame(
        keys | {name: value.flatten().numpy() for name, value in measures.transfer.on_cpu(series).items()}
    )
