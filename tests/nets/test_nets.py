"""Every architecture in NETS: the same maps as torch's own modules, the counts, the refusals."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from functools import partial
from itertools import pairwise

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from landscape.ensemble import Ensemble, build, fit
from landscape.nets import MONOTONE, NETS, OUTPUTS, Net, make_net, width_for
from landscape.nets.fields import NETS_FOR_ANY_POINTS
from landscape.nets.net import ALIGNMENT, FUNCTIONS, activate
from tests.nets.modules import module

SEEDS = (3, 1, 4, 1, 5)  # five members: four together and one alone
SHAPES = {"square": (6, 6), "odd": (5, 7), "colours": (4, 6, 3), "sixteen": (16,), "line": (1,)}
SIZES = {"injective": (2, 73), "transformer": (2, 16), "unet": (4, 5)}  # hidden, width; the rest 3, 7
IMAGE_NETS = ("cnn", "cnn-bottleneck", "unet")
CASES = [(kind, name) for kind in NETS for name in SHAPES if not (name == "line" and kind in IMAGE_NETS)]


def net_of(kind: str, shape: tuple[int, ...], **own: object) -> Net:
    hidden, width = SIZES.get(kind, (3, 7))
    return make_net(kind, shape, **{"hidden": hidden, "width": width, **own})


def ensemble_of(kind: str, shape: tuple[int, ...], **own: object) -> Ensemble:
    return build(net_of(kind, shape, **own), math.prod(shape), SEEDS)


def member(ensemble: Ensemble, index: int) -> dict[str, torch.Tensor]:
    return {name: value[index] for name, value in ensemble.parameters.items()}


def points(shape: tuple[int, ...], count: int = 3) -> torch.Tensor:
    return torch.rand(len(SEEDS), count, math.prod(shape), generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize(("kind", "name"), CASES)
@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_a_member_is_the_map_of_torchs_own_modules(kind: str, name: str, activation: str) -> None:
    shape = SHAPES[name]
    ensemble, x = ensemble_of(kind, shape, activation=activation), points(shape)
    for index in range(len(SEEDS)):
        expected = module(ensemble.net, ensemble.dim, member(ensemble, index))(x[index])
        torch.testing.assert_close(ensemble(x)[index], expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(("kind", "name"), [case for case in CASES if case[1] in ("odd", "line")])
def test_training_is_that_of_torchs_own_modules(kind: str, name: str) -> None:
    shape = SHAPES[name]
    ensemble, x = ensemble_of(kind, shape), points(shape)
    trained = fit(ensemble, x, seeds=SEEDS, steps=4, lr=1e-3, stop=False).ensemble
    for index in (0, 4):
        net = module(ensemble.net, ensemble.dim, member(ensemble, index))
        optimiser = torch.optim.Adam(net.parameters(), lr=1e-3)
        for _ in range(4):
            optimiser.zero_grad()
            torch.nn.functional.mse_loss(net(x[index]), x[index]).backward()
            optimiser.step()
        torch.testing.assert_close(trained(x)[index], net(x[index]), rtol=1e-5, atol=1e-5)
        assert float((trained(x)[index] - ensemble(x)[index]).abs().max()) > 1e-3


@pytest.mark.parametrize("kind", NETS)
def test_parameters_are_counted_as_torch_counts_them(kind: str) -> None:
    ensemble = ensemble_of(kind, (5, 7))
    counted = sum(value.numel() for value in module(ensemble.net, 35, member(ensemble, 0)).parameters())
    assert ensemble.net.parameter_count(35) == counted


class Products(TorchDispatchMode):
    """Counts the multiplications of matrix products and convolutions."""

    count = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):  # type: ignore[no-untyped-def]
        out = func(*args, **(kwargs or {}))
        name = func.overloadpacket.__name__
        if name in ("bmm", "baddbmm"):
            self.count += out.numel() * args[name == "baddbmm"].shape[2]
        elif name == "convolution":
            self.count += out.numel() * args[1][0].numel()
        return out


@pytest.mark.parametrize("kind", NETS)
def test_operations_are_those_of_the_products(kind: str) -> None:
    ensemble = build(net_of(kind, (5, 7)), 35, range(4))
    with Products() as products:
        ensemble(torch.rand(4, 16, 35))
    each = products.count / (4 * 16)
    claimed = ensemble.net.operations_per_point(35)
    extra = ensemble.net.parameter_count(35) - each if kind == "mlp" else 500  # some count biases and scales
    assert each <= claimed <= each + extra


@pytest.mark.parametrize("kind", [kind for kind in NETS if kind != "mlp"])  # whose gradient is written out
def test_memory_is_about_what_autograd_keeps(kind: str) -> None:
    ensemble, count, kept = build(net_of(kind, (5, 7)), 35, range(4)), 64, {}
    flat = ensemble.flat.clone().requires_grad_(True)

    def keep(value: torch.Tensor) -> torch.Tensor:
        storage = value.untyped_storage()
        if storage.data_ptr() != flat.untyped_storage().data_ptr():
            kept[storage.data_ptr()] = storage.nbytes() // 4
        return value

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda value: value):
        out = replace(ensemble, flat=flat)(torch.rand(4, count, 35))
    assert out.requires_grad
    assert 0.6 <= ensemble.net.activations_per_point(35) / (sum(kept.values()) / (4 * count)) <= 1.7


@pytest.mark.parametrize("kind", NETS)
def test_initial_parameters_come_from_the_seed_alone(kind: str) -> None:
    state = torch.get_rng_state()
    first, again = ensemble_of(kind, (5, 7)), ensemble_of(kind, (5, 7))
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.equal(first.flat, again.flat)
    assert torch.equal(first.flat[1], first.flat[3])
    assert not torch.equal(first.flat[0], first.flat[1])


@pytest.mark.parametrize(("kind", "init"), [(kind, init) for kind, net in NETS.items() for init in net.inits[1:]])
def test_a_net_accepts_only_its_initialisations(kind: str, init: str) -> None:
    net, usual = net_of(kind, (5, 7), init=init), net_of(kind, (5, 7))
    spec = json.loads(json.dumps(net.spec()))
    assert NETS[spec.pop("kind")](**spec) == net != usual
    assert not torch.equal(build(net, 35, [3]).flat, build(usual, 35, [3]).flat)
    with pytest.raises(ValueError, match=r"`init`.* must be one of 'torch', 'he'.*; got 'hee'"):
        build(net_of(kind, (5, 7), init="hee"), 35, [3])


@pytest.mark.parametrize("kind", ["cnn", "unet"])
def test_he_weights_have_twice_the_variance_over_their_inputs(kind: str) -> None:
    drawn = net_of(kind, (8, 8), init="he", width=48).initial(64, torch.Generator().manual_seed(0))
    weights = {name: value for name, value in drawn.items() if name.endswith("weight") and value[0].numel() > 200}
    assert len(weights) > 1
    for value in weights.values():
        assert float(value.var() * value[0].numel()) == pytest.approx(2, rel=0.1)
    assert all(not value.any() for name, value in drawn.items() if name.endswith("bias"))


@pytest.mark.parametrize("kind", NETS)
def test_every_net_comes_back_from_its_json_form(kind: str) -> None:
    net = net_of(kind, (5, 7), output="tanh")
    spec = json.loads(json.dumps(net.spec()))
    assert NETS[spec.pop("kind")](**spec) == net


@pytest.mark.parametrize("kind", NETS)
@pytest.mark.parametrize("output", OUTPUTS)
def test_without_its_squash_a_net_is_the_same_inside(kind: str, output: str) -> None:
    ensemble, x = ensemble_of(kind, (5, 7), output=output), points((5, 7))
    bare = replace(ensemble, net=ensemble.net.without_squash())
    torch.testing.assert_close(ensemble(x), FUNCTIONS[output](bare(x)))


@pytest.mark.parametrize("kind", NETS)
@pytest.mark.parametrize("budget", [7_000, 20_000])
def test_the_width_for_a_budget_is_the_nearest(kind: str, budget: int) -> None:
    make = partial(net_of, kind, (16,), hidden=3)
    width = width_for(lambda width: make(width=width), 16, budget)
    least = 16 if kind == "injective" else 1
    counts = {one: abs(make(width=one).parameter_count(16) - budget) for one in range(least, 600)}
    assert width == min(counts, key=counts.__getitem__)


def test_a_net_without_hidden_layers_has_its_least_width() -> None:
    assert width_for(lambda width: NETS["mlp"](hidden=0, width=width), 2, 1000) == 1


def test_nets_that_take_no_line_say_which_do() -> None:
    for kind in NETS_FOR_ANY_POINTS:
        assert net_of(kind, (2,)).parameter_count(2) > 0
    for kind in set(NETS) - set(NETS_FOR_ANY_POINTS):
        with pytest.raises(ValueError, match=r"of 2 coordinates\. mlp, residual, transformer and injective take them"):
            net_of(kind, (2,))


@pytest.mark.parametrize(
    ("kind", "shape", "own", "words"),
    [
        ("cnnn", (6, 6), {}, r"`net` must be one of 'cnn', .*; got 'cnnn'. Did you mean 'cnn'\?"),
        ("mlp", (6, 6), {"widht": 3}, r"mlp: `field` must be one of .*; got 'widht'. Did you mean 'width'\?"),
        ("cnn", (1, 9), {}, "cnn needs images or points .* side 2 or more; got points of 1 × 9"),
        ("unet", (2, 9), {}, "unet needs images or points .* side 3 or more; got points of 2 × 9"),
        ("cnn", (15,), {}, "cnn needs images or points that form a square .*; got points of 15 coordinates"),
        ("unet", (6, 6), {"hidden": 2}, "unet needs `hidden` of at least 3; got 2"),
        ("cnn", (6, 6), {"width": 0}, "cnn needs `width` of at least 1; got 0"),
        ("injective", (6, 6), {"width": 35}, "injective needs `width` of at least the 36 coordinates .*; got 35"),
        ("injective", (2,), {"activation": "sine"}, "`activation` of injective must be one of 'relu', 'leaky', 'tanh'"),
        ("mlp", (2,), {"activation": "rleu"}, "`activation` of mlp must be one of .*; got 'rleu'"),
        ("residual", (2,), {"activation": "rely"}, "`activation` of residual must be one of .*; got 'rely'"),
        ("transformer", (6, 6), {"patch": 4}, "`patch` must divide both sides of 6 × 6 images; got 4"),
        ("transformer", (6,), {"patch": 2}, "`patch` is for images; got patch 2 for points of 6 coordinates"),
    ],
)
def test_what_a_net_cannot_take_is_refused_in_a_line(
    kind: str, shape: tuple[int, ...], own: dict[str, object], words: str
) -> None:
    with pytest.raises(ValueError, match=words) as refused:
        make_net(kind, shape, **own)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("kind", [*IMAGE_NETS, "transformer"])
def test_a_shape_that_does_not_fit_the_points_is_refused(kind: str) -> None:
    with pytest.raises(ValueError, match=r"`shape` \(5, 7\) of .* has 35 coordinates; got points of 36"):
        build(net_of(kind, (5, 7)), 36, [0])


@pytest.mark.parametrize("activation", FUNCTIONS)
def test_an_activation_does_not_depend_on_where_an_element_stands(activation: str) -> None:
    values = torch.randn(3 * ALIGNMENT, generator=torch.Generator().manual_seed(0))
    whole = activate(activation, values)
    for size in (1, 7, ALIGNMENT + 13):
        leaf = values[:size].clone().requires_grad_(True)
        part = activate(activation, leaf)
        assert torch.equal(part, whole[:size])
        assert torch.isfinite(torch.autograd.grad(part.sum(), leaf)[0]).all()


def test_sixteen_coordinates_are_an_image_of_four_by_four() -> None:
    flat, square = (build(net_of("cnn", shape), 16, SEEDS) for shape in ((16,), (4, 4)))
    assert torch.equal(flat(points((16,))), square(points((16,))))


def test_default_patches_leave_at_most_64_tokens() -> None:
    sides = {8: 2, 28: 4, 32: 4, 64: 8, 7: 7}
    for side, patch in sides.items():
        assert make_net("transformer", (side, side)).tokens(side**2).size == patch  # type: ignore[attr-defined]
    assert make_net("transformer", (5, 7)).tokens(35).count == 35  # type: ignore[attr-defined]


def test_heads_divide_the_width_into_eight_or_more() -> None:
    heads = {width: NETS["transformer"](width=width).heads for width in (7, 8, 16, 37, 48, 64)}  # type: ignore[attr-defined]
    assert heads == {7: 1, 8: 1, 16: 2, 37: 1, 48: 4, 64: 8}


@pytest.mark.parametrize("shape", [(3, 3), (5, 7), (8, 8), (28, 28), (32, 32, 3)])
@pytest.mark.parametrize("hidden", [1, 2, 3, 4, 7, 10])
def test_the_bottleneck_is_narrower_than_the_image(shape: tuple[int, ...], hidden: int) -> None:
    dim = math.prod(shape)
    plan = make_net("cnn-bottleneck", shape, hidden=hidden, width=16).plan(dim)  # type: ignore[attr-defined]
    assert len(plan) == hidden + 1
    assert min(layer.channels_out * math.prod(layer.size) for layer in plan) <= dim / 2
    assert plan[-1].size == shape[:2]
    assert all(abs(a.size[0] - b.size[0]) <= -(-max(a.size[0], b.size[0]) // 2) for a, b in pairwise(plan))


@pytest.mark.parametrize("hidden", [3, 4, 5, 8, 11])
def test_every_skip_of_a_unet_meets_an_image_of_its_size(hidden: int) -> None:
    plan = make_net("unet", (28, 20), hidden=hidden).plan(560)  # type: ignore[attr-defined]
    assert len(plan) == hidden + 1
    skips = [(layer.size, plan[layer.skip].size) for layer in plan if layer.skip is not None]
    assert skips
    assert all(ours == theirs for ours, theirs in skips)


@pytest.mark.parametrize("activation", MONOTONE)
def test_injective_takes_what_rises(activation: str) -> None:
    ensemble = ensemble_of("injective", (2,), activation=activation, width=5)
    assert torch.isfinite(ensemble(points((2,)))).all()
