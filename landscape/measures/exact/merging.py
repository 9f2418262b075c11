"""Layer by layer: where a network merges points, by the rank of the Jacobian up to each hidden layer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from landscape.facts import Shown
from landscape.measures.exact.hidden_layers import Stage, stages_of
from landscape.measures.gate import gated
from landscape.measures.maps import Map, block_shape, per_member
from landscape.measures.tables import tidy

if TYPE_CHECKING:
    import pandas as pd

# A layer merges a direction if it shrinks it to less than this share of what it makes of the direction that it stretches most.
MERGED = 1e-10
# A Gram matrix has full rank for certain if its least eigenvalue exceeds this share of its squared Frobenius norm.
CERTAIN = 1e-12
SPANNING_NUMBERS = 2**22  # that are held at once where active rows are tested


@dataclass(frozen=True, eq=False, repr=False)
class MergedPoints(Shown):
    """What the layers do around points, for each member and layer: (E, L, P) each, on the CPU.

    - `rank`: the rank of the Jacobian of x ↦ the values after this layer.
    - `merges`: whether this layer merges directions that the layers before it kept, so that the rank falls here.
    - `one_to_one`: whether this layer alone is one-to-one in a neighbourhood of the values that it gets: its active rows span
      its whole input space.
    - `active`: the number of active units: those with z ≥ 0 of ReLU, all of functions that rise strictly.
    - `dim`: D. `widths`, `activations`: of the layers."""

    rank: Int[Tensor, "members layers points"]
    merges: Bool[Tensor, "members layers points"]
    one_to_one: Bool[Tensor, "members layers points"]
    active: Int[Tensor, "members layers points"]
    dim: int
    widths: tuple[int, ...]
    activations: tuple[str, ...]

    @property
    def merged(self) -> Bool[Tensor, "members layers points"]:
        """Whether the network up to this layer merges directions at the point: rank < D."""
        return self.rank < self.dim

    def table(self) -> pd.DataFrame:
        """A row per member and layer: member, layer (from 1), width, activation, and over the points the shares `merged`,
        `merges` and `one_to_one` and the means `rank` and `active`."""
        members, layers, _ = self.rank.shape
        shares = {
            name: getattr(self, name).double().mean(2).flatten()
            for name in ("merged", "merges", "one_to_one", "rank", "active")
        }
        places = torch.arange(layers).repeat(members)
        about: dict[str, Any] = {
            "member": torch.arange(members).repeat_interleave(layers),
            "layer": places + 1,
            "width": torch.tensor(self.widths, dtype=torch.int64).repeat(members),
            "activation": [self.activations[place] for place in places.tolist()],
        }
        return tidy(about | shares)


@gated("points")
@torch.no_grad()
def merged_points(model: Map, points: Tensor, *, last: bool = False) -> MergedPoints:
    """Where a network merges points: the rank of the Jacobian up to each hidden layer, at points (P, D) or (E, P, D).

    The layers are those of an MLP, of an `Injective` net, or those into which `landscape.wrap` reads a module. With `last`, the
    affine map to the output is the last layer, without the output function. A map that loses dimensions, such as one to a
    layer narrower than D, merges points everywhere.

    Computed in float64 on the CPU, the weights taken as exact. The rank is carried from layer to layer:

    1. An orthonormal basis of what the layers before can change, width × rank, is multiplied by the layer's weights and slopes.
    2. The new rank is the number of singular values above MERGED times the largest. So a direction that many layers shrink
       by and by is not merged; one that a single layer shrinks to less than a share of MERGED is.
    3. Where a Cholesky decomposition shows full rank for certain, there is no singular value decomposition.

    At a kink, z = 0, a unit of ReLU is active for `one_to_one`, as in Definition 1 of Puthawala et al. (JMLR 2022), and off for
    the rank, as in torch. Saturated units of tanh or sigmoid, with slopes below MERGED, merge within rounding. Where values are
    not finite, the rank is 0. Raises ValueError, in one line, for maps that are no chains of layers."""
    stages = stages_of(model, last=last)
    placed = per_member(model, points).cpu().double()
    members, count, dim = placed.shape
    numbers = 4 * max([dim, *(stage.width for stage in stages)]) * dim
    rows, group = block_shape(members, count, numbers, placed.device)
    found = torch.zeros(3, members, len(stages), count, dtype=torch.int64)
    for first in range(0, members, group):
        some = slice(first, first + group)
        own = [stage.select(some) for stage in stages]
        for row in range(0, count, rows):
            place = slice(row, row + rows)
            found[:, some, :, place] = _through(own, placed[some, place])
    rank, active, spans = found
    kept = torch.cat([torch.full_like(rank[:, :1], dim), rank[:, :-1]], 1)
    names = tuple(stage.activation for stage in stages)
    return MergedPoints(rank, rank < kept, spans.bool(), active, dim, tuple(stage.width for stage in stages), names)


def _through(stages: Sequence[Stage], points: Float[Tensor, "members points dim"]) -> Tensor:
    """Rank, number of active units, and whether they span, of each layer at the points: (3, E, L, P)."""
    members, count, dim = points.shape
    found = torch.zeros(3, members, len(stages), count, dtype=torch.int64)
    value, basis = points, None
    rank = torch.full((members, count), dim)
    for place, stage in enumerate(stages):
        before = stage.before(value)
        value = stage.after(before)
        good = value.isfinite().all(-1)
        before = torch.where(good[..., None], before, 0.0)
        slope = torch.where(good[..., None], stage.slope(before), 0.0)
        active = stage.active(before)
        passed = _passed(stage, basis, slope)
        rank, basis = _advance(passed, (slope != 0), rank)
        found[0, :, place], found[1, :, place] = rank, torch.where(good, active.sum(-1), 0)
        found[2, :, place] = _spanning(stage.weight, active) & good
    return found


def _passed(stage: Stage, basis: Tensor | None, slope: Tensor) -> Float[Tensor, "members points outputs kept"]:
    """What the layer makes of the directions of the basis: (E, P, out, R). `basis` is None where nothing is merged yet."""
    weight = stage.weight.mT[:, None].nan_to_num(0, 0, 0)
    return slope[..., None] * (weight if basis is None else weight @ basis)


def _advance(
    passed: Float[Tensor, "members points outputs kept"], active: Bool[Tensor, "members points outputs"], rank: Tensor
) -> tuple[Int[Tensor, "members points"], Float[Tensor, "members points outputs rank"]]:
    """The rank of the matrices, whose columns from `rank` on are zero, and orthonormal bases of their images.

    The bases have zeros in the columns beyond the rank."""
    members, count, out, kept = passed.shape
    flat, on, columns = passed.flatten(0, 1), active.flatten(0, 1), rank.flatten()
    rows, width = on.sum(-1), min(out, kept)
    found, basis = torch.zeros_like(columns), flat.new_zeros(len(flat), out, width)
    left = torch.ones_like(columns, dtype=torch.bool)

    def decide(which: Tensor, some: Tensor, ranks: Tensor, image: Tensor) -> None:
        found[which], basis[which], left[which] = ranks, image, False

    which, some, inside = _full(flat, columns <= rows, torch.arange(kept) < columns[:, None], columns=True)
    decide(which, some, columns[which], torch.linalg.qr(some)[0] * inside[:, None, :width])
    which, some, inside = _full(flat, rows < columns, on, columns=False)
    decide(which, some, rows[which], _axes(inside, width))
    which = left.nonzero()[:, 0]
    vectors, values, _ = torch.linalg.svd(flat[which], full_matrices=False)
    large = (values > MERGED * values[:, :1]) & (values > 0)
    decide(which, flat[which], large.sum(1), vectors * large[:, None])
    most = max(1, int(found.max()) if len(found) else 1)
    return found.view(members, count), basis[..., :most].view(members, count, out, most)


def _full(matrices: Tensor, wanted: Tensor, inside: Tensor, *, columns: bool) -> tuple[Tensor, Tensor, Tensor]:
    """Of the `wanted` matrices those whose columns (or rows) `inside` are independent for certain: places, matrices, inside."""
    which = wanted.nonzero()[:, 0]
    some, inside = matrices[which], inside[which]
    sure = _certainly_full(some.mT @ some if columns else some @ some.mT, inside)
    return which[sure], some[sure], inside[sure]


def _axes(units: Bool[Tensor, "points outputs"], width: int) -> Float[Tensor, "points outputs width"]:
    """The unit vectors of these units as columns, `width` or fewer per point, with zeros after them."""
    places = units.to(torch.int8).argsort(dim=1, descending=True, stable=True)[:, :width]
    kept = torch.arange(places.shape[1]) < units.sum(1, keepdim=True)
    return (torch.nn.functional.one_hot(places, units.shape[1]).mT * kept[:, None]).double()


def _certainly_full(
    gram: Float[Tensor, "points side side"], inside: Bool[Tensor, "points side"]
) -> Bool[Tensor, "points"]:
    """Whether the Gram matrices of the rows and columns `inside` have full rank for certain: (P,)."""
    size = torch.diagonal(gram, dim1=1, dim2=2).sum(1).clamp_min(torch.finfo(gram.dtype).tiny)
    diagonal = torch.where(inside, -CERTAIN, 1.0)
    shifted = gram / size[:, None, None] + torch.diag_embed(diagonal)
    certain: Tensor = torch.linalg.cholesky_ex(shifted)[1] == 0
    return certain


def _spanning(
    weight: Float[Tensor, "members inputs outputs"], active: Bool[Tensor, "members points outputs"]
) -> Bool[Tensor, "members points"]:
    """Whether the rows of the active units span the layer's input space: (E, P)."""
    members, count, _ = active.shape
    rows = weight.mT.nan_to_num(0, 0, 0)
    lengths = torch.linalg.vector_norm(rows, dim=2, keepdim=True)
    unit = rows / torch.where(lengths > 0, lengths, 1.0)
    counts = active & (lengths[:, None, :, 0] > 0)
    found = torch.zeros(members, count, dtype=torch.bool)
    inputs = rows.shape[2]
    for member in range(members):
        enough = (counts[member].sum(1) >= inputs).nonzero()[:, 0]
        first, of = _different(counts[member, enough])
        masks, spans = counts[member, enough[first]], torch.zeros(len(first), dtype=torch.bool)
        for some in torch.split(torch.arange(len(masks)), max(1, SPANNING_NUMBERS // max(1, unit[member].numel()))):
            chosen = masks[some, :, None] * unit[member]
            sure = _certainly_full(chosen.mT @ chosen, torch.ones(len(some), inputs, dtype=torch.bool))
            spans[some[sure]] = True
            if bool(sure.all()):
                continue
            values = torch.linalg.svdvals(chosen[~sure])
            spans[some[~sure]] = (values[:, -1] > MERGED * values[:, 0]) & (values[:, -1] > 0)
        found[member, enough] = spans[of]
    return found


def _different(masks: Bool[Tensor, "points outputs"]) -> tuple[Int[Tensor, "masks"], Int[Tensor, "points"]]:
    """The places of the different masks, and which of them each point has."""
    packed = np.ascontiguousarray(np.packbits(masks.numpy(), axis=1))
    rows = packed.view(np.dtype((np.void, packed.shape[1])))[:, 0]
    _, first, of = np.unique(rows, return_index=True, return_inverse=True)
    return torch.from_numpy(first), torch.from_numpy(of.reshape(-1))
