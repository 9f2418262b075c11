"""The arguments of the layer tests, checked and read into float64."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import product

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.func import functional_call

from landscape.facts import Shown
from landscape.measures.exact.hyperplanes import Layer
from landscape.measures.gate import as_numbers, check_finite

CONVOLUTIONS = (nn.Conv1d, nn.Conv2d, nn.Conv3d)
TRANSPOSED = (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)
LARGEST_MATRIX = 20_000_000  # entries of a convolution's matrix on inputs of a given size, at most
_Convolution = nn.Conv1d | nn.Conv2d | nn.Conv3d | nn.ConvTranspose1d | nn.ConvTranspose2d | nn.ConvTranspose3d
TAKEN = "a matrix (m, n), kernels (out, in, ...), or a module Linear, Conv1d to Conv3d or ConvTranspose1d to ConvTranspose3d"


@dataclass(frozen=True, eq=False, repr=False)
class Kernels(Shown):
    """The filters of a convolution with their biases, as filters (in, …) of an ordinary convolution of stride `strides`.

    A transposed convolution of stride s is one of stride 1 for each of the s positions per axis that an output may have
    relative to the inputs, each with its share of the kernel. `complete` is whether no row that lies within the domain is
    cropped by its padding. `starts_inside` is whether the first rows of a strided convolution start at the domain's border."""

    filters: list[Float[np.ndarray, "inputs *taps"]]
    biases: list[float]
    strides: tuple[int, ...]
    complete: bool
    starts_inside: bool
    epsilon: float


def read_layer(layer: object, bias: object, box: object, size: object = None) -> Layer | Kernels:
    """The layer in float64: its matrix, or the kernels of a convolution unless the `size` of its inputs is given.

    Raises ValueError for what is no layer, for other shapes, and for numbers that are not finite."""
    if isinstance(layer, nn.Module):
        if bias is not None:
            raise ValueError("`bias` must be left out for a module, which has its own; got both")
        if not isinstance(layer, (nn.Linear, *CONVOLUTIONS, *TRANSPOSED)):
            raise ValueError(f"`layer` must be {TAKEN}; got {type(layer).__name__}")
        if isinstance(layer, nn.Linear):
            _no_size(size)
            weight, epsilon = _numbers("layer.weight", layer.weight)
            return _dense(weight, _biases(layer, len(weight)), epsilon, box)
        return _module_kernels(layer) if size is None else _on_inputs(layer, layer.weight, layer.bias, size, box)
    weight, epsilon = _numbers("layer", layer)
    if not 2 <= weight.ndim <= 5 or 0 in weight.shape:
        raise ValueError(f"`layer` must be {TAKEN}, and not empty; got an array of shape {weight.shape}")
    offsets = np.zeros(len(weight)) if bias is None else _numbers("bias", bias)[0]
    if offsets.shape != (len(weight),):
        raise ValueError(f"`bias` must be ({len(weight)},), a number per row or kernel; got {offsets.shape}")
    if weight.ndim == 2:
        _no_size(size)
        return _dense(weight, offsets, epsilon, box)
    if size is None:
        return Kernels(list(weight), offsets.tolist(), (1,) * (weight.ndim - 2), True, True, epsilon)
    module = CONVOLUTIONS[weight.ndim - 3](weight.shape[1], weight.shape[0], weight.shape[2:])
    return _on_inputs(module, layer, offsets, size, box)


def read_points(points: object, dim: int) -> Float[np.ndarray, "points dim"]:
    """Points (P, n) in float64. Raises ValueError for other shapes and for numbers that are not finite."""
    read = as_numbers("points", points)
    check_finite({"points": read})
    if read.ndim != 2 or read.shape[1] != dim:
        raise ValueError(f"`points` must be (points, {dim}), as the layer has {dim} inputs; got {tuple(read.shape)}")
    return _float64(read)


def expect_time(time_limit: float) -> None:
    """Raise ValueError unless it is a positive number of seconds."""
    if not time_limit > 0:
        raise ValueError(f"`time_limit` must be a positive number of seconds; got {time_limit!r}")


def device_of(layer: object) -> torch.device:
    """The device of the layer's weights."""
    if isinstance(layer, nn.Module):
        layer = next(layer.parameters())
    return layer.device if isinstance(layer, Tensor) else torch.device("cpu")


def _no_size(size: object) -> None:
    if size is not None:
        raise ValueError(
            f"`size` is for convolutions, whose matrix depends on it; got size={size!r} for a matrix or Linear module"
        )


def _numbers(name: str, values: object) -> tuple[np.ndarray, float]:
    """An array of finite numbers in float64, and the rounding error of the type that it came in."""
    read = as_numbers(name, values)
    check_finite({name: read})
    return _float64(read), torch.finfo(read.dtype).eps


def _biases(layer: nn.Linear | _Convolution, count: int) -> np.ndarray:
    """The biases of a module, or zeros."""
    return np.zeros(count) if layer.bias is None else _numbers("layer.bias", layer.bias)[0]


