"""The parameters of an audit: importable without torch."""

from __future__ import annotations

from dataclasses import dataclass

from landscape.data_root import find
from landscape.parameters import Parameters, option

KNOWN_SAMPLERS = {  # samples made of the user's own points, each with the right answers
    "copycat": ("copies", "varied"),
    "held-out": ("does not copy", "varied"),
    "half-copies": ("copies", "varied"),
    "few-copies": ("copies", "collapsed"),
}
FEATURES = ("pixels", "pca", "classifier")


@dataclass(frozen=True)
class AuditParameters(Parameters):
    """Whether samples are copies of the training points, and whether they are as varied as points that were held out.

    The samples may come from any generator: a GAN, a diffusion model, a language model's embeddings. Nothing is trained.
    Sets are folders of images, .npy or .npz arrays, tables, or for training and held-out points digits, mnist, fashion-mnist,
    cifar10. The held-out points, which the generator must not have seen, are the null of every number."""

    members: int = option(1, "Always 1: each set of samples is judged once. Give several sets instead.", low=1, high=1)
    samples: tuple[str, ...] = option(
        ("",), f"Samples: paths, several to compare generators; or made of your points: {', '.join(KNOWN_SAMPLERS)}."
    )
    training: str = option("", "The points that the generator was trained on: a path or a name.")
    held_out: str = option("", "Points of the same kind that it was not trained on: a path or a name.")
    features: str = option(
        "pixels", f"What distances are between: {', '.join(FEATURES)}, or an .npz with samples, training and held_out."
    )
    size: int = option(0, "Side that images are cropped and resized to; 0 leaves them as they are.", low=0, high=4096)
    grey: bool = option(False, "Turn images grey.")

    @classmethod
    def no_data(cls) -> str:
        return "audit compares three sets in place of one: give --training, --held-out and --samples"

    def check_paths(self) -> None:
        given = [
            ("training", self.training),
            ("held-out", self.held_out),
            *(("samples", name) for name in self.samples),
        ]
        for role, name in given:
            path = "/" in name or "." in name  # a plain word may be meant as the name of a set, which the audit says
            if path and name not in KNOWN_SAMPLERS and find(name) is None:
                raise ValueError(
                    f"there is no {name!r}: --{role} must be a folder of images, an array (.npy, .npz) or a table"
                )

    @property
    def from_file(self) -> bool:
        """Whether features come from a file."""
        return self.features not in FEATURES
