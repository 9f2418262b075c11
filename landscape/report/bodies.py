"""The bodies of panels as a page shows them: a class for each kind, and how it is made from what a panel holds."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import singledispatch
from typing import Any, ClassVar

import matplotlib as mpl
import pandas as pd
from markupsafe import Markup
from matplotlib.figure import Figure

from landscape.figures.panel import Animation, Kaleidoscope, Scene, SceneGrid
from landscape.figures.scene import is_empty
from landscape.figures.theme import any_script, pixels
from landscape.report.kaleidoscope import KaleidoscopeView, kaleidoscope_view
from landscape.report.live import scene_data
from landscape.report.pack import data_uri, moving_webp, script_json, sprite_sheet, webp, webp_within
from landscape.report.page_data import Download, PageData
from landscape.report.still import HALF_FORMAT, SMALL_FORMAT, WIDE_FORMAT, Format, shared_bar, still
from landscape.report.tables import TableView, table_view

MAX_SVG_BYTES, RASTER_DPI = 100_000, 200  # bytes of an SVG; dots per inch of the picture in its place
MAX_RASTER_WIDTH = 2480  # dots across such a picture: twice the page's width
MAX_LOSSLESS_BYTES = 120_000  # bytes up to which such a picture is carried exactly
_FORBIDDEN = re.compile(r"<script|<style|<iframe|\sstyle=|\son\w+=|(?:src|href)=[\"']?(?:https?:)?//", re.IGNORECASE)


@dataclass(frozen=True)
class Body:
    """What a block shows between its caption and its downloads.

    A new kind supplies a subclass with a `kind` and the fields that it shows; a macro of that name in bodies.html, which is
    given the block; and a function registered with `body_of`, which makes the body from what a panel holds.
    A body that is not `wide` may share its row. Its own `downloads` stand before the panel's."""

    kind: ClassVar[str]
    wide: bool = field(default=True, kw_only=True)
    downloads: Sequence[Download] = field(default=(), kw_only=True)


@singledispatch
def body_of(given: object, title: str, data: PageData) -> Body:
    """The body of the panel `title`; `data` collects what the page must carry for it.

    Raises TypeError for a type that has no kind of body, and ValueError for content that a page cannot show."""
    raise TypeError(
        "a panel's body must be a Figure, Scene, SceneGrid, Animation, Kaleidoscope, DataFrame or str; "
        f"{title!r} has {type(given).__name__}."
    )


@dataclass(frozen=True)
class SceneBlock:
    """A live surface: its picture, and its data as JSON; `row` and `column` name its place in a grid."""

    id: str
    title: str
    note: str
    still: Markup
    data: Markup
    row: str = ""
    column: str = ""
    nothing: str = ""  # the sentence in place of a picture


@dataclass(frozen=True)
class SceneBody(Body):
    """A live surface."""

    kind = "scene"
    scene: SceneBlock


@dataclass(frozen=True)
class GridBody(Body):
    """Live surfaces in rows and columns, with one colour bar; None is an empty place."""

    kind = "grid"
    rows: Sequence[str]
    columns: Sequence[str]
    cells: Sequence[Sequence[SceneBlock | None]]
    bar: Markup


@dataclass(frozen=True)
class FigureBody(Body):
    """A drawing, `width` CSS pixels wide."""

    kind = "figure"
    picture: str
    width: int


@dataclass(frozen=True)
class AnimationBody(Body):
    """A moving picture, and the sheet of its frames for the player."""

    kind = "animation"
    picture: str
    sprite: dict[str, Any]


@dataclass(frozen=True)
class KaleidoscopeBody(Body):
    """Samples under iteration, for the kaleidoscope's viewer."""

    kind = "kaleidoscope"
    view: KaleidoscopeView


@dataclass(frozen=True)
class TableBody(Body):
    """The first rows of a table; the viewer loads the others."""

    kind = "table"
    table: TableView


@dataclass(frozen=True)
class ProseBody(Body):
    """A paragraph or other HTML."""

    kind = "html"
    html: Markup


@body_of.register
def _of_scene(given: Scene, title: str, data: PageData) -> Body:
    if words := nothing_of(given):
        return ProseBody(Markup("<p>{}</p>").format(words))
    return SceneBody(_scene_block(given, WIDE_FORMAT, data))


