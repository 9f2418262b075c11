"""Reading a module's code into a chain of affine maps and activations, which the exact measures need.

torch.fx records the forward pass as a list of operations. The reading holds if each takes the result of the one before, and
is an affine map, an activation, or does nothing to a point's numbers but arrange them. It is checked against the module in
float64, so that a wrong reading is never used."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, fx, nn

from landscape.nets import Layer
from landscape.nets.net import LEAK, leaky_name
from landscape.wrapping.affine import Affine, chained, run_chain
from landscape.wrapping.parts import Part
from landscape.wrapping.trial import trial_points

LARGEST_MATRIX = 2**20  # entries. A larger convolution is faster by its own code than as a matrix
CHECK_ERROR = 1e-9  # of the largest number of an image: the most by which a reading may differ from the module
BATCH = 3  # points of the pass that is recorded
OFFERED = (
    "exact regions and proofs need a chain of affine maps with relu or leaky between them. For other maps, `periodic_points` "
    "searches for fixed points, `find_attractors` for where orbits end, and `jacobian_at` measures slopes"
)

ARRANGING = {"Identity", "Flatten", "Unflatten", "Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "AlphaDropout"} | {
    "flatten", "view", "reshape", "unflatten", "squeeze", "unsqueeze", "contiguous", "clone", "alias", "detach", "to", "float",
    "double", "dropout", "type_as", "_to_copy", "lift_fresh_copy", "_unsafe_view",
}  # fmt: skip
ACTIVATIONS = {
    "ReLU": "relu", "relu": "relu", "relu_": "relu", "LeakyReLU": "leaky", "leaky_relu": "leaky", "leaky_relu_": "leaky",
    "PReLU": "leaky",    "GELU": "gelu", "gelu": "gelu", "Tanh": "tanh", "tanh": "tanh", "tanh_": "tanh", "Sigmoid": "sigmoid",
    "sigmoid": "sigmoid", "sigmoid_": "sigmoid", "sin": "sine",
}  # fmt: skip
SCALING = {"BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "batch_norm"} | {
    "add", "add_", "iadd", "sub", "sub_", "isub", "rsub", "mul", "mul_", "imul", "neg", "div", "div_", "truediv", "itruediv",
}  # fmt: skip
MIXING = {
    "Conv1d", "Conv2d", "Conv3d", "ConvTranspose1d", "ConvTranspose2d", "ConvTranspose3d", "AvgPool1d", "AvgPool2d",
    "AdaptiveAvgPool1d", "AdaptiveAvgPool2d", "ZeroPad2d", "Upsample", "UpsamplingNearest2d", "UpsamplingBilinear2d",
    "PixelShuffle", "PixelUnshuffle", "conv1d", "conv2d", "conv_transpose2d", "avg_pool2d", "interpolate", "permute",
    "transpose",
}  # fmt: skip


def read(part: Part, largest: int = LARGEST_MATRIX) -> list[Layer]:
    """The chain of a member, in float64 on the CPU, with a member axis of 1. It is read once, for all casts of the part.

    Operations that become matrices, as convolutions do, may have up to `largest` entries. Only the usual size is kept.

    Raises ValueError, with the layer that is in the way and what is offered instead, for what is no chain."""
    if largest != LARGEST_MATRIX:
        return _read(part, largest)
    if "chain" not in part.known:
        try:
            part.known["chain"] = _read(part, largest)
        except ValueError as error:
            part.known["chain"] = str(error)
    found = part.known["chain"]
    if isinstance(found, str):
        raise ValueError(found)
    layers: list[Layer] = found
    return layers


def _read(part: Part, largest: int) -> list[Layer]:
    inner = part.called.inner
    if not isinstance(inner, nn.Module):
        raise ValueError(f"{part.called.title} has no layers that can be read, as a module has; {OFFERED}")
    if isinstance(inner, torch.jit.ScriptModule):
        raise ValueError(f"{part.called.title} is TorchScript, whose layers are not read; {OFFERED}")
    exact = part.to("cpu", torch.float64)
    if exact.fixed is not None:
        raise ValueError(f"{part.called.title} cannot be cast to float64; {OFFERED}")
    graph = _recorded(exact)
    layers = chained(list(_steps(graph, exact, largest)), exact.dim)
    points = trial_points(exact.dim, *part.range, torch.float64, torch.device("cpu"))
    with torch.no_grad():
        image, again = exact(points), run_chain(layers, points[None])[0]
    if not float((image - again).abs().max()) <= CHECK_ERROR * max(1.0, float(image.abs().max())):
        raise ValueError(f"{part.called.title} was read as a chain whose images are not its own; {OFFERED}")
    return layers


def _recorded(part: Part) -> _Pass:
    """The operations of a forward pass, with their values at a few points."""
    size = part.batch or BATCH
    drawn = torch.rand(size, *part.shape, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    try:
        module = fx.GraphModule(part.called, fx.Tracer().trace(part.called))
        module.graph.eliminate_dead_code()
        recorded = _Pass(module)
        with torch.no_grad():
            recorded.run(drawn)
    except Exception as error:
        text = " ".join(str(error).partition("\n")[0].split())
        raise ValueError(
            f"{part.called.title} has a forward pass that torch.fx cannot record ({text}); {OFFERED}"
        ) from error
    return recorded


class _Pass(fx.Interpreter):
    """Runs a recorded graph and keeps the value of each operation."""

    def __init__(self, module: fx.GraphModule) -> None:
        super().__init__(module, garbage_collect_values=False)
        self.recorded = module
        self.values: dict[fx.Node, Any] = {}

    def run_node(self, n: fx.Node) -> Any:
        self.values[n] = super().run_node(n)
        return self.values[n]

    def again(self, node: fx.Node, changed: fx.Node, value: Tensor) -> Tensor:
        """The value of an operation if `changed` had another value."""

        def look(other: fx.Node) -> Any:
            return value if other is changed else self.values[other]

        args, kwargs = fx.node.map_arg(node.args, look), fx.node.map_arg(node.kwargs, look)
        out: Tensor = getattr(self, node.op)(node.target, args, kwargs)  # as the interpreter runs it
        return out


def _steps(run: _Pass, part: Part, largest: int) -> Iterator[Affine | str]:
    """The steps of the chain: affine maps, and activations by name."""
    nodes = list(run.recorded.graph.nodes)
    current = next(node for node in nodes if node.op == "placeholder")
    constant = {node for node in nodes if node.op == "get_attr"}
    for node in nodes[nodes.index(current) + 1 :]:
        if node.op == "output":
            if [one for one in node.all_input_nodes if one not in constant] != [current]:
                raise ValueError(f"{part.called.title} does not return the result of its last layer alone; {OFFERED}")
        elif all(one in constant for one in node.all_input_nodes):
            constant.add(node)
        elif isinstance(run.values[node], Tensor):
            sources = [
                one for one in node.all_input_nodes if one not in constant and isinstance(run.values[one], Tensor)
            ]
            if sources != [current] or _uses(node, current) > 1:
                raise ValueError(f"{_layer(node, run)} takes more than the result of the layer before it; {OFFERED}")
            yield from _step(node, current, run, largest)
            current = node


def _uses(node: fx.Node, current: fx.Node) -> int:
    """How often an operation takes the value `current`."""
    found: list[fx.Node] = []
    fx.node.map_arg((node.args, node.kwargs), lambda other: found.append(other))
    return found.count(current)


def _kind(node: fx.Node, run: _Pass) -> str:
    """The class of the node's module, or the name of its function or method."""
    if node.op == "call_module":
        return type(run.recorded.get_submodule(str(node.target))).__name__
    if isinstance(node.target, torch._ops.OpOverload):
        return node.target._schema.name.partition("::")[2]
    return node.target if isinstance(node.target, str) else str(getattr(node.target, "__name__", node.target))


