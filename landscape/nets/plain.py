"""A member of an ensemble as a plain torch.nn.Module, of the layers that everyone knows, to be used and trained elsewhere."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import singledispatch
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate, scaled_dot_product_attention
from torch.nn.utils import skip_init

from landscape.nets.convolution import ConvolutionalNet
from landscape.nets.injective import Injective
from landscape.nets.mlp import MLP
from landscape.nets.module_net import ModuleNet, built
from landscape.nets.net import Net, leak_of
from landscape.nets.residual import Residual
from landscape.nets.transformer import Transformer

Weights = Mapping[str, Tensor]


class Sine(nn.Module):
    """The activation sin z."""

    def forward(self, value: Tensor) -> Tensor:
        return torch.sin(value)


ACTIVATIONS: dict[str, type[nn.Module]] = {
    "relu": nn.ReLU,
    "leaky": nn.LeakyReLU,  # of slope 0.01, which is LEAK
    "gelu": nn.GELU,
    "tanh": nn.Tanh,
    "sine": Sine,
    "sigmoid": nn.Sigmoid,
    "linear": nn.Identity,
}


def plain(net: Net, dim: int, weights: Weights, shape: Sequence[int] | None = None) -> nn.Module:
    """The network with one member's `weights` as a module: (P, *shape) → (P, *shape), by default (P, D).

    The module has copies of the weights, which require gradients. Raises ValueError for a shape of another number of
    coordinates, or of other axes than the images that the net was made for, whose channels come last."""
    layers = [layer for layer in layers_of(net, dim, weights) if not isinstance(layer, nn.Identity)]
    if shape is not None:
        if math.prod(shape) != dim or not shape:
            raise ValueError(f"`shape` must have {dim} coordinates, as the network's points have; got {tuple(shape)}")
        own = tuple(getattr(net, "shape", ()))
        if len(own) > 1 and len(shape) > 1 and _long(shape) != _long(own):
            raise ValueError(
                f"`shape` must be {own} or flat: the network takes images with channels last; got {tuple(shape)}"
            )
        if tuple(shape) != (dim,):
            layers = [nn.Flatten(), *layers, nn.Unflatten(1, tuple(shape))]
    module = layers[0] if len(layers) == 1 else nn.Sequential(*layers)
    return module.train()


def _long(shape: Sequence[int]) -> tuple[int, ...]:
    return tuple(side for side in shape if side > 1)


def _activation(name: str) -> nn.Module:
    """The activation of an MLP as a module."""
    leak = leak_of(name)
    return ACTIVATIONS[name]() if leak is None else nn.LeakyReLU(leak)


@singledispatch
def layers_of(net: Net, dim: int, weights: Weights) -> list[nn.Module]:
    """The modules of points (P, D), one after another. For an architecture that is not listed below it is the net itself."""
    return [Member(net, weights)]


class Member(nn.Module):
    """A net of any architecture with the weights of one member. Dots in their names become underscores."""

    def __init__(self, net: Net, weights: Weights) -> None:
        super().__init__()
        self.net, self.names = net, list(weights)
        self.weights = nn.ParameterDict(
            {name.replace(".", "_"): nn.Parameter(value) for name, value in weights.items()}
        )

    def forward(self, points: Tensor) -> Tensor:
        stacked = {name: self.weights[name.replace(".", "_")][None] for name in self.names}
        return self.net.forward(stacked, points[None])[0]


@layers_of.register
def _of_mlp(net: MLP, dim: int, weights: Weights) -> list[nn.Module]:
    layers: list[nn.Module] = []
    for index in range(net.hidden + 1):
        layers += [
            affine(weights, f"layers.{index}"),
            ACTIVATIONS[net.output]() if index == net.hidden else _activation(net.activation),
        ]
    return layers


@layers_of.register
def _of_residual(net: Residual, dim: int, weights: Weights) -> list[nn.Module]:
    blocks = [ResidualBlock(weights, f"blocks.{index}", net.activation) for index in range(net.hidden)]
    return [affine(weights, "enter"), *blocks, affine(weights, "leave"), ACTIVATIONS[net.output]()]


@layers_of.register
def _of_convolutions(net: ConvolutionalNet, dim: int, weights: Weights) -> list[nn.Module]:
    return [Convolutions(net, dim, weights), ACTIVATIONS[net.output]()]


@layers_of.register
def _of_transformer(net: Transformer, dim: int, weights: Weights) -> list[nn.Module]:
    return [VisionTransformer(net, dim, weights), ACTIVATIONS[net.output]()]


@layers_of.register
def _of_injective(net: Injective, dim: int, weights: Weights) -> list[nn.Module]:
    layers = [InjectiveBlock(weights, f"layers.{index}", net.activation) for index in range(net.hidden)]
    return [*layers, affine(weights, "leave"), ACTIVATIONS[net.output]()]


@layers_of.register
def _of_module(net: ModuleNet, dim: int, weights: Weights) -> list[nn.Module]:
    module = built(net, dim)
    for name, value in module.named_parameters():
        value.data = weights[name]
    return [module]


class ResidualBlock(nn.Module):
    """h + second(a(first(a(h))))."""

    def __init__(self, weights: Weights, name: str, activation: str) -> None:
        super().__init__()
        act = ACTIVATIONS[activation]
        self.branch = nn.Sequential(act(), affine(weights, f"{name}.first"), act(), affine(weights, f"{name}.second"))

    def forward(self, value: Tensor) -> Tensor:
        added: Tensor = value + self.branch(value)
        return added


class InjectiveBlock(nn.Module):
    """a(z) − outer·a(−inner·z) with z = x·L·U + b. `factors` packs L and U, so that training keeps the matrix of full rank."""

    def __init__(self, weights: Weights, name: str, activation: str) -> None:
        super().__init__()
        self.factors = nn.Parameter(weights[f"{name}.factors.weight"])
        self.bias = nn.Parameter(weights[f"{name}.bias"][0])
        self.inner, self.outer = (nn.Parameter(weights[f"{name}.{part}"][0]) for part in ("inner", "outer"))
        self.act = ACTIVATIONS[activation]()

    def forward(self, value: Tensor) -> Tensor:
        size = self.factors.shape[0]
        square = self.factors[:, :size]
        eye = torch.eye(size, dtype=square.dtype, device=square.device)
        lower = square.tril(-1) + eye
        upper = torch.cat([square.triu(1) + eye * square.diagonal().exp(), self.factors[:, size:]], 1)
        before = value @ lower @ upper + self.bias
        turned: Tensor = self.act(-self.inner.exp() * before)
        moved: Tensor = self.act(before) - self.outer.exp() * turned
        return moved


class Convolutions(nn.Module):
    """A chain of 3 × 3 convolutions, or a U, on points (P, D) that are images with channels last."""

    def __init__(self, net: ConvolutionalNet, dim: int, weights: Weights) -> None:
        super().__init__()
        self.form, self.plan = net.form(dim), net.plan(dim)
        self.act = ACTIVATIONS[net.activation]()
        self.layers = nn.ModuleList()
        for index, layer in enumerate(self.plan):
            weight, bias = weights[f"layers.{index}.weight"], weights[f"layers.{index}.bias"]
            made: nn.Conv2d = _without_weights(
                nn.Conv2d, layer.channels_in, layer.channels_out, 3, stride=layer.stride, padding=1
            )
            made.weight, made.bias = nn.Parameter(weight), nn.Parameter(bias)
            self.layers.append(made)

    def forward(self, points: Tensor) -> Tensor:
        value = points.reshape(-1, *self.form).permute(0, 3, 1, 2)
        outputs: list[Tensor] = []
        for index, (layer, made) in enumerate(zip(self.plan, self.layers, strict=True)):
            if layer.stride == 1 and tuple(value.shape[-2:]) != layer.size:
                value = interpolate(value, layer.size)
            if layer.skip is not None:
                value = torch.cat([value, outputs[layer.skip]], 1)
            value = made(value)
            value = value if index == len(self.plan) - 1 else self.act(value)
            outputs.append(value)
        return value.permute(0, 2, 3, 1).flatten(1)


class VisionTransformer(nn.Module):
    """Tokens, learned positions, pre-norm blocks, and an affine map back to each token's numbers."""

    def __init__(self, net: Transformer, dim: int, weights: Weights) -> None:
        super().__init__()
        self.tokens, self.dim = net.tokens(dim), dim
        self.enter, self.leave = affine(weights, "enter"), affine(weights, "leave")
        self.positions = nn.Parameter(weights["positions"])
        self.blocks = nn.Sequential(*(AttentionBlock(net, weights, f"blocks.{index}") for index in range(net.hidden)))
        self.after = norm(weights, "after")

    def forward(self, points: Tensor) -> Tensor:
        cut = self.tokens
        grid = points.reshape(-1, cut.rows, cut.size, cut.columns, cut.size, cut.channels).transpose(2, 3)
        value = self.enter(grid.reshape(-1, cut.count, cut.numbers)) + self.positions
        out = self.leave(self.after(self.blocks(value)))
        grid = out.reshape(-1, cut.rows, cut.columns, cut.size, cut.size, cut.channels).transpose(2, 3)
        return grid.reshape(-1, self.dim)  # type: ignore[no-any-return]


