"""The parameters of the study of injective generators: importable without torch."""

from __future__ import annotations

from dataclasses import dataclass

from landscape.choices import GENERATORS, IMAGE_SETS, POINT_SETS
from landscape.parameters import Parameters, option
from landscape.studies.parts import options

SETS = 5  # of generated images, for the mean and the standard deviation of a score over sets


@dataclass(frozen=True)
class InjectiveGanParameters(Parameters):
    """Whether a generator of images whose layers are one-to-one lets its codes be inferred better, and at what price.

    Pairs of generative adversarial networks are trained (WGAN-GP), one with an ordinary generator and one whose layers have
    filters in pairs w and −s²w, which makes them one-to-one. A third network learns to infer the code from the image."""

    data: tuple[str, ...] = options.data(("digits",), ("digits", *IMAGE_SETS), "Images.")
    generator: tuple[str, ...] = option(GENERATORS, "Kinds of generator.", choices=GENERATORS)
    latent: int = option(16, "Coordinates of a code.", low=1, high=4096)
    width: int = option(
        32, "Channels next to the image; they double with every halving of the side.", low=2, high=1024, memory=True
    )
    steps: int = option(2500, "Adam steps of the generator; the critic takes five times as many.", low=1)
    lr: float = option(1e-4, "Adam's learning rate.", low=0)
    batch: int = option(64, "Minibatch; all images where they are fewer.", low=2, memory=True)
    count: int = option(0, "Training images; 0 for all that are not held out.", low=0, high=10_000_000)
    held_out: int = option(300, "Images that no network is trained on.", low=2, high=1_000_000)
    size: int = option(0, "Side that images are cropped and resized to; 0 leaves them as they are.", low=0, high=4096)
    grey: bool = option(False, "Turn images grey.")
    codes: int = option(50_000, "Codes that are inferred, of generated images.", low=2, high=10_000_000)
    samples: int = option(
        2_000,
        f"Images in each of the {SETS} sets whose distance from real images is measured.",
        low=2,
        high=1_000_000,
        memory=True,
    )
    classifier_steps: int = option(600, "Adam steps of the classifier whose features compare images.", low=1)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.lr == 0:
            raise ValueError("`lr` must be above 0, or nothing is trained; got 0")
        points = [name for name in self.data if name in POINT_SETS and name != "digits"]
        if points:
            raise ValueError(
                f"`data` must be digits, mnist, fashion-mnist, cifar10 or the path of images; got {points[0]!r}, a set "
                "of points, which no generator of images takes"
            )
        if "injective" in self.generator and self.width % 2:
            raise ValueError(f"`width` must be even, as injective layers have filters in pairs; got {self.width}")
