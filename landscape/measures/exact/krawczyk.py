"""All solutions of x = squash(A x + c) in boxes, by interval arithmetic: a box has one, has none, or is undecided."""

from __future__ import annotations

from dataclasses import dataclass, fields

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from landscape.facts import Shown
from landscape.measures.local.jacobian import SLOPES
from landscape.nets.net import FUNCTIONS

BOUND_MARGIN = (
    1e-12  # every bound is widened by this share of the size of its terms, far more than the rounding of float64
)
LEAST_HALF_SIDE = 1e-10  # of a box that is still searched; smaller boxes, or boxes within their error, are undecided
MAX_BOXES = 2**10  # of one piece at a time: more lie around a continuum of solutions, or where g touches zero
ENLARGED = 1.1  # factor by which a box is enlarged for its tests
SHRUNK_TO = 0.7  # a box of which more than this share is left along each axis is halved


@dataclass(frozen=True, eq=False, repr=False)
class Pieces(Shown):
    """Affine maps x → A x + c, each with a box and half-planes that bound the region where it holds.

    `linear` (R, K, K) is A and `offset` (R, K) is c. The box reaches from `low` to `high`, (R, K) each. The half-planes are
    n·x ≤ reach, with `normals` (R, S, K) and `reaches` (R, S). `error` (R, K) bounds how far A x + c may be from the map that
    is meant."""

    linear: Float[Tensor, "pieces axes axes"]
    offset: Float[Tensor, "pieces axes"]
    low: Float[Tensor, "pieces axes"]
    high: Float[Tensor, "pieces axes"]
    normals: Float[Tensor, "pieces sides axes"]
    reaches: Float[Tensor, "pieces sides"]
    error: Float[Tensor, "pieces axes"]

    def select(self, rows: Int[Tensor, "some"]) -> Pieces:
        """The pieces of the given numbers."""
        return Pieces(*(getattr(self, field.name)[rows] for field in fields(self)))


@dataclass(frozen=True, eq=False, repr=False)
class Enclosures(Shown):
    """Boxes with a solution: their pieces (B,) and the solution's approximate place `near` (B, K). And the pieces of undecided
    boxes, (U,).

    A solution on the border of two boxes is listed for both. A solution just beyond its piece's box or half-planes may be
    listed, too."""

    piece: Int[Tensor, "boxes"]
    near: Float[Tensor, "boxes axes"]
    undecided: Int[Tensor, "undecided"]


@torch.no_grad()
def enclose(pieces: Pieces, squash: str) -> Enclosures:
    """All solutions of x = squash(A x + c + η(x)) in the box of each piece, for any continuous η within the piece's `error`.

    Let g(x) = squash(A x + c) − x, X a box, m its middle, G the range of g's derivative over X, and Y the inverse of the middle
    of G. Krawczyk's operator is K(X) = m − Y g(m) + (I − Y G)(X − m).

    1. The box of each piece is covered by a box X along the singular directions of A. A deep network is steep in one of them
       and flat in the other; of boxes along other axes, thousands would lie where g is small.
    2. If K(X) is inside X, X contains a solution. Without η it is the only one; with η, all solutions in X are as close to
       one another as the error allows.
    3. If K(X) and X are disjoint, or g is not zero anywhere in X by interval bounds, or X is beyond a half-plane of its piece,
       X contains no solution that counts.
    4. Otherwise X becomes its intersection with K(X). If that is hardly smaller, it is halved along the axis along which g
       changes most. The search goes on with step 2.
    5. A box that is too small to be halved is undecided, and so are all boxes of a piece that has too many of them.

    All bounds are widened by BOUND_MARGIN. Moore, Kearfott and Cloud (2009), Chapter 8."""
    every = torch.arange(len(pieces.offset), device=pieces.offset.device)
    some, pieces = _worth_searching(pieces, squash, every)
    frame = torch.linalg.eigh(_product(pieces.linear.mT, pieces.linear)).eigenvectors
    middle, half = (pieces.low + pieces.high) / 2, (pieces.high - pieces.low) / 2
    middle, half = _times(frame.mT, middle), _times(frame.mT.abs(), half)
    piece, low, high = every[: len(some)], middle - half, middle + half
    solved, near, undecided = [piece[:0]], [low[:0]], [piece[:0]]
    while len(piece):
        step = _step(pieces, frame, squash, piece, low, high)
        solved.append(piece[step.solved])
        near.append(_times(frame[piece[step.solved]], step.centre[step.solved]))
        kept = ~(step.solved | step.empty)
        piece, low, high, before = piece[kept], step.low[kept], step.high[kept], (high - low)[kept]
        many = torch.bincount(piece, minlength=1) > MAX_BOXES
        smallest = step.error[kept].clamp_min(LEAST_HALF_SIDE)
        small = ~((high - low).amax(-1) > 2 * smallest) | many[piece]  # NaN counts as small
        undecided.append(piece[small])
        axis = (step.change[kept] * (high - low)).argmax(-1)[~small]
        piece, low, high, before = piece[~small], low[~small], high[~small], before[~small]
        piece, low, high = _halved(piece, low, high, axis, ((high - low) > SHRUNK_TO * before).all(-1))
    return Enclosures(some[torch.cat(solved)], torch.cat(near), some[torch.cat(undecided)])


