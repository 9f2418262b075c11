"""Linear regions of ReLU networks on a line or a plane: the pieces on which the map before its squash is affine."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from jaxtyping import Float, Int
from scipy.sparse import csr_array
from torch import Tensor

from landscape.choices import PIECEWISE_ACTIVATIONS
from landscape.cube import Slice, whole
from landscape.ensemble import threads
from landscape.facts import Shown
from landscape.measures.exact.subdivision import ZERO_TOLERANCE, Partition, Subdivision
from landscape.measures.gate import gated
from landscape.measures.maps import Map, doubled, expect_map, in_double, layers_of
from landscape.measures.tables import tidy
from landscape.nets import Layer
from landscape.nets.net import FUNCTIONS, ByActivation

if TYPE_CHECKING:
    import pandas as pd

SLICE = "landscape.cube.through(points)[0]"  # an example of a slice, for messages
OFF_SLOPES = ByActivation[float](lambda slope: slope, {"relu": 0.0})  # the slope of a unit whose input is negative
RANK_TOLERANCE = 1e-12  # singular values below this share of the largest are rounding; exact zeros remain zeros
# Terms that cancel in a layer leave their rounding errors to the layers above. This share of the terms' size, carried along,
# is the least size that a unit's input is compared with.
CANCELLED_SHARE = 4e-3
MEMBERS_TOGETHER = (
    8  # subdivided side by side: a single member does not fill an array operation, more outgrow the cache
)


@dataclass(frozen=True, eq=False, repr=False)
class Regions(Shown):
    """The regions of all members on a slice `where`, sorted by member: (R,) each, float64.

    - `share`: the region's share of the slice's length or area.
    - `linear` (R, D, K) and `offset` (R, D): the map before its squash is linear·t + offset, for coordinates t of the slice.
    - `vertices` (V, K): corners of regions, in coordinates of the slice. The corners of region r are the vertices
      corners[begins[r]:begins[r + 1]], counter-clockwise.

    A region is a set of points at which each unit's input has one sign, so adjoining regions may have the same map."""

    where: Slice
    member: Int[Tensor, "regions"]
    share: Float[Tensor, "regions"]
    linear: Float[Tensor, "regions dim axes"]
    offset: Float[Tensor, "regions dim"]
    vertices: Float[Tensor, "vertices axes"]
    begins: Int[Tensor, "more_regions"]
    corners: Int[Tensor, "corners"]

    @property
    def slope(self) -> Float[Tensor, "regions"]:
        """The largest slope along the slice of the map before its squash, the spectral norm of `linear`: (R,).

        Per unit of t, which is a unit of input space if the axes of the slice are orthonormal."""
        norms: Tensor = torch.linalg.matrix_norm(self.linear, 2)
        return norms

    @property
    def rank(self) -> Int[Tensor, "regions"]:
        """The numerical rank of `linear`: (R,). It is 0 on a plateau, where the slope is exactly zero."""
        values: Tensor = torch.linalg.svdvals(self.linear)
        return (values > RANK_TOLERANCE * values[:, :1]).sum(1)

    @property
    def centres(self) -> Float[Tensor, "regions axes"]:
        """The mean of each region's corners, a point inside the region, in coordinates of the slice: (R, K)."""
        counts = self.begins.diff()
        sums = torch.zeros(len(counts), self.vertices.shape[1], dtype=torch.float64)
        return sums.index_add_(0, self.region, self.vertices[self.corners]) / counts[:, None]

    @property
    def region(self) -> Int[Tensor, "corners"]:
        """The region of each entry of `corners`."""
        return torch.repeat_interleave(torch.arange(len(self.share)), self.begins.diff())

    @property
    def following(self) -> Int[Tensor, "corners"]:
        """The next corner of the same region for each entry of `corners`; the first one follows the last."""
        after = torch.arange(1, len(self.corners) + 1)
        after[self.begins[1:] - 1] = self.begins[:-1]
        return self.corners[after]

    def table(self) -> pd.DataFrame:
        """A row per region: member, share, slope, rank, number of corners, and the centre t1 (… t2) in the slice."""
        centre = {f"t{place}": column for place, column in enumerate(self.centres.unbind(-1), 1)}
        sizes = {"share": self.share, "slope": self.slope, "rank": self.rank, "corners": self.begins.diff()}
        return tidy({"member": self.member, **sizes, **centre})


