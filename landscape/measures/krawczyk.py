"""Every solution of x = squash(A x + c) in boxes, by interval arithmetic: proven to be one, proven to be none, or undecided."""

from __future__ import annotations

from dataclasses import dataclass, fields

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from landscape.measures.jacobian import SLOPES
from landscape.nets.net import FUNCTIONS

MARGIN = 1e-12  # of the size of its terms, by which every bound is widened: far above the rounding of float64
SMALLEST = 1e-10  # half the side of a box that is not halved again, nor is one within its piece's error: nothing is known there
MOST = 2**10  # boxes of one piece at a time: more than that are around a continuum of solutions, or a touching
AROUND = (
    1.1  # a box is judged with some room around it: a solution on the border of two halves is in the inside of both
)
SHRUNK = 0.7  # a box that keeps more than this of its sides is halved


@dataclass(frozen=True, eq=False)
class Pieces:
    """Affine maps, each with a box and half-planes around the place where it holds.

    `linear` (R, K, K), `offset` (R, K), `low` and `high` (R, K); `normals` (R, S, K) and `reaches` (R, S): n·x ≤ reach. `error`
    (R, K): how far A x + c, and each entry of A, may be from what is meant."""

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
    """Boxes of exactly one solution each, their pieces and middles: (B,) and (B, K); the pieces of those undecided: (U,).

    A solution on the border of two boxes is in both."""

    piece: Int[Tensor, "boxes"]
    middle: Float[Tensor, "boxes axes"]
    undecided: Int[Tensor, "undecided"]


@torch.no_grad()
def enclose(pieces: Pieces, squash: str) -> Enclosures:
    """All solutions of x = squash(A x + c) of every piece in its box, whatever A and c are within their error; boxes beyond its
    half-planes are not searched.

    Krawczyk's operator: K(X) = m − Y g(m) + (I − Y G)(X − m) for g(x) = squash(A x + c) − x, m the middle of X, G the range of
    g's derivative over X and Y the inverse of its middle. K(X) inside X proves one solution, K(X) beside X none; else X
    becomes their intersection, and is halved where that is not much smaller. Moore, Kearfott and Cloud (2009), Chapter 8."""
    piece = torch.arange(len(pieces.offset), device=pieces.offset.device)
    low, high = pieces.low, pieces.high
    found, undecided = [], []
    while len(piece):
        step = _step(pieces, squash, piece, low, high)
        found.append((piece[step.one], step.low[step.one].add(step.high[step.one]) / 2))
        kept = ~(step.one | step.none)
        piece, low, high, before = piece[kept], step.low[kept], step.high[kept], (high - low)[kept]
        many = torch.bincount(piece, minlength=1) > MOST
        least = pieces.error[piece].amax(-1).clamp_min(SMALLEST)
        small = ~((high - low).amax(-1) > 2 * least) | many[piece]  # or not a number
        undecided.append(piece[small])
        piece, low, high, before = piece[~small], low[~small], high[~small], before[~small]
        piece, low, high = _halved(piece, low, high, ((high - low) > SHRUNK * before).all(-1))
    boxes = [torch.cat(values) for values in zip(*found, strict=True)] or [piece, low]
    return Enclosures(boxes[0], boxes[1], torch.cat(undecided) if undecided else piece)


@dataclass(frozen=True, eq=False)
class _Step:
    one: Bool[Tensor, "boxes"]
    none: Bool[Tensor, "boxes"]
    low: Float[Tensor, "boxes axes"]
    high: Float[Tensor, "boxes axes"]


def _step(pieces: Pieces, squash: str, piece: Tensor, low: Tensor, high: Tensor) -> _Step:
    """What is known of each box (B, K), and what is left of it."""
    matrix, offset = pieces.linear[piece], pieces.offset[piece]
    middle, own = (low + high) / 2, (high - low) / 2
    half = AROUND * own
    z, apart = _times(matrix, middle) + offset, _times(matrix.abs(), half)
    size = _times(matrix.abs(), middle.abs() + half) + offset.abs() + 1
    apart = apart + MARGIN * size + pieces.error[piece]
    slope, spread = _slopes(squash, z - apart, z + apart)
    given = (slope + spread) * pieces.error[piece]
    error = MARGIN * size + given
    eye = torch.eye(low.shape[1], dtype=low.dtype, device=low.device)
    derivative = slope[..., None] * matrix - eye
    wide = spread[..., None] * matrix.abs() + MARGIN * (matrix.abs() + 1) + given[..., None]
    residual = FUNCTIONS[squash](z) - middle
    normals = pieces.normals[piece]
    outside = _times(normals, middle) - _times(normals.abs(), half) > pieces.reaches[piece] + error.amax(
        -1, keepdim=True
    )
    none = (residual.abs() > _times(derivative.abs() + wide, half) + error).any(-1) | outside.any(-1)
    none |= (FUNCTIONS[squash](z - apart) > high + error).any(-1) | (FUNCTIONS[squash](z + apart) < low - error).any(-1)
    inverse, singular = torch.linalg.inv_ex(derivative)
    sound = (singular == 0) & inverse.isfinite().all(-1).all(-1) & ~none
    inverse = torch.where(sound[:, None, None], inverse, 0)
    left = (eye - inverse @ derivative).abs() + inverse.abs() @ wide
    shift = _times(inverse, residual)
    radius = _times(left, half) + _times(inverse.abs(), error) + error
    one = sound & (shift.abs() + radius < half).all(-1)
    none |= sound & ~one & (shift.abs() - radius > own).any(-1)
    use, centre = (sound & ~none)[:, None], middle - shift
    return _Step(
        one,
        none,
        torch.where(use, torch.maximum(low, centre - radius), low),
        torch.where(use, torch.minimum(high, centre + radius), high),
    )


def _slopes(squash: str, low: Tensor, high: Tensor) -> tuple[Tensor, Tensor]:
    """The middle and half the width of the squash's range of slopes on [low, high]: they fall away from zero on both sides."""
    nearest = torch.where(low > 0, low, torch.where(high < 0, high, 0.0))
    most, least = SLOPES[squash](nearest), SLOPES[squash](torch.maximum(low.abs(), high.abs()))
    return (most + least) / 2, (most - least) / 2


def _halved(piece: Tensor, low: Tensor, high: Tensor, which: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Two of each chosen box, halved along its widest side, and the others as they are."""
    rows = which.nonzero()[:, 0]
    axis = (high - low)[rows].argmax(-1)
    middle = (low[rows, axis] + high[rows, axis]) / 2
    more_low, first_high = low[rows].clone(), high.clone()
    first_high[rows, axis] = middle
    more_low[torch.arange(len(rows)), axis] = middle
    return torch.cat([piece, piece[rows]]), torch.cat([low, more_low]), torch.cat([first_high, high[rows]])


def _times(matrix: Tensor, vector: Tensor) -> Tensor:
    return (matrix @ vector[..., None])[..., 0]
