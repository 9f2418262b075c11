"""Every solution of x = squash(A x + c) in boxes, by interval arithmetic: proven to be one, proven to be none, or undecided."""

from __future__ import annotations

from dataclasses import dataclass, fields

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from landscape.measures.local.jacobian import SLOPES
from landscape.nets.net import FUNCTIONS

MARGIN = 1e-12  # of the size of its terms, by which every bound is widened: far above the rounding of float64
SMALLEST = 1e-10  # half the side of a box that is not halved again, nor is one within its error: nothing is known there
MOST = 2**10  # boxes of one piece at a time: more than that are around a continuum of solutions, or a touching
AROUND = 1.1  # times a box it is judged with: a solution on the border of two halves is in the inside of both
SHRUNK = 0.7  # a box that keeps more than this of its sides is halved


@dataclass(frozen=True, eq=False)
class Pieces:
    """Affine maps, each with a box and half-planes around the place where it holds.

    `linear` (R, K, K), `offset` (R, K), `low` and `high` (R, K); `normals` (R, S, K) and `reaches` (R, S): n·x ≤ reach. `error`
    (R, K): how far A x + c may be from what is meant."""

    linear: Float[Tensor, "pieces axes axes"]
    offset: Float[Tensor, "pieces axes"]
    low: Float[Tensor, "pieces axes"]
    high: Float[Tensor, "pieces axes"]
    normals: Float[Tensor, "pieces sides axes"]
    reaches: Float[Tensor, "pieces sides"]
    error: Float[Tensor, "pieces axes"]

    def select(self, rows: Int[Tensor, "some"]) -> Pieces:
        """Some of them."""
        return Pieces(*(getattr(self, one.name)[rows] for one in fields(self)))


@dataclass(frozen=True, eq=False)
class Enclosures:
    """Boxes of one solution each, their pieces (B,) and about where it is, `near` (B, K); the pieces of those undecided, (U,).

    A solution on the border of two boxes is in both, and one just beyond its piece's box or half-planes may be told, too."""

    piece: Int[Tensor, "boxes"]
    near: Float[Tensor, "boxes axes"]
    undecided: Int[Tensor, "undecided"]


@torch.no_grad()
def enclose(pieces: Pieces, squash: str) -> Enclosures:
    """All solutions of x = squash(A x + c + η(x)) of every piece in its box, for any continuous η within its error: in a box of
    one solution there is at least one, and all that are there are as near to one another as the error lets them be.

    Krawczyk's operator: K(X) = m − Y g(m) + (I − Y G)(X − m) for g(x) = squash(A x + c) − x, m the middle of X, G the range of
    g's derivative over X and Y the inverse of its middle. K(X) inside X proves one solution, K(X) beside X none; else X
    becomes their intersection, and is halved where that is not much smaller, across the direction in which g changes most.
    Boxes beyond a piece's half-planes are not searched. Moore, Kearfott and Cloud (2009), Chapter 8. The sides of boxes are the
    singular directions of A: deep nets are steep in one and flat in the other, so that of boxes along other axes thousands lie
    where g is small."""
    every = torch.arange(len(pieces.offset), device=pieces.offset.device)
    upright = torch.eye(pieces.low.shape[1], dtype=pieces.low.dtype, device=pieces.low.device).expand_as(pieces.linear)
    some = every[~_step(pieces, upright, squash, every, pieces.low, pieces.high).none]
    pieces = pieces.select(some)
    frame = torch.linalg.eigh(_product(pieces.linear.mT, pieces.linear)).eigenvectors
    middle, half = (pieces.low + pieces.high) / 2, (pieces.high - pieces.low) / 2
    middle, half = _times(frame.mT, middle), _times(frame.mT.abs(), half)
    piece, low, high = every[: len(some)], middle - half, middle + half
    found, near, undecided = [piece[:0]], [low[:0]], [piece[:0]]
    while len(piece):
        step = _step(pieces, frame, squash, piece, low, high)
        found.append(piece[step.one])
        near.append(_times(frame[piece[step.one]], step.centre[step.one]))
        kept = ~(step.one | step.none)
        piece, low, high, before = piece[kept], step.low[kept], step.high[kept], (high - low)[kept]
        many = torch.bincount(piece, minlength=1) > MOST
        small = ~((high - low).amax(-1) > 2 * step.error[kept].clamp_min(SMALLEST)) | many[piece]  # or not a number
        undecided.append(piece[small])
        axis = (step.change[kept] * (high - low)).argmax(-1)[~small]
        piece, low, high, before = piece[~small], low[~small], high[~small], before[~small]
        piece, low, high = _halved(piece, low, high, axis, ((high - low) > SHRUNK * before).all(-1))
    return Enclosures(some[torch.cat(found)], torch.cat(near), some[torch.cat(undecided)])


