"""The largest loss over the corners of a cube of many dimensions, by a search: a lower bound."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

from landscape.measures.gate import gated
from landscape.measures.local.loss import loss_and_slope, loss_at
from landscape.measures.maps import Map, blockwise, doubled, in_double, numbers_per_point, per_member

MOST_FLIPS = 200  # attempts of an ascent by gradients
POLISHED = 4  # ends of the ascents whose neighbours are all evaluated
ROUNDS = 20  # of that evaluation, each followed by another ascent, at most


@gated()
@torch.no_grad()
def corner_ascent(
    model: Map,
    *,
    generator: torch.Generator,
    low: float = 0.0,
    high: float = 1.0,
    restarts: int = 32,
    rounds: int = ROUNDS,
) -> tuple[Float[Tensor, "members"], Float[Tensor, "members dim"]]:
    """The highest loss over the corners of [low, high]^D that a search reaches, in float64, and its corner: (E,) and (E, D).

    A lower bound of the maximum over all 2^D corners, for any D; up to D = 30 `corner_loss` evaluates them all.

    1. Starts are `restarts` random corners, and the corner opposite to the image of the centre.
    2. The gradient of the loss predicts how much it rises if a coordinate moves to the other end of its range. The
       coordinates that promise most are moved together; the move is kept only if the loss rises. At first half of the
       coordinates that promise anything are moved, after a failure half as many, after a success twice as many.
    3. Of the best 4 ends, all D neighbouring corners are evaluated. From the best neighbour, step 2 is repeated, up to
       `rounds` times, until no neighbour is higher. This takes longest for networks of many coordinates.

    The value is NaN for a diverged member. Raises ValueError for no restart, and for `rounds` below 0."""
    if restarts < 1:
        raise ValueError(f"`restarts` must be at least 1; got {restarts}")
    if rounds < 0:
        raise ValueError(f"`rounds` must be 0 or more; got {rounds}")
    drawn = torch.randint(2, (model.members, restarts, model.dim), generator=generator)
    middle = per_member(model, torch.full((1, model.dim), (low + high) / 2))
    opposite = model(middle) < (low + high) / 2
    places = torch.cat([drawn.to(opposite.device).bool(), opposite], 1)
    numbers = 4 * numbers_per_point(model)

    def climb(member: Map, some: Tensor) -> Tensor:
        return _climbed(member, some, low, high)

    points = blockwise(climb, model, per_member(model, low + (high - low) * places.to(middle)), numbers)
    best = loss_at(model, points).nan_to_num(-torch.inf).topk(min(POLISHED, points.shape[1])).indices
    tops = points.gather(1, best[..., None].expand(-1, -1, model.dim))
    rose = torch.ones(tops.shape[:2], dtype=torch.bool, device=tops.device)
    for _ in range(rounds):
        moved, rose = _neighbours(model, tops, rose.any(0), low, high)
        if not bool(rose.any()):
            break
        tops = torch.where(rose[..., None], blockwise(climb, model, moved, numbers), tops)
    exact = in_double(model)
    ends = doubled(tops).to(exact.device)
    values, place = blockwise(_loss, exact, ends, numbers).nan_to_num(-torch.inf).max(-1)
    where = ends[torch.arange(model.members, device=ends.device), place].to(middle)
    return values.masked_fill(values == -torch.inf, torch.nan), where


def _loss(model: Map, points: Tensor) -> Tensor:
    return (model(points) - points).square().mean(-1)


def _climbed(model: Map, points: Tensor, low: float, high: float) -> Tensor:
    """The corners that step 2 of `corner_ascent` leads to from corners `points`: (E, P, D)."""
    value, slope = loss_and_slope(model, points)
    count = torch.full_like(value, model.dim // 2).clamp_min(1)
    for _ in range(MOST_FLIPS):
        other = low + high - points
        gain = slope * (other - points)
        order = gain.argsort(-1, descending=True).argsort(-1)
        flips = (order < count[..., None]) & (gain > 0)
        open_ = flips.any(-1) & (count >= 1)
        if not bool(open_.any()):
            break
        tried = torch.where(flips, other, points)
        new_value, new_slope = loss_and_slope(model, tried)
        rose = open_ & (new_value > value)
        points, slope = (torch.where(rose[..., None], new, old) for new, old in ((tried, points), (new_slope, slope)))
        value = torch.where(rose, new_value, value)
        count = torch.where(rose, (2 * count).clamp_max(model.dim), (count / 2).floor())
    return points


def _neighbours(model: Map, points: Tensor, open_: Tensor, low: float, high: float) -> tuple[Tensor, Tensor]:
    """The best neighbour of each corner, which differs in one coordinate, and whether its loss is higher: (E, P, D), (E, P).

    Only corners that are `open_` (P,) are tried. The others have been tried before, and have no higher neighbour."""
    value, moved, rose = loss_at(model, points), [], []
    flips = torch.eye(model.dim, dtype=torch.bool, device=points.device)
    for place in range(points.shape[1]):
        if not bool(open_[place]):
            moved.append(points[:, place])
            rose.append(torch.zeros_like(value[:, place], dtype=torch.bool))
            continue
        here = points[:, place, None]
        around = torch.where(flips, low + high - here, here)
        best, which = loss_at(model, around).nan_to_num(-torch.inf).max(-1)
        moved.append(around[torch.arange(model.members, device=points.device), which])
        rose.append(best > value[:, place])
    return torch.stack(moved, 1), torch.stack(rose, 1)
