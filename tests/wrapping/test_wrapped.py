"""A wrapped module or function is a map for every measure, and the caller's module stays as it was."""

from __future__ import annotations

from copy import deepcopy

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import landscape
from landscape import cube, measures
from landscape.wrapping import Differenced
from landscape.wrapping.members import Dense, Loop, Stacked

E, P = 3, 7


def dense(seed: int, dim: int = 2, width: int = 11, last: type[nn.Module] = nn.Sigmoid) -> nn.Sequential:
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(dim, width), nn.ReLU(), nn.Linear(width, dim), last())


def convolutional(seed: int) -> nn.Sequential:
    torch.manual_seed(seed)
    return nn.Sequential(
        nn.Conv2d(1, 3, 3, stride=2, padding=1),
        nn.BatchNorm2d(3),
        nn.ReLU(),
        nn.ConvTranspose2d(3, 1, 4, stride=2, padding=1),
        nn.Sigmoid(),
    )


def points(dim: int = 2, count: int = P) -> Tensor:
    return torch.rand(count, dim, generator=torch.Generator().manual_seed(5))


def test_a_module_is_a_map_of_flat_points():
    module = convolutional(0)
    wrapped = landscape.wrap(module, shape=(1, 6, 6))
    x = points(36)
    expected = module.eval()(x.view(P, 1, 6, 6)).flatten(1)
    assert (wrapped.members, wrapped.dim, wrapped.shape) == (1, 36, (1, 6, 6))
    assert torch.equal(wrapped(x[None])[0], expected)


def test_the_callers_module_stays_as_it_was():
    module = nn.Sequential(nn.Linear(2, 5), nn.BatchNorm1d(5), nn.Dropout(0.5), nn.ReLU(), nn.Linear(5, 2))
    module.train()
    module(points()).sum().backward()
    before = deepcopy(module.state_dict())
    slopes = [value.grad.clone() for value in module.parameters()]
    stream = torch.get_rng_state()
    wrapped = landscape.wrap(module)
    measures.jacobian_at(wrapped, points())
    measures.loss_at(wrapped.to(dtype=torch.float64), points())
    measures.find_attractors(wrapped, points(), iterations=5)
    assert torch.equal(stream, torch.get_rng_state())
    assert all(part.training for part in module.modules())
    assert all(torch.equal(value, before[name]) for name, value in module.state_dict().items())
    assert all(value.requires_grad and value.dtype == torch.float32 for value in module.parameters())
    assert all(torch.equal(value.grad, slope) for value, slope in zip(module.parameters(), slopes, strict=True))
    assert not any(part._forward_hooks for part in module.modules())


def test_a_wrapped_module_does_not_see_later_training():
    module = dense(0)
    wrapped = landscape.wrap(module)
    before = wrapped(points()[None])
    with torch.no_grad():
        module[0].weight.add_(1)
    assert torch.equal(wrapped(points()[None]), before)


def test_parameters_are_cast_to_float64():
    module = dense(0, last=nn.Tanh)
    wrapped = landscape.wrap(module).to(dtype=torch.float64)
    x = points().double()
    assert wrapped(x[None]).dtype == torch.float64
    assert torch.allclose(wrapped(x[None])[0], deepcopy(module).double()(x), rtol=0, atol=1e-15)


def test_values_keep_no_graph():
    assert not landscape.wrap(dense(0))(points()[None]).requires_grad


def normed(seed: int) -> nn.Sequential:
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(2, 7), nn.LayerNorm(7), nn.SiLU(), nn.Linear(7, 2))


@pytest.mark.parametrize(
    ("make", "members", "kind"),
    [(dense, 3, Dense), (normed, 13, Stacked), (normed, 3, Loop), (convolutional, 13, Loop)],
)
def test_a_list_of_modules_is_an_ensemble(make, members, kind):
    modules = [make(seed) for seed in range(members)]
    wrapped = landscape.wrap(modules, shape=(1, 6, 6) if make is convolutional else 2)
    x = torch.rand(members, P, wrapped.dim)
    expected = [module.eval()(some.view(P, *wrapped.shape)).flatten(1) for module, some in zip(modules, x, strict=True)]
    assert isinstance(wrapped.how, kind)
    assert torch.allclose(wrapped(x), torch.stack(expected), atol=1e-6)
    assert torch.allclose(wrapped.select([2, 0])(x[[2, 0]]), torch.stack(expected)[[2, 0]], atol=1e-6)
    assert wrapped.to(dtype=torch.float64)(x.double()).dtype == torch.float64
    assert measures.loss_at(wrapped, x).shape == (members, P)


