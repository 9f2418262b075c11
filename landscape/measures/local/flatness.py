"""How step-like a map is: slopes along lines, flat shares, plateaus and the steps between them."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from landscape.cube import line
from landscape.measures.gate import gated
from landscape.measures.local.jacobian import (
    jacobian_at,
    jacobian_before_squash,
    jacobian_block,
    jacobian_numbers,
    operator_norm,
)
from landscape.measures.local.tangents import pushed
from landscape.measures.maps import Map, blockwise, doubled, numbers_per_point, per_member

FLAT = 0.1  # a slope below τ is flat: a step of input of size δ then moves the output by less than a tenth of it
STEEPEST = 0.1  # the part of a line whose share of the variation says how sharp the steps are
ENDS = Float[Tensor, "members *lines dim"]


@dataclass(frozen=True, eq=False)
class Plateaus:
    """Flat runs along a line, per member (and line): the flat share of the line, the number of runs, and the length of the
    run at its start and at its end as shares of the line (0 where the end is not flat). A jump between two points ends a run
    though every slope be flat, as in the nearest-neighbour memoriser. NaN where a slope is."""

    share: Float[Tensor, "members *lines"]
    number: Int[Tensor, "members *lines"]
    width_start: Float[Tensor, "members *lines"]
    width_end: Float[Tensor, "members *lines"]


@dataclass(frozen=True, eq=False)
class StepSharpness:
    """How sharp the steps along a line are, per member (and line).

    `largest` is the steepest secant slope between neighbouring points (at a jump it grows with their number); `steepest` the
    share of the output's variation within the steepest tenth of the line: 0.1 for an affine map, 1 for a step, NaN where the
    output does not vary."""

    largest: Float[Tensor, "members *lines"]
    steepest: Float[Tensor, "members *lines"]


@gated("start", "end")
@torch.no_grad()
def slopes_along(model: Map, start: ENDS, end: ENDS, count: int) -> Float[Tensor, "members *lines count"]:
    """‖J v‖ at `count` points from start to end, v the unit vector along the line: (E, count), or (E, L, count) for L lines.

    Exact: the tangent is carried through the net."""
    points = line(start, end, count)
    unit = (end - start) / torch.linalg.vector_norm(end - start, dim=-1, keepdim=True)
    tangents = unit[..., None, :].expand_as(points)
    pairs = torch.cat([_flattened(points, model), _flattened(tangents, model)], -1)
    return blockwise(_tangent_norm, model, pairs, 3 * numbers_per_point(model)).view(points.shape[:-1])


@gated("points")
@torch.no_grad()
def flat_share(model: Map, points: Tensor, tau: float = FLAT) -> Float[Tensor, "members"]:
    """The share of `points`, (P, D) or (E, P, D), at which the operator norm of the Jacobian is below τ: (E,).

    NaN where a Jacobian is not finite."""

    def norm(member: Map, some: Tensor) -> Tensor:
        return operator_norm(jacobian_block(member, some))

    norms = blockwise(norm, model, per_member(model, points), jacobian_numbers(model))
    return (norms < tau).to(norms).masked_fill(norms.isnan(), torch.nan).mean(-1)


@gated("points")
@torch.no_grad()
def dead_share(model: Map, points: Tensor) -> Float[Tensor, "members"]:
    """The share of `points` where the Jacobian before the output squash is exactly zero: (E,).

    Raises ValueError unless the map is an ensemble or a control."""

    def dead(member: Map, some: Tensor) -> Tensor:
        return (jacobian_before_squash(member, some) == 0).all(-1).all(-1)

    return blockwise(dead, model, per_member(model, points), jacobian_numbers(model)).float().mean(-1)


@gated("data")
@torch.no_grad()
def plateau_width(
    model: Map, data: Float[Tensor, "members data 1"], low: float, high: float, count: int = 2001, tau: float = FLAT
) -> Float[Tensor, "members data"]:
    """Width of the flat interval of [low, high] around each training point on the line, after the output squash: (E, N).

    0 where the slope at the point is τ or more; a jump ends it. In units of the input; exact to the grid of `count` points."""
    axis = torch.linspace(low, high, count, dtype=data.dtype, device=data.device)
    steep = ~(jacobian_at(model, axis[:, None])[..., 0, 0].abs() < tau)
    ends = axis[[0, -1], None].expand(model.members, 2, 1)
    jump = ~(_secants(model, ends[:, 0], ends[:, 1], count) < tau) & ~steep[:, 1:] & ~steep[:, :-1]
    steep[:, :-1] |= jump
    steep[:, 1:] |= jump
    slope = jacobian_at(model, data)[..., 0, 0].abs()
    spot = data[..., 0]
    right = torch.searchsorted(axis, spot.contiguous(), right=True)  # the first grid point right of the data point
    last_steep = _running(steep, axis, -torch.inf)  # at k: the last steep grid point among 0 … k−1
    next_steep = -_running(steep.flip(-1), -axis.flip(0), -torch.inf).flip(-1)  # at k: the first among k …
    step = (high - low) / (count - 1) / 2  # a plateau ends about midway to the first steep grid point
    left_end = (last_steep.gather(-1, right) + step).clamp_min(low).minimum(spot)
    right_end = (next_steep.gather(-1, right) - step).clamp_max(high).maximum(spot)
    return torch.where(slope < tau, right_end - left_end, 0.0).masked_fill(slope.isnan(), torch.nan)


@gated("start", "end")
@torch.no_grad()
def plateaus_along(model: Map, start: ENDS, end: ENDS, count: int, tau: float = FLAT) -> Plateaus:
    """The flat runs of slopes_along between two points: (E,) each, or (E, L) for L lines."""
    slopes = slopes_along(model, start, end, count)
    flat, broken = slopes < tau, slopes.isnan().any(-1)
    joined = flat[..., 1:] & flat[..., :-1] & (_secants(model, start, end, count) < tau)
    begins = flat.clone()
    begins[..., 1:] &= ~joined
    lengths = (flat.float().mean(-1), _leading(flat, joined), _leading(flat.flip(-1), joined.flip(-1)))
    share, at_start, at_end = (length.masked_fill(broken, torch.nan) for length in lengths)
    return Plateaus(share, begins.sum(-1), at_start, at_end)


@gated("start", "end")
@torch.no_grad()
def step_sharpness(model: Map, start: ENDS, end: ENDS, count: int) -> StepSharpness:
    """How sharp the map's steps between two points are, from its values at `count` points: (E,) each, or (E, L) for L lines.

    Differences of values, not slopes, so that a jump between two points is seen."""
    secants = _secants(model, start, end, count)
    return StepSharpness(secants.amax(-1), _share_of_top(secants, STEEPEST))


def _secants(model: Map, start: ENDS, end: ENDS, count: int) -> Float[Tensor, "members *lines steps"]:
    """‖f(x′) − f(x)‖ / ‖x′ − x‖ between neighbours of `count` points: (E, count − 1), or (E, L, count − 1) for L lines."""
    points = line(start, end, count)
    values = blockwise(lambda member, some: member(some), model, _flattened(points, model), numbers_per_point(model))
    spacing = torch.linalg.vector_norm(end - start, dim=-1) / (count - 1)
    moves = torch.linalg.vector_norm(values.view(points.shape).diff(dim=-2), dim=-1)
    found: Tensor = moves / spacing[..., None]
    return found


def _flattened(points: Tensor, model: Map) -> Tensor:
    """(E, *lines, count, D) as (E, P, D)."""
    return per_member(model, points.reshape(len(points), -1, points.shape[-1]))


def _tangent_norm(model: Map, pairs: Tensor) -> Tensor:
    length: Tensor = torch.linalg.vector_norm(pushed(model, *pairs.chunk(2, -1)), dim=-1)
    return length


def _running(marked: Bool[Tensor, "members count"], axis: Tensor, nothing: float) -> Tensor:
    """Per member and k = 0 … count: the largest of axis[:k] that is marked, `nothing` where none is."""
    before = torch.where(marked, axis, nothing).cummax(-1).values
    return torch.cat([before.new_full((len(before), 1), nothing), before], -1)


def _leading(flat: Bool[Tensor, "*lines count"], joined: Bool[Tensor, "*lines steps"]) -> Float[Tensor, "*lines"]:
    """Length of the flat run at the beginning, as a share: the run of k points spans k−1 of count−1 steps."""
    return (flat[..., :1] & joined).float().cumprod(-1).mean(-1)


def _share_of_top(moves: Float[Tensor, "*lines steps"], share: float) -> Float[Tensor, "*lines"]:
    """The part of the sum that the largest `share` of the entries carries, the last entry counted in part."""
    ordered = doubled(moves).sort(-1, descending=True).values
    rank = torch.arange(moves.shape[-1], device=ordered.device)
    weight = (share * moves.shape[-1] - rank).clamp(0, 1)
    return ((ordered * weight).sum(-1) / ordered.sum(-1)).to(moves)
