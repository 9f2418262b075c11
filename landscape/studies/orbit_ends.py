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
    place = of.clamp_min(0)
    padded = torch.cat([listed.distance.cpu(), torch.tensor([torch.inf])])  # where no orbit ends anywhere
    near = rests & (padded[torch.where(of < 0, len(padded) - 1, place)] <= radius[:, None])
    growth = torch.cat([listed.growth.cpu().double(), torch.tensor([torch.nan], dtype=torch.float64)])
    grown = growth[torch.where(of < 0, len(growth) - 1, place)]
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