def _worth_searching(pieces: Pieces, squash: str, every: Tensor) -> tuple[Tensor, Pieces]:
    """The numbers of the pieces in whose upright box a single step rules nothing out, and these pieces."""
    upright = torch.eye(pieces.low.shape[1], dtype=pieces.low.dtype, device=pieces.low.device).expand_as(pieces.linear)
    some = every[~_step(pieces, upright, squash, every, pieces.low, pieces.high).empty]
    return some, pieces.select(some)


@dataclass(frozen=True, eq=False)
class _Step:
    """What one step shows of each box: a solution (`solved`), no solution (`empty`) or neither, and what is left of the box.

    `centre` is the middle of K(X). `change` is how steep g is along each axis. `error` bounds the error of a value of g."""

    solved: Bool[Tensor, "boxes"]
    empty: Bool[Tensor, "boxes"]
    low: Float[Tensor, "boxes axes"]
    high: Float[Tensor, "boxes axes"]
    centre: Float[Tensor, "boxes axes"]
    change: Float[Tensor, "boxes axes"]
    error: Float[Tensor, "boxes"]


def _step(pieces: Pieces, frame: Tensor, squash: str, piece: Tensor, low: Tensor, high: Tensor) -> _Step:
    """One step of the search for boxes (B, K) in coordinates along the axes of `frame`, each box of one piece.

    Tests use the box enlarged by ENLARGED, so that a solution on the border of two halves is inside both of them."""
    axes, offset = frame[piece], pieces.offset[piece]
    matrix = _product(pieces.linear[piece], axes)
    middle, half = (low + high) / 2, (high - low) / 2
    enlarged = ENLARGED * half
    z, apart = _times(matrix, middle) + offset, _times(matrix.abs(), enlarged)
    size = _times(matrix.abs(), middle.abs() + enlarged) + offset.abs() + 1
    given = BOUND_MARGIN * size + pieces.error[piece]  # the error of z, from rounding and from η
    apart = apart + given
    slope, spread = _slopes(squash, z - apart, z + apart)
    error = (slope + spread) * given + BOUND_MARGIN * (1 + middle.abs().amax(-1, keepdim=True))
    eye = torch.eye(low.shape[1], dtype=low.dtype, device=low.device)
    derivative = slope[..., None] * matrix - axes  # the middle of G
    wide = spread[..., None] * matrix.abs() + BOUND_MARGIN * (matrix.abs() + 1)  # half the width of G
    place, around = _times(axes, middle), _times(axes.abs(), half)  # the box in the coordinates of the piece
    residual = FUNCTIONS[squash](z) - place
    normals = _product(pieces.normals[piece], axes)
    nearest = _times(normals, middle) - _times(normals.abs(), enlarged)
    empty = (nearest > pieces.reaches[piece] + error.amax(-1, keepdim=True)).any(-1)
    empty |= (residual.abs() > _times(derivative.abs() + wide, enlarged) + error).any(-1)
    room = ENLARGED * around
    empty |= ((place - room > pieces.high[piece]) | (place + room < pieces.low[piece])).any(-1)
    empty |= (FUNCTIONS[squash](z - apart) > place + around + error).any(-1)
    empty |= (FUNCTIONS[squash](z + apart) < place - around - error).any(-1)
    inverse, singular = torch.linalg.inv_ex(derivative)
    sound = (singular == 0) & inverse.isfinite().all(-1).all(-1) & ~empty
    inverse = torch.where(sound[:, None, None], inverse, 0)
    left = (eye - _product(inverse, derivative)).abs() + _product(inverse.abs(), wide)
    shift = _times(inverse, residual)
    radius = _times(left, enlarged) + _times(inverse.abs(), error) + error
    solved = sound & (shift.abs() + radius < enlarged).all(-1)
    # A solution that is not in the box itself, but in the part by which it was enlarged, is in another box, too.
    empty |= sound & (shift.abs() - radius > half).any(-1)
    solved &= ~empty
    use, centre = (sound & ~empty)[:, None], middle - shift
    return _Step(
        solved,
        empty,
        torch.where(use, torch.maximum(low, centre - radius), low),
        torch.where(use, torch.minimum(high, centre + radius), high),
        centre,
        derivative.abs().amax(1),
        error.amax(-1),
    )


def _slopes(squash: str, low: Tensor, high: Tensor) -> tuple[Tensor, Tensor]:
    """The middle and half the width of the range of the squash's slope on [low, high]; slopes fall with the distance from 0."""
    nearest = torch.where(low > 0, low, torch.where(high < 0, high, 0.0))
    most, least = SLOPES[squash](nearest), SLOPES[squash](torch.maximum(low.abs(), high.abs()))
    return (most + least) / 2, (most - least) / 2


def _halved(piece: Tensor, low: Tensor, high: Tensor, axis: Tensor, which: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Both halves of each box that `which` chooses, cut across its `axis`, and the other boxes as they are."""
    rows = which.nonzero()[:, 0]
    axis = axis[rows]
    middle = (low[rows, axis] + high[rows, axis]) / 2
    more_low, first_high = low[rows].clone(), high.clone()
    first_high[rows, axis] = middle
    more_low[torch.arange(len(rows)), axis] = middle
    return torch.cat([piece, piece[rows]]), torch.cat([low, more_low]), torch.cat([first_high, high[rows]])


def _times(matrix: Tensor, vector: Tensor) -> Tensor:
    return (matrix * vector[..., None, :]).sum(-1)


def _product(first: Tensor, second: Tensor) -> Tensor:
    """The product of small matrices, whose bits do not depend on the size of the batch."""
    return (first[..., None] * second[..., None, :, :]).sum(-2)
