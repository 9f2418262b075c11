"""Every public measure, kind of sampling and architecture gives the same on a GPU as on the CPU."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import cache
from itertools import product
from types import FunctionType

import numpy as np
import pytest
import torch
from torch import Tensor

from landscape import measures
from landscape.baselines import BASELINES, CONTROL_SAMPLERS, control_samples, mixed_samples, train_baseline
from landscape.choices import NOISE_KINDS, OBJECTIVES
from landscape.choices import STARTS as KINDS_OF_START
from landscape.cube import Slice
from landscape.data import Dataset
from landscape.ensemble import Ensemble, build, fit
from landscape.nets import MLP, NETS, Injective, make_net
from tests.devices.fake import Device, OnDevice, fake_device

COUNT, STARTS = 13, 7
SIZES = {"injective": {"hidden": 1, "width": 33}, "unet": {"hidden": 3, "width": 2}}
FLAT = Slice(torch.zeros(2), torch.eye(2), torch.zeros(2), torch.ones(2))


def drawn(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def rand(*shape: int, seed: int = 0) -> Tensor:
    return torch.rand(shape, generator=drawn(seed))


@dataclass(frozen=True)
class Setting:
    """What measures are handed, on one device."""

    device: str
    members: int = 3

    @property
    def net(self) -> Ensemble:
        return build(MLP(hidden=2, width=5), 2, range(self.members), self.device)

    @property
    def line(self) -> Ensemble:
        return build(MLP(hidden=2, width=5), 1, range(self.members), self.device)

    @property
    def data(self) -> Tensor:
        return rand(self.members, COUNT, 2).to(self.device)

    @property
    def dataset(self) -> Dataset:
        return Dataset("uniform", self.data, 0.0, 1.0, (2,))

    @property
    def samples(self) -> Tensor:
        return rand(self.members, STARTS, 2, seed=1).to(self.device)

    @property
    def points(self) -> Tensor:
        return self.samples[0]

    @property
    def radius(self) -> Tensor:
        return torch.full((self.members,), 0.1, device=self.device)

    @property
    def labels(self) -> Tensor:
        return (torch.arange(self.members * COUNT).view(self.members, COUNT) % 2).to(self.device)

    @property
    def jacobian(self) -> Tensor:
        return measures.jacobian_at(self.net, self.points)


def distinct_ends(s: Setting) -> object:
    found = measures.dynamics.ends(s.net, s.samples, 9)
    return found, measures.dynamics.distinct_ends(s.net, found, generator=drawn())


def census(s: Setting) -> measures.exact.FixedPoints:
    return measures.dynamics.census(s.net, s.points)


def branches(s: Setting) -> object:
    return measures.dynamics.branches([s.net, s.net], [census(s), census(s)], [0.0, 1.0])


def training_times(s: Setting) -> object:
    radius = torch.full((s.members, COUNT), 0.1, device=s.device)
    return measures.dynamics.training_times([census(s)], [0.0], s.data, radius)


def layer(s: Setting) -> tuple[Tensor, Tensor]:
    """Weights and biases of a layer of seven rows."""
    return s.samples[0] - 0.5, s.samples[0, :, 0]


CALLS: dict[str, Callable[[Setting], object]] = {
    "active_rows": lambda s: measures.exact.active_rows(layer(s)[0], s.points, layer(s)[1]),
    "distinct_ends": distinct_ends,
    "find_attractors": lambda s: measures.find_attractors(s.net, s.points, 9, by="proximity"),
    "basins": lambda s: measures.basins(s.net, s.points, 9),
    "behaviour": lambda s: measures.behaviour(s.net, s.net, s.dataset, s.points),
    "burn_in": lambda s: measures.dynamics.burn_in(s.samples[:, None].repeat(1, 4, 1, 1)[..., 0] > 0.5),
    "chain_injectivity": lambda s: measures.exact.chain_injectivity(s.net, last=True),
    "class_shares": lambda s: measures.neighbours.class_shares(s.samples, s.data, s.labels, s.data, s.labels),
    "colliding_inputs": lambda s: measures.exact.colliding_inputs(s.net, s.points, last=True),
    "collect": lambda s: measures.dynamics.collect(measures.iterate(s.net, s.samples, 2), (0, 2)),
    "control": lambda s: [
        measures.control(k, s.dataset, s.net)(s.samples) for k in measures.known_maps.CONTROLS if k != "none"
    ],
    "corner_ascent": lambda s: measures.local.corner_ascent(s.net, generator=drawn()),
    "corner_loss": lambda s: measures.corner_loss(s.net),
    "cube_maximum": lambda s: measures.cube_maximum(s.net, generator=drawn(), samples=32, restarts=2, steps=3),
    "cube_mean": lambda s: measures.local.cube_mean(s.net, 32, generator=drawn()),
    "data_copying": lambda s: measures.data_copying(s.samples, s.data, s.data + 0.01),
    "dead_share": lambda s: measures.local.dead_share(s.net, s.points),
    "descend": lambda s: [list(measures.descend(s.net, s.samples, 2, method=m)) for m in measures.dynamics.DESCENTS],
    "ends": lambda s: measures.dynamics.ends(s.net, s.samples, 9),
    "fidelity": lambda s: measures.fidelity(s.samples, s.data),
    "fixed_points": lambda s: measures.fixed_points(s.net),
    "frechet_distance": lambda s: measures.neighbours.frechet_distance(s.samples, s.data),
    "inception_score": lambda s: measures.neighbours.inception_score(s.samples),
    "standard_normal_distance": lambda s: measures.neighbours.standard_normal_distance(s.samples),
    "flat_share": lambda s: measures.local.flat_share(s.net, s.points),
    "follow": lambda s: measures.dynamics.follow(s.net, s.samples, 3, s.data, s.radius),
    "gaps": lambda s: measures.neighbours.gaps(torch.cat([s.data, *[s.data[:, :1]] * 9], 1)),
    "growth": lambda s: measures.local.growth(s.net, s.points, generator=drawn(), iterations=3),
    "inverse_lipschitz": lambda s: measures.inverse_lipschitz(*layer(s), box=(s.points[0] - 1, s.points[0])),
    "iterate": lambda s: list(measures.iterate(s.net, s.samples, 2)),
    "jacobian_at": lambda s: s.jacobian,
    "jacobian_before_squash": lambda s: measures.local.jacobian_before_squash(s.net, s.points),
    "jumps": lambda s: measures.dynamics.jumps(measures.iterate(s.net, s.samples, 3), data=s.data, radius=s.radius),
    "known_half": lambda s: measures.dynamics.known_half(s.data[:, 0].repeat(1, 8), (4, 4), "left"),
    "layer_injectivity": lambda s: [
        measures.layer_injectivity(*layer(s), method=m) for m in measures.exact.LAYER_METHODS
    ],
    "layers_one_to_one": lambda s: measures.one_to_one(build(Injective(1, 5), 2, range(s.members), s.device)),
    "loss_density": lambda s: measures.dynamics.loss_density(s.net, s.samples.clamp(0, 1)),
    "loss_at": lambda s: measures.loss_at(s.net, s.points),
    "memorisation_statistics": lambda s: measures.memorisation_statistics(
        s.samples, s.data, s.data + 0.01, training_loss=s.radius
    ),
    "merged_points": lambda s: measures.merged_points(s.net, s.points),
    "modes": lambda s: measures.neighbours.modes(s.samples, s.data),
    "near_radius": lambda s: measures.dynamics.near_radius(s.data),
    "nearest": lambda s: measures.nearest(s.samples, s.data),
    "nearness": lambda s: measures.nearness(s.samples, s.data, s.data + 0.01),
    "nearest_neighbours": lambda s: measures.nearest_neighbours(s.samples.repeat(1, 1, 32), s.data.repeat(1, 1, 32), 3),
    "numerical_rank": lambda s: measures.local.numerical_rank(s.jacobian),
    "one_to_one": lambda s: measures.one_to_one(build(Injective(1, 5), 2, range(s.members), s.device)),
    "operator_norm": lambda s: measures.local.operator_norm(s.jacobian),
    "orbits": lambda s: measures.orbits(s.net, s.samples, 3),
    "periodic_points": lambda s: measures.periodic_points(s.net, s.points, 2),
    "plateau_width": lambda s: measures.local.plateau_width(s.line, s.data[..., :1], low=0, high=1, count=9),
    "plateaus": lambda s: measures.exact.plateaus(measures.regions(s.net, FLAT)),
    "plateaus_along": lambda s: measures.local.plateaus_along(s.net, s.data[:, 0], s.data[:, 1], 9),
    "pushed": lambda s: measures.local.pushed(s.net, s.samples, s.samples),
    "reached": lambda s: measures.dynamics.reached(s.samples, s.data, s.radius),
    "regions": lambda s: measures.regions(s.net, FLAT),
    "regions_seen": lambda s: measures.exact.regions_seen(s.net, s.points),
    "sample": lambda s: measures.sample(s.net, STARTS, 2),
    "sample_states": lambda s: measures.memorisation.sample_states(s.samples, s.data, s.data + 0.01),
    "share_near": lambda s: measures.dynamics.share_near(s.samples, s.data, s.radius),
    "shell_loss": lambda s: measures.local.shell_loss(s.net, torch.tensor([0.0, 0.5, 1.0]), 5, generator=drawn()),
    "sliced_wasserstein": lambda s: measures.neighbours.sliced_wasserstein(s.samples, s.data, generator=drawn(), directions=5),
    "slopes_along": lambda s: measures.local.slopes_along(s.net, s.data[:, 0], s.data[:, 1], 9),
    "spectral_radius": lambda s: measures.spectral_radius(s.jacobian),
    "spectral_radius_at": lambda s: measures.spectral_radius_at(s.net, s.points),
    "numerical_rank_at": lambda s: measures.local.numerical_rank_at(s.net, s.points),
    "operator_norm_at": lambda s: measures.local.operator_norm_at(s.net, s.points),
    "trace_share_at": lambda s: measures.local.trace_share_at(s.net, s.points),
    "census": census,
    "branches": branches,
    "training_times": training_times,
    "starts": lambda s: measures.starts("data", s.members, 3, 2, generator=drawn(), data=s.data),
    "step_sharpness": lambda s: measures.local.step_sharpness(s.net, s.data[:, 0], s.data[:, 1], 9),
    "surroundings": lambda s: measures.neighbours.surroundings(s.data, 3),
    "top_corners": lambda s: measures.local.top_corners(s.net, 2),
    "trace_share": lambda s: measures.local.trace_share(s.jacobian),
    "twins": lambda s: measures.memorisation.twins(s.samples, s.samples + 0.01, s.data, s.data + 0.02),
    "variety": lambda s: measures.neighbours.variety(s.samples, s.data),
    "verdicts": lambda s: measures.memorisation.verdicts(measures.memorisation_statistics(s.samples, s.data, s.data + 0.01)),
    "visits": lambda s: measures.dynamics.visits(s.samples, s.data, s.radius),
}  # fmt: skip
# These take words, numbers and NumPy's arrays.
HOST = {
    "basin_entropy", "boundary_dimension", "uncertainty_exponent", "kept_iterations", "known_cells", "memorisation_verdict",
    "check_room", "copied_interval", "copying_answer", "variety_answer", "calibrated",
}  # fmt: skip
WINGS = (
    measures.local, measures.exact, measures.neighbours, measures.dynamics, measures.memorisation, measures.known_maps,
)  # fmt: skip


def flattened(found: object) -> Iterable[object]:
    """The tensors, as CPU tensors, and words that a result holds."""
    if isinstance(found, Tensor):
        yield found.cpu()
    elif isinstance(found, np.ndarray):
        yield torch.from_numpy(found)
    elif is_dataclass(found) and not isinstance(found, type):
        for field in fields(found):
            yield from flattened(getattr(found, field.name))
    elif isinstance(found, dict):
        yield from flattened(list(found.values()))
    elif isinstance(found, list | tuple):
        for one in found:
            yield from flattened(one)
    elif isinstance(found, str | float):
        yield found


def assert_same(ours: object, theirs: object) -> None:
    pairs = list(zip(flattened(ours), flattened(theirs), strict=True))
    assert pairs
    for one, other in pairs:
        if isinstance(one, Tensor):
            torch.testing.assert_close(one, other, equal_nan=True, rtol=1e-4, atol=1e-5)
        else:
            assert one == other


def test_every_public_measure_is_called_here() -> None:
    public = {
        name
        for module in (measures, *WINGS)
        for name, value in vars(module).items()
        if isinstance(value, FunctionType) and value.__module__.startswith("landscape.measures.")
    }
    assert set(CALLS) | HOST == public


@cache
def on_the_cpu(measure: str) -> object:
    """The result on the CPU, with which the results of both kinds of device are compared."""
    return CALLS[measure](Setting("cpu"))


@pytest.mark.parametrize("kind", ["cuda", "mps"])
@pytest.mark.parametrize("measure", CALLS)
def test_a_measure_is_that_of_the_cpu(measure: str, kind: str) -> None:
    expected = on_the_cpu(measure)
    with fake_device(kind) as device:
        assert_same(CALLS[measure](Setting(kind)), expected)
    assert device.operations
    assert device.faults == []


# These look for what each member alone has: solutions, components, classifiers.
MEMBER_BY_MEMBER = {
    "basins", "branches", "census", "chain_injectivity", "class_shares", "colliding_inputs", "distinct_ends",
    "fidelity", "find_attractors", "fixed_points", "layers_one_to_one",
    "memorisation_statistics", "merged_points", "one_to_one",
    "periodic_points", "plateaus", "regions", "regions_seen", "variety", "verdicts",
}  # fmt: skip


@pytest.mark.parametrize("measure", sorted(set(CALLS) - MEMBER_BY_MEMBER))
def test_the_host_waits_as_often_for_seven_members_as_for_three(measure: str) -> None:
    waits = []
    for members in (3, 7):
        with fake_device("cuda") as cuda:
            CALLS[measure](Setting("cuda", members))
        waits.append(cuda.syncs)
    assert waits[0] == waits[1]


def test_verdicts_wait_for_one_transfer_of_each_type() -> None:
    for members in (3, 7):
        with fake_device("cuda") as cuda:
            s = Setting("cuda", members)
            found = measures.memorisation_statistics(s.samples, s.data, s.data + 0.01)
            before = cuda.syncs.total()
            measures.memorisation.verdicts(found)
            assert cuda.syncs.total() - before == len({values.dtype for values in found.values()})


NOISES = (None, *NOISE_KINDS)
SAMPLING = list(product(("iterate",), KINDS_OF_START, NOISES)) + list(
    product(measures.dynamics.DESCENTS, ["uniform"], [None])
)


@pytest.mark.parametrize(("method", "start", "noise"), SAMPLING)
def test_sampling_keeps_to_one_device(method: str, start: str, noise: str | None, device: Device) -> None:
    s = Setting(device.device.type)
    own = s.data if start == "data" else None
    found = measures.sample(
        s.net,
        3,
        2,
        start,
        noise=noise and f"{noise}:0.1",
        method=method,
        data=own,
        known=torch.tensor([0.5, torch.nan]),
    )
    assert found.points.shape == (s.members, 3, 3, 2)
    assert (found.points[:, 1:, :, 0] == 0.5).all()


@pytest.mark.parametrize(("kind", "objective"), list(product(NETS, OBJECTIVES)))
def test_training_keeps_to_one_device(kind: str, objective: str, cuda: Device) -> None:
    net = make_net(kind, (4, 4), **SIZES.get(kind, {"hidden": 1, "width": 4}))
    points = rand(2, 5, 16)
    ours, theirs = (
        fit(
            build(net, 16, range(2), device), points.to(device), seeds=range(2), steps=2, batch=3, stop=False,
            objective=objective, strength=0.1,
        )
        for device in ("cuda", "cpu")
    )  # fmt: skip
    assert isinstance(ours.ensemble.flat, OnDevice)
    torch.testing.assert_close(ours.ensemble.flat.cpu(), theirs.ensemble.flat, rtol=1e-3, atol=1e-4)
    assert ours.status == theirs.status


@pytest.mark.parametrize("kind", NETS)
def test_jacobians_keep_to_one_device(kind: str, cuda: Device) -> None:
    net = make_net(kind, (4, 4), **SIZES.get(kind, {"hidden": 1, "width": 4}))
    ours, theirs = (measures.jacobian_at(build(net, 16, range(2), device), rand(3, 16)) for device in ("cuda", "cpu"))
    torch.testing.assert_close(ours.cpu(), theirs, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("kind", BASELINES)
def test_baselines_take_points_of_the_device(kind: str, device: Device) -> None:
    model = train_baseline(kind, Setting(device.device.type).data[0], drawn(), steps=2)
    assert model.sample(3, drawn()).shape == (3, 2)


@pytest.mark.parametrize("kind", CONTROL_SAMPLERS)
def test_control_samples_are_on_the_device_of_their_points(kind: str, device: Device) -> None:
    s = Setting(device.device.type)
    assert control_samples(kind, s.data[0], s.data[1], 3, drawn()).device == device.device
    assert mixed_samples(0.5, s.data[0], s.data[1], 4, drawn()).device == device.device


def test_a_control_on_another_device_is_refused(cuda: Device) -> None:
    s = Setting("cuda")
    identity = replace(measures.known_maps.Identity(s.members, 2), device=torch.device("cuda"))
    assert measures.behaviour(identity, s.net, s.dataset, s.points).kind == ("identity",) * s.members
