"""Where the orbits of networks end, in shares: at training images, at spurious attractors, at rest anywhere."""

from __future__ import annotations

import torch
from torch import Tensor

from landscape import measures
from landscape.studies.parts.comparison import Comparison

AT_IMAGE = 0.5  # of a training image's gap to the nearest other: an end that is nearer to the image is at it


def training_radii(points: Tensor, low: float, high: float) -> Tensor:
    """The distance from each training point of `points` (E, N, D) within which a fixed point is at it: (E, N).

    On the line and in the plane this is the radius by which orbits are near (`near_radius`). In more dimensions it is half of
    the training point's gap to the nearest other."""
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
    """Each end's distance to its nearest training image, as a share of that image's gap to the nearest other: (A,).

    Below 0.5 the end is at that image and at no other. This rule suits networks of any training loss: with a radius as small
    as the best networks reach, all ends of the other networks would be spurious. If there is one training image, its gap is
    the distance to the nearest held-out image."""
    apart = _gaps(against)
    return (distance / apart[member.to(apart.device), index]).cpu()


def near_training(against: Comparison) -> Tensor:
    """Which held-out images would be at a training image if orbits ended there, the null of `at_training`: (E, M)."""
    distance, index = measures.nearest(against.held_out.points, against.training.points)
    return distance < AT_IMAGE * _gaps(against).gather(1, index)


def shares_of_ends(
    found: measures.dynamics.Ends, listed: measures.dynamics.DistinctEnds, relative: Tensor
) -> dict[str, Tensor]:
    """Where each member's orbits end, and how many of them are attracted: (E,) each.

    `relative` (A,) are the ends' relative distances to training images. `spurious` is a share of the orbits at rest; the other
    shares are of all orbits. An orbit is attracted if small differences shrink at its end: the identity attracts none, although
    all its orbits rest. `ends` and `attractors` are numbers of different ends at rest; `growth` and `moved` are medians."""
    of, members = listed.of, len(listed.of)
    rests, cycles = (found.period == 1).cpu(), (found.period > 1).cpu()
    # The last number of `distance` and `growth`, at index −1, is for orbits that end nowhere.
    distance = torch.cat([relative, relative.new_tensor([torch.inf])])
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
