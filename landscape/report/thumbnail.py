"""A panel's picture as an SVG file of its own: light or dark as its reader's screen, and without a second file."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import singledispatch
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

SCENES = 2  # rows and columns of a grid that are shown: the first and the last
FRAME = (380, 300)  # pixels of a still, a frame or a picture that has no size of its own
GAP = 6
# The rules of the page's styles that a picture needs: its colours, and the marks of stills.
_RULES = re.compile(r"^(?::root|\.still|\.wall|\.tick|\.dots)[^{}]*\{[^{}]*\}", re.MULTILINE)
_SIZE = re.compile(r'width="(\d+)" height="(\d+)" viewBox')

Picture = tuple[str, int, int]  # an element, its width and its height in pixels


def thumbnail(panel: Panel, hand: Painter | None = None) -> str:
    """The picture of `panel` as the text of an SVG file; "" if it holds none.

    Of a grid of surfaces the corners are shown, of a moving picture the last frame. `hand` draws surfaces: by default the best
    painter that works on this machine."""
    if hand is None:
        with painter() as hand:
            return thumbnail(panel, hand)
    data = PageData(hand, side_for(1))
    made = picture_of(panel.body, data)
    if made is None:
        return ""
    inner, width, height = made
    style = "\n".join([_style(), rules(data.used.colours), font_faces(data.used.letters)])
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
    scenes = [
        _ends([scene for scene in row if scene and not all(map(is_empty, scene.surfaces))]) for row in body.scenes
    ]
    shown = _ends([row for row in scenes if row])
    if sum(map(len, shown)) == 1:
        return _of_scene(shown[0][0], data)
    return _tiled([[lambda scene=scene: still(scene, data.painter, SMALL_FORMAT) for scene in row] for row in shown])


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


def _tiled(rows: Sequence[Sequence[Callable[[], str]]]) -> Picture | None:
    """Stills in rows and columns."""
    if not rows:
        return None
    width, height = FRAME
    parts = [
        f'<svg x="{column * (width + GAP)}" y="{row * (height + GAP)}" width="{width}" height="{height}">{make()}</svg>'
        for row, stills in enumerate(rows)
        for column, make in enumerate(stills)
    ]
    columns = max(map(len, rows))
    return "".join(parts), columns * (width + GAP) - GAP, len(rows) * (height + GAP) - GAP


def _ends(items: Sequence) -> list:  # type: ignore[type-arg]
    return list(items) if len(items) <= SCENES else [items[0], items[-1]]


def _style() -> str:
    here = Path(__file__).parent
    sheets = [(here / name).read_text(encoding="utf-8") for name in ("page.css", "viewer.css")]
    return "\n".join(match[0] for sheet in sheets for match in _RULES.finditer(sheet))