@body_of.register
def _of_grid(given: SceneGrid, title: str, data: PageData) -> Body:
    if len(given.scenes) != len(given.rows) or any(len(row) != len(given.columns) for row in given.scenes):
        raise ValueError(f"a grid of {len(given.rows)} rows × {len(given.columns)} columns needs as many scenes.")
    shape = SMALL_FORMAT if len(given.columns) > 2 else HALF_FORMAT
    cells = [
        [
            _scene_block(scene, shape, data, row, column) if scene else None
            for scene, column in zip(scenes, given.columns, strict=True)
        ]
        for scenes, row in zip(given.scenes, given.rows, strict=True)
    ]
    first = next((scene for row in given.scenes for scene in row if scene), None)
    return GridBody(given.rows, given.columns, cells, Markup(shared_bar(first)) if first else Markup())


@body_of.register
def _of_figure(given: Figure, title: str, data: PageData) -> Body:
    width, height = given.get_size_inches()
    return FigureBody(_drawn(given), round(96 * width), wide=bool(width > 1.9 * height and width > 7))


@body_of.register
def _of_animation(given: Animation, title: str, data: PageData) -> Body:
    moving = data_uri("image/webp", moving_webp(given.frames, given.frames_per_second))
    return AnimationBody(moving, _sprite(given), wide=False)


@body_of.register
def _of_kaleidoscope(given: Kaleidoscope, title: str, data: PageData) -> Body:
    return KaleidoscopeBody(kaleidoscope_view(given))


@body_of.register
def _of_table(given: pd.DataFrame, title: str, data: PageData) -> Body:
    whole = data.download(title, given)
    return TableBody(table_view(given, whole.payload), downloads=[whole])


@body_of.register
def _of_text(given: str, title: str, data: PageData) -> Body:
    """HTML as it came. Raises ValueError where the page's security policy would block part of it."""
    if found := _FORBIDDEN.search(given):
        raise ValueError(
            f"the HTML of {title!r} has {found.group().strip()!r}: a report carries no scripts, styles or addresses; "
            "use a figure."
        )
    return ProseBody(Markup(given))


def nothing_of(scene: Scene) -> str:
    """The sentence that stands in place of a scene without anything to draw; "" where a surface can be drawn."""
    if scene.surfaces and all(map(is_empty, scene.surfaces)):
        return f"No picture: nowhere do four neighbouring values of the {scene.labels[2]} exist that are finite."
    return ""


def _scene_block(scene: Scene, shape: Format, data: PageData, row: str = "", column: str = "") -> SceneBlock:
    data.colours.add(scene.colours)
    name = data.next_id("scene")
    if words := nothing_of(scene):
        return SceneBlock(name, scene.title, scene.note, Markup(), Markup(), row, column, words)
    poster, live = Markup(still(scene, data.painter, shape)), script_json(scene_data(scene, data.side))
    return SceneBlock(name, scene.title, scene.note, poster, live, row, column)


def _drawn(figure: Figure) -> str:
    """The figure as SVG; as a picture of twice a screen's pixels where thousands of marks would make that far larger."""
    drawn = _svg(figure)
    if len(drawn) <= MAX_SVG_BYTES:
        return data_uri("image/svg+xml", drawn)
    figure.set_dpi(min(RASTER_DPI, MAX_RASTER_WIDTH / figure.get_figwidth()))
    picture = webp_within(pixels(figure)[..., :3], MAX_LOSSLESS_BYTES, quality=80)
    return min(data_uri("image/svg+xml", drawn), data_uri("image/webp", picture), key=len)


def _svg(figure: Figure) -> bytes:
    out = io.StringIO()
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "landscape"}), any_script():
        figure.savefig(out, format="svg", metadata={"Date": None})
    text = out.getvalue()
    # Verdana was drawn beside DejaVu Sans's parent and measures almost the same: text keeps its place without DejaVu.
    text = text.replace("'DejaVu Sans'", "'DejaVu Sans', Verdana, sans-serif")
    return text[text.index("<svg") :].encode()


def _sprite(animation: Animation) -> dict[str, Any]:
    if len(animation.labels) != len(animation.frames):
        raise ValueError(
            f"an animation of {len(animation.frames)} frames needs as many labels; got {len(animation.labels)}."
        )
    sheet, columns = sprite_sheet(animation.frames)
    _, height, width, _ = animation.frames.shape
    return {
        "alt": animation.alt,
        "columns": columns,
        "width": width,
        "height": height,
        "rate": animation.frames_per_second,
        "labels": list(animation.labels),
        "sheet": data_uri("image/webp", webp(sheet, quality=75)),
    }
