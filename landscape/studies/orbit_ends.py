"""What the ends of a network's orbits add up to: at training images, at spurious attractors, at rest anywhere."""

from __future__ import annotations

import torch
from torch import Tensor

from landscape import measures


def shares_of_ends(found: measures.Ends, listed: measures.Attractors, radius: Tensor) -> dict[str, Tensor]:
    """Where orbits end, as shares of the orbits of each member, and what of that attracts: (E,) each.

    `spurious` is a share of the orbits at rest, the others are of all orbits. An orbit is attracted where small differences
    shrink at its end: the identity attracts none, though all its orbits rest."""
    of, members = listed.of, len(listed.of)
    rests, cycles = (found.period == 1).cpu(), (found.period > 1).cpu()
    distance = torch.cat(
        [listed.distance.cpu(), torch.tensor([torch.inf])]
    )  # the last, at −1: of orbits that end nowhere
    growth = torch.cat([listed.growth.cpu().double(), torch.tensor([torch.nan], dtype=torch.float64)])
    near, grown = rests & (distance[of] <= radius[:, None]), growth[of]
    attracted, attracting = rests & (grown < measures.ATTRACTS), listed.growth.cpu() < measures.ATTRACTS
    fixed, spurious = listed.period.cpu() == 1, listed.distance.cpu() > radius[listed.member]

    def counted(chosen: Tensor) -> Tensor:
        return torch.bincount(listed.member[chosen], minlength=members).double()

    return {
        "at_rest": rests.double().mean(1),
        "cycling": cycles.double().mean(1),
        "at_training": near.double().mean(1),
        "spurious": (rests & ~near).sum(1) / rests.sum(1).double(),
        "attracted": attracted.double().mean(1),
        "attracted_spurious": (attracted & ~near).double().mean(1),
        "ends": counted(fixed),
        "attractors": counted(fixed & attracting),
        "spurious_attractors": counted(fixed & attracting & spurious),
        "growth": grown.nanmedian(1).values,
        "moved": found.moved.median(1).values.cpu(),
    }
