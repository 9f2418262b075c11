"""Where orbits lead that have not settled: longer cycles, slow spirals, invariant circles and chaotic sets."""

from __future__ import annotations

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor

from landscape.measures.dynamics.attraction import (
    FOLLOWED,
    MERGE_DISTANCE,
    NEAR_DISTANCE,
    adapted_norms,
    size_in,
)
from landscape.measures.dynamics.attractor_lists import OUTSIDE, SLOW, UNSETTLED
from landscape.measures.dynamics.newton import phases_of, untold
from landscape.measures.dynamics.recurrent import on_set
from landscape.measures.dynamics.watching import ORBITS_AT_A_TIME, Destinations, watch
from landscape.measures.maps import Map, step_of
from landscape.measures.neighbours.distances import nearest

# Iterations.
ROUNDS = 8  # of watching, at most
EUCLIDEAN_ITERATIONS = 64  # after which an orbit that turns around an attractor is nearer in the Euclidean norm


@torch.no_grad()
def destinations(
    model: Map,
    ends: Float[Tensor, "ends dim"],
    listed: Destinations,
    side: float,
    tell: Callable[[float], None] = untold,
) -> Destinations:
    """The attractors that the `ends` of orbits that still move lead to, for a map in float64 of one member.

    `listed` has the attractors known so far; others are added. `side` is the length of the range. `tell` hears the share of the
    work done.

    1. An end that nears a fixed point or cycle in the adapted norm belongs to it; farther than 0.01 of the range it is SLOW.
    2. Up to 64 of the other ends, drawn at random, are iterated 840 times and then watched for 2048 iterations. In many
       dimensions only a few of them are watched in one round, as their points must fit into memory.
    3. Watched orbits show new attractors: cycles of up to 512 (`watching`), fixed points and cycles with spirals around them
       (`_spirals`), circles and chaotic sets (`recurrent_sets`).
    4. All ends without a label are compared with the new attractors.
    5. Steps 2 to 4 are repeated, at most 8 times, until no end is left or nothing new is seen.

    Ends without an attractor stay UNSETTLED. Orbits of area-preserving maps are among them: no set there attracts."""
    label = torch.full((len(ends),), UNSETTLED, device=ends.device)
    found = Destinations(label, listed.points, listed.period, listed.radius)
    of_set = torch.full_like(found.label, -1)
    _near(model, found, ends, torch.arange(len(found.points), device=ends.device), side)
    chance = torch.randperm(len(ends), generator=torch.Generator().manual_seed(0)).to(ends.device)
    for turn in range(ROUNDS):

        def part(share: float, turn: int = turn) -> None:
            tell((turn + share) / ROUNDS)

        part(0.0)
        chance = chance[(found.label[chance] == UNSETTLED) & (of_set[chance] < 0)]
        if not len(chance):
            break
        before, sets = len(found.points), len(found.sets)
        seen = watch(model, found, ends[chance[:ORBITS_AT_A_TIME]], side, part)
        if (before, sets) == (len(found.points), len(found.sets)):
            break
        for place in range(sets, len(found.sets)):
            of_set[chance[on_set(model, found.sets[place], ends[chance], side)]] = place
        held = found.label.clone()
        found.label[of_set >= 0] = OUTSIDE  # so that `_near` passes them over
        _near(model, found, ends, torch.arange(before, len(found.points), device=ends.device), side)
        found.label = torch.where(of_set >= 0, held, found.label)
        chance = torch.cat([chance[:ORBITS_AT_A_TIME][~seen], chance[ORBITS_AT_A_TIME:]])
    found.label = torch.where(of_set >= 0, len(found.points) + of_set, found.label)
    return found


def _near(model: Map, found: Destinations, ends: Tensor, which: Tensor, side: float) -> None:
    """Label the ends without a label that near one of the points in the rows `which`, or SLOW where they are still far."""
    for length in torch.unique(found.period[which]).tolist():
        own = which[found.period[which] == length]
        left = (found.label == UNSETTLED).nonzero()[:, 0]
        if not len(left):
            return
        phases = phases_of(model, found.points[own], length - 1)
        place = nearest(ends[None, left], phases.flatten(0, 1)[None])[1][0]
        at, of = phases.flatten(0, 1)[place], own[place % len(own)]
        norms = adapted_norms(model, phases.flatten(0, 1), length, side)[place]
        nearing = _nears(model, ends[left], at, norms, length, side)
        near = (ends[left] - at).abs().amax(-1) <= NEAR_DISTANCE * side
        found.label[left] = torch.where(nearing, torch.where(near, of, SLOW), UNSETTLED)


def _nears(model: Map, ends: Tensor, at: Tensor, norms: Tensor, period: int, side: float) -> Tensor:
    """Which orbits come nearer to a point of period p at every return for 840 iterations, in its norm, or arrive there.

    The Euclidean norm, which stands for the adapted one above D = 128, is compared every 64 iterations."""
    step, nears = step_of(model), torch.ones(len(ends), dtype=torch.bool, device=ends.device)
    size, under_way = size_in(norms, ends - at), torch.arange(len(ends), device=ends.device)
    apart = period if norms.shape[-1] == ends.shape[-1] else period * -(-EUCLIDEAN_ITERATIONS // period)
    for _ in range(max(2, FOLLOWED // apart)):
        for _ in range(apart):
            ends = step(ends[None])[0]
        later = size_in(norms[under_way], ends - at[under_way])
        nears[under_way] = (later < size[under_way]) | (later <= MERGE_DISTANCE * side)
        kept = nears[under_way] & (later > MERGE_DISTANCE * side)
        size[under_way] = later
        under_way, ends = under_way[kept], ends[kept]
        if not len(under_way):
            break
    return nears