def test_modules_are_stacked_in_calls_of_few_points_alone(monkeypatch):
    wrapped, calls, vmap = landscape.wrap([normed(seed) for seed in range(13)]), [], torch.func.vmap
    monkeypatch.setattr(torch.func, "vmap", lambda function: calls.append(function) or vmap(function))
    most = wrapped.how.most
    few, many = torch.rand(13, most, 2), torch.rand(13, most + 1, 2)
    assert torch.allclose(wrapped(few), torch.stack([wrapped.how.parts[e](few[e]) for e in range(13)]), atol=1e-6)
    assert len(calls) == 1
    assert torch.equal(wrapped(many), torch.stack([wrapped.how.parts[e](many[e]) for e in range(13)]))
    wrapped.select([0, 1])(few[:2])
    assert len(calls) == 1


def test_activations_in_place_leave_points_and_slopes_as_they_are():
    modules = [nn.Sequential(nn.Identity(), nn.ReLU(), nn.Linear(2, 2), nn.Tanh(), nn.Linear(2, 2)) for _ in range(E)]
    wrapped = landscape.wrap([*modules], shape=2)
    x = torch.rand(E, P, 2) - 0.5
    kept = x.clone()
    leaf = x.clone().requires_grad_(True)
    assert isinstance(wrapped.how, Dense)
    slope = torch.autograd.grad(wrapped(leaf).sum(), leaf)[0]
    expected = torch.autograd.grad(sum(m(some).sum() for m, some in zip(modules, leaf, strict=True)), leaf)[0]
    assert torch.allclose(slope, expected, atol=1e-6)
    assert torch.equal(leaf, kept)


def test_calls_by_name_are_members():
    class Denoiser(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Linear(3, 2)

        def forward(self, x: Tensor, t: Tensor) -> dict[str, Tensor]:
            return {"sample": self.layer(torch.cat([x, t.expand(len(x), 1)], 1))}

    torch.manual_seed(0)
    denoiser = Denoiser()
    at = {f"t={t}": (lambda module, x, t=t: module(x, torch.tensor([t]))["sample"]) for t in (0.1, 0.5, 0.9)}
    wrapped = landscape.wrap(denoiser, shape=2, call=at)
    assert wrapped.labels == ("t=0.1", "t=0.5", "t=0.9")
    expected = denoiser(points(), torch.tensor([0.5]))["sample"]
    assert torch.allclose(wrapped(points().expand(3, P, 2))[1], expected)
    assert wrapped.select(slice(1, 3)).labels == ("t=0.5", "t=0.9")


def test_latent_iteration_is_a_call():
    class Autoencoder(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.encoder, self.decoder = nn.Linear(5, 3), nn.Linear(3, 5)

    module = Autoencoder()
    latent = landscape.wrap(module, shape=3, range=(-2, 2), call=lambda m, z: m.encoder(m.decoder(z)))
    assert torch.allclose(latent(points(3)[None])[0], module.encoder(module.decoder(points(3))))
    assert latent.layers()[0].weight.shape == (1, 3, 3)


def test_a_numpy_function_is_differentiated_by_differences():
    matrix = np.array([[0.5, 0.2], [-0.3, 0.4]])
    wrapped = landscape.wrap(lambda x: np.tanh(x @ matrix), shape=2)
    exact = landscape.wrap(lambda x: torch.tanh(x @ torch.tensor(matrix).to(x)), shape=2)
    assert isinstance(wrapped, Differenced)
    assert wrapped.digits == torch.float64
    assert not isinstance(exact, Differenced)
    assert torch.allclose(
        measures.jacobian_at(wrapped.to(dtype=torch.float64), points()),
        measures.jacobian_at(exact.to(dtype=torch.float64), points()),
        rtol=0,
        atol=1e-9,
    )
    leaf = points().requires_grad_(True)
    slope = torch.autograd.grad(wrapped(leaf[None]).sum(), leaf)[0]
    assert torch.allclose(slope, torch.autograd.grad(exact(leaf[None]).sum(), leaf)[0], atol=1e-5)


def test_a_function_without_gradients_is_differentiated_by_differences():
    @torch.no_grad()
    def halve(x: Tensor) -> Tensor:
        return x / 2

    wrapped = landscape.wrap(halve, shape=3)
    assert torch.allclose(measures.jacobian_at(wrapped, points(3)), torch.eye(3) / 2, atol=1e-6)


def test_regions_and_fixed_points_equal_those_of_the_same_weights_in_an_mlp():
    torch.manual_seed(1)
    module = nn.Sequential(nn.Linear(2, 50), nn.ReLU(), nn.Linear(50, 50), nn.ReLU(), nn.Linear(50, 2), nn.Sigmoid())
    ours = landscape.build(landscape.MLP(2, 50), 2, [0])
    for place, layer in enumerate((0, 2, 4)):
        ours.parameters[f"layers.{place}.weight"][0] = module[layer].weight.detach().T
        ours.parameters[f"layers.{place}.bias"][0] = module[layer].bias.detach()
    wrapped = landscape.wrap(module)
    theirs, own = measures.regions(wrapped, cube.whole(2)), measures.regions(ours, cube.whole(2))
    assert torch.equal(theirs.linear, own.linear)
    found, expected = measures.fixed_points(wrapped), measures.fixed_points(ours)
    assert found.proven.all()
    assert torch.equal(found.points, expected.points)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (lambda: landscape.wrap(dense(0), shape=3), r"cannot take a batch \(5, 3\): .*`shape` is that of one point"),
        (lambda: landscape.wrap(nn.Linear(2, 3)), r"must map points \(5, 2\) to as many numbers; it gave \(5, 3\)"),
        (lambda: landscape.wrap(lambda x: {"a": x, "z": 0}, shape=2), r"call=lambda module, batch: module\(batch\)\['a'\]"),
        (lambda: landscape.wrap(nn.Conv2d(1, 1, 3, padding=1)), r"first layer is Conv2d; pass the shape of one point"),
        (lambda: landscape.wrap(lambda x: x * float("nan"), shape=2), "gives NaN or infinite numbers at 5 of 5 points"),
        (lambda: landscape.wrap(nn.Linear), "needs a network, not its class"),
        (lambda: landscape.wrap([]), "the list is empty"),
        (lambda: landscape.wrap("ae.pt"), "not files; load it"),
        (lambda: landscape.wrap(dense(0), range=(1, 0)), "the lower first"),
        (lambda: measures.loss_at(dense(0), points()), r"Wrap it: landscape.wrap\(model, shape=…\)"),
    ],
)  # fmt: skip
def test_bad_input_is_one_line(given, message):
    with pytest.raises(ValueError, match=message) as error:
        given()
    assert "\n" not in str(error.value)


