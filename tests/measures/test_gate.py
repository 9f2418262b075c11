"""Arrays of every kind come into every measure of points as float tensors, or are refused in one line that names them."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from landscape import measures
from landscape.measures.dynamics.steps import dynamics_of
from landscape.measures.gate import as_numbers, as_sets
from landscape.measures.known_maps.controls import Identity

SEED = 0
ONE = Identity(members=1, dim=4)


def drawn(count: int, seed: int) -> Tensor:
    """Points of small integers, which all kinds of number hold exactly: (P, 4)."""
    return torch.randint(0, 100, (count, 4), generator=torch.Generator().manual_seed(seed), dtype=torch.uint8)


A, B, C, D = (drawn(count, seed) for count, seed in ((61, 1), (67, 2), (59, 3), (61, 4)))


def random() -> torch.Generator:
    return torch.Generator().manual_seed(SEED)


def radius() -> Tensor:
    return torch.tensor([30.0])


Measure = Callable[..., Any]
# Each measure, its arrays, and which of them may hold what is not finite.
TAKES: dict[str, tuple[Measure, dict[str, Tensor], set[str]]] = {
    "neighbours": (lambda **a: measures.nearest_neighbours(**a, count=3), {"points": A, "data": B}, {"points"}),
    "nearest": (measures.nearest, {"points": A, "data": B}, {"points"}),
    "surroundings": (lambda **a: measures.neighbours.surroundings(**a, k=3), {"data": A}, set()),
    "gaps": (measures.neighbours.gaps, {"data": A}, set()),
    "near_radius": (lambda **a: measures.dynamics.near_radius(**a, high=100.0), {"data": A}, set()),
    "share_near": (
        lambda **a: measures.dynamics.share_near(**a, radius=radius()),
        {"points": A, "data": B},
        {"points"},
    ),
    "visits": (lambda **a: measures.dynamics.visits(**a, radius=radius()), {"points": A, "data": B}, {"points"}),
    "reached": (lambda **a: measures.dynamics.reached(**a, radius=radius()), {"points": A, "data": B}, {"points"}),
    "fidelity": (measures.fidelity, {"samples": A, "training": B}, set()),
    "variety": (measures.neighbours.variety, {"samples": A, "training": B}, set()),
    "modes": (measures.neighbours.modes, {"samples": A, "training": B}, set()),
    "sliced_wasserstein": (
        lambda **a: measures.neighbours.sliced_wasserstein(**a, generator=random()),
        {"samples": A, "others": B},
        set(),
    ),
    "nearness": (measures.nearness, {"samples": A, "training": B, "held_out": C}, set()),
    "data_copying": (measures.data_copying, {"samples": A, "training": B, "held_out": C}, set()),
    "twins": (measures.memorisation.twins, {"samples": A, "others": D, "training": B, "others_training": C}, set()),
    "memorisation": (measures.memorisation_statistics, {"samples": A, "training": B, "held_out": C}, {"samples"}),
    "loss_at": (lambda **a: measures.loss_at(ONE, **a), {"points": A}, set()),
    "jacobian_at": (lambda **a: measures.jacobian_at(ONE, **a), {"points": A}, set()),
    "orbits": (lambda **a: measures.orbits(ONE, **a, iterations=2, high=100.0), {"starts": A}, set()),
    "follow": (
        lambda **a: measures.dynamics.follow(ONE, **a, iterations=2, radius=radius()),
        {"starts": A, "data": B},
        set(),
    ),
    "ends": (lambda **a: measures.dynamics.ends(ONE, **a, iterations=2, high=100.0), {"starts": A}, set()),
    "basins": (lambda **a: measures.basins(ONE, **a, iterations=9, high=100.0), {"starts": A}, set()),
    "flat_share": (lambda **a: measures.local.flat_share(ONE, **a), {"points": A}, set()),
    "sample": (lambda **a: measures.sample(ONE, **a, iterations=2, high=100.0), {"start": A}, set()),
    "growth": (lambda **a: measures.local.growth(ONE, **a, generator=random()), {"points": A}, {"points"}),
}
OF_SETS = [name for name, (measure, arrays, _) in TAKES.items() if len(arrays) > 1 and name != "follow"]
KINDS: dict[str, Callable[[Tensor], Any]] = {
    "numpy": lambda points: points.numpy(),
    "a read-only array": lambda points: np.broadcast_to(points.numpy(), points.shape),
    "big-endian": lambda points: points.numpy().astype(">f4"),
    "a list": lambda points: points.tolist(),
    "uint8": lambda points: points,
    "int8": lambda points: points.to(torch.int8),
    "int16": lambda points: points.to(torch.int16),
    "int32": lambda points: points.to(torch.int32),
    "int64": lambda points: points.to(torch.int64),
    "numpy uint16": lambda points: points.numpy().astype(np.uint16),
    "half": lambda points: points.half(),
    "bfloat16": lambda points: points.bfloat16(),
    "float64": lambda points: points.double(),
    "numpy float64": lambda points: points.numpy().astype(float),
    "a set per member": lambda points: points[None],
}


def numbers(found: Any) -> list[Tensor]:
    """All tensors of a result, in float64."""
    if isinstance(found, Tensor):
        return [found.double()]
    if isinstance(found, dict):
        return [one for value in found.values() for one in numbers(value)]
    if isinstance(found, tuple):
        return [one for value in found for one in numbers(value)]
    return numbers(tuple(vars(found).values())) if hasattr(found, "__dict__") else []


def assert_alike(found: Any, expected: Any) -> None:
    for one, other in zip(numbers(found), numbers(expected), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-5, equal_nan=True)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", TAKES)
def test_arrays_of_every_kind_are_measured_as_float_tensors(name: str, kind: str) -> None:
    measure, arrays, _ = TAKES[name]
    expected = measure(**{one: points.float()[None] for one, points in arrays.items()})
    assert_alike(measure(**{one: KINDS[kind](points) for one, points in arrays.items()}), expected)


@pytest.mark.parametrize("name", OF_SETS)
def test_mixed_precision_is_measured_in_the_wider(name: str) -> None:
    measure, arrays, _ = TAKES[name]
    expected = measure(**{one: points.double()[None] for one, points in arrays.items()})
    for first in arrays:
        assert_alike(measure(**{k: v.double() if k == first else v for k, v in arrays.items()}), expected)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
@pytest.mark.parametrize(("name", "argument"), [(name, one) for name in TAKES for one in TAKES[name][1]])
def test_numbers_that_are_not_finite_are_refused_by_name(name: str, argument: str, value: float) -> None:
    measure, arrays, unchecked = TAKES[name]
    spoilt = {one: points.float() for one, points in arrays.items()}
    spoilt[argument][3, 1] = value
    if argument in unchecked:
        measure(**spoilt)
        return
    with pytest.raises(ValueError, match=rf"^`{argument}` must hold finite numbers; 1 of \d+ are NaN or infinite$"):
        measure(**spoilt)


@pytest.mark.parametrize("name", OF_SETS)
@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda points: points[:, :3], "points must have one number of coordinates"),
        (lambda points: points[:, 0], "must be"),
        (lambda points: points[:0], "must hold at least one point"),
        (lambda points: points[None, None, None], "must be"),
        (lambda points: "points", "must be a tensor or an array of real numbers; got str"),
        (lambda points: None, "must be a tensor or an array of real numbers; got NoneType"),
        (
            lambda points: points.numpy().astype(object),
            "must be a tensor or an array of real numbers; got numpy object",
        ),
        (lambda points: points.to(torch.complex64), "must be a dense array of real numbers; got complex64"),
        (lambda points: points.double().numpy() + 0j, "must be a dense array of real numbers; got complex128"),
        (lambda points: points.to("meta"), "must be a dense array of real numbers; got .*, without content"),
        (lambda points: np.ma.masked_less(points.numpy(), points.median()), "must be an array without masked entries"),
    ],
    ids=[
        "dimensions", "no points", "empty", "five axes", "words", "nothing", "objects", "complex", "numpy complex", "meta",
        "masked",
    ],
)  # fmt: skip
def test_what_is_no_set_of_points_is_refused_in_one_line(name: str, spoil: Callable[[Tensor], Any], words: str) -> None:
    measure, arrays, _ = TAKES[name]
    last = list(arrays)[-1]
    with pytest.raises(ValueError, match=words) as refused:
        measure(**(arrays | {last: spoil(arrays[last])}))
    assert "\n" not in str(refused.value)
    assert f"`{last}`" in str(refused.value)


@pytest.mark.parametrize("name", OF_SETS)
def test_sets_of_other_numbers_of_members_are_refused(name: str) -> None:
    measure, arrays, _ = TAKES[name]
    first, last = next(iter(arrays)), list(arrays)[-1]
    given = {one: points[None] for one, points in arrays.items()}
    given |= {first: arrays[first].expand(3, -1, -1), last: arrays[last].expand(2, -1, -1)}
    with pytest.raises(ValueError, match="must have the same number of members, or 1"):
        measure(**given)


def test_images_are_points() -> None:
    images = torch.randint(0, 256, (7, 3, 5, 3), generator=random(), dtype=torch.uint8)
    distance, index = measures.nearest(images, images.flip(0))
    assert distance.tolist() == [[0.0] * 7]
    assert index.tolist() == [[6, 5, 4, 3, 2, 1, 0]]
    with pytest.raises(ValueError, match=r"Flatten images: x.reshape\(len\(x\), -1\)"):
        measures.nearest(images[..., 0], images[:5, ..., 0])


def test_distances_of_bytes_do_not_wrap() -> None:
    far = torch.tensor([[0, 0], [250, 250]], dtype=torch.uint8)
    assert measures.nearest(far[:1], far[1:])[0].item() == pytest.approx(250 * 2**0.5)


def test_whole_numbers_come_in_exactly_or_not_at_all() -> None:
    assert as_numbers("ids", torch.tensor([2**24 + 1])).dtype == torch.float64
    assert int(as_numbers("ids", np.array([2**53 - 1]))) == 2**53 - 1
    for beyond in (2**53, 2**53 + 1, 2**53 + 2, -(2**53) - 1):
        with pytest.raises(ValueError, match=r"`ids` must hold integers below 2\^53"):
            as_numbers("ids", np.array([beyond]))


def test_what_float_tensors_share_stays_shared() -> None:
    """A set of stride 0 is searched once for all members."""
    shared = B.float().expand(3, -1, -1)
    assert as_numbers("data", shared) is shared


def test_three_axes_are_members_and_grey_images_have_a_channel() -> None:
    images = torch.rand(5, 3, 2, generator=random())
    flat = as_sets({"x": images.reshape(5, 6)})["x"]
    assert flat.shape == (1, 5, 6)
    assert torch.equal(as_sets({"x": images[..., None]})["x"], flat)
    assert as_sets({"x": images})["x"].shape == (5, 3, 2)


def test_the_old_name_of_the_model_still_works_and_warns():
    with pytest.warns(DeprecationWarning, match="the argument `map` is now `model`"):
        by_old_name = measures.loss_at(map=Identity(1, 2), points=[[0.1, 0.2]])
    assert torch.equal(by_old_name, measures.loss_at(model=Identity(1, 2), points=[[0.1, 0.2]]))


def test_options_by_position_still_work_and_warn():
    """Older versions took the generator and the range by position."""
    by_name = measures.local.cube_mean(ONE, 61, generator=random(), low=2.0, high=3.0)
    with pytest.warns(DeprecationWarning, match="pass options of `cube_mean` by name: generator=…, low=…"):
        by_position = measures.local.cube_mean(ONE, 61, random(), 2.0, high=3.0)
    assert all(map(torch.equal, by_position, by_name))
    with pytest.warns(DeprecationWarning, match="pass options of `plateau_width` by name: low=…, high=…, count=…"):
        width = measures.local.plateau_width(Identity(1, 1), [[[0.5]]], 0.0, 1.0, 11)
    assert width.tolist() == [[0.0]]
    with pytest.warns(DeprecationWarning, match="pass options of `sample` by name: noise=…"):
        noisy = measures.sample(ONE, 5, 3, "uniform", "normal:0.1")
    assert torch.equal(noisy.points, measures.sample(ONE, 5, 3, noise="normal:0.1").points)
    with pytest.warns(DeprecationWarning, match="pass options of `starts` by name: generator=…, low=…"):
        begun = measures.starts("uniform", 3, 5, 2, random(), -1.0)
    assert torch.equal(begun, measures.starts("uniform", 3, 5, 2, generator=random(), low=-1.0))


def test_more_arguments_than_there_ever_were_are_refused():
    with pytest.raises(TypeError, match="too many positional arguments"):
        measures.local.cube_mean(ONE, 61, random(), 0.0, 1.0, 2.0)
    with pytest.raises(TypeError, match="too many positional arguments"):
        measures.loss_at(ONE, A, 1.0)


BARE = {
    "loss_at": lambda module: measures.loss_at(module, A),
    "corner_loss": measures.corner_loss,
    "cube_mean": lambda module: measures.local.cube_mean(module, 61, generator=random()),
    "fixed_points": measures.fixed_points,
    "basins": lambda module: measures.basins(module, A, 9),
    "sample": measures.sample,
}


@pytest.mark.parametrize("name", BARE)
def test_a_bare_module_is_refused_with_what_to_do(name: str):
    with pytest.raises(ValueError, match=r"the torch module Linear has not. Wrap it: landscape.wrap\(model, shape=…\)"):
        BARE[name](torch.nn.Linear(4, 4))


def test_what_is_gone_or_wrong_says_what_to_do():
    with pytest.raises(AttributeError, match="attractors is gone: find_attractors"):
        measures.attractors  # noqa: B018
    with pytest.raises(TypeError, match="Pass options by name: by, low, high, generator"):
        measures.find_attractors(ONE, A, 10, "proximity")
    with pytest.raises(TypeError, match="unexpected argument 'nois'; the fields of `dynamics` are noise, clip, known"):
        measures.orbits(ONE, A, 3, nois="normal:0.1")
    given: Any = measures.Noise("normal", 0.1)
    with pytest.raises(ValueError, match="`dynamics` must be a Dynamics"):
        inspect.unwrap(dynamics_of)(given, {})  # without the type checks that only tests have
    with pytest.raises(ValueError, match="`iterations` must be 0 or more; got -3"):
        measures.orbits(ONE, A, -3)
