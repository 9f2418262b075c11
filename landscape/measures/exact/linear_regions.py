"""The regions of ReLU networks on a line or a plane: where the map before its squash is affine, exactly."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components
from torch import Tensor

from landscape.cube import Slice
from landscape.measures.exact.subdivision import CLOSE, Partition, Subdivision
from landscape.measures.gate import gated
from landscape.measures.maps import Map, chain, doubled, in_double
from landscape.nets import Layer
from landscape.nets.net import FUNCTIONS, LEAK

OFF = {"relu": 0.0, "leaky": LEAK}  # the slope of a unit that is off
RANK = 1e-12  # singular values below this share of the largest are rounding; zeros are exact where all units are off
UNSEEN = 4e-3  # CLOSE times this is the rounding left of terms which layers below have cancelled
TOGETHER = 8  # members subdivided side by side: one alone does not fill an array operation, more outgrow the cache


@dataclass(frozen=True, eq=False)
class Regions:
    """The regions of all members on a slice, one member's after another's: (R,) each.

    Before the squash f is linear·t + offset on a region, t being coordinates in the slice: (R, D, K) and (R, D). `share` of the
    slice's length or area; `vertices` (V, K), of which region r has corners[begins[r]:begins[r + 1]], counter-clockwise.
    Regions are those of the units' signs: neighbours may have the same map. float64."""

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
        """The largest slope in any direction along the slice, of the map before its squash: the norm of `linear`.

        Per unit of t: axes of length 1 make it that of the input space."""
        norms: Tensor = torch.linalg.matrix_norm(self.linear, 2)
        return norms

    @property
    def rank(self) -> Int[Tensor, "regions"]:
        """The rank of `linear`: 0 on a plateau, where the slope is exactly zero."""
        values: Tensor = torch.linalg.svdvals(self.linear)
        return (values > RANK * values[:, :1]).sum(1)

    @property
    def centres(self) -> Float[Tensor, "regions axes"]:
        """The mean of each region's corners, which is inside it."""
        counts = self.begins.diff()
        sums = torch.zeros(len(counts), self.vertices.shape[1], dtype=torch.float64)
        return sums.index_add_(0, self.region, self.vertices[self.corners]) / counts[:, None]

    @property
    def region(self) -> Int[Tensor, "corners"]:
        """The region that each of `corners` is one of."""
        return torch.repeat_interleave(torch.arange(len(self.share)), self.begins.diff())

    @property
    def following(self) -> Int[Tensor, "corners"]:
        """The vertex after each of `corners`, the region's first after its last."""
        after = torch.arange(1, len(self.corners) + 1)
        after[self.begins[1:] - 1] = self.begins[:-1]
        return self.corners[after]


@torch.no_grad()
def regions(model: Map, where: Slice) -> Regions:
    """Every region of every member on the slice, in float64 on the CPU.

    A slice is cut layer by layer and unit by unit: the zeros of a unit's input are straight within the cells that the layers
    below it left. Signs are taken from exact zeros at shared vertices, so that shares add up to 1 within rounding. Raises
    ValueError for a map that is no chain of affine maps with ReLU or leaky ReLU between: sample that."""
    layers = _chain(model)
    if len(where.origin) != model.dim:
        raise ValueError(f"a net of {model.dim} coordinates has no slice of {len(where.origin)}")
    with np.errstate(over="ignore", invalid="ignore"):  # what is not finite is refused
        found = [
            _regions([_member(layer, slice(first, first + TOGETHER)) for layer in layers], where)
            for first in range(0, model.members, TOGETHER)
        ]
    return _joined(found)


def plateaus(found: Regions) -> tuple[Int[Tensor, "plateaus"], Float[Tensor, "plateaus"]]:
    """The plateaus, regions of rank 0 joined where they share a side, or an end on the line: (Q,) members and shares."""
    flat = (found.rank == 0).nonzero()[:, 0]
    region, count = found.region, len(found.share)
    if found.vertices.shape[1] == 1:
        shared = found.corners
    else:  # a side by its two vertices, the lesser first
        pairs = torch.stack([found.corners, found.following], 1).sort(1).values
        shared = pairs[:, 0] * len(found.vertices) + pairs[:, 1]
    there = torch.isin(region, flat)
    sides, side = np.unique(shared[there].numpy(), return_inverse=True)
    total = count + len(sides)
    links = coo_array((np.ones(len(side)), (region[there].numpy(), count + side)), (total, total))
    labels, found_in = np.unique(connected_components(links, directed=False)[1][flat.numpy()], return_inverse=True)
    size, place = len(labels), torch.from_numpy(found_in)
    shares = torch.zeros(size, dtype=torch.float64).index_add_(0, place, found.share[flat])
    return torch.zeros(size, dtype=torch.int64).scatter_(0, place, found.member[flat]), shares


@gated("points")
@torch.no_grad()
def regions_seen(model: Map, points: Float[Tensor, "points dim"]) -> Int[Tensor, "members"]:
    """How many different regions hold one of the points, per member (E,): what sampling would count.

    A point on a border is in no region."""
    value, signs = doubled(points).cpu().expand(model.members, *points.shape), []
    inside = torch.ones(value.shape[:2], dtype=torch.bool)
    for layer in _chain(model)[:-1]:
        before = torch.baddbmm(layer.bias, value, layer.weight)
        size = value.abs().amax(1, keepdim=True) @ layer.weight.abs() + layer.bias.abs()
        inside &= ((before.abs() > CLOSE * size) | (size == 0)).all(-1)
        value = FUNCTIONS[layer.activation](before)
        signs.append((before > 0).numpy())
    packed = np.packbits(np.concatenate(signs, 2), 2) if signs else np.zeros((model.members, len(points), 1), np.uint8)
    return torch.tensor([len(np.unique(rows[own], axis=0)) for rows, own in zip(packed, inside.numpy(), strict=True)])


