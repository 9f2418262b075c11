"""The pictures that `landscape sample` writes: tiles if the data are images, else a figure of the points; and an animation."""

from __future__ import annotations

from pathlib import Path

from landscape.data import Dataset
from landscape.figures import images
from landscape.figures.panel import Animation
from landscape.figures.plane_film import plane_frames
from landscape.figures.points import sample_figure
from landscape.figures.theme import any_script
from landscape.measures import Samples

DOTS_PER_INCH = 150
FRAMES_PER_SECOND = 6.0


def is_animated(dataset: Dataset) -> bool:
    """Whether samples of these data are animated: images, and points in the plane."""
    return len(dataset.shape) > 1 or dataset.dim == 2


def draw(folder: Path, dataset: Dataset, found: Samples, *, unit: str, gif: bool) -> None:
    """Write samples.png and, if the samples are animated, samples.webp and, with `gif`, samples.gif.

    Captions count in `unit`, such as 'step'."""
    shown = images.spread(len(found.iterations), images.MAX_FRAMES)
    iterations = [found.iterations[place] for place in shown]
    played = _points if len(dataset.shape) == 1 else _images
    animation = played(folder, dataset, found, shown, iterations, unit)
    if animation is None:
        return
    (folder / "samples.webp").write_bytes(images.moving_webp(animation.frames, animation.frames_per_second))
    if gif:
        (folder / "samples.gif").write_bytes(images.moving_gif(animation.frames, animation.frames_per_second))


def _points(
    folder: Path, dataset: Dataset, found: Samples, shown: list[int], iterations: list[int], unit: str
) -> Animation | None:
    """Write the figure of points. Returns their animation; None for points that are not in the plane."""
    points = found.points[0, shown].numpy()
    names = dataset.table.coordinates if dataset.table else ()
    training = dataset.points[0].numpy()
    figure = sample_figure(points, iterations, training, found.low, found.high, names=names, unit=unit)
    with any_script():
        figure.savefig(folder / "samples.png", dpi=DOTS_PER_INCH)
    if not is_animated(dataset):
        return None
    alt = _alt(points.shape[1], iterations, unit)
    return plane_frames(points, iterations, training, found.low, found.high, alt=alt, unit=unit)


def _images(
    folder: Path, dataset: Dataset, found: Samples, shown: list[int], iterations: list[int], unit: str
) -> Animation:
    """Write the contact sheet of images, and return their animation."""
    points = found.points[0, :, : images.MAX_TILES][shown].numpy()  # of a streamed file, only these points are read
    tiles = images.pictures(points, dataset.shape, found.low, found.high)
    images.contact_sheet(tiles, iterations, unit=unit).savefig(folder / "samples.png", dpi=DOTS_PER_INCH)
    alt = _alt(tiles.shape[1], iterations, unit)
    return images.tile_frames(tiles, iterations, alt=alt, unit=unit, frames_per_second=FRAMES_PER_SECOND)


def _alt(samples: int, iterations: list[int], unit: str) -> str:
    return f"{samples} samples at {len(iterations)} {unit}s"