def _layer(node: fx.Node, run: _Pass) -> str:
    """An operation, for messages: layer 3 (MaxPool2d)."""
    name = str(node.target).removeprefix("inner").removeprefix(".") if node.op == "call_module" else node.name
    return f"layer {name} ({_kind(node, run)})".replace("layer  ", "the layer ")


def _step(node: fx.Node, source: fx.Node, run: _Pass, largest: int) -> Iterator[Affine | str]:
    """The steps that an operation adds to the chain: none if it only arranges a point's numbers."""
    kind = _kind(node, run)
    before, after = run.values[source], run.values[node]
    if len(before) != len(after):
        raise ValueError(f"{_layer(node, run)} mixes the points of a batch; {OFFERED}")
    if kind in ARRANGING and before[0].numel() == after[0].numel():
        return
    if kind in ACTIVATIONS:
        yield _activation(node, run, ACTIVATIONS[kind])
    elif kind in ("Linear", "linear") and before.ndim == 2:
        weight, bias = _linear(node, run)
        yield Affine(weight.T, after.new_zeros(after.shape[1]) if bias is None else bias)
    elif kind in SCALING:
        _expect_scaling(node, source, run, kind)
        with torch.no_grad():
            shift = run.again(node, source, torch.zeros_like(before))[0].flatten()
            top = run.again(node, source, torch.ones_like(before))[0].flatten()
        yield Affine(top - shift, shift)
    elif kind in MIXING or kind in ("Linear", "linear"):
        yield _as_matrix(node, source, run, largest)
    else:
        raise ValueError(f"{_layer(node, run)} is no affine map followed by an activation that is known; {OFFERED}")