@dataclass(frozen=True, eq=False)
class _Step:
    one: Bool[Tensor, "boxes"]
    none: Bool[Tensor, "boxes"]
    low: Float[Tensor, "boxes axes"]
    high: Float[Tensor, "boxes axes"]
    centre: Float[Tensor, "boxes axes"]  # of K(X)
    change: Float[Tensor, "boxes axes"]  # of g along each side
    error: Float[Tensor, "boxes"]


def _step(pieces: Pieces, frame: Tensor, squash: str, piece: Tensor, low: Tensor, high: Tensor) -> _Step:
    """What is known of each box (B, K) along the axes of `frame`, and what is left of it."""
    axes, offset = frame[piece], pieces.offset[piece]
    matrix = _product(pieces.linear[piece], axes)
    middle, own = (low + high) / 2, (high - low) / 2
    half = AROUND * own
    z, apart = _times(matrix, middle) + offset, _times(matrix.abs(), half)
    size = _times(matrix.abs(), middle.abs() + half) + offset.abs() + 1
    given = MARGIN * size + pieces.error[piece]
    apart = apart + given
    slope, spread = _slopes(squash, z - apart, z + apart)
    error = (slope + spread) * given + MARGIN * (1 + middle.abs().amax(-1, keepdim=True))
    eye = torch.eye(low.shape[1], dtype=low.dtype, device=low.device)
    derivative = slope[..., None] * matrix - axes
    wide = spread[..., None] * matrix.abs() + MARGIN * (matrix.abs() + 1)
    place, around = _times(axes, middle), _times(axes.abs(), own)  # in the piece's own coordinates
    residual = FUNCTIONS[squash](z) - place
    normals = _product(pieces.normals[piece], axes)
    outside = _times(normals, middle) - _times(normals.abs(), half) > pieces.reaches[piece] + error.amax(
        -1, keepdim=True
    )
    none = (residual.abs() > _times(derivative.abs() + wide, half) + error).any(-1) | outside.any(-1)
    none |= ((place - AROUND * around > pieces.high[piece]) | (place + AROUND * around < pieces.low[piece])).any(-1)
    none |= (FUNCTIONS[squash](z - apart) > place + around + error).any(-1)
    none |= (FUNCTIONS[squash](z + apart) < place - around - error).any(-1)
    inverse, singular = torch.linalg.inv_ex(derivative)
    sound = (singular == 0) & inverse.isfinite().all(-1).all(-1) & ~none
    inverse = torch.where(sound[:, None, None], inverse, 0)
    left = (eye - _product(inverse, derivative)).abs() + _product(inverse.abs(), wide)
    shift = _times(inverse, residual)
    radius = _times(left, half) + _times(inverse.abs(), error) + error
    one = sound & (shift.abs() + radius < half).all(-1)
    none |= sound & (shift.abs() - radius > own).any(-1)  # in the room around the box: another's
    one &= ~none
    use, centre = (sound & ~none)[:, None], middle - shift
    return _Step(
        one,
        none,
        torch.where(use, torch.maximum(low, centre - radius), low),
        torch.where(use, torch.minimum(high, centre + radius), high),
        centre,
        derivative.abs().amax(1),
        error.amax(-1),
    )


def _slopes(squash: str, low: Tensor, high: Tensor) -> tuple[Tensor, Tensor]:
    """The middle and half the width of the squash's range of slopes on [low, high]: they fall away from zero on both sides."""
    nearest = torch.where(low > 0, low, torch.where(high < 0, high, 0.0))
    most, least = SLOPES[squash](nearest), SLOPES[squash](torch.maximum(low.abs(), high.abs()))
    return (most + least) / 2, (most - least) / 2


def _halved(piece: Tensor, low: Tensor, high: Tensor, axis: Tensor, which: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Two of each chosen box, halved across its axis, and the others as they are."""
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
    """Of small matrices, bit for bit the same in any company."""
    return (first[..., None] * second[..., None, :, :]).sum(-2)
