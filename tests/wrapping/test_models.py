"""The kinds of network that people have are wrapped, and measured by what they are."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate, leaky_relu, linear, mse_loss

import landscape
from landscape import cube, measures
from landscape.notes import Note
from landscape.wrapping import Wrapped

P = 7


def points(dim: int, count: int = P) -> Tensor:
    return torch.rand(count, dim, generator=torch.Generator().manual_seed(5))


def agrees(wrapped: Wrapped, module: nn.Module) -> bool:
    """Whether the images are those of the module, and the Jacobian that of autograd, row by row."""
    x = points(wrapped.dim)
    module = module.eval()

    def flat(one: Tensor) -> Tensor:
        return module(one.view(1, *wrapped.shape)).flatten()

    expected = torch.stack([torch.autograd.functional.jacobian(flat, one) for one in x])
    image = module(x.view(P, *wrapped.shape)).flatten(1)
    return torch.allclose(wrapped(x[None])[0], image, atol=1e-6) and torch.allclose(
        measures.jacobian_at(wrapped, x)[0], expected, atol=1e-5
    )


@contextmanager
def notes() -> Iterator[list[str]]:
    """The notes that are given within the block."""
    said: list[str] = []
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        yield said
    said.extend(str(one.message) for one in found if issubclass(one.category, Note))


def test_an_autoencoder_of_images():
    torch.manual_seed(0)
    sizes = (784, 128, 32, 128, 784)
    layers = [part for fan in pairwise(sizes) for part in (nn.Linear(*fan), nn.ReLU())]
    module = nn.Sequential(nn.Flatten(), *layers[:-1], nn.Sigmoid(), nn.Unflatten(1, (1, 28, 28)))
    wrapped = landscape.wrap(module, shape=(1, 28, 28))
    assert [layer.activation for layer in wrapped.layers()] == ["relu", "relu", "relu", "sigmoid"]
    images = points(784).view(P, 1, 28, 28)
    assert torch.equal(measures.loss_at(wrapped, images), measures.loss_at(wrapped, images.flatten(1)))
    assert torch.allclose(wrapped(images.flatten(1)[None])[0], module(images).flatten(1), atol=1e-6)
    line = cube.Slice(torch.zeros(784), torch.ones(1, 784) / 28, torch.zeros(1), torch.full((1,), 28.0))
    assert len(measures.regions(wrapped, line).share) > 1


def test_a_convolutional_autoencoder():
    torch.manual_seed(0)
    module = nn.Sequential(
        nn.Conv2d(1, 3, 3, stride=2, padding=1), nn.BatchNorm2d(3), nn.LeakyReLU(0.2),
        nn.ConvTranspose2d(3, 1, 4, stride=2, padding=1), nn.Sigmoid(),
    )  # fmt: skip
    module(torch.rand(5, 1, 6, 6))  # running statistics that are not those of a new layer
    wrapped = landscape.wrap(module, shape=(1, 6, 6))
    assert [layer.activation for layer in wrapped.layers()] == ["leaky(0.2)", "sigmoid"]
    assert agrees(wrapped, module)


def test_a_convolution_that_is_large_as_a_matrix_is_not_read():
    wrapped = landscape.wrap(nn.Conv2d(1, 1, 3, padding=1), shape=(1, 33, 33))
    with pytest.raises(ValueError, match=r"\(Conv2d\) as a matrix would have 1,185,921 entries, above 1,048,576"):
        wrapped.layers()
    assert measures.loss_at(wrapped, points(33 * 33)).shape == (1, P)


class Variational(nn.Module):
    """A variational autoencoder: sampled in a call, its mean path through `call`."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder, self.decoder = nn.Linear(5, 4), nn.Linear(2, 5)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        mean, log = self.encoder(x).chunk(2, 1)
        return self.decoder(mean + torch.randn_like(mean) * (log / 2).exp()), mean, log


