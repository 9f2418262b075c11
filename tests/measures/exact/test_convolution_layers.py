"""Convolutional ReLU layers: the condition on kernels holds only where the layer's whole matrix is one-to-one."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from landscape.measures.exact import layer_injectivity
from landscape.measures.exact.convolutions import window_rows
from landscape.measures.exact.hyperplanes import Layer
from landscape.measures.exact.layer_arguments import Kernels, read_layer


def paired(filters: np.ndarray, seed: int = 0) -> np.ndarray:
    """Filters (q, in, …) and −s² times each of them, in random order: (2q, in, …)."""
    random = np.random.default_rng(seed)
    scale = random.uniform(0.5, 1.5, (len(filters), *[1] * (filters.ndim - 1)))
    return random.permutation(np.concatenate([filters, -(scale**2) * filters]))


def matrix_of(module: nn.Module, shape: tuple[int, ...]) -> np.ndarray:
    """The matrix of a layer without its bias on inputs of a shape (in, …): (outputs, inputs)."""
    count = int(np.prod(shape))
    basis = torch.eye(count, dtype=torch.float64).reshape(count, *shape)
    with torch.no_grad():
        moved = module.double()(basis) - module(torch.zeros_like(basis[:1]))
    return np.asarray(moved.reshape(count, -1).T.numpy())


def with_weight(module: nn.Module, weight: np.ndarray) -> nn.Module:
    module.double()
    with torch.no_grad():
        module.weight.copy_(torch.from_numpy(weight))
        if module.bias is not None:
            module.bias.zero_()
    return module


def gaussian(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize(
    ("filters", "kernel"), [((9, 1, 3, 3), 3), ((12, 3, 2, 2), 2), ((3, 2, 3), 3), ((5, 1, 3, 3), 3)]
)
def test_enough_filters_in_pairs_are_one_to_one(filters: tuple[int, ...], kernel: int, dtype: torch.dtype) -> None:
    weight = torch.tensor(paired(gaussian(*filters)), dtype=dtype)
    found = layer_injectivity(weight)
    assert (found.verdict, found.method) == ("one-to-one", "kernels")
    assert "positions" in found.condition


def test_one_turned_filter_of_a_pair_is_noticed() -> None:
    """Four filters of one tap in four channels: all of them are needed, and a wider window does not help."""
    weight = paired(gaussian(4, 4, 1, 1))
    assert layer_injectivity(weight).verdict == "one-to-one"
    weight[3] += 0.1 * gaussian(4, 1, 1, seed=5)
    assert layer_injectivity(weight).verdict == "not shown"


def test_what_is_shown_holds_for_the_matrix_of_the_layer() -> None:
    """Layers of one input channel and two taps: if the kernels meet the condition, the exact method says one-to-one, too."""
    seen = set()
    for seed in range(8):
        weight = gaussian(5, 1, 2, seed=seed)
        found = layer_injectivity(weight)
        module = with_weight(nn.Conv1d(1, 5, 2, padding=seed % 2), weight)
        for size in range(2, 5):
            exact = layer_injectivity(matrix_of(module, (1, size)), method="exact").verdict
            at_least = int(found.condition.split("met by ")[1].split()[0]) if found.verdict == "one-to-one" else 99
            assert exact == "one-to-one" or size < at_least
        assert layer_injectivity(module).verdict == found.verdict
        seen.add(found.verdict)
    assert seen == {"one-to-one", "not shown"}


def test_the_rows_of_a_window_are_rows_of_the_layers_matrix() -> None:
    weight = gaussian(3, 2, 2, 3)
    read = read_layer(weight, None, None)
    assert isinstance(read, Kernels)
    rows = window_rows(read.filters, (4, 5), read.strides)
    matrix = matrix_of(with_weight(nn.Conv2d(2, 3, (2, 3)), weight), (2, 4, 5))
    assert rows.shape == matrix.shape
    np.testing.assert_allclose(np.sort(rows, 0), np.sort(matrix, 0), atol=1e-12)


@pytest.mark.parametrize(("kernel", "stride", "padding"), [(4, 2, 1), (3, 2, 0), (5, 3, 1), (2, 2, 0), (3, 1, 1)])
def test_the_rows_of_a_transposed_window_are_rows_of_the_layers_matrix(kernel: int, stride: int, padding: int) -> None:
    """All rows of the matrix that depend on no input outside the domain, except those that its border cuts."""
    weight = gaussian(2, 3, kernel)
    module = with_weight(nn.ConvTranspose1d(2, 3, kernel, stride, padding), weight)
    read = read_layer(module, None, None)
    assert isinstance(read, Kernels)
    assert read.complete
    rows = window_rows(read.filters, (4,), read.strides)
    matrix = matrix_of(module, (2, 4))
    for row in rows:
        assert np.isclose(matrix, row[None], atol=1e-12).all(1).any()


def test_a_generators_layers_are_one_to_one() -> None:
    """Transposed convolutions of stride 2 and kernel 4, twice as many outputs as inputs in all: filters in pairs."""
    weight = paired(gaussian(8, 4, 4, 4)).swapaxes(0, 1)
    module = with_weight(nn.ConvTranspose2d(4, 16, 4, 2, 1, bias=False), weight)
    assert layer_injectivity(module).verdict == "one-to-one"
    ordinary = with_weight(nn.ConvTranspose2d(4, 4, 4, 2, 1), gaussian(4, 4, 4, 4))
    assert layer_injectivity(ordinary).verdict == "not shown"


def test_filters_with_negative_biases_do_not_count() -> None:
    weight = paired(gaussian(9, 1, 3, 3))
    assert layer_injectivity(weight, np.full(18, 0.5)).verdict == "one-to-one"
    assert layer_injectivity(weight, np.full(18, -0.5)).verdict == "not shown"
    assert "no kernel has b >= 0" in layer_injectivity(weight, np.full(18, -0.5)).condition


def test_strides_that_skip_the_border_are_not_shown() -> None:
    weight = paired(gaussian(8, 1, 4))
    assert layer_injectivity(with_weight(nn.Conv1d(1, 16, 4, 2), weight)).verdict == "one-to-one"
    assert layer_injectivity(with_weight(nn.Conv1d(1, 16, 4, 2, 1), weight)).verdict == "not shown"
    cropped = with_weight(nn.ConvTranspose1d(1, 16, 2, 1, 2), paired(gaussian(8, 1, 2)).swapaxes(0, 1))
    assert "border" in layer_injectivity(cropped).condition


@pytest.mark.parametrize(
    "module",
    [
        nn.Conv1d(2, 5, 3, padding=1),
        nn.Conv2d(1, 4, (2, 3), stride=2, padding_mode="circular", padding=1),
        nn.Conv1d(2, 4, 2, groups=2, dilation=2, bias=False),
        nn.ConvTranspose1d(2, 3, 4, 2, 1),
    ],
    ids=["padded", "circular", "groups", "transposed"],
)
def test_with_a_size_the_whole_matrix_is_tested(module: nn.Module) -> None:
    """The layer is that of the module in float64, and a merged pair has the same outputs of the module."""
    size = (3, 4) if isinstance(module, nn.Conv2d) else (5,)
    shape = (module.in_channels, *size)
    before = {name: values.clone() for name, values in module.state_dict().items()}
    read = read_layer(module, None, None, size)
    assert isinstance(read, Layer)
    assert all(torch.equal(values, before[name]) for name, values in module.state_dict().items())
    found = layer_injectivity(module, size=size)
    matrix = matrix_of(module, shape)
    np.testing.assert_allclose(read.weight, matrix, atol=1e-12)
    assert found.verdict == "not one-to-one"
    assert found.pair is not None
    with torch.no_grad():
        one, other = module(found.pair.reshape(2, *shape)).relu()
        assert torch.dist(one, other) <= 1e-9 * torch.dist(*found.pair)


def test_a_size_shows_what_windows_do_not() -> None:
    """One pair of kernels with padding: the matrix is triangular, but no window of inputs has as many rows as positions."""
    weight = np.array([[[1.0, 0.5]], [[-2.0, -1.0]]])
    module = with_weight(nn.Conv1d(1, 2, 2, padding=1), weight)
    assert layer_injectivity(module).verdict == "not shown"
    assert layer_injectivity(module, size=(20,)).verdict == "one-to-one"
    found = layer_injectivity(weight, size=(9,))
    assert found.verdict == "not one-to-one"
    assert found.pair is not None
    assert found.pair.shape == (2, 9)


@pytest.mark.parametrize(
    ("size", "words"),
    [
        ((2, 3), r"^`size` must be 1 positive integers, the positions of an input per axis; got \(2, 3\)$"),
        ((0,), r"^`size` must be 1 positive integers"),
        ((2,), r"^`size` must be at least that of the kernel; got \(2,\)"),
        (
            (3000,),
            r"^the layer's matrix on inputs of this size has 11,992 x 6,000 entries, and at most 20,000,000 are taken",
        ),
    ],
)
def test_sizes_that_do_not_fit_are_refused(size: tuple[int, ...], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        layer_injectivity(nn.Conv1d(2, 4, 3), size=size)


@pytest.mark.parametrize(
    ("layer", "method", "words"),
    [
        (nn.Conv2d(2, 4, 3, groups=2), "auto", r"^a convolution without `size` must have .*; got groups=2, dilation=\(1, 1\)$"),
        (nn.Conv1d(2, 4, 3, dilation=2), "auto", r"^a convolution without `size` must have .*; got groups=1, dilation=\(2,\)$"),
        (nn.Conv1d(2, 4, 3), "milp", r"^`method` must be 'auto' for a convolution without .*; got 'milp'$"),
    ],
)  # fmt: skip
def test_bad_convolutions_are_refused_in_one_line(layer: nn.Module, method: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        layer_injectivity(layer, method=method)
