"""The data of a recipe: training points, held-out points, and the shape of a point."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields
from math import prod
from pathlib import Path

import numpy as np
import torch

from landscape import own_data
from landscape.choices import DRAWN_SETS
from landscape.data import files, synthetic
from landscape.data.arrays import read_arrays
from landscape.data.dataset import DATASETS, Dataset, DataSpec
from landscape.data.folders import read_folder
from landscape.data.frames import read_table
from landscape.data.images import form, prepared
from landscape.data.published import SETS, published
from landscape.data.source import Source, place_of
from landscape.data.strip import carrying, strips
from landscape.data.synthetic import FIXED
from landscape.own_data import KINDS as KINDS


def load_data(spec: DataSpec, seeds: Sequence[int], *, most: int | None = None) -> Dataset:
    """The training points for one member per seed: points (E, N, D).

    - Generated sets depend on the seed alone. They are nested: the first n points of a larger count are the set of count n.
    - Of a published set, `spec.count` takes the first points in the order of its files.
    - Of any other set, it takes the first points of one fixed random order. With `spec.drawn`, each member has its own order.

    `most` limits the number of points that are read, for callers that only check the spec. Raises ValueError for an unknown
    name, a path that is missing or has changed, data that cannot be read, and a count, class or dimension that the set does
    not have."""
    _check(spec)
    if spec.name in FIXED:
        points, low, high = FIXED[spec.name]
        _refuse_other(spec, len(points), len(points[0]))
        return _shared(spec, np.array(points, np.float32), len(seeds), low, high)
    if spec.name in DRAWN_SETS:
        return _drawn(spec, seeds, spec.skip, _required(spec, "count"))
    source = _source(spec)
    orders = _orders(spec, source, seeds)
    free = max(orders.shape[1] - spec.skip, 0)
    count = free if spec.count is None else spec.count
    if not 1 <= count <= free:
        raise ValueError(f"{_holding(spec, source, orders)}{_after(spec)}; got count {count}. {_ask(free)}")
    return _dataset(spec, source, orders[:, spec.skip : spec.skip + count][:, :most], len(seeds))


def held_out(spec: DataSpec, seeds: Sequence[int], count: int, *, most: int | None = None) -> Dataset:
    """Points that no member of `spec` is trained on: points (E, count, D).

    - Published sets: test images in one fixed random order, as the test file of MNIST has its easier half first.
    - Generated sets: further draws, after `spec.count` training points and as many for a second network of a pair.
    - All other sets: the end of the order from whose beginning the training points are taken. Studies of pairs check that
      the set is large enough for both networks.

    A point that occurs twice in the data may be both trained on and held out. The first n points of a larger count are those
    of count n. Raises ValueError if the set has fewer than `count` points left."""
    _check(spec)
    if count < 1:
        raise ValueError(f"`count` of held-out points must be a positive whole number; got {count}")
    if spec.name in FIXED:
        raise ValueError(
            f"{spec.name!r} is trained on whole: it has no points to hold out. Choose 'uniform' or 'digits' data"
        )
    if spec.name in DRAWN_SETS:
        return _drawn(spec, seeds, spec.skip + 2 * _required(spec, "count"), count)
    if spec.name in SETS:
        source = _source(spec, train=False)
        test = np.random.default_rng(0).permutation(source.count)
        orders = _of_classes(spec, source, test)[None]
        free, note = orders.shape[1], " for testing"
    else:
        source = _source(spec)
        orders = _orders(spec, source, seeds)[:, ::-1]
        used = orders.shape[1] if spec.count is None else spec.skip + spec.count
        free, note = max(orders.shape[1] - used, 0), f", and training takes {used} of them"
    if count > free:
        raise ValueError(f"{_holding(spec, source, orders)}{note}; got {count} to hold out. {_ask(free)}")
    return _dataset(spec, source, orders[:, :count][:, :most], len(seeds))


def shape_of(spec: DataSpec) -> tuple[int, ...]:
    """The shape of a point of `spec`: (D,), or an image's (h, w) or (h, w, 3). For a path, the first point is read."""
    if spec.name in FIXED:
        return (len(FIXED[spec.name][0][0]),)
    if spec.name in DRAWN_SETS:
        return (_required(spec, "dim"),)
    if spec.name in SETS:
        height, width, *colours = form(SETS[spec.name].shape, spec.size, spec.grey)
        names = SETS[spec.name].classes
        shown = len({place_of(name, names) for name in spec.classes}) or len(names)
        return (height + strips(width, shown).shape[1] * spec.labelled, width, *colours)
    return _source(spec).shape


def dimension(spec: DataSpec) -> int:
    """The number of coordinates of a point of `spec`, without drawing it."""
    return prod(shape_of(spec))


def whole(spec: DataSpec, *, train: bool = True) -> Source:
    """All points of a named set or a path in the order of its files: `take` reads them, as uint8 or floats in [0, 1].

    `train` chooses between the training and the test images of a published set. Raises ValueError as `load_data` does."""
    _check(spec)
    return _source(spec, train)


def summary_of(spec: DataSpec) -> str:
    """One line that says how a path was read; empty for a named set."""
    return "" if spec.name in DATASETS else _source(spec).summary


def _source(spec: DataSpec, train: bool = True) -> Source:
    """The content of the name or path, its images prepared and, with `spec.labelled`, labelled."""
    source = _unlabelled(spec, train)
    return carrying(source, source.chosen(spec.classes)) if spec.labelled else source