def test_a_variational_autoencoder_by_its_mean_path():
    torch.manual_seed(0)
    module = Variational()
    mean = landscape.wrap(module, call=lambda m, x: torch.sigmoid(m.decoder(m.encoder(x).chunk(2, 1)[0])))
    assert not mean.stochastic
    with notes() as said:
        sampled = landscape.wrap(module, call=lambda m, x: m(x)[0])
    assert len(said) == 1
    assert "other images for the same points" in said[0]
    assert measures.loss_at(sampled, points(5)).shape == (1, P)
    for measure in (
        lambda: measures.regions(sampled, cube.whole(2)),
        lambda: measures.periodic_points(sampled, points(5)),
    ):
        with pytest.raises(ValueError, match="other images for the same points"):
            measure()
    with pytest.raises(
        ValueError, match=r"a tuple with \[0\] \(5, 5\).* call=lambda module, batch: module\(batch\)\[0\]"
    ):
        landscape.wrap(module)


class Output(dict):
    """As the outputs of Hugging Face's and diffusers' classes: a dict whose keys are attributes, too."""

    def __getattr__(self, name: str) -> Tensor:
        return self[name]


class Denoiser(nn.Module):
    """A denoiser for a timestep, as diffusers' classes are."""

    def __init__(self) -> None:
        super().__init__()
        self.time, self.layer = nn.Embedding(10, 9), nn.Linear(9, 9)

    def forward(self, sample: Tensor, timestep: Tensor) -> Output:
        return Output(sample=self.layer(sample.flatten(1)).view_as(sample) + self.time(timestep).view(-1, 1, 3, 3))


def test_a_denoiser_at_a_timestep():
    torch.manual_seed(0)
    module = Denoiser()
    steps = {f"t={t}": (lambda m, x, t=t: m(x, torch.tensor([t])).sample) for t in (1, 4, 9)}
    wrapped = landscape.wrap(module, shape=(1, 3, 3), call=steps)
    assert (wrapped.members, wrapped.labels) == (3, ("t=1", "t=4", "t=9"))
    x = points(9)
    for member, t in enumerate((1, 4, 9)):
        image = module(x.view(P, 1, 3, 3), torch.tensor([t])).sample
        assert torch.allclose(wrapped(x.expand(3, P, 9))[member], image.flatten(1), atol=1e-6)
    assert measures.spectral_radius(measures.jacobian_at(wrapped, x)).shape == (3, P)


def test_a_module_with_a_dict_of_outputs_names_them():
    class Named(nn.Linear):
        def forward(self, x: Tensor) -> Output:
            return Output(latent=x[:, :1], logits=super().forward(x))

    module = Named(3, 3)
    with pytest.raises(ValueError, match=r"\['latent'\] \(5, 1\), \['logits'\] \(5, 3\).*module\(batch\)\['logits'\]"):
        landscape.wrap(module)
    wrapped = landscape.wrap(module, call=lambda m, x: m(x).logits)
    assert torch.equal(wrapped(points(3)[None])[0], linear(points(3), module.weight, module.bias))


def test_a_compiled_module_is_the_module_behind_it():
    torch.manual_seed(0)
    module = nn.Sequential(nn.Linear(2, 11), nn.ReLU(), nn.Linear(11, 2), nn.Tanh())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # torch uses its own old functions
        inside = nn.Sequential(torch.compile(module[:2]), module[2:])
        whole = torch.compile(module)
    for compiled in (whole, inside):
        wrapped = landscape.wrap(compiled, range=(-1, 1))
        assert [layer.activation for layer in wrapped.layers()] == ["relu", "tanh"]
        assert agrees(wrapped, module)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float64])
def test_a_module_in_another_precision(dtype: torch.dtype):
    torch.manual_seed(0)
    module = nn.Sequential(nn.Linear(3, 7), nn.Tanh(), nn.Linear(7, 3)).to(dtype)
    wrapped = landscape.wrap(module)
    assert wrapped.dtype == (torch.float64 if dtype == torch.float64 else torch.float32)
    assert module[0].weight.dtype == dtype
    x = points(3)
    assert torch.allclose(wrapped(x[None])[0].double(), module.double()(x.double()), atol=1e-6)