def _linear(node: fx.Node, run: _Pass) -> tuple[Tensor, Tensor | None]:
    if node.op == "call_module":
        layer: Any = run.recorded.get_submodule(str(node.target))
        return layer.weight.detach(), None if layer.bias is None else layer.bias.detach()
    given = dict(zip(("input", "weight", "bias"), node.args, strict=False)) | dict(node.kwargs)
    values = [
        run.values[one].detach() if isinstance(one, fx.Node) else None for one in (given["weight"], given.get("bias"))
    ]
    assert values[0] is not None
    return values[0], values[1]


def _as_matrix(node: fx.Node, source: fx.Node, run: _Pass, largest: int) -> Affine:
    """The matrix of an affine operation, from its images of the unit vectors."""
    shape, out = run.values[source].shape[1:], run.values[node][0].numel()
    dim = math.prod(shape)
    if dim * out > largest:
        raise ValueError(
            f"{_layer(node, run)} as a matrix would have {dim * out:,} entries, above {largest:,}; {OFFERED}"
        )
    basis = torch.eye(dim, dtype=torch.float64).view(dim, *shape)
    with torch.no_grad():
        shift = run.again(node, source, torch.zeros_like(basis[:1])).flatten()
        rows = run.again(node, source, basis).reshape(dim, out)
    return Affine(rows - shift, shift)


def _activation(node: fx.Node, run: _Pass, name: str) -> str:
    """The activation by its name in a chain. Raises ValueError for a leaky ReLU that rises below zero as fast as above, or
    falls, or has a slope per channel, and for the approximate GELU."""
    layer: Any = run.recorded.get_submodule(str(node.target)) if node.op == "call_module" else None
    if name == "leaky":
        slope = [*node.args[1:], *node.kwargs.values(), LEAK][0]
        if isinstance(layer, nn.PReLU):
            slope = float(layer.weight) if layer.weight.numel() == 1 else math.nan
        elif layer is not None:
            slope = layer.negative_slope
        if not (isinstance(slope, float | int) and 0 <= slope < 1):
            raise ValueError(
                f"{_layer(node, run)} has slopes that are not read: a single one from 0 to 1 is; {OFFERED}"
            )
        return leaky_name(float(slope))
    if name == "gelu":
        how = node.kwargs.get("approximate", "none") if layer is None else layer.approximate
        if how != "none":
            raise ValueError(f"{_layer(node, run)} is the approximate GELU ({how}), which is not read; {OFFERED}")
    return name


def _expect_scaling(node: fx.Node, source: fx.Node, run: _Pass, kind: str) -> None:
    """Raise ValueError for batch norm over the batch, and for a division by the point itself."""
    layer: Any = run.recorded.get_submodule(str(node.target)) if node.op == "call_module" else None
    if layer is not None and layer.running_mean is None:
        raise ValueError(f"{_layer(node, run)} mixes the points of a batch; {OFFERED}")
    if "div" in kind and node.args[0] is not source:
        raise ValueError(f"{_layer(node, run)} divides by the point; {OFFERED}")
