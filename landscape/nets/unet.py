"""U-Nets: down and up again as an autoencoder, with the outputs on the way down handed across."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from landscape.nets.convolution import Convolution, ConvolutionalNet, halvings


@dataclass(frozen=True)
class UNet(ConvolutionalNet):
    """`hidden` 3 × 3 layers of `width` channels: one at full size, k that halve the image, k that enlarge it; then one to the
    image's channels. After Ronneberger et al. (2015), with strides for pooling and one layer a size.

    k = (hidden − 1) / 2, less where that would halve a side of 2; layers left over stand at the bottom. A layer on the way up
    sees the enlarged image (by repetition) and, behind it, the output of its size on the way down. `hidden` counts layers, as
    in every net; 3 is the fewest that make a U."""

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
