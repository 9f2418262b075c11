"""U-Nets: an autoencoder with skip connections between layers of the same image size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from landscape.nets.convolution import Convolution, ConvolutionalNet, halvings


@dataclass(frozen=True)
class UNet(ConvolutionalNet):
    """`hidden` 3 × 3 layers of `width` channels, and a last layer to the image's channels.

    It follows Ronneberger et al. (2015), with strides instead of pooling and one layer per size:
    1. One layer at full size.
    2. k layers that halve the image. k is (hidden − 1) / 2, or less if that would halve a side of 2.
    3. The layers that are left over, at the smallest size.
    4. k layers that enlarge the image, by repetition. The input of each also has the output of step 1 or 2 of the same size.

    `hidden` counts layers, as in every net; at least 3 are needed."""

    kind: ClassVar[str] = "unet"
    least_hidden: ClassVar[int] = 3
    least_side: ClassVar[int] = 3
    hidden: int = 5

    def plan(self, dim: int) -> list[Convolution]:
        height, width, channels = self.form(dim)
        sizes = halvings((height, width), (self.hidden - 1) // 2)
        levels = len(sizes) - 1
        plan = [Convolution(channels, self.width, sizes[0])]
        plan += [Convolution(self.width, self.width, size, 2) for size in sizes[1:]]
        plan += [Convolution(self.width, self.width, sizes[-1])] * (self.hidden - 1 - 2 * levels)
        plan += [Convolution(2 * self.width, self.width, sizes[level], skip=level) for level in reversed(range(levels))]
        return [*plan, Convolution(self.width, channels, sizes[0])]
