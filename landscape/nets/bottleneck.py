"""Convolutional autoencoders with a bottleneck: a code of at most a quarter of the input's numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from landscape.nets.convolution import Convolution, ConvolutionalNet, halvings

CODE_SHARE = 4  # the code has at most 1 / CODE_SHARE of the input's numbers


@dataclass(frozen=True)
class BottleneckCNN(ConvolutionalNet):
    """A convolutional encoder and a mirrored decoder of 3 × 3 layers.

    - The encoder has ⌈hidden/2⌉ layers. Its first layers halve the image (stride 2) while its smaller side is above 2.
    - The encoder's last layer is the code. It has as many channels as keep it at or below a quarter of the input's numbers,
      but at least one and at most `width`.
    - The decoder has the other hidden layers, and a last layer to the image's channels. Its last layers enlarge the image, by
      repetition, through the same sizes.

    All other layers have `width` channels. On 8 × 8 images, hidden=4 and width=16 give
    8² → 16·4² → 4·2² = 16 numbers → 16·2² → 16·4² → 8²."""

    kind: ClassVar[str] = "cnn-bottleneck"
    least_side: ClassVar[int] = 3

    def plan(self, dim: int) -> list[Convolution]:
        height, width, channels = self.form(dim)
        down = (self.hidden + 1) // 2
        sizes = halvings((height, width), down)
        levels = len(sizes) - 1
        code = min(self.width, max(1, dim // CODE_SHARE // math.prod(sizes[-1])))
        plan, before = [], channels
        for index in range(down):
            after = code if index == down - 1 else self.width
            halved = index < levels
            plan.append(Convolution(before, after, sizes[min(index + 1, levels)], 2 if halved else 1))
            before = after
        up = self.hidden + 1 - down
        for index in range(up):
            after = channels if index == up - 1 else self.width
            plan.append(Convolution(before, after, sizes[min(up - 1 - index, levels)]))
            before = after
        return plan