def test_a_module_that_cannot_be_cast_keeps_its_precision():
    class Single(nn.Linear):
        def forward(self, x: Tensor) -> Tensor:
            return linear(x.float(), self.weight, self.bias)

    wrapped = landscape.wrap(Single(3, 3))
    with notes() as said:
        double = wrapped.to(dtype=torch.float64)
        wrapped.to(dtype=torch.float64)
    assert len(said) == 1
    assert "cannot be cast to float64" in said[0]
    assert torch.equal(double(points(3)[None].double()), wrapped(points(3)[None]).double())


def test_a_gradient_step_of_an_energy_is_a_map():
    """An energy model's map is x − η∇E(x); its derivative is the Hessian of E."""
    matrix = torch.tensor([[2.0, 0.5], [0.5, 1.0]])

    def step(x: Tensor) -> Tensor:
        with torch.enable_grad():
            leaf = x if x.requires_grad else x.detach().requires_grad_(True)
            energy = (leaf @ matrix.to(x) * leaf).sum() / 2
            return x - 0.1 * torch.autograd.grad(energy, leaf, create_graph=True)[0]

    wrapped = landscape.wrap(step, shape=2, range=(-1, 1))
    assert torch.allclose(measures.jacobian_at(wrapped, points(2)), torch.eye(2) - 0.1 * matrix, atol=1e-6)


def test_batch_norm_over_the_batch_is_said():
    module = nn.Sequential(nn.Linear(3, 3), nn.BatchNorm1d(3, track_running_stats=False))
    with notes() as said:
        wrapped = landscape.wrap(module)
    assert "depend on the other points of its batch (BatchNorm1d 1)" in said[0]
    with pytest.raises(ValueError, match="depend on the other points"):
        wrapped.layers()


def test_a_module_that_counts_its_calls_is_said_to_keep_state():
    class Counting(nn.Linear):
        def __init__(self) -> None:
            super().__init__(3, 3)
            self.register_buffer("calls", torch.zeros(()))

        def forward(self, x: Tensor) -> Tensor:
            self.calls += 1
            return super().forward(x) + self.calls

    module = Counting()
    with notes() as said:
        wrapped = landscape.wrap(module)
    assert "keeps state: its buffer calls changes in a call" in said[0]
    assert wrapped.stateful
    assert module.calls == 0
    assert torch.equal(wrapped(torch.zeros(1, 1, 3))[0, 0], module.bias + 1)


def test_an_overparameterised_autoencoder_stores_its_images_as_attractors():
    """Radhakrishnan, Belkin and Uhler (2020): training points become attracting fixed points."""
    torch.manual_seed(0)
    data = torch.rand(3, 36)
    layers = [part for fan in pairwise((36, 100, 100, 100, 100, 100)) for part in (nn.Linear(*fan), nn.ReLU())]
    module = nn.Sequential(*layers, nn.Linear(100, 36))
    optimiser = torch.optim.Adam(module.parameters(), 1e-3)
    for _ in range(600):
        mse_loss(module(data), data).backward()
        optimiser.step()
        optimiser.zero_grad()
    wrapped = landscape.wrap(module)
    assert measures.spectral_radius(measures.jacobian_at(wrapped, data)).max() < 1
    starts = data + 0.01 * torch.randn(3, 36)
    ends = measures.find_attractors(wrapped, starts, iterations=3000).points.float()
    assert torch.cdist(data, ends).min(1).values.max() < 0.01


