"""The classifier whose features and answers compare generated with real images: trained here, on the same data."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn

from landscape.ensemble.optimisers import Adam

FEATURES, CHANNELS, KERNEL = 64, (16, 32), 3
BATCH, RATE = 128, 1e-3
QUARTERS = 4  # of unlabelled images the classifier tells by how many quarter turns they are rotated
AT_ONCE = 2_000  # images


@dataclass(frozen=True, eq=False)
class Classifier:
    """A trained classifier, with its `accuracy` on held-out images. `task` is what it tells apart."""

    net: nn.Sequential
    head: nn.Linear
    accuracy: float
    task: str

    @torch.no_grad()
    def features(self, images: Float[Tensor, "points channels side side"]) -> Float[Tensor, "points features"]:
        """The values of the last hidden layer."""
        return torch.cat([self.net(part) for part in torch.split(images, AT_ONCE)])

    @torch.no_grad()
    def logits(self, features: Float[Tensor, "points features"]) -> Float[Tensor, "points classes"]:
        """The answers to images with these features."""
        answers: Tensor = self.head(features)
        return answers


def train_classifier(
    images: Float[Tensor, "data channels side side"],
    labels: Int64[Tensor, "data"] | None,
    held_out: Float[Tensor, "held_out channels side side"],
    held_out_labels: Int64[Tensor, "held_out"] | None,
    *,
    classes: int,
    steps: int,
    generator: torch.Generator,
) -> Classifier:
    """Train a small convolutional network to tell the classes of images, on their device.

    Without labels it learns to tell by how many quarter turns images are rotated (Gidaris et al. 2018)."""
    task = "class"
    if labels is None or held_out_labels is None or classes < 2:
        (images, labels), (held_out, held_out_labels) = turned(images), turned(held_out)
        classes, task = QUARTERS, "rotation"
    net, head = _untrained(images.shape[1], images.shape[2], classes, generator)
    net, head = net.to(images.device), head.to(images.device)
    adam = Adam([*net.parameters(), *head.parameters()], RATE)
    for step in range(steps):
        rows = torch.randint(len(images), (min(BATCH, len(images)),), generator=generator).to(images.device)
        adam.descend(nn.functional.cross_entropy(head(net(images[rows])), labels[rows]), 1 - step / steps)
    classifier = Classifier(net, head, 0.0, task)
    right = classifier.logits(classifier.features(held_out)).argmax(1) == held_out_labels
    return Classifier(net, head, float(right.float().mean()), task)


def turned(images: Float[Tensor, "points channels side side"]) -> tuple[Tensor, Tensor]:
    """The images by zero to three quarter turns, (4P, C, h, w), and the numbers of turns."""
    parts = [images.rot90(turns, (2, 3)) for turns in range(QUARTERS)]
    return torch.cat(parts), torch.arange(QUARTERS, device=images.device).repeat_interleave(len(images))


def _untrained(channels: int, side: int, classes: int, generator: torch.Generator) -> tuple[nn.Sequential, nn.Linear]:
    reduced = (side + 3) // 4  # two layers of stride 2, each rounding up
    net = nn.Sequential(
        nn.Conv2d(channels, CHANNELS[0], KERNEL, 2, 1, device="meta"), nn.ReLU(),
        nn.Conv2d(CHANNELS[0], CHANNELS[1], KERNEL, 2, 1, device="meta"), nn.ReLU(), nn.Flatten(),
        nn.Linear(CHANNELS[1] * reduced**2, FEATURES, device="meta"), nn.ReLU(),
    )  # fmt: skip
    head = nn.Linear(FEATURES, classes, device="meta")
    for layer in [*net, head]:
        if isinstance(layer, (nn.Conv2d, nn.Linear)):
            layer.to_empty(device="cpu")
            nn.init.normal_(layer.weight, 0, (2 / layer.weight[0].numel()) ** 0.5, generator=generator)
            nn.init.zeros_(layer.bias)  # type: ignore[arg-type]
    return net, head