def _unlabelled(spec: DataSpec, train: bool) -> Source:
    if spec.name in SETS:
        return prepared(published(spec.name, train), spec.size, spec.grey)
    if spec.name == "digits":
        return prepared(synthetic.digits(), spec.size, spec.grey)
    path, digest = _place(spec)
    if path is None:
        raise ValueError(own_data.missing(spec.name, path=bool(spec.digest)))
    if digest != spec.digest:
        raise ValueError(
            f"{path} has changed: its sha256 was {spec.digest[:12]}… and is {digest[:12]}…; start a new run with it"
        )
    if path.is_dir():
        return read_folder(path, digest, spec.size, spec.grey)
    kind = path.suffix.lower()
    if kind not in (*files.ARRAY_SUFFIXES, *files.TABLE_SUFFIXES):
        raise ValueError(f"data must be a name or {KINDS}; got the file {path}")
    read: Callable[[Path, str], Source] = read_arrays if kind in files.ARRAY_SUFFIXES else read_table
    return prepared(read(path, digest), spec.size, spec.grey)


def _place(spec: DataSpec) -> tuple[Path | None, str]:
    """The file or folder of a spec and the digest of its content: where its content was seen, or else at the path `name`."""
    known = own_data.place_of(spec.digest)
    if known is not None and files.digest(str(known)) == spec.digest:
        return known, spec.digest
    path = files.find(spec.name) or known
    return path, "" if path is None else files.digest(str(path))


def _orders(spec: DataSpec, source: Source, seeds: Sequence[int]) -> np.ndarray:
    """The indices of the points of the chosen classes, in the order in which training takes them.

    (E, M), or (1, M) if all members share one order."""
    indices = _of_classes(spec, source, source.order())
    if not spec.drawn:
        return indices[None]
    return np.stack([np.random.default_rng([seed, 3]).permutation(indices) for seed in seeds])


def _of_classes(spec: DataSpec, source: Source, order: np.ndarray) -> np.ndarray:
    chosen = source.chosen(spec.classes)
    return order if source.labels is None or not spec.classes else order[np.isin(source.labels[order], chosen)]


def _dataset(spec: DataSpec, source: Source, places: np.ndarray, members: int) -> Dataset:
    """The points of the source at the indices `places`, as floats in the spec's range.

    The source keeps uint8, which takes a quarter of the memory of float32."""
    values = source.take(places.reshape(-1))
    points = values.astype(np.float32)
    if values.dtype == np.uint8:
        points /= 255
    if spec.signed:
        points *= 2
        points -= 1
    labels, chosen = None, source.chosen(spec.classes)
    if source.labels is not None:
        labels = torch.from_numpy(np.searchsorted(chosen, source.labels[places])).expand(members, -1)
    return Dataset(
        spec.name,
        torch.from_numpy(points).view(*places.shape, -1).expand(members, -1, -1),
        -1.0 if spec.signed else 0.0,
        1.0,
        source.shape,
        labels,
        spec.drawn,
        tuple(source.classes[place] for place in chosen),
        source.table,
        source.strip,
        source.summary,
    )


def _shared(spec: DataSpec, points: np.ndarray, members: int, low: float, high: float) -> Dataset:
    if spec.signed and low == 0:
        points, low = 2 * points - 1, -1.0
    whole = torch.from_numpy(points)
    return Dataset(spec.name, whole.expand(members, *whole.shape), low, high, (whole.shape[1],))


def _drawn(spec: DataSpec, seeds: Sequence[int], skip: int, count: int) -> Dataset:
    total, dim = skip + count, _required(spec, "dim")
    if spec.name == "uniform":
        sets = [synthetic.uniform(total, dim, seed, spec.spread) for seed in seeds]
    else:
        sets = [synthetic.clusters(total, dim, seed, spec.spread, spec.clusters) for seed in seeds]
    points = torch.stack([torch.from_numpy(points[skip:]) for points in sets])
    if spec.signed:
        points = 2 * points - 1
    return Dataset(spec.name, points, -1.0 if spec.signed else 0.0, 1.0, (dim,), drawn=True)


def _check(spec: DataSpec) -> None:
    """Raise ValueError for fields that do not apply to the set: a recipe must not promise what it does not do."""
    if spec.skip < 0:
        raise ValueError(f"`skip` must be a whole number from 0; got {spec.skip}")
    if spec.size is not None and spec.size < 1:
        raise ValueError(f"`size` must be a positive whole number of pixels; got {spec.size}")
    useless = ["classes", "size", "grey", "labelled", *([] if spec.name in DRAWN_SETS else ["skip", "drawn"])]
    for field in fields(spec):
        if spec.name in (*DRAWN_SETS, *FIXED) and field.name in useless and getattr(spec, field.name) != field.default:
            raise ValueError(
                f"`{field.name}` is not for {spec.name!r} data; leave it out, or choose 'digits' or images"
            )


def _holding(spec: DataSpec, source: Source, orders: np.ndarray) -> str:
    names = [source.classes[place] for place in source.chosen(spec.classes)] if spec.classes else []
    of = f" of class {', '.join(names)}" if names else ""
    return f"{source.name} has {orders.shape[1]} {source.noun}{of}"


def _after(spec: DataSpec) -> str:
    return f" and the first {spec.skip} are passed over" if spec.skip else ""


def _ask(free: int) -> str:
    return f"Ask for 1 to {free}" if free else "None are left: take a smaller `count` or `skip`"


def _required(spec: DataSpec, name: str) -> int:
    value: int | None = getattr(spec, name)
    if value is None or value < 1:
        raise ValueError(f"`{name}` must be a positive whole number for {spec.name!r} data; got {value}")
    return value


def _refuse_other(spec: DataSpec, count: int, dim: int) -> None:
    for name, fixed in (("count", count), ("dim", dim)):
        given = getattr(spec, name)
        if given not in (None, fixed):
            raise ValueError(f"{spec.name!r} has {name} {fixed}; got {given}. Leave it out, or choose 'uniform' data")
