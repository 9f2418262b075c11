"""Architectures by name, and the width at which an architecture has a given number of parameters."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any

from landscape import outside
from landscape.choices import USUAL_ACTIVATION
from landscape.names import unknown
from landscape.nets.bottleneck import BottleneckCNN
from landscape.nets.cnn import CNN
from landscape.nets.injective import Injective
from landscape.nets.mlp import MLP
from landscape.nets.module_net import ModuleNet, module_net
from landscape.nets.net import Net
from landscape.nets.residual import Residual
from landscape.nets.transformer import Transformer
from landscape.nets.unet import UNet
from landscape.parameters import is_outside

NET_CLASSES: tuple[type[Net], ...] = (MLP, Residual, CNN, BottleneckCNN, UNet, Transformer, Injective)
NETS: dict[str, type[Net]] = {net.kind: net for net in NET_CLASSES}


def make_net(kind: str, shape: tuple[int, ...], **own: Any) -> Net:
    """The net of this `kind` for points of `shape`: (D,), or an image's (h, w) or (h, w, 3). `own` are its fields.

    A field that is left out, None or 'default' keeps the kind's default. The kind may also be a function of yours that returns
    a torch.nn.Module: FILE.py:NAME, or an entry point of an installed package; `landscape.nets.module_net` says what the
    function gets. Raises ValueError for an unknown kind, an unknown field, a bad value, and points that the architecture
    cannot take."""
    given = {name: value for name, value in own.items() if value not in (None, USUAL_ACTIVATION)}
    if kind not in NETS and is_outside(kind, outside.NETS):
        return module_net(kind, shape, given)
    if kind not in NETS:
        raise ValueError(f"{unknown('net', kind, tuple(NETS))}; or give FILE.py:NAME, a function of yours")
    allowed = {field.name for field in fields(NETS[kind])}
    for name in given:
        if name not in allowed:
            raise ValueError(f"{kind}: {unknown('field', name, tuple(allowed - {'shape'}))}")
    net = NETS[kind](**given, **({"shape": tuple(shape)} if "shape" in allowed else {}))
    net.shapes(math.prod(shape))
    return net


def net_of(spec: Mapping[str, Any]) -> Net:
    """The net of a JSON form, that of `Net.spec`. Raises ValueError for the form of a net that there is not any more."""
    kinds: dict[str, type[Net]] = NETS | {ModuleNet.kind: ModuleNet}
    own = {name: tuple(value) if isinstance(value, list) else value for name, value in spec.items() if name != "kind"}
    if spec.get("kind") not in kinds:
        raise ValueError(unknown("net", str(spec.get("kind")), tuple(kinds)))
    try:
        return kinds[spec["kind"]](**own)
    except TypeError as error:
        raise ValueError(f"{spec['kind']} is made otherwise now ({error})") from None


def inits_of(kind: str) -> tuple[str, ...]:
    """The initialisations that the nets of a kind may have; a function of the user's decides for itself."""
    return NETS[kind].inits if kind in NETS else Net.inits


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
