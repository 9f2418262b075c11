"""Scenes as still pictures: axes, poster, samples and colour bar in one SVG.

The page shows it until the live viewer draws the scene, and where no viewer can run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np

from landscape.figures.axes3d import Frame, frame_of, height_ticks
from landscape.figures.drawing import DRAWING
from landscape.figures.panel import Scene
from landscape.figures.scene import Sheet, arrived, colour_table, contour_levels, hidden, in_box, shaded, sheet_of
from landscape.figures.view import Margins, View, view_of
from landscape.report.pack import data_uri, webp
from landscape.report.poster import POSTER_SIDE, Painter

SAMPLE_LIFT: float = DRAWING["dots"]["lift"]  # the height of samples above the sheet
MANY_DOTS: int = DRAWING["dots"]["many"]
DOT_WIDTHS = {
    "moving": (8.0, 10.0),
    "arrived": (10.0, 13.0),
    "marker": (12.0, 15.0),
    "moving fixed": (15.0, 18.0),
    "arrived fixed": (15.0, 18.0),
    "marker in-fixed": (6.0, 8.0),
}  # pixels, without and with the rim
SMALL_DOT, SMALL_FIXED = (5.0, 6.5), (9.0, 11.0)  # in a picture of SMALL_FORMAT
DOT_CLEARANCE = 0.05  # a thin spike must not hide the dot at its tip; shaders.js draws dots nearer for the same reason
BAR_SHAPE: dict[str, Any] = DRAWING["bar"]


@dataclass(frozen=True)
class Format:
    """The size of a scene on the page, and the layout that follows from it."""

    name: str
    size: tuple[int, int]
    margins: Margins
    font: float
    ticks: int
    bar: bool


def _format(name: str, size: tuple[int, int], *, bar: bool) -> Format:
    """The format that viewer/layout.js gives to a live picture of this size."""
    shape = DRAWING["formats"][name]
    margins = Margins(shape["left"], shape["right"][bar], shape["top"][bar], shape["bottom"])
    return Format(name, size, margins, shape["font"], shape["ticks"], bar)


WIDE_FORMAT = _format("wide", (1180, 520), bar=True)
HALF_FORMAT = _format("half", (560, 380), bar=False)
SMALL_FORMAT = _format("small", (380, 300), bar=False)


def picture_address(image: np.ndarray) -> str:
    """A poster as an address that holds it."""
    return data_uri("image/webp", webp(image))


def painted(painter: Painter, *poster: Any) -> str:
    """The address of the poster that the painter draws, given what `Painter.paint` takes."""
    return picture_address(painter.paint(*poster))


def still(scene: Scene, painter: Painter, shape: Format, address: Callable[..., str] = painted) -> str:
    """The surface of `scene` that is shown at the start, with its samples if it opens with them, as an SVG element.

    `address` makes the address of its poster, given what `painted` takes."""
    surface = scene.first
    sheet = sheet_of(scene, surface, POSTER_SIDE)
    view = view_of(shape.size, shape.margins, scene.camera, sheet.depth)
    frame = frame_of(scene, view, sheet.depth, font=shape.font, about=shape.ticks)
    colours = shaded(sheet, colour_table(scene.colours), view.eye)
    poster = address(painter, sheet, colours, view, contour_levels(scene.limits, scene.log))
    width, height = shape.size
    return "".join(
        [
            f'<svg class="still {shape.name}{" with-bar" if shape.bar else ""}" viewBox="0 0 {width} {height}" '
            f'role="img" aria-label="{escape(alt(scene))}">',
            _behind(frame),
            _picture(view, poster),
            _samples(scene, sheet, view, shape),
            _before(frame),
            _bar(scene, shape) if shape.bar else "",
            "</svg>",
        ]
    )


def alt(scene: Scene) -> str:
    """A description of the picture, for those who cannot see it."""
    surface = scene.first
    x, y, height = scene.labels
    low, high = scene.limits
    title = scene.title or surface.label or height
    return f"{title}: {height} over {x} and {y}, scale from {low:.3g} to {high:.3g}" + (
        ", logarithmic" if scene.log else ""
    )


def _behind(frame: Frame) -> str:
    walls = "".join(f'<path class="wall" d="{_path(wall)}Z"/>' for wall in frame.walls)
    return f'{walls}<path class="wall-grid" d="{"".join(_path(line) for line in frame.grid)}"/>'


def _picture(view: View, address: str) -> str:
    x, y, width, height = view.area
    return f'<image x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" href="{address}"/>'


def _before(frame: Frame) -> str:
    ticks = f'<path class="tick" d="{"".join(_path(tick) for tick in frame.ticks)}"/>'
    return ticks + "".join(
        _text("axis-name" if text.bold else "tick-text", text.x, text.y, text.text) for text in frame.texts
    )


def _text(name: str, x: float, y: float, text: str) -> str:
    return f'<text class="{name}" x="{x:.1f}" y="{y:.1f}">{escape(text)}</text>'


def _path(points: np.ndarray) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)


def _samples(scene: Scene, sheet: Sheet, view: View, shape: Format) -> str:
    """Samples, markers and fixed points; those behind the sheet are faint ("ghost")."""
    surface = scene.first
    groups: list[tuple[str, np.ndarray]] = []
    if surface.orbits is not None and scene.opens_at is not None:
        start = np.asarray(surface.orbits)[min(scene.opens_at, len(surface.orbits) - 1)]
        near = arrived(start, surface.markers, scene.near)
        groups += [("moving", start[~near]), ("arrived", start[near])]
    if surface.fixed is not None:
        groups += [
            ("moving fixed", surface.fixed.places[~surface.fixed.attracts]),
            ("arrived fixed", surface.fixed.places[surface.fixed.attracts]),
        ]
    if surface.markers is not None:
        groups.append(("marker" if surface.fixed is None else "marker in-fixed", np.asarray(surface.markers)))
    parts = []
    for name, positions in groups:
        points, _ = in_box(positions, scene, sheet)
        points = points + np.array([0, 0, SAMPLE_LIFT])
        behind = hidden(sheet, points, view.eye, clearance=DOT_CLEARANCE)
        small = SMALL_FIXED if name.endswith(" fixed") else SMALL_DOT
        widths = small if shape is SMALL_FORMAT else DOT_WIDTHS[name]
        scale = min(1.0, (MANY_DOTS / max(1, len(positions))) ** 0.5) if name == "marker" else 1.0
        for words, some in ((f"{name} ghost", points[behind]), (name, points[~behind])):
            parts.append(_dots(words, some, view, [scale * width for width in widths]))
    return "".join(parts)


def _dots(name: str, points: np.ndarray, view: View, widths: Sequence[float]) -> str:
    """All dots as one path of lines of length 0 with round ends. It is drawn twice: the wider one below is the rim."""
    if not len(points):
        return ""
    path = "".join(f"M{x:.1f} {y:.1f}h0" for x, y in view.project(points))
    inner, outer = widths
    return (
        f'<g class="dots {name}"><path class="rim" stroke-width="{outer:.3g}" d="{path}"/>'
        f'<path stroke-width="{inner:.3g}" d="{path}"/></g>'
    )


def _bar(scene: Scene, shape: Format) -> str:
    width, height = shape.size
    x, top, length = width - DRAWING["formats"][shape.name]["bar"], BAR_SHAPE["top"], height - 2 * BAR_SHAPE["top"]
    side, (right, below) = x + BAR_SHAPE["width"], BAR_SHAPE["name"]
    fill = f"url(#bar-{escape(scene.colours)})"
    parts = [
        _text("bar-name", width - right, below, scene.labels[2]),
        f'<rect x="{x}" y="{top}" width="{BAR_SHAPE["width"]}" height="{length}" fill="{fill}"/>',
    ]
    for level, text in height_ticks(scene.limits, scene.log, 8):
        y = top + (1 - level) * length
        parts.append(f'<path class="tick" d="M{side} {y:.1f}h{BAR_SHAPE["tick"]}"/>')
        parts.append(_text("bar-text", side + BAR_SHAPE["text"], y, text))
    return "".join(parts)


def shared_bar(scene: Scene) -> str:
    """A horizontal colour bar, with its name, for all scenes of a grid."""
    width, left, right = 420, 14, 24
    length = width - left - right
    parts = [f'<rect x="{left}" y="4" width="{length}" height="12" fill="url(#lying-bar-{escape(scene.colours)})"/>']
    for level, text in height_ticks(scene.limits, scene.log, 6):
        x = left + level * length
        parts.append(f'<path class="tick" d="M{x:.1f} 16v4"/>{_text("tick-text", x, 29, text)}')
    words = f"colour scale of {scene.labels[2]}, {scene.limits[0]:.3g} to {scene.limits[1]:.3g}"
    drawing = f'<svg class="lying-bar" viewBox="0 0 {width} 38" role="img" aria-label="{escape(words)}">{"".join(parts)}</svg>'
    return f"<b>{escape(scene.labels[2])}</b>{drawing}"


def gradient(colours: str) -> str:
    """The SVG gradients of a colour map for vertical and horizontal colour bars, to which the page's stills refer by name."""
    table = colour_table(colours)
    stops = "".join(
        f'<stop offset="{index / 255:.3f}" stop-color="#{table[index].tobytes().hex()}"/>'
        for index in range(0, 256, 15)
    )
    standing = f'<linearGradient id="bar-{escape(colours)}" x1="0" y1="1" x2="0" y2="0">{stops}</linearGradient>'
    return f'{standing}<linearGradient id="lying-bar-{escape(colours)}">{stops}</linearGradient>'
