"""How step-like a map is: slopes along lines, flat shares, plateaus, and how sharp the steps between them are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from landscape.cube import line
from landscape.facts import Shown
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
from landscape.measures.tables import unrolled

if TYPE_CHECKING:
    import pandas as pd

FLAT = 0.1  # τ: a slope below it is flat, as a step of size δ then moves the output by less than δ/10
STEEPEST_SHARE = 0.1  # of a line: the share of the variation that it carries says how sharp the steps are
ENDS = Float[Tensor, "members *lines dim"]


@dataclass(frozen=True, eq=False, repr=False)
class Plateaus(Shown):
    """The flat runs along a line: (E,) each, or (E, L) for L lines.

    - `share`: the share of the line's points at which the slope is flat.
    - `number`: the number of flat runs.
    - `width_start` and `width_end`: the length of the run at either end of the line, as a share of the line; 0 if that end is
      not flat.

    A jump between two neighbouring points ends a run, even if the slope is flat at both, as for the nearest-neighbour
    memoriser. Shares and widths are NaN if a slope is NaN."""

    share: Float[Tensor, "members *lines"]
    number: Int[Tensor, "members *lines"]
    width_start: Float[Tensor, "members *lines"]
    width_end: Float[Tensor, "members *lines"]

    def table(self) -> pd.DataFrame:
        """A row per member, or per member and line: member, line (for several lines), share, number, width_start, width_end."""
        return unrolled(vars(self), "line")


@dataclass(frozen=True, eq=False, repr=False)
class StepSharpness(Shown):
    """How sharp the steps along a line are: (E,) each, or (E, L) for L lines.

    - `largest`: the largest secant slope between neighbouring points. At a jump it grows with the number of points.
    - `steepest`: the share of the output's variation within the steepest tenth of the line. It is 0.1 for an affine map, 1 for
      a step, and NaN where the output does not vary."""

    largest: Float[Tensor, "members *lines"]
    steepest: Float[Tensor, "members *lines"]

    def table(self) -> pd.DataFrame:
        """A row per member, or per member and line: member, line (for several lines), largest, steepest."""
        return unrolled(vars(self), "line")


@gated("start", "end")
@torch.no_grad()
def slopes_along(model: Map, start: ENDS, end: ENDS, count: int) -> Float[Tensor, "members *lines count"]:
    """The slope ‖J v‖ at `count` points from start to end, v the unit vector along the line: (E, count), or (E, L, count).

    `start` and `end` are (E, D), or (E, L, D) for L lines. Exact up to rounding, by Jacobian–vector products."""
    points = line(start, end, count)
    unit = (end - start) / torch.linalg.vector_norm(end - start, dim=-1, keepdim=True)
    tangents = unit[..., None, :].expand_as(points)
    pairs = torch.cat([_flattened(points, model), _flattened(tangents, model)], -1)
    return blockwise(_tangent_norm, model, pairs, 3 * numbers_per_point(model)).view(points.shape[:-1])


@gated("points", positional_once=("tau",))
@torch.no_grad()
def flat_share(model: Map, points: Tensor, *, tau: float = FLAT) -> Float[Tensor, "members"]:
    """The share of `points`, (P, D) or (E, P, D), at which the operator norm of the Jacobian is below τ: (E,).

    NaN if a Jacobian of the member is not finite."""

    def norm(member: Map, some: Tensor) -> Tensor:
        return operator_norm(jacobian_block(member, some))

    norms = blockwise(norm, model, per_member(model, points), jacobian_numbers(model))
    return (norms < tau).to(norms).masked_fill(norms.isnan(), torch.nan).mean(-1)


@gated("points")
@torch.no_grad()
def dead_share(model: Map, points: Tensor) -> Float[Tensor, "members"]:
    """The share of `points`, (P, D) or (E, P, D), where the Jacobian before the output squash is exactly zero: (E,).

    Raises ValueError unless the map is an ensemble or a control."""

    def dead(member: Map, some: Tensor) -> Tensor:
        return (jacobian_before_squash(member, some) == 0).all(-1).all(-1)

    return blockwise(dead, model, per_member(model, points), jacobian_numbers(model)).float().mean(-1)


@gated("data", positional_once=("low", "high", "count", "tau"))
@torch.no_grad()
def plateau_width(
    model: Map, data: Float[Tensor, "members data 1"], *, low: float, high: float, count: int = 2001, tau: float = FLAT
) -> Float[Tensor, "members data"]:
    """The width of the flat interval around each training point of a map of one dimension: (E, N), in units of the input.

    The interval is part of [low, high]. It ends where the slope |f′| of the map (after the output squash) is τ or more, and at
    a jump. The width is 0 where the slope at the training point is τ or more, and NaN where that slope is NaN. Its ends are
    known to half a step of the grid of `count` points."""
    axis = torch.linspace(low, high, count, dtype=data.dtype, device=data.device)
    steep = ~(jacobian_at(model, axis[:, None])[..., 0, 0].abs() < tau)
    ends = axis[[0, -1], None].expand(model.members, 2, 1)
    jump = ~(_secants(model, ends[:, 0], ends[:, 1], count) < tau) & ~steep[:, 1:] & ~steep[:, :-1]
    steep[:, :-1] |= jump
    steep[:, 1:] |= jump
    slope = jacobian_at(model, data)[..., 0, 0].abs()
    spot = data[..., 0]
    right = torch.searchsorted(axis, spot.contiguous(), right=True)  # the first grid point right of the data point
    last_steep = _running(steep, axis, -torch.inf)  # at k: the last steep point among the grid points 0 … k−1
    next_steep = -_running(steep.flip(-1), -axis.flip(0), -torch.inf).flip(-1)  # at k: the first steep point among k …
    step = (high - low) / (count - 1) / 2  # a plateau is taken to end midway to the first steep grid point
    left_end = (last_steep.gather(-1, right) + step).clamp_min(low).minimum(spot)
    right_end = (next_steep.gather(-1, right) - step).clamp_max(high).maximum(spot)
    return torch.where(slope < tau, right_end - left_end, 0.0).masked_fill(slope.isnan(), torch.nan)


@gated("start", "end", positional_once=("tau",))
@torch.no_grad()
def plateaus_along(model: Map, start: ENDS, end: ENDS, count: int, *, tau: float = FLAT) -> Plateaus:
    """The flat runs between two points, from the slopes at `count` points: (E,) each, or (E, L) for L lines.

    `start` and `end` are (E, D), or (E, L, D)."""
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
    """How sharp the steps between two points are, from the map's values at `count` points: (E,) each, or (E, L) for L lines.

    `start` and `end` are (E, D), or (E, L, D). Differences of values are used, not slopes, so that jumps count."""
    secants = _secants(model, start, end, count)
    return StepSharpness(secants.amax(-1), _share_of_top(secants, STEEPEST_SHARE))


def _secants(model: Map, start: ENDS, end: ENDS, count: int) -> Float[Tensor, "members *lines steps"]:
    """The secant slopes ‖f(x′) − f(x)‖ / ‖x′ − x‖ between neighbouring points: (E, count − 1), or (E, L, count − 1)."""
    points = line(start, end, count)
    values = blockwise(lambda member, some: member(some), model, _flattened(points, model), numbers_per_point(model))
    spacing = torch.linalg.vector_norm(end - start, dim=-1) / (count - 1)
    moves = torch.linalg.vector_norm(values.view(points.shape).diff(dim=-2), dim=-1)
    secants: Tensor = moves / spacing[..., None]
    return secants


def _flattened(points: Tensor, model: Map) -> Tensor:
    """Points (E, *lines, count, D) as (E, P, D), on the map's device and in its precision."""
    return per_member(model, points.reshape(len(points), -1, points.shape[-1]))


