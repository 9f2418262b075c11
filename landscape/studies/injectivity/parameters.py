"""The parameters of the study of injectivity: importable without torch."""

from __future__ import annotations

from dataclasses import dataclass

from landscape.choices import ACTIVATIONS
from landscape.parameters import Parameters, option
from landscape.studies.parts import options
from landscape.studies.parts.point_parameters import SEVERAL_POINTS, Training
from landscape.studies.parts.snapshot_steps import snapshot_steps

LAYERS, GAUSSIAN, IMAGES = PARTS = ("layers", "gaussian", "images")
MOST_INPUTS = 10  # of layers that are decided exactly
IMAGE_KINDS = ("digits", "mnist", "fashion-mnist")  # grey images in [0, 1]
EXACT, SEARCH = METHODS = ("exact", "search")  # how the layers of a number of inputs are tested
LEAST_DISTANCE = 0.01  # of a second image, in norms of the first: a smaller change is none to look at
NO_INPUTS = 0  # in place of a number of inputs: no layers are tested


@dataclass(frozen=True)
class InjectivityGrid(Parameters):
    """What is asked of Gaussian layers and of images, and the sizes of the trained networks."""

    part: tuple[str, ...] = option(
        PARTS, "What to ask: gaussian layers, images with the same code, layers of trained networks.", choices=PARTS
    )
    inputs: tuple[int, ...] = option(
        (1, 2, 3, 4, 5), "Inputs n of Gaussian layers decided exactly; 0 for none.", low=NO_INPUTS, high=MOST_INPUTS
    )
    matrices: int = option(200, "Gaussian matrices of each n.", low=2, high=100_000)
    hard_inputs: tuple[int, ...] = option(
        (6,), "Inputs n decided exactly as far as the time allows; 0 for none.", low=NO_INPUTS, high=MOST_INPUTS
    )
    hard_matrices: int = option(30, "Gaussian matrices of each of these n.", low=2, high=100_000)
    time_limit: float = option(30.0, "Seconds for the test of a matrix; then it counts as unresolved.", low=0.001)
    large_inputs: tuple[int, ...] = option(
        (30, 100), "Inputs n at which merged pairs are only searched for; 0 for none.", low=NO_INPUTS, high=2000
    )
    large_matrices: int = option(20, "Gaussian matrices of each of these n.", low=2, high=100_000)
    highest: float = option(12.0, "Rows per input up to which a layer is followed.", low=3, high=100)
    images: tuple[str, ...] = option(("digits",), "Images: digits, mnist or fashion-mnist.", choices=IMAGE_KINDS)
    contrast: tuple[float, ...] = option(
        (0.9, 1.0), "Contrast of the images; below 1 no pixel is black or white.", low=0.01, high=1
    )
    expansivity: float = option(
        2.1, "Rows per pixel of the Gaussian layers that images are put through.", low=0.1, high=20
    )
    tried: int = option(1000, "Images put through each layer; all of a set that has fewer.", low=1, high=60_000)
    searched: int = option(
        10, "Images with the fewest active rows, for which a second one is sought.", low=1, high=1000
    )
    data: tuple[str, ...] = options.data(
        ("two-points", "four-points"), SEVERAL_POINTS, "Data sets of trained networks."
    )
    points: int = options.own_points()
    count: int = option(30, "Points of a uniform set; images of digits and the like.", low=2, high=1000)
    dim: int = option(2, "Coordinates of a uniform set.", low=1, high=64)
    hidden: tuple[int, ...] = options.hidden((1, 2, 4, 7, 10))
    width: tuple[int, ...] = options.width((10, 50))
    image_width: tuple[int, ...] = option((200,), "Units per hidden layer on digits.", low=1, high=10_000)
    activation: str = option("relu", "Activation of the hidden layers.", choices=ACTIVATIONS)


@dataclass(frozen=True)
class InjectivityParameters(Training, InjectivityGrid):
    """Which ReLU layers are one-to-one, which images do they give the same code, and where do trained networks merge points?

    Gaussian layers grow row by row until they are one-to-one: this is decided exactly for few inputs, and bounded for many.
    Images are put through Gaussian layers, and a second image with the same code is sought by linear programming. In trained
    networks the rank of the Jacobian is followed from layer to layer, through training."""

    snapshots: str = option("log:6", "Steps of training to look at: 10,100,1000, or log:20 for 20 steps.")
    probes: int = options.probes(200)

    def __post_init__(self) -> None:
        super().__post_init__()
        snapshot_steps(self.snapshots, self.steps)
        asked = [n for n in (*self.inputs, *self.hard_inputs, *self.large_inputs) if n != NO_INPUTS]
        if twice := {n for n in asked if asked.count(n) > 1}:
            raise ValueError(
                f"`inputs`, `hard-inputs` and `large-inputs` must not share a number; got {min(twice)} twice"
            )
        if GAUSSIAN in self.part and not asked:
            raise ValueError("`inputs`, `hard-inputs` and `large-inputs` are all 0: there is no Gaussian layer to test")
