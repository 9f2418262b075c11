"""The architectures as a user would write them in torch.nn: an independent implementation, given a member's weights."""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from torch import Tensor, nn

from landscape.nets import MLP, ConvolutionalNet, Injective, Net, Residual, Transformer, UNet

ACTIVATIONS = {"relu": nn.ReLU, "leaky": nn.LeakyReLU, "gelu": nn.GELU, "tanh": nn.Tanh}
SQUASHES = {"sigmoid": nn.Sigmoid, "tanh": nn.Tanh, "linear": nn.Identity}
Weights = Mapping[str, Tensor]


def module(net: Net, dim: int, weights: Weights) -> nn.Module:
    """The net of one member as a module of points (P, D), holding copies of its parameters."""
    act = ACTIVATIONS[net.activation]  # type: ignore[attr-defined]
    squash = SQUASHES[net.output]()  # type: ignore[attr-defined]
    if isinstance(net, MLP):
        names = [f"layers.{index}" for index in range(net.hidden + 1)]
        layers = [part for name in names for part in (affine(weights, name), act())]
        return nn.Sequential(*layers[:-1], squash)
    if isinstance(net, Residual):
        blocks = [Block(weights, f"blocks.{index}", act) for index in range(net.hidden)]
        return nn.Sequential(affine(weights, "enter"), *blocks, affine(weights, "leave"), squash)
    if isinstance(net, Transformer):
        return nn.Sequential(VisionTransformer(net, dim, weights), squash)
    if isinstance(net, Injective):
        layers = [Doubled(weights, f"layers.{index}", act()) for index in range(net.hidden)]
        return nn.Sequential(*layers, affine(weights, "leave"), squash)
    assert isinstance(net, ConvolutionalNet)
    return nn.Sequential(Images(net, dim, weights, act), squash)


def affine(weights: Weights, name: str) -> nn.Linear:
    weight, bias = weights[f"{name}.weight"], weights[f"{name}.bias"]
    layer = nn.Linear(*weight.shape)
    with torch.no_grad():
        layer.weight.copy_(weight.T)
        layer.bias.copy_(bias[0])
    return layer


class Block(nn.Module):
    def __init__(self, weights: Weights, name: str, act: type[nn.Module]) -> None:
        super().__init__()
        first, second = affine(weights, f"{name}.first"), affine(weights, f"{name}.second")
        self.branch = nn.Sequential(act(), first, act(), second)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.branch(x)


class Doubled(nn.Module):
    """P·a([z; −Dz]) with P = [I, −D′] and z = Bx + b, by the matrices themselves."""

    def __init__(self, weights: Weights, name: str, act: nn.Module) -> None:
        super().__init__()
        self.factors = nn.Parameter(weights[f"{name}.factors.weight"].T.clone())  # acts on columns
        self.bias, self.inner, self.outer = (
            nn.Parameter(weights[f"{name}.{part}"][0].clone()) for part in ("bias", "inner", "outer")
        )
        self.act = act

    def forward(self, x: Tensor) -> Tensor:
        size, eye = self.factors.shape[1], torch.eye(len(self.bias))
        square = self.factors[:size]
        upper = square.triu(1) + torch.eye(size)
        lower = torch.cat([square.tril(-1) + square.diagonal().exp().diag(), self.factors[size:]])
        z = (lower @ upper @ x.T).T + self.bias
        doubled = self.act(torch.cat([z, -z * self.inner.exp()], 1))
        return doubled @ torch.cat([eye, -self.outer.exp().diag()], 1).T


