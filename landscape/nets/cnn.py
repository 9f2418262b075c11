"""Convolutional nets at the full size of the image: nothing is narrower than the input."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar

from landscape.nets.convolution import Convolution, ConvolutionalNet


@dataclass(frozen=True)
class CNN(ConvolutionalNet):
    """Fully convolutional: `hidden` 3 × 3 layers of `width` channels, then one to the image's channels."""

    kind: ClassVar[str] = "cnn"

    def plan(self, dim: int) -> list[Convolution]:
        height, width, channels = self.form(dim)
        sizes = [channels, *[self.width] * self.hidden, channels]
        return [Convolution(a, b, (height, width)) for a, b in pairwise(sizes)]
