"""The course of samples of image-size maps: how far each step goes, when they settle, how near the data, where they jump."""

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

STILL = (
    measures.dynamics.NEAR
)  # of the range, root mean square over coordinates: shorter steps are those of a sample at rest

ONE_BY_ONE, EVERY, FRAMES = 20, 10, 60  # the report plays each iteration up to 20, then every tenth, 60 at most


@dataclass(frozen=True, eq=False)
class Course:
    """Samples under T iterations of x ← f(x): M of them, the first S watched all the way.

    `residual` (E, T, S): |f(x) − x| at iterations 0 … T−1, root mean square over coordinates as a share of the range;
    `distance` (E, T+1, S): Euclidean, to the nearest training point; `burn_in`: by `settling`; `final` (E, M, D)."""

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
    """What becomes of `starts` under `map`."""
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
    """The burn-in of samples known by their residuals at iterations 0 … T−1: (E,) each.

    A sample has settled from the first iteration after which all its steps are short, below 0.02 of the range in the root mean
    square over coordinates; where the last one is long it has not. The burn-in is the first B from which ≥ 95 % of those that
    finally settle have settled, T and censored where none does. A slow drift counts as settled; a cycle does not."""
    short = residual < STILL
    return measures.dynamics.burn_in(torch.cat([short, short[:, -1:]], 1))


def image_radius(
    data: Float[Tensor, "members data dim"], low: float = 0.0, high: float = 1.0
) -> Float[Tensor, "members"]:
    """How near to a training image counts as there: 0.02 of the range in each coordinate, 0.02·(high − low)·√D, at most a
    quarter of the smallest gap: (E,)."""
    return (GAP_SHARE * gaps(data).amin(-1)).clamp_max(STILL * (high - low) * data.shape[-1] ** 0.5)


def shown(
    map: measures.Map,
    starts: Float[Tensor, "members samples dim"],
    iterations: int,
    noise: measures.Noise,
    generator: torch.Generator,
    low: float = 0.0,
    high: float = 1.0,
) -> Iterator[Float[Tensor, "members samples dim"]]:
    """The starts, then at each iteration of x ← f(x) + ε the image f(x) before its noise, as the paper shows it: (E, S, D).

    The noise of a shown image would be counted as movement, and near a border between training points as jumps; f takes most
    of it away. Noisy points are clamped to the box, as in the paper's code."""
    yield starts
    points = starts
    for amplitude in noise.amplitudes(iterations):
        with torch.no_grad():
            image = map(points)
            added = noise.draw(tuple(image.shape), amplitude, generator, low, high).to(image)
            points = (image + added).clamp(low, high)
        yield image


def agreement(
    starts: Int[Tensor, "members starts"], ends: Int[Tensor, "members starts"]
) -> tuple[Float[Tensor, "members"], Float[Tensor, "members"]]:
    """The share of samples whose class at the end is that of the start, and its mean over all ways of shuffling the starts'
    labels: (E,) twice. Class −1 at an end agrees with none."""
    starts, ends = measures.transfer.on_cpu({"starts": starts, "ends": ends}).values()
    classes = torch.arange(int(starts.max()) + 1)
    first = (starts[..., None] == classes).double().mean(1)
    last = (ends[..., None] == classes).double().mean(1)
    return (starts == ends).double().mean(1), (first * last).sum(-1)


def frames(iterations: int) -> list[int]:
    """The iterations that the report plays: each one up to 20, then every tenth, thinned where they are more than 60."""
    later = np.arange(ONE_BY_ONE + EVERY, iterations, EVERY)
    room = FRAMES - ONE_BY_ONE - 2
    if len(later) > room:
        later = later[np.linspace(0, len(later) - 1, room).round().astype(int)]
    return [*range(min(ONE_BY_ONE, iterations - 1) + 1), *later.tolist(), iterations]


def levels(points: Tensor, low: float, high: float) -> np.ndarray:
    """Points as bytes, `low` 0 and `high` 255, clipped; what is no number is in the middle."""
    unit = ((points - low) / (high - low)).nan_to_num(0.5).clamp(0, 1)
    return (255 * unit).round().to(torch.uint8).cpu().numpy()


def in_the_end(found: Course, radius: Tensor, kind: str) -> dict[str, Tensor]:
    """What is known of one kind of start when the iterations are over, by column: (E,) each."""
    away = found.distance[:, -1]
    return burnt_in(found.burn_in, kind) | {
        f"near_{kind}": (away <= radius[:, None]).float().mean(-1),
        f"distance_{kind}": away.nanmedian(-1).values,
    }


def burnt_in(found: measures.dynamics.BurnIn, kind: str) -> dict[str, Tensor]:
    """The burn-in of one kind of start, by column: (E,) each."""
    return {
        f"burn_in_{kind}": found.value,
        f"burn_in_{kind}_censored": found.censored,
        f"settled_{kind}": found.settled,
    }


def by_course(found: Course, radius: Tensor, kind: str) -> pd.DataFrame:
    """A row per member and iteration: medians over samples, and the share near a training point."""
    residual = found.residual.nanmedian(-1).values
    series = {
        "residual": torch.cat([residual, torch.full_like(residual[:, :1], torch.nan)], 1),
        "distance": found.distance.nanmedian(-1).values,
        "near": (found.distance <= radius[:, None, None]).float().mean(-1),
    }
    return by_iteration(series).assign(start=kind)


def by_iteration(series: dict[str, Tensor]) -> pd.DataFrame:
    """Series (E, T+1) as a table, a row per member and iteration."""
    members, times = next(iter(series.values())).shape
    keys = {"member": np.repeat(np.arange(members), times), "iteration": np.tile(np.arange(times), members)}
    return pd.DataFrame(
        keys | {name: value.flatten().numpy() for name, value in measures.transfer.on_cpu(series).items()}
    )
