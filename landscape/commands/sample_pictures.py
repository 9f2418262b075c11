"""The pictures that `landscape sample` writes: tiles if the data are images, else a figure of the points."""

from __future__ import annotations

from pathlib import Path

from landscape.data import Dataset
from landscape.figures import images
from landscape.figures.points import sample_figure
from landscape.figures.theme import any_script
from landscape.measures import Samples

DOTS_PER_INCH = 150
FRAMES_PER_SECOND = 6.0


def draw(folder: Path, dataset: Dataset, found: Samples, *, unit: str, gif: bool) -> None:
    """Write samples.png, and for images samples.webp and, with `gif`, samples.gif. Captions count in `unit`, such as 'step'."""
    shown = images.spread(len(found.iterations), images.MAX_FRAMES)
    iterations = [found.iterations[place] for place in shown]
    if len(dataset.shape) == 1:
        points = found.points[0, shown].numpy()
        names = dataset.table.coordinates if dataset.table else ()
        training = dataset.points[0].numpy()
        figure = sample_figure(points, iterations, training, found.low, found.high, names=names, unit=unit)
        with any_script():
            figure.savefig(folder / "samples.png", dpi=DOTS_PER_INCH)
        return
    points = found.points[0, :, : images.MAX_TILES][shown].numpy()  # of a streamed file, only these points are read
    tiles = images.pictures(points, dataset.shape, found.low, found.high)
    images.contact_sheet(tiles, iterations, unit=unit).savefig(folder / "samples.png", dpi=DOTS_PER_INCH)
    alt = f"{tiles.shape[1]} samples at {len(shown)} {unit}s"
    played = images.tile_frames(tiles, iterations, alt=alt, unit=unit, frames_per_second=FRAMES_PER_SECOND)
    (folder / "samples.webp").write_bytes(images.moving_webp(played.frames, played.frames_per_second))
    if gif:
        (folder / "samples.gif").write_bytes(images.moving_gif(played.frames, played.frames_per_second))