def _chain(model: Map) -> list[Layer]:
    exact = in_double(model)
    layers = chain(exact.to("cpu"))
    if layers is None or any(layer.activation not in OFF for layer in layers[:-1]):
        raise ValueError(
            "exact regions are those of nets that are a chain of affine maps with relu or leaky between (--net mlp); sample "
            "the Jacobian of others"
        )
    if not all(layer.weight.isfinite().all() and layer.bias.isfinite().all() for layer in layers):
        raise ValueError("exact regions need finite weights; leave out the members that diverged")
    return layers


def _member(layer: Layer, some: slice) -> Layer:
    return Layer(layer.weight[some], layer.bias[some], layer.activation)


def _regions(layers: Sequence[Layer], where: Slice) -> Regions:
    """Of a few members, side by side."""
    members, axes, origin = len(layers[0].weight), where.axes.numpy(), where.origin.numpy()
    box = where.corners.numpy()
    cells = (Partition if len(axes) == 1 else Subdivision)(np.broadcast_to(box, (members, *box.shape)))
    owner = np.arange(members)  # of each cell
    beside = np.repeat(owner, len(box))  # of each vertex
    # The maps of cells, one member's after another's: `order` are their cells, `place` is a cell's row.
    order, place = owner, owner
    linear = np.broadcast_to(axes, (members, *axes.shape))  # (R, K, width)
    offset = np.broadcast_to(origin, (members, len(origin)))
    value = origin + cells.points @ axes
    carried = np.repeat(np.abs(value).max(0)[None], members, 0)  # the size of terms below; roundings add up in squares
    for layer in layers[:-1]:
        weight, bias = layer.weight.numpy(), layer.bias[:, 0].numpy()
        slope = OFF[layer.activation]
        inputs, sizes = _inputs(weight, bias, value, beside)
        carried = np.sqrt(np.matmul(carried[:, None] ** 2, weight**2)[:, 0] + bias**2)
        sizes = np.maximum(sizes, UNSEEN * carried)
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
        near = csr_array((np.ones(len(cell), np.float32), (cell, vertex)), (cells.cells, len(beside)))
        on = near @ (shares > 0).astype(np.float32) > 0
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
        where, *(torch.from_numpy(np.ascontiguousarray(one)) for one in (*numbers, *_moved(*cells.corners(), order)))
    )


def _inputs(
    weight: np.ndarray, bias: np.ndarray, value: np.ndarray, beside: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """A layer's inputs at vertices (V, width), and the size of the terms they are sums of, per member (E, width)."""
    found, sizes = np.empty((len(beside), weight.shape[2])), np.empty((len(weight), weight.shape[2]))
    for member, own in _by_owner(beside, len(weight)):
        here = value[own]
        found[own] = here @ weight[member] + bias[member]
        sizes[member] = np.abs(here).max(0) @ np.abs(weight[member]) + np.abs(bias[member])
    return found, np.where(sizes == 0, 1, sizes)


def _through(
    weight: np.ndarray, bias: np.ndarray, linear: np.ndarray, offset: np.ndarray, owner: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The affine maps of cells, rows the axes, followed by their members' layer; by member."""
    regions, axes, below = linear.shape
    found = np.empty((regions, axes, weight.shape[2])), np.empty((regions, weight.shape[2]))
    ends = np.searchsorted(owner, np.arange(len(weight) + 1))
    for member, own in enumerate(slice(*pair) for pair in itertools.pairwise(ends)):
        np.matmul(linear[own].reshape(-1, below), weight[member], out=found[0][own].reshape(-1, weight.shape[2]))
        found[1][own] = offset[own] @ weight[member] + bias[member]
    return found


def _by_owner(owner: np.ndarray, members: int) -> Iterator[tuple[int, np.ndarray]]:
    order = np.argsort(owner, kind="stable")
    yield from enumerate(np.split(order, np.searchsorted(owner[order], np.arange(1, members))))


def _by_place(place: np.ndarray, values: np.ndarray) -> np.ndarray:
    found = np.empty(place.max() + 1, values.dtype)
    found[place] = values
    return found


def _moved(begins: np.ndarray, corners: np.ndarray, order: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where cells' corners begin, and the corners, in another order of the cells."""
    counts = np.diff(begins)[order]
    after = np.concatenate([[0], counts.cumsum()])
    return after, corners[np.repeat(begins[:-1][order] - after[:-1], counts) + np.arange(len(corners))]


def _joined(parts: Sequence[Regions]) -> Regions:
    """Of all members, some after others."""
    firsts = [0, *np.cumsum([len(one.vertices) for one in parts]).tolist()]
    ends = [0, *np.cumsum([len(one.corners) for one in parts]).tolist()]
    begins = [one.begins[:-1] + end for one, end in zip(parts, ends, strict=False)]
    return Regions(
        parts[0].where,
        torch.cat([one.member + TOGETHER * place for place, one in enumerate(parts)]),
        torch.cat([one.share for one in parts]),
        torch.cat([one.linear for one in parts]),
        torch.cat([one.offset for one in parts]),
        torch.cat([one.vertices for one in parts]),
        torch.cat([*begins, torch.tensor(ends[-1:])]),
        torch.cat([one.corners + first for one, first in zip(parts, firsts, strict=False)]),
    )