def _dense(weight: np.ndarray, bias: np.ndarray, epsilon: float, box: object) -> Layer:
    if box is None:
        return Layer(weight, bias, None, None, epsilon)
    if not isinstance(box, (tuple, list)) or len(box) != 2:
        raise ValueError(f"`box` must be (low, high), numbers or one per input; got {box!r}")
    dim, ends = weight.shape[1], []
    for end in box:
        read = _float64(as_numbers("box", end))
        if read.shape not in ((), (1,), (dim,)):
            raise ValueError(f"`box` must be (low, high), numbers or {dim} each; got an array of shape {read.shape}")
        ends.append(np.broadcast_to(read, (dim,)))
    if not (np.isfinite(ends).all() and (ends[0] < ends[1]).all()):
        raise ValueError("`box` must have finite sides with low < high in each coordinate; leave it out for all points")
    return Layer(weight, bias, ends[0], ends[1], epsilon)


def _module_kernels(layer: _Convolution) -> Kernels:
    """The filters of a module. Raises ValueError for groups and dilations."""
    if layer.groups != 1 or any(step != 1 for step in layer.dilation):
        raise ValueError(
            "a convolution without `size` must have groups=1 and dilation=1; got "
            f"groups={layer.groups}, dilation={layer.dilation}"
        )
    weight, epsilon = _numbers("layer.weight", layer.weight)
    if isinstance(layer, TRANSPOSED):
        weight = weight.swapaxes(0, 1)
        return _phases(layer, weight, _biases(layer, len(weight)), epsilon)
    padding = layer.padding if isinstance(layer.padding, tuple) else (0,) * len(layer.stride)
    aligned = all(pad % step == 0 for step, pad in zip(layer.stride, padding, strict=True))
    return Kernels(list(weight), _biases(layer, len(weight)).tolist(), layer.stride, True, aligned, epsilon)


def _phases(layer: _Convolution, weight: np.ndarray, bias: np.ndarray, epsilon: float) -> Kernels:
    """A transposed convolution as ordinary ones: outputs at each position `at` relative to inputs have their own taps."""
    filters, biases, complete = [], [], True
    padding = [pad for pad in layer.padding if isinstance(pad, int)]
    for phases in product(*[range(step) for step in layer.stride]):
        taps = tuple(slice(at, None, step) for at, step in zip(phases, layer.stride, strict=True))
        part = weight[(slice(None), slice(None), *taps)]
        if not part.size:
            continue
        filters += list(np.flip(part, tuple(range(2, part.ndim))))
        biases += bias.tolist()
        for axis, (at, step, pad) in enumerate(zip(phases, layer.stride, padding, strict=True), 2):
            first, last = step * (part.shape[axis] - 1) + at, weight.shape[axis] - 1 - at
            complete &= pad <= min(first, last)
    return Kernels(filters, biases, (1,) * len(layer.stride), complete, True, epsilon)


def _on_inputs(module: _Convolution, kernels: object, bias: object, size: object, box: object) -> Layer:
    """The layer of a convolution with these kernels and biases on inputs of a size, as a matrix, padding included.

    Raises ValueError for a size that does not fit, and for matrices of more than LARGEST_MATRIX entries."""
    weight, epsilon = _numbers("layer", kernels)
    axes = len(module.stride)
    if not isinstance(size, (tuple, list)) or len(size) != axes or any(not isinstance(n, int) or n < 1 for n in size):
        raise ValueError(f"`size` must be {axes} positive integers, the positions of an input per axis; got {size!r}")
    shape = (module.in_channels, *size)
    parts = {"weight": torch.from_numpy(weight)}
    if module.bias is not None:
        offsets = np.zeros(module.out_channels) if bias is None else _numbers("bias", bias)[0]
        parts["bias"] = torch.from_numpy(offsets)
    with torch.no_grad():
        try:
            zero = functional_call(module, parts, (torch.zeros(1, *shape, dtype=torch.float64),)).flatten()
        except RuntimeError as error:
            raise ValueError(f"`size` must be at least that of the kernel; got {size!r}: {error}") from error
        count = math.prod(shape)
        if count * len(zero) > LARGEST_MATRIX:
            raise ValueError(
                f"the layer's matrix on inputs of this size has {len(zero):,} x {count:,} entries, and at most "
                f"{LARGEST_MATRIX:,} are taken; use a smaller `size`, or none for the test by kernels"
            )
        basis = torch.eye(count, dtype=torch.float64).reshape(count, *shape)
        parts = {name: values if name == "weight" else torch.zeros_like(values) for name, values in parts.items()}
        matrix = functional_call(module, parts, (basis,)).flatten(1).T
    return _dense(matrix.contiguous().numpy(), zero.numpy(), epsilon, box)


def _float64(values: Tensor) -> np.ndarray:
    return np.asarray(values.detach().cpu().double().numpy())
