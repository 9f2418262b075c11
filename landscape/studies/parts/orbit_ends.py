"""What the ends of a network's orbits add up to: at training images, at spurious attractors, at rest anywhere."""

from __future__ import annotations

import torch
from torch import Tensor

from landscape import measures
from landscape.studies.parts.comparison import Comparison

AT_IMAGE = 0.5  # of the gap between a training image and the nearest other one: an end nearer to it than that is there


def training_radii(points: Tensor, low: float, high: float) -> Tensor:
    """How near to each training point, points (E, N, D), a fixed point is at it: (E, N).

    On the line and in the plane as orbits are judged (`near_radius`); of images half of each one's gap to the next."""
    if points.shape[-1] <= 2:
        return measures.dynamics.near_radius(points, low, high)[:, None].expand(points.shape[:2])
    return AT_IMAGE * measures.neighbours.gaps(points)


def distances(
    found: measures.dynamics.Ends, listed: measures.dynamics.DistinctEnds, against: Comparison
) -> tuple[Tensor, Tensor]:
    """The distance from each end to the nearest training image, and that image: (A,) each."""
    apart, index = measures.nearest(found.points.nan_to_num(), against.training.points)
    here = listed.member.to(apart.device), listed.orbit.to(apart.device)
    return apart[here], index[here]


def relative_distances(distance: Tensor, index: Tensor, member: Tensor, against: Comparison) -> Tensor:
    """Each end's distance to its nearest training image as a share of that image's gap to the next image: (A,).

    Below a half it is at that image and at no other. Networks of every training loss are so judged alike: a bound as near as
    the best of them come would call all ends of the others spurious. The gap of an only image is to the nearest held-out
    one."""
    apart = _gaps(against)
    return (distance / apart[member.to(apart.device), index]).cpu()


def near_training(against: Comparison) -> Tensor:
    """Which held-out images would count as at a training image, were orbits to end there, the null: (E, M)."""
    distance, index = measures.nearest(against.held_out.points, against.training.points)
    return distance < AT_IMAGE * _gaps(against).gather(1, index)


def shares_of_ends(
    found: measures.dynamics.Ends, listed: measures.dynamics.DistinctEnds, relative: Tensor
) -> dict[str, Tensor]:
    """Where orbits end, as shares of the orbits of each member, and what of that attracts: (E,) each.

    `relative` (A,): the ends' relative distances to training images. `spurious` is a share of the orbits at rest, the others
    are of all orbits. An orbit is attracted where small differences shrink at its end: the identity attracts none, though all
    its orbits rest."""
    of, members = listed.of, len(listed.of)
    rests, cycles = (found.period == 1).cpu(), (found.period > 1).cpu()
    distance = torch.cat([relative, relative.new_tensor([torch.inf])])  # the last, at −1: of orbits that end nowhere
    growth = torch.cat([listed.growth.cpu().double(), torch.tensor([torch.nan], dtype=torch.float64)])
    near, grown = rests & (distance[of] < AT_IMAGE), growth[of]
    attracted, attracting = (
        rests & (grown < measures.dynamics.ATTRACTS),
        listed.growth.cpu() < measures.dynamics.ATTRACTS,
    )
    fixed, spurious = listed.period.cpu() == 1, relative >= AT_IMAGE

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


def _gaps(against: Comparison) -> Tensor:
    training, held = against.training.points, against.held_out.points
    return measures.neighbours.gaps(training) if against.training.count > 1 else measures.nearest(training, held)[0]