class Images(nn.Module):
    """Convolutions of nn.Conv2d in a chain, or a U."""

    def __init__(self, net: ConvolutionalNet, dim: int, weights: Weights, act: type[nn.Module]) -> None:
        super().__init__()
        self.form, self.act = net.form(dim), act()
        self.unet, self.sizes = isinstance(net, UNet), [layer.size for layer in net.plan(dim)]
        self.convolutions = nn.ModuleList()
        size = self.form[:2]
        for index, after in enumerate(self.sizes):
            weight = weights[f"layers.{index}.weight"]
            stride = 2 if math.prod(after) < math.prod(size) else 1
            layer = nn.Conv2d(weight.shape[1], weight.shape[0], 3, stride=stride, padding=1)
            with torch.no_grad():
                layer.weight.copy_(weight)
                layer.bias.copy_(weights[f"layers.{index}.bias"])  # type: ignore[union-attr]
            self.convolutions.append(layer)
            size = after

    def forward(self, x: Tensor) -> Tensor:
        height, width, channels = self.form
        value = x.view(-1, height, width, channels).movedim(-1, 1)
        down: list[Tensor] = []
        for index, (layer, size) in enumerate(zip(self.convolutions, self.sizes, strict=True)):
            larger = math.prod(size) > math.prod(value.shape[-2:])
            if larger:
                value = nn.functional.interpolate(value, size=size, mode="nearest")
            if larger and self.unet:
                value = torch.cat([value, next(one for one in down if one.shape[-2:] == torch.Size(size))], 1)
            value = layer(value)
            if index < len(self.sizes) - 1:
                value = self.act(value)
            down.append(value)
        return value.movedim(1, -1).reshape(len(x), -1)


class VisionTransformer(nn.Module):
    """nn.TransformerEncoder between an embedding of patches and its inverse."""

    def __init__(self, net: Transformer, dim: int, weights: Weights) -> None:
        super().__init__()
        self.tokens = net.tokens(dim)
        self.enter, self.leave = affine(weights, "enter"), affine(weights, "leave")
        self.positions = nn.Parameter(weights["positions"].clone())
        functions = {"relu": torch.relu, "gelu": nn.functional.gelu, "tanh": torch.tanh}
        layers = [
            nn.TransformerEncoderLayer(
                net.width, net.heads, 4 * net.width, 0.0, functions[net.activation], batch_first=True, norm_first=True
            )
            for _ in range(net.hidden)
        ]
        self.blocks, self.after = nn.ModuleList(layers), norm(weights, "after")
        for index, layer in enumerate(layers):
            name = f"blocks.{index}"
            layer.norm1, layer.norm2 = norm(weights, f"{name}.before"), norm(weights, f"{name}.between")
            layer.linear1, layer.linear2 = affine(weights, f"{name}.widen"), affine(weights, f"{name}.narrow")
            joined, attend = affine(weights, f"{name}.join"), affine(weights, f"{name}.attend")
            with torch.no_grad():
                layer.self_attn.in_proj_weight.copy_(attend.weight)
                layer.self_attn.in_proj_bias.copy_(attend.bias)
                layer.self_attn.out_proj.weight.copy_(joined.weight)
                layer.self_attn.out_proj.bias.copy_(joined.bias)

    def forward(self, x: Tensor) -> Tensor:
        cut, side = self.tokens, self.tokens.size
        images = x.view(-1, cut.rows * side, cut.columns * side, cut.channels).movedim(-1, 1)
        patches = nn.functional.unfold(images, side, stride=side).mT.unflatten(2, (cut.channels, -1)).mT.flatten(2)
        value = self.enter(patches) + self.positions
        for block in self.blocks:
            value = block(value)
        out = self.leave(self.after(value)).unflatten(2, (-1, cut.channels)).mT.flatten(2).mT
        folded = nn.functional.fold(out, images.shape[-2:], side, stride=side)
        return folded.movedim(1, -1).reshape(len(x), -1)


def norm(weights: Weights, name: str) -> nn.LayerNorm:
    layer = nn.LayerNorm(weights[f"{name}.scale"].shape[1])
    with torch.no_grad():
        layer.weight.copy_(weights[f"{name}.scale"][0])
        layer.bias.copy_(weights[f"{name}.shift"][0])
    return layer
