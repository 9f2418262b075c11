"""Architectures by name, and the width at which an architecture has a given number of parameters."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import fields
from typing import Any

from landscape.choices import USUAL_ACTIVATION
from landscape.names import unknown
from landscape.nets.bottleneck import BottleneckCNN
from landscape.nets.cnn import CNN
from landscape.nets.injective import Injective
from landscape.nets.mlp import MLP
from landscape.nets.net import Net
from landscape.nets.residual import Residual
from landscape.nets.transformer import Transformer
from landscape.nets.unet import UNet

NET_CLASSES: tuple[type[Net], ...] = (MLP, Residual, CNN, BottleneckCNN, UNet, Transformer, Injective)
NETS: dict[str, type[Net]] = {net.kind: net for net in NET_CLASSES}


def make_net(kind: str, shape: tuple[int, ...], **own: Any) -> Net:
    """The net of this `kind` for points of `shape`: (D,), or an image's (h, w) or (h, w, 3). `own` are its fields.

    A field that is left out, None or 'default' keeps the kind's default. Raises ValueError for an unknown kind, an unknown
    field, a bad value, and points that the architecture cannot take."""
    if kind not in NETS:
        raise ValueError(unknown("net", kind, tuple(NETS)))
    allowed = {field.name for field in fields(NETS[kind])}
    given = {name: value for name, value in own.items() if value not in (None, USUAL_ACTIVATION)}
    for name in given:
        if name not in allowed:
            raise ValueError(f"{kind}: {unknown('field', name, tuple(allowed - {'shape'}))}")
    net = NETS[kind](**given, **({"shape": tuple(shape)} if "shape" in allowed else {}))
    net.shapes(math.prod(shape))
    return net


def width_for(make: Callable[[int], Net], dim: int, budget: int) -> int:
    """The width at which the number of parameters of make(width), for points of `dim` coordinates, is nearest to `budget`.

    The width is at least the net's `least_width`. Of two widths that are equally near, the smaller is taken."""

    def count(width: int) -> int:
        return make(width).parameter_count(dim)

    below = make(dim).least_width(dim)
    if count(below) == count(below + 1):  # without hidden layers
        return below
    above = below + 1
    while count(above) <= budget:
        below, above = above, 2 * above
    while above - below > 1:
        middle = (below + above) // 2
        below, above = (middle, above) if count(middle) <= budget else (below, middle)
    return below if budget - count(below) <= count(above) - budget else above
