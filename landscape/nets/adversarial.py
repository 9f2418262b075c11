"""The three networks of a generative adversarial network whose codes are inferred: generator, critic, inference network."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import torch
from jaxtyping import Float
from torch import Tensor, nn

from landscape.choices import GENERATORS
from landscape.names import unknown
from landscape.nets.small_convolution import KERNEL, PADDING, STRIDE, Halving, doubled

MOST_HALVINGS = 4  # 64 x 64 images have five layers, as in the paper
SMALLEST_SIDE = 4
LEAK = 0.2  # the critic's slope below zero
DENSE = (512, 256)  # the inference network's fully connected layers before the latent
MOMENTUM = 0.1  # of the running mean and variance


@dataclass(frozen=True)
class ImageForm:
    """The form of square images, and what follows from it for the networks' layers.

    `width` is the number of channels next to the image; it doubles with every halving of the side. Raises ValueError for images
    that are not square, have an odd side, or are too small."""

    side: int
    channels: int
    latent: int
    width: int

    def __post_init__(self) -> None:
        if self.side < SMALLEST_SIDE or self.side % 2:
            raise ValueError(
                f"images must have an even side of at least {SMALLEST_SIDE} pixels for transposed convolutions that double it; "
                f"got {self.side} x {self.side}. Resize them with --size"
            )

    @classmethod
    def of(cls, shape: tuple[int, ...], latent: int, width: int) -> ImageForm:
        """The form of images of shape (h, w) or (h, w, 3). Raises ValueError for other data."""
        if len(shape) not in (2, 3):
            raise ValueError(f"a generator of images needs images; got points of shape {shape}, which are none")
        if shape[0] != shape[1]:
            raise ValueError(
                f"images must be square; got {shape[0]} x {shape[1]}. Crop and resize them with --size, as --size 64"
            )
        return cls(shape[0], 1 if len(shape) == 2 else shape[2], latent, width)

    @property
    def sides(self) -> tuple[int, ...]:
        """The sides of the generator's values, from its first layer to the image."""
        sides = [self.side]
        while sides[0] % 2 == 0 and sides[0] > SMALLEST_SIDE // 2 and len(sides) <= MOST_HALVINGS:
            sides.insert(0, sides[0] // 2)
        return tuple(sides)

    @property
    def widths(self) -> tuple[int, ...]:
        """The channels of the generator's hidden values, first to last; from each to the next the dimension doubles."""
        return tuple(self.width * 2**power for power in reversed(range(len(self.sides) - 1)))

    @property
    def products(self) -> int:
        """The multiplications of a generator's forward pass on one code; about those of the critic on one image."""
        first = self.latent * self.widths[0] * self.sides[0] ** 2
        channels = (*self.widths, self.channels)
        steps = zip(self.sides[:-1], pairwise(channels), strict=True)
        return first + sum(side**2 * before * after * KERNEL**2 for side, (before, after) in steps)

    def images(self, flat: Float[Tensor, "points dim"]) -> Float[Tensor, "points channels side side"]:
        """Rows of pixels (P, D), with the colours of a pixel beside each other, as images (P, C, h, w)."""
        return flat.reshape(len(flat), self.side, self.side, self.channels).permute(0, 3, 1, 2)

    def rows(self, images: Float[Tensor, "points channels side side"]) -> Float[Tensor, "points dim"]:
        """The inverse of `images`."""
        return images.permute(0, 2, 3, 1).flatten(1)


class TransposedLayer(nn.Module):
    """A transposed convolution without activation. With `paired`, its filters are w and −s²w, without bias; s is learned.

    A stride of 1 makes an image as large as the kernel of a code (P, before, 1, 1); a stride of 2 doubles an image's side.

    If the filters w alone span the inputs, then ReLU of the paired layer is one-to-one (Puthawala et al., JMLR 2022)."""

    def __init__(self, before: int, after: int, kernel: int, stride: int, padding: int, *, paired: bool) -> None:
        super().__init__()
        if paired and after % 2:
            raise ValueError(f"a layer of paired filters needs an even number of channels; got {after}")
        self.stride, self.padding, self.paired = stride, padding, paired
        self.filters = nn.Parameter(torch.empty(before, after // 2 if paired else after, kernel, kernel))
        if paired:
            self.scale = nn.Parameter(torch.empty(after // 2))

    @property
    def weight(self) -> Float[Tensor, "before after kernel kernel"]:
        """The filters, those of pairs included, as conv_transpose2d takes them."""
        if not self.paired:
            return self.filters
        return torch.cat([self.filters, -self.scale.square()[:, None, None] * self.filters], 1)

    def forward(self, value: Tensor) -> Tensor:
        if self.stride == STRIDE:
            return doubled(value, self.weight)
        return (value.flatten(1) @ self.weight.flatten(1)).reshape(len(value), *self.weight.shape[1:])


class Generator(nn.Module):
    """Codes (P, latent) to images (P, C, h, w) in (0, 1): transposed convolutions with ReLU, then one with a bias and sigmoid.

    - "injective": the hidden layers have paired filters, no bias and no normalisation.
    - "ordinary": as many filters, each with weights of its own, and batch normalisation, whose shift is the layers' bias.

    Both kinds have the same shapes. The last layer has no ReLU. In both kinds it may merge values, as it has more inputs
    than outputs; sigmoid merges none."""

    def __init__(self, form: ImageForm, kind: str) -> None:
        super().__init__()
        if kind not in GENERATORS:
            raise ValueError(unknown("generator", kind, GENERATORS))
        self.form, self.kind = form, kind
        paired = kind == "injective"
        steps = list(pairwise((form.latent, *form.widths)))
        self.layers = nn.ModuleList(
            TransposedLayer(
                before, after, *((form.sides[0], 1, 0) if index == 0 else (KERNEL, STRIDE, PADDING)), paired=paired
            )
            for index, (before, after) in enumerate(steps)
        )
        self.norms = nn.ModuleList([] if paired else [nn.BatchNorm2d(after, momentum=MOMENTUM) for _, after in steps])
        self.last = TransposedLayer(form.widths[-1], form.channels, KERNEL, STRIDE, PADDING, paired=False)
        self.bias = nn.Parameter(torch.zeros(form.channels))

    def forward(self, codes: Float[Tensor, "points latent"]) -> Float[Tensor, "points channels side side"]:
        return self.before_sigmoid(codes).sigmoid()

    def before_sigmoid(self, codes: Float[Tensor, "points latent"]) -> Float[Tensor, "points channels side side"]:
        """The image before sigmoid. The sigmoid's rounding hides differences of values far from 0."""
        value = codes[:, :, None, None]
        for index, layer in enumerate(self.layers):
            value = layer(value)
            if self.norms:
                value = self.norms[index](value)
            value = value.relu()
        moved: Tensor = self.last(value) + self.bias[:, None, None]
        return moved


class Critic(nn.Module):
    """Images to one number each, without normalisation: convolutions that halve the side, then an affine map of all values."""

    def __init__(self, form: ImageForm) -> None:
        super().__init__()
        self.convolutions = _convolutions(form)
        self.last = nn.Linear(form.widths[0] * form.sides[0] ** 2, 1, device="meta")

    def forward(self, images: Float[Tensor, "points channels side side"]) -> Float[Tensor, "points"]:
        value: Tensor = self.last(self.convolutions(images).flatten(1)).flatten()
        return value


class Inference(nn.Module):
    """Images to codes (P, latent): the shapes of the critic's convolutions but its last, then dense layers of DENSE units."""

    def __init__(self, form: ImageForm) -> None:
        super().__init__()
        self.convolutions = _convolutions(form)
        sizes = (form.widths[0] * form.sides[0] ** 2, *DENSE, form.latent)
        dense: list[nn.Module] = []
        for before, after in pairwise(sizes):
            dense += [nn.Linear(before, after, device="meta"), nn.LeakyReLU(LEAK)]
        self.dense = nn.Sequential(nn.Flatten(), *dense[:-1])

    def forward(self, images: Float[Tensor, "points channels side side"]) -> Float[Tensor, "points latent"]:
        codes: Tensor = self.dense(self.convolutions(images))
        return codes


def initialised(net: nn.Module, generator: torch.Generator) -> nn.Module:
    """The network with new weights, drawn on the CPU from `generator`.

    Filters and matrices are N(0, 2/fan-in), biases 0, scales of pairs and of normalisation 1."""
    for name, module in net.named_modules():
        if isinstance(module, TransposedLayer):
            before, _, height, width = module.filters.shape
            fan_in = before * height * width / (module.stride**2 if name != "layers.0" else height * width)
            nn.init.normal_(module.filters, 0, math.sqrt(2 / fan_in), generator=generator)
            if module.paired:
                nn.init.ones_(module.scale)
        elif isinstance(module, (nn.Conv2d, nn.Linear)):
            module.to_empty(device="cpu")
            fan_in = module.weight[0].numel()
            nn.init.normal_(module.weight, 0, math.sqrt(2 / fan_in), generator=generator)
            nn.init.zeros_(module.bias)  # type: ignore[arg-type]
    return net


def _convolutions(form: ImageForm) -> nn.Sequential:
    layers: list[nn.Module] = []
    for before, after in pairwise((form.channels, *reversed(form.widths))):
        layers += [Halving(before, after), nn.LeakyReLU(LEAK)]
    return nn.Sequential(*layers)