@torch.no_grad()
def regions(model: Map, where: Slice | None = None) -> Regions:
    """All linear regions of each member on the slice, in float64 on the CPU: (R,).

    Without `where`, on the whole range of a map of one or two coordinates: that of a wrapped network, else [0, 1]^D.

    1. The slice is the first cell of each member; its map is t → origin + t·axes.
    2. For each hidden layer, the inputs of all units are computed at the vertices of the cells. Inputs that are zero up to
       rounding become exact zeros.
    3. The cells are cut along the zeros of one unit after another. Within a cell the layers below are affine, so these zeros
       form a straight line. Adjoining cells share their vertices, and with them the signs, so they never overlap or gape.
    4. The map of each new cell is composed with the layer. A unit is on if its input is positive at a vertex of the cell.
    5. The cells that remain after the last hidden layer are the regions.

    Shares add up to 1 within rounding. Raises ValueError for a map that is not a chain of affine maps with ReLU or leaky ReLU
    between them, and for weights that are not finite."""
    expect_map(model)
    where = _whole(model) if where is None else where
    if not isinstance(where, Slice):
        raise ValueError(f"`where` must be a slice, such as {SLICE}; got {type(where).__name__}")
    layers = _chain(model)
    if len(where.origin) != model.dim:
        raise ValueError(
            f"`where` must be a slice of the network's {model.dim} dimensions; got one of {len(where.origin)} dimensions"
        )
    with threads(1), np.errstate(over="ignore", invalid="ignore"):  # what is not finite is refused
        parts = [
            _regions([_member(layer, slice(first, first + MEMBERS_TOGETHER)) for layer in layers], where)
            for first in range(0, model.members, MEMBERS_TOGETHER)
        ]
    return _joined(parts)


@gated("points")
@torch.no_grad()
def regions_seen(model: Map, points: Float[Tensor, "points dim"]) -> Int[Tensor, "members"]:
    """How many different regions contain at least one of the points (P, D), the count that sampling would give: (E,).

    A point on a border, up to rounding, is in no region."""
    value, signs = doubled(points).cpu().expand(model.members, *points.shape), []
    inside = torch.ones(value.shape[:2], dtype=torch.bool)
    for layer in _chain(model)[:-1]:
        before = torch.baddbmm(layer.bias, value, layer.weight)
        size = value.abs().amax(1, keepdim=True) @ layer.weight.abs() + layer.bias.abs()
        inside &= ((before.abs() > ZERO_TOLERANCE * size) | (size == 0)).all(-1)
        value = FUNCTIONS[layer.activation](before)
        signs.append((before > 0).numpy())
    packed = np.packbits(np.concatenate(signs, 2), 2) if signs else np.zeros((model.members, len(points), 1), np.uint8)
    return torch.tensor([len(np.unique(rows[some], axis=0)) for rows, some in zip(packed, inside.numpy(), strict=True)])


def _whole(model: Map) -> Slice:
    """The whole range of a map of one or two coordinates. Raises ValueError for more."""
    if model.dim > 2:
        raise ValueError(
            f"`regions` lists the pieces on a line or a plane, and the map has {model.dim} coordinates; pass `where`, such as "
            f"{SLICE}, the plane through three points"
        )
    return whole(model.dim, low=getattr(model, "low", 0.0), high=getattr(model, "high", 1.0))


def _chain(model: Map) -> list[Layer]:
    layers = layers_of(in_double(model).to("cpu"))
    if other := [layer.activation for layer in layers[:-1] if not layer.activation.startswith(PIECEWISE_ACTIVATIONS)]:
        raise ValueError(
            f"exact regions need a chain of affine maps with relu or leaky between them; got {other[0]}; sample the Jacobian "
            "of other networks"
        )
    if not all(layer.weight.isfinite().all() and layer.bias.isfinite().all() for layer in layers):
        raise ValueError("exact regions need finite weights; leave out the members that diverged")
    return layers


def _member(layer: Layer, some: slice) -> Layer:
    return Layer(layer.weight[some], layer.bias[some], layer.activation)


def _regions(layers: Sequence[Layer], where: Slice) -> Regions:
    """The regions of a few members, which are subdivided side by side."""
    members, axes, origin = len(layers[0].weight), where.axes.numpy(), where.origin.numpy()
    box = where.corners.numpy()
    cells = (Partition if len(axes) == 1 else Subdivision)(np.broadcast_to(box, (members, *box.shape)))
    owner = np.arange(members)  # the member of each cell
    beside = np.repeat(owner, len(box))  # the member of each vertex
    # Rows of `linear` and `offset` are sorted by member: row i belongs to cell order[i], and cell c has row place[c].
    order, place = owner, owner
    linear = np.broadcast_to(axes, (members, *axes.shape))  # (R, K, width)
    offset = np.broadcast_to(origin, (members, len(origin)))
    value = origin + cells.points @ axes
    carried = np.repeat(
        np.abs(value).max(0)[None], members, 0
    )  # the size of terms in the layers below; their squares add up, as independent rounding errors do
    for layer in layers[:-1]:
        weight, bias = layer.weight.numpy(), layer.bias[:, 0].numpy()
        slope = OFF_SLOPES[layer.activation]
        inputs, sizes = _inputs(weight, bias, value, beside)
        carried = np.sqrt(np.matmul(carried[:, None] ** 2, weight**2)[:, 0] + bias**2)
        sizes = np.maximum(sizes, CANCELLED_SHARE * carried)
        if not np.isfinite(sizes).all():
            raise ValueError(
                "exact regions need activations that float64 can hold; leave out the members with larger ones"
            )
        shares, parent = cells.cut(inputs / sizes[beside])
        cell, vertex, _ = cells.sides()
        linear, offset = _through(weight, bias, linear, offset, owner[order])
        owner = owner[parent]
        beside = _by_place(vertex, owner[cell])
        value = np.maximum(shares, slope * shares) * sizes[beside]
        on = _some_positive(cell, vertex, shares)
        order = np.argsort(owner, kind="stable")
        kept, before = np.where(on[order], 1.0, slope), place[parent[order]]
        linear, offset = linear[before] * kept[:, None], offset[before] * kept
        place = _by_place(order, np.arange(len(order)))
    last = layers[-1]
    linear, offset = _through(last.weight.numpy(), last.bias[:, 0].numpy(), linear, offset, owner[order])
    if not (np.isfinite(linear).all() and np.isfinite(offset).all()):
        raise ValueError("exact regions need maps that float64 can hold; leave out the members with larger weights")
    share = cells.measures()[order] / np.prod((where.high - where.low).numpy())
    numbers = owner[order], share, linear.transpose(0, 2, 1), offset, cells.points
    return Regions(
        where,
        *(torch.from_numpy(np.ascontiguousarray(array)) for array in (*numbers, *_moved(*cells.corners(), order))),
    )