def _tangent_norm(model: Map, pairs: Tensor) -> Tensor:
    """‖J v‖ for pairs of a point and a tangent (E, P, 2 D): (E, P)."""
    length: Tensor = torch.linalg.vector_norm(pushed(model, *pairs.chunk(2, -1)), dim=-1)
    return length


def _running(marked: Bool[Tensor, "members count"], axis: Tensor, nothing: float) -> Tensor:
    """The largest marked value among axis[:k], for k = 0 … count, or `nothing` if none is marked: (E, count + 1)."""
    before = torch.where(marked, axis, nothing).cummax(-1).values
    return torch.cat([before.new_full((len(before), 1), nothing), before], -1)


def _leading(flat: Bool[Tensor, "*lines count"], joined: Bool[Tensor, "*lines steps"]) -> Float[Tensor, "*lines"]:
    """The length of the flat run at the beginning, as a share of the line: a run of k points spans k−1 of count−1 steps."""
    return (flat[..., :1] & joined).float().cumprod(-1).mean(-1)


def _share_of_top(moves: Float[Tensor, "*lines steps"], share: float) -> Float[Tensor, "*lines"]:
    """The part of the sum that the largest entries carry, a `share` of all entries; the last of these counts in part."""
    ordered = doubled(moves).sort(-1, descending=True).values
    rank = torch.arange(moves.shape[-1], device=ordered.device)
    weight = (share * moves.shape[-1] - rank).clamp(0, 1)
    return ((ordered * weight).sum(-1) / ordered.sum(-1)).to(moves)
