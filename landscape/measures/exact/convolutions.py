"""A condition on the kernels of a convolutional ReLU layer that suffices for it to be one-to-one."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
from jaxtyping import Float

from landscape.measures.exact.cells import search_cells
from landscape.measures.exact.hyperplanes import Layer, hyperplanes
from landscape.measures.exact.layer_arguments import Kernels

LARGEST_WINDOW = 8_000_000  # entries of the matrix of a window, at most
WIDER_WINDOWS = 4  # windows that are wider than the kernel by up to so many positions are tried


@dataclass(frozen=True, eq=False)
class WindowTest:
    """Whether some window shows that a convolution is one-to-one (`holds`), and in words what was tested (`condition`)."""

    holds: bool
    condition: str


def window_test(kernels: Kernels, *, time_limit: float) -> WindowTest:
    """Whether the kernels, shifted within a window, are a directed spanning set of the window for every x.

    1. Filters with a negative bias are left out. Those with b ≥ 0 are active wherever ⟨w, x⟩ ≥ 0.
    2. A window of P positions per axis has as coordinates the inputs at these positions, in all channels. Its rows are the
       filters at each place where they lie within the window.
    3. If the active rows of the window span it at every x, and windows cover the domain, then the active rows of the whole
       layer span the domain at every x, and the layer is one-to-one. Rows that reach into the padding only add to them.
    4. Windows from the kernel's size to WIDER_WINDOWS positions more are tried. Windows of up to EXACT_DIMENSIONS coordinates
       are searched exactly. For larger ones, filters in pairs w, −s²w must span the window.

    With stride 1 windows cover each domain of at least P positions per axis. The condition is that of
    Puthawala et al. (2022) for convolutions; the proof is step 3."""
    kept = [filters for filters, bias in zip(kernels.filters, kernels.biases, strict=True) if bias >= 0]
    tested = "the kernels with b >= 0 span a window of inputs at every point"
    if not kept or not kernels.complete or not kernels.starts_inside:
        reason = "no kernel has b >= 0" if not kept else "padding and stride leave windows at the border incomplete"
        return WindowTest(False, f"{tested}; not met: {reason}")
    widest = tuple(max(filters.shape[1 + axis] for filters in kept) for axis in range(kept[0].ndim - 1))
    for more in range(WIDER_WINDOWS + 1):
        window = tuple(size + more for size in widest)
        rows = window_rows(kept, window, kernels.strides)
        if rows.size > LARGEST_WINDOW:
            break
        found = search_cells(
            hyperplanes(Layer(rows, np.zeros(len(rows)), None, None, kernels.epsilon)),
            time_limit=time_limit / (WIDER_WINDOWS + 1),
        )
        if found.complete and found.upper > 0:
            size = " x ".join(map(str, window))
            return WindowTest(True, f"{tested}: met by {size} positions. {_domains(kernels)}")
    return WindowTest(False, f"{tested}; not met by windows of up to {WIDER_WINDOWS} more positions")


def window_rows(
    filters: list[Float[np.ndarray, "inputs *taps"]], window: tuple[int, ...], strides: tuple[int, ...]
) -> Float[np.ndarray, "rows coordinates"]:
    """The filters at each place in a window: (places of all filters, inputs · positions of the window)."""
    rows = []
    for kernel in filters:
        places = [
            range(0, size - taps + 1, step) for size, taps, step in zip(window, kernel.shape[1:], strides, strict=True)
        ]
        for place in product(*places):
            row = np.zeros((len(kernel), *window))
            inside = tuple(slice(at, at + taps) for at, taps in zip(place, kernel.shape[1:], strict=True))
            row[(slice(None), *inside)] = kernel
            rows.append(row.ravel())
    return np.array(rows)


def _domains(kernels: Kernels) -> str:
    """The domains that windows cover, in words."""
    if all(step == 1 for step in kernels.strides):
        return "This holds for domains of at least so many positions"
    return "This holds for domains whose sizes exceed it by multiples of the stride"