def _inputs(
    weight: np.ndarray, bias: np.ndarray, value: np.ndarray, beside: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """A layer's inputs at the vertices (V, width), and a bound on the terms of these sums, per member (E, width)."""
    inputs, sizes = np.empty((len(beside), weight.shape[2])), np.empty((len(weight), weight.shape[2]))
    for member, rows in _by_owner(beside, len(weight)):
        here = value[rows]
        inputs[rows] = here @ weight[member] + bias[member]
        sizes[member] = np.abs(here).max(0) @ np.abs(weight[member]) + np.abs(bias[member])
    return inputs, np.where(sizes == 0, 1, sizes)


def _some_positive(cell: np.ndarray, vertex: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Whether each function of `values` (V, width) is positive at some vertex of each cell: (cells, width).

    The pairs cell[i], vertex[i] list the vertices of all cells."""
    has = csr_array((np.ones(len(cell), np.float32), (cell, vertex)), (cell.max() + 1, len(values)))
    positive: np.ndarray = has @ (values > 0).astype(np.float32) > 0
    return positive


def _through(
    weight: np.ndarray, bias: np.ndarray, linear: np.ndarray, offset: np.ndarray, owner: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The affine maps of cells, sorted by member, followed by their members' layer: (R, K, width) and (R, width)."""
    regions, axes, below = linear.shape
    moved, shifted = np.empty((regions, axes, weight.shape[2])), np.empty((regions, weight.shape[2]))
    ends = np.searchsorted(owner, np.arange(len(weight) + 1))
    for member, rows in enumerate(slice(*pair) for pair in itertools.pairwise(ends)):
        np.matmul(linear[rows].reshape(-1, below), weight[member], out=moved[rows].reshape(-1, weight.shape[2]))
        shifted[rows] = offset[rows] @ weight[member] + bias[member]
    return moved, shifted


def _by_owner(owner: np.ndarray, members: int) -> Iterator[tuple[int, np.ndarray]]:
    """Each member, and the places at which it is the owner."""
    order = np.argsort(owner, kind="stable")
    yield from enumerate(np.split(order, np.searchsorted(owner[order], np.arange(1, members))))


def _by_place(place: np.ndarray, values: np.ndarray) -> np.ndarray:
    """The values in an array in which values[i] stands at place[i]."""
    placed = np.empty(place.max() + 1, values.dtype)
    placed[place] = values
    return placed


def _moved(begins: np.ndarray, corners: np.ndarray, order: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """`begins` and `corners` (see Regions) for the cells in another order."""
    counts = np.diff(begins)[order]
    after = np.concatenate([[0], counts.cumsum()])
    return after, corners[np.repeat(begins[:-1][order] - after[:-1], counts) + np.arange(len(corners))]


def _joined(parts: Sequence[Regions]) -> Regions:
    """The regions of all members, from those of MEMBERS_TOGETHER members at a time."""
    firsts = [0, *np.cumsum([len(part.vertices) for part in parts]).tolist()]
    ends = [0, *np.cumsum([len(part.corners) for part in parts]).tolist()]
    begins = [part.begins[:-1] + end for part, end in zip(parts, ends, strict=False)]
    return Regions(
        parts[0].where,
        torch.cat([part.member + MEMBERS_TOGETHER * place for place, part in enumerate(parts)]),
        torch.cat([part.share for part in parts]),
        torch.cat([part.linear for part in parts]),
        torch.cat([part.offset for part in parts]),
        torch.cat([part.vertices for part in parts]),
        torch.cat([*begins, torch.tensor(ends[-1:])]),
        torch.cat([part.corners + first for part, first in zip(parts, firsts, strict=False)]),
    )
