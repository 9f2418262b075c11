"""Generators, critics and inference networks: their shapes, and what pairs of filters keep."""

from __future__ import annotations

from itertools import pairwise

import pytest
import torch

from landscape.ensemble.adversarial import build_adversarial
from landscape.nets.adversarial import Generator, ImageForm, TransposedLayer


@pytest.mark.parametrize(
    ("shape", "sides", "widths"),
    [
        ((8, 8), (2, 4, 8), (10, 5)),
        ((28, 28), (7, 14, 28), (10, 5)),
        ((64, 64, 3), (4, 8, 16, 32, 64), (40, 20, 10, 5)),
        ((4, 4), (2, 4), (5,)),
    ],
)
def test_layers_double_the_side_and_the_dimension(
    shape: tuple[int, ...], sides: tuple[int, ...], widths: tuple[int, ...]
) -> None:
    form = ImageForm.of(shape, latent=3, width=5)
    assert (form.sides, form.widths) == (sides, widths)
    dims = [side**2 * width for side, width in zip(sides, widths, strict=False)]
    assert all(after == 2 * before for before, after in pairwise(dims))


def test_networks_have_the_shapes_of_images_and_codes() -> None:
    form = ImageForm(8, 3, latent=5, width=2)
    for kind in ("ordinary", "injective"):
        generator, critic, inference = build_adversarial(form, kind, 0)
        images = generator(torch.randn(7, 5))
        assert images.shape == (7, 3, 8, 8)
        assert images.min() > 0
        assert images.max() < 1
        assert critic(images).shape == (7,)
        assert inference(images).shape == (7, 5)


def test_the_published_architecture() -> None:
    """Five transposed convolutions, of which the hidden ones double the dimension; a critic of 128 to 1,024 channels."""
    form = ImageForm(64, 3, latent=256, width=128)
    with torch.device("meta"):
        generator = Generator(form, "injective")
    assert [layer.weight.shape[1] for layer in generator.layers] == [1024, 512, 256, 128]
    assert form.sides == (4, 8, 16, 32, 64)


def test_filters_of_pairs_are_opposite_and_scaled() -> None:
    layer = TransposedLayer(3, 4, 2, 2, 0, paired=True)
    torch.nn.init.normal_(layer.filters, generator=torch.Generator().manual_seed(0))
    layer.scale.data = torch.tensor([0.5, 3.0])
    weight = layer.weight
    assert weight.shape == (3, 4, 2, 2)
    assert torch.equal(weight[:, 2], -0.25 * weight[:, 0])
    assert torch.equal(weight[:, 3], -9 * weight[:, 1])


def test_injective_generator_has_half_the_filters_and_no_bias_but_the_last() -> None:
    form = ImageForm(8, 1, latent=5, width=2)
    generator = Generator(form, "injective")
    names = {name for name, _ in generator.named_parameters()}
    assert names == {
        "layers.0.filters", "layers.0.scale", "layers.1.filters", "layers.1.scale", "last.filters", "bias",
    }  # fmt: skip
    ordinary = Generator(form, "ordinary")
    assert sum(one.filters.numel() for one in ordinary.layers) == 2 * sum(
        one.filters.numel() for one in generator.layers
    )


def test_values_keep_their_size_through_untrained_layers() -> None:
    """Filters have variance 2 / fan-in, so that the mean square before ReLU is 2, and 1 after it."""
    generator, *_ = build_adversarial(ImageForm(32, 1, latent=50, width=8), "injective", 0)
    value = torch.randn(100, 50)[:, :, None, None]
    for layer in generator.layers:
        value = layer(value)
        side = value.shape[2]
        inside = slice(side // 4, side - side // 4)  # outputs at the border have fewer inputs
        assert 1.3 < value[:, :, inside, inside].square().mean() < 3
        value = value.relu()


def test_rows_of_pixels_and_images_are_inverse() -> None:
    form = ImageForm(4, 3, latent=2, width=2)
    flat = torch.rand(5, 48)
    images = form.images(flat)
    assert torch.equal(images[0, 1], flat[0].reshape(4, 4, 3)[:, :, 1])
    assert torch.equal(form.rows(images), flat)


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        ((3,), r"needs images; got points of shape \(3,\)"),
        ((8, 6), "must be square; got 8 x 6.*--size"),
        ((7, 7), "even side of at least 4 pixels.*got 7 x 7"),
        ((2, 2), "even side of at least 4 pixels.*got 2 x 2"),
    ],
)
def test_other_images_are_refused(shape: tuple[int, ...], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        ImageForm.of(shape, latent=2, width=2)


def test_unknown_generator_is_named() -> None:
    with pytest.raises(ValueError, match=r"`generator` must be one of .*; got 'injectiv'. Did you mean 'injective'"):
        Generator(ImageForm(4, 1, 2, 2), "injectiv")


@pytest.mark.slow
def test_a_step_of_the_published_networks_trains() -> None:
    from landscape.ensemble.adversarial import fit_adversarial

    images = torch.rand(4, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    for kind in ("ordinary", "injective"):
        nets = fit_adversarial(ImageForm(64, 3, latent=256, width=128), kind, images, seed=0, steps=1, batch=2)
        assert nets.finite
