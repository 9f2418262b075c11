"""A panel's picture as an SVG file of its own: light or dark as its reader's screen, and without a second file."""

from __future__ import annotations

import re
from functools import singledispatch
from html import escape
from pathlib import Path

from matplotlib.figure import Figure

from landscape.figures.panel import Animation, Kaleidoscope, Panel, Scene, SceneGrid
from landscape.figures.scene import is_empty
from landscape.report.dark import rules
from landscape.report.drawn_figure import drawn
from landscape.report.kaleidoscope import kaleidoscope_view
from landscape.report.letters import font_faces
from landscape.report.live import side_for
from landscape.report.pack import data_uri, webp
from landscape.report.page_data import PageData
from landscape.report.poster import Painter, painter
from landscape.report.still import HALF_FORMAT, SMALL_FORMAT, still

GAP, LABEL = 6, 30  # pixels between two scenes, and above each for its name
# Two scenes are shown at half their size, where the numbers of their axes cannot be read.
TILES = """.tile text { display: none; }
.label { fill: var(--ink); font: 600 20px system-ui, sans-serif; text-anchor: middle; }"""
# The rules of the page's styles that a picture needs: its colours, and the marks of stills.
_RULES = re.compile(r"^(?::root|\.still|\.wall|\.tick|\.dots)[^{}]*\{[^{}]*\}", re.MULTILINE)
_SIZE = re.compile(r'width="(\d+)" height="(\d+)" viewBox')

Picture = tuple[str, int, int]  # an element, its width and its height in pixels


def thumbnail(panel: Panel, hand: Painter | None = None) -> str:
    """The picture of `panel` as the text of an SVG file; "" if it holds none.

    Of a grid of surfaces the first and the last are shown, of a moving picture the last frame. `hand` draws surfaces: by
    default the best painter that works on this machine."""
    if hand is None:
        with painter() as hand:
            return thumbnail(panel, hand)
    data = PageData(hand, side_for(1))
    made = picture_of(panel.body, data)
    if made is None:
        return ""
    inner, width, height = made
    style = "\n".join([_style(), TILES, rules(data.used.colours), font_faces(data.used.letters)])
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="drawing" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}"><style>{style}</style>{data.later.filled(inner)}</svg>\n'
    )


@singledispatch
def picture_of(body: object, data: PageData) -> Picture | None:
    """The picture of a panel's body; None for a table, a text, and a surface without values."""
    return None


@picture_of.register
def _of_figure(body: Figure, data: PageData) -> Picture | None:
    made = drawn(body, data, "beside")
    size = _SIZE.search(made)
    assert size
    return made, int(size[1]), int(size[2])


@picture_of.register
def _of_scene(body: Scene, data: PageData) -> Picture | None:
    if all(map(is_empty, body.surfaces)):
        return None
    return still(body, data.painter, HALF_FORMAT), *HALF_FORMAT.size


@picture_of.register
def _of_grid(body: SceneGrid, data: PageData) -> Picture | None:
    """Up to two scenes beside each other, the first and the last, with the names of their places."""
    places = [
        (scene, [*([row] if len(body.rows) > 1 else []), *([column] if len(body.columns) > 1 else [])])
        for row, scenes in zip(body.rows, body.scenes, strict=True)
        for column, scene in zip(body.columns, scenes, strict=True)
        if scene and not all(map(is_empty, scene.surfaces))
    ]
    if len(places) < 2:
        return _of_scene(places[0][0], data) if places else None
    width, height = SMALL_FORMAT.size
    parts = []
    for left, (scene, names) in ((0, places[0]), (width + GAP, places[-1])):
        label = escape(" · ".join(names))
        parts.append(f'<text class="label" x="{left + width // 2}" y="{LABEL - 8}">{label}</text>')
        made = still(scene, data.painter, SMALL_FORMAT)
        parts.append(f'<svg class="tile" x="{left}" y="{LABEL}" width="{width}" height="{height}">{made}</svg>')
    return "".join(parts), 2 * width + GAP, height + LABEL


@picture_of.register
def _of_animation(body: Animation, data: PageData) -> Picture | None:
    _, height, width, _ = body.frames.shape
    return _image(data_uri("image/webp", webp(body.frames[-1])), width, height)


@picture_of.register
def _of_kaleidoscope(body: Kaleidoscope, data: PageData) -> Picture | None:
    last = kaleidoscope_view(body).stills[-1]
    return _image(last.picture, last.width, last.height)


def _image(address: str, width: int, height: int) -> Picture:
    return f'<image href="{address}" width="{width}" height="{height}"/>', width, height


def _style() -> str:
    here = Path(__file__).parent
    sheets = [(here / name).read_text(encoding="utf-8") for name in ("page.css", "viewer.css")]
    return "\n".join(match[0] for sheet in sheets for match in _RULES.finditer(sheet))