class Functional(nn.Module):
    """A forward pass by functions, with numbers that move the points: read like layers."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(9, 6), nn.Linear(6, 9)
        self.shift = nn.Parameter(torch.rand(9))

    def forward(self, x: Tensor) -> Tensor:
        x = 2 * x.view(x.shape[0], -1) - 1
        x = leaky_relu(self.first(x), 0.1)
        x = linear(x, self.second.weight, self.second.bias) + self.shift
        return torch.sigmoid(x / 2).reshape(x.size(0), 1, 3, 3)


def test_a_forward_pass_by_functions_is_read():
    torch.manual_seed(0)
    module = Functional()
    wrapped = landscape.wrap(module, shape=(1, 3, 3))
    assert [layer.activation for layer in wrapped.layers()] == ["leaky(0.1)", "sigmoid"]
    assert agrees(wrapped, module)


@pytest.mark.parametrize("slope", [0.0, 0.01, 0.3])
def test_fixed_points_of_a_leaky_net_are_proven(slope: float):
    torch.manual_seed(2)
    module = nn.Sequential(nn.Linear(2, 9), nn.LeakyReLU(slope), nn.Linear(9, 2), nn.Sigmoid())
    wrapped = landscape.wrap(module)
    found = measures.fixed_points(wrapped)
    assert found.proven.all()
    image = wrapped.to(dtype=torch.float64)(found.points[None])[0]
    assert torch.allclose(image, found.points, rtol=0, atol=1e-9)
    cells = measures.regions(wrapped, cube.whole(2))
    exact = measures.local.jacobian_before_squash(wrapped.to(dtype=torch.float64), cells.centres)
    assert torch.allclose(exact[0], cells.linear, rtol=0, atol=1e-12)


def test_batch_norm_is_folded_wherever_it_stands():
    torch.manual_seed(0)
    module = nn.Sequential(
        nn.BatchNorm1d(3),
        nn.Linear(3, 5),
        nn.BatchNorm1d(5),
        nn.ReLU(),
        nn.BatchNorm1d(5),
        nn.Dropout(),
        nn.Linear(5, 3),
    )
    module(torch.rand(11, 3))
    wrapped = landscape.wrap(module, shape=3)
    assert [layer.activation for layer in wrapped.layers()] == ["relu", "linear"]
    assert agrees(wrapped, module)


class Residual(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(3, 3)

    def forward(self, x: Tensor) -> Tensor:
        return x + torch.relu(self.layer(x))


class Squared(nn.Linear):
    def forward(self, x: Tensor) -> Tensor:
        y = super().forward(x)
        return y * y


class Branching(nn.Linear):
    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x) if x.sum() > 0 else x


class Growing(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return nn.functional.max_pool2d(interpolate(x, scale_factor=2), 2)


@pytest.mark.parametrize(
    ("module", "shape", "message"),
    [
        (Residual(), 3, r"layer add \(add\) takes more than the result of the layer before it"),
        (Squared(3, 3), 3, r"layer mul \(mul\) takes more than"),
        (Branching(3, 3), 3, "torch.fx cannot record"),
        (Growing(), (1, 4, 4), r"layer max_pool2d \(.*\) is no affine map"),
        (
            nn.Sequential(nn.Linear(3, 3), nn.Softplus()),
            3,
            r"layer 1 \(Softplus\) is no affine map followed by an activation",
        ),
        (nn.Sequential(nn.Linear(3, 3), nn.LeakyReLU(2.0)), 3, "from 0 to 1"),
    ],
)
def test_the_layer_in_the_way_is_named_with_what_is_offered(module, shape, message: str):
    wrapped = landscape.wrap(module, shape=shape)
    with pytest.raises(ValueError, match=message) as error:
        measures.regions(wrapped, cube.whole(2))
    assert "periodic_points" in str(error.value)
    assert measures.loss_at(wrapped, points(wrapped.dim)).shape == (1, P)


def test_hidden_tanh_is_read_for_slopes_but_has_no_regions():
    wrapped = landscape.wrap(nn.Sequential(nn.Linear(2, 5), nn.Tanh(), nn.Linear(5, 2)))
    assert [layer.activation for layer in wrapped.layers()] == ["tanh", "linear"]
    with pytest.raises(ValueError, match="got tanh"):
        measures.regions(wrapped, cube.whole(2))


def test_numpy_functions_are_sampled_and_searched():
    wrapped = landscape.wrap(lambda x: 0.5 + 0.25 * np.sin(3 * x), shape=2)
    found = measures.periodic_points(wrapped, points(2))
    assert len(found.points) == 1
    assert float(found.residual.max()) < 1e-10
    assert measures.corner_loss(wrapped).maximum.shape == (1,)
    assert measures.sample(wrapped, 5).points.shape[2:] == (5, 2)
