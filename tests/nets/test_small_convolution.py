"""Halving convolutions and their transposes by one matrix: the numbers and slopes of torch's own convolutions."""

from __future__ import annotations

import pytest
import torch
from torch.nn.functional import conv2d, conv_transpose2d

from landscape.nets.small_convolution import KERNEL, PADDING, STRIDE, Halving, doubled

SIDES = (2, 4, 8, 16)  # the last is above LARGEST_SIDE


def layer(before: int, after: int, draw: torch.Generator) -> Halving:
    found = Halving(before, after).to_empty(device="cpu").double()
    with torch.no_grad():
        for parameter in found.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=draw, dtype=torch.float64))
    return found


@pytest.mark.parametrize("side", SIDES)
def test_halving_is_a_convolution_of_stride_two(side: int) -> None:
    draw = torch.Generator().manual_seed(side)
    halving = layer(3, 5, draw)
    images = torch.randn(7, 3, side, side, generator=draw, dtype=torch.float64, requires_grad=True)
    expected = conv2d(images, halving.weight, halving.bias, STRIDE, PADDING)
    found = halving(images)
    torch.testing.assert_close(found, expected)
    over = [images, *halving.parameters()]
    for one, other in zip(
        *(torch.autograd.grad(value.square().sum(), over) for value in (found, expected)), strict=True
    ):
        torch.testing.assert_close(one, other)


@pytest.mark.parametrize("side", [1, *SIDES])
def test_doubling_is_a_transposed_convolution_of_stride_two(side: int) -> None:
    draw = torch.Generator().manual_seed(side)
    images, weight = (
        torch.randn(shape, generator=draw, dtype=torch.float64, requires_grad=True)
        for shape in ((7, 3, side, side), (3, 5, KERNEL, KERNEL))
    )
    found, expected = doubled(images, weight), conv_transpose2d(images, weight, None, STRIDE, PADDING)
    torch.testing.assert_close(found, expected)
    for one, other in zip(
        *(torch.autograd.grad(value.square().sum(), [images, weight]) for value in (found, expected)), strict=True
    ):
        torch.testing.assert_close(one, other)


def test_images_of_an_odd_side_are_convolved_as_well() -> None:
    draw = torch.Generator().manual_seed(0)
    halving = layer(3, 5, draw)
    images = torch.randn(2, 3, 7, 7, generator=draw, dtype=torch.float64)
    torch.testing.assert_close(halving(images), conv2d(images, halving.weight, halving.bias, STRIDE, PADDING))
