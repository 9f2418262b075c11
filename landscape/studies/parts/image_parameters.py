"""Parameters that studies of images and tables share, in base classes."""

from __future__ import annotations

from dataclasses import dataclass

from landscape.choices import IMAGE_SETS, OBJECTIVES, POINT_SETS, PRECISIONS, RATE_SCHEDULES, STARTS
from landscape.parameters import Parameters, option
from landscape.studies.parts import options
from landscape.studies.parts.training_parameters import Descent

START_KINDS = tuple(kind for kind in STARTS if kind != "data")  # in these studies no sample starts at a training point
ALL_CLASSES = "all"  # the value of --classes that keeps every class


@dataclass(frozen=True)
class ImageData(Parameters):
    """The images or tables of a study, and how its networks are trained."""

    data: tuple[str, ...] = options.data(("digits",), ("digits", *IMAGE_SETS), "Images or tables.")
    classes: tuple[str, ...] = option((ALL_CLASSES,), "Classes that are kept, by name or number.")
    count: tuple[int, ...] = option((500,), "Training points.", low=1, high=10_000_000)
    output: str = option("sigmoid", "Squash at the output: the data take its range.", choices=("sigmoid", "tanh"))
    size: int = option(0, "Side that images are cropped and resized to; 0 leaves them as they are.", low=0, high=4096)
    grey: bool = option(False, "Turn images grey.")
    labelled: bool = option(
        False, "Show each image's class in a strip of pixels below it, to be sampled from.", later=True
    )
    drawn: bool = option(False, "Give each member random training points of its own; else all have the first ones.")
    batch: int = options.batch()
    schedule: str = option("constant", "How the learning rate falls.", choices=RATE_SCHEDULES)
    precision: str = option("float32", "Of the matrix products in training.", choices=PRECISIONS)
    keep: str = options.keep()
    held_out: int = option(256, "Points that no network is trained on, to compare with.", low=2, high=1_000_000)


@dataclass(frozen=True)
class ImageParameters(Descent, ImageData):
    """Parameters of a study of networks trained on images or tables, some of which are held out."""

    def __post_init__(self) -> None:
        super().__post_init__()
        points = [name for name in self.data if name in POINT_SETS and name != "digits"]
        if points:
            raise ValueError(
                f"`data` must have points to hold out, which are compared with; got {points[0]!r}, which is trained on whole. "
                "Take digits or other images, or a table or array of yours"
            )


@dataclass(frozen=True)
class GridParameters(ImageParameters):
    """Parameters of a study that crosses data, count, net, hidden, width, objective and steps."""

    net: tuple[str, ...] = options.nets(("mlp",))
    hidden: tuple[int, ...] = options.hidden((3,))
    width: tuple[int, ...] = options.width((200,))
    activation: str = options.usual_activation()
    objective: tuple[str, ...] = option(("plain",), "What training minimises.", choices=OBJECTIVES)
    strength: float = option(0.1, "Weight or noise of an objective that is not plain.", low=0)
    steps: tuple[int, ...] = option((10_000,), "Training steps; each number is trained anew.", low=1)
    lr: float = options.lr()

    def __post_init__(self) -> None:
        super().__post_init__()
        if min(self.count) < 2:
            raise ValueError(f"`count` must be at least 2; got {min(self.count)}")