class AttentionBlock(nn.Module):
    """LayerNorm, attention, LayerNorm, and an MLP, each pair added to its input."""

    def __init__(self, net: Transformer, weights: Weights, name: str) -> None:
        super().__init__()
        self.heads = net.heads
        self.before, self.between = norm(weights, f"{name}.before"), norm(weights, f"{name}.between")
        self.attend, self.join = affine(weights, f"{name}.attend"), affine(weights, f"{name}.join")
        self.widen, self.narrow = affine(weights, f"{name}.widen"), affine(weights, f"{name}.narrow")
        self.act = ACTIVATIONS[net.activation]()

    def forward(self, value: Tensor) -> Tensor:
        tokens, width = value.shape[1:]
        seen = self.attend(self.before(value)).reshape(-1, tokens, 3, self.heads, width // self.heads)
        query, key, content = seen.permute(2, 0, 3, 1, 4).unbind(0)
        heads = scaled_dot_product_attention(query, key, content)
        value = value + self.join(heads.transpose(1, 2).reshape(-1, tokens, width))
        added: Tensor = value + self.narrow(self.act(self.widen(self.between(value))))
        return added


def affine(weights: Weights, name: str) -> nn.Linear:
    """An affine map of ours, weight (in, out) and bias (1, out), as a Linear layer."""
    weight, bias = weights[f"{name}.weight"], weights[f"{name}.bias"]
    layer: nn.Linear = _without_weights(nn.Linear, *weight.shape)
    layer.weight, layer.bias = nn.Parameter(weight.T.contiguous()), nn.Parameter(bias[0].clone())
    return layer


def _without_weights(kind: type[nn.Module], *sizes: int, **options: Any) -> Any:
    """A layer whose weights are still to be set. Nothing is drawn from torch's global stream."""
    return skip_init(kind, *sizes, **options)  # type: ignore[no-untyped-call]


def norm(weights: Weights, name: str) -> nn.LayerNorm:
    """Scale and shift of ours, (1, width) each, as a LayerNorm."""
    layer = nn.LayerNorm(weights[f"{name}.scale"].shape[1])
    layer.weight, layer.bias = nn.Parameter(weights[f"{name}.scale"][0]), nn.Parameter(weights[f"{name}.shift"][0])
    return layer