def test_measures_use_the_range_of_the_wrapped_map():
    wrapped = landscape.wrap(dense(0, last=nn.Tanh), range=(-3, 2))
    starts = measures.sample(wrapped, 101, iterations=1, keep=[0]).points
    assert -3 < starts.min() < -2
    assert 1 < starts.max() < 2


def test_work_is_cut_by_the_numbers_that_a_call_makes():
    """Two convolutions with 5 and 1 channels of 6 × 6, and a sigmoid."""
    module = nn.Sequential(nn.Conv2d(1, 5, 3, padding=1), nn.Conv2d(5, 1, 3, padding=1), nn.Sigmoid())
    wrapped = landscape.wrap(module, shape=(1, 6, 6))
    assert wrapped.activations_per_point == 36 * (5 + 1 + 1)
    assert wrapped.numbers_at_work == 3 * 36 * 5
    assert wrapped.operations_per_point == 36 * 9 * 5 * 2


def test_the_map_before_the_squash_is_linear_in_its_last_layer():
    module = dense(0)
    wrapped = landscape.wrap(module).without_squash()
    assert torch.allclose(wrapped(points()[None])[0], module[:3](points()), atol=1e-6)
    assert wrapped.without_squash() is wrapped
    with pytest.raises(ValueError, match="is no affine map"):
        landscape.wrap(nn.Sequential(nn.Linear(2, 2), nn.Softplus())).without_squash()


def test_all_members_chosen_are_the_same_map():
    wrapped = landscape.wrap([dense(seed) for seed in range(E)])
    assert wrapped.select(slice(0, E)) is wrapped
    assert wrapped.select(slice(1, 2)).members == 1
    assert wrapped.to(dtype=torch.float32) is wrapped


def test_models_on_calls_are_refused():
    with pytest.raises(ValueError, match="several models or several calls, not both; got 2 models and 3 calls"):
        landscape.wrap([dense(0), dense(1)], call=[lambda m, x: m(x)] * 3)


def test_what_cannot_be_copied_is_one_line():
    class Held(nn.Linear):
        def __deepcopy__(self, memo: object) -> nn.Module:
            raise RuntimeError("a handle cannot be copied")

    with pytest.raises(ValueError, match=r"Held cannot be copied .*a handle cannot be copied.*pass a function"):
        landscape.wrap(Held(2, 2))


def test_results_that_a_module_keeps_are_copied_without_their_graph():
    class Keeping(nn.Linear):
        def forward(self, x: Tensor) -> Tensor:
            self.mean = super().forward(x)
            return self.mean

    module = Keeping(2, 2)
    module(points()).sum()
    assert landscape.wrap(module).members == 1
    assert module.mean.requires_grad
