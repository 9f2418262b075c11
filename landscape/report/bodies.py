"""The bodies of panels on the page: a class for each kind, and the functions that make it from what a panel holds."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial, singledispatch
from typing import Any, ClassVar

import pandas as pd
from markupsafe import Markup
from matplotlib.figure import Figure

from landscape.figures.panel import Animation, Kaleidoscope, Scene, SceneGrid
from landscape.figures.scene import is_empty
from landscape.names import file_stem
from landscape.report.drawn_figure import drawn, is_slim, shape_of
from landscape.report.kaleidoscope import KaleidoscopeView, kaleidoscope_view
from landscape.report.live import scene_data
from landscape.report.pack import data_uri, moving_webp, script_json, sheet_columns, sprite_sheet, webp
from landscape.report.page_data import Download, PageData
from landscape.report.poster import Painter
from landscape.report.still import (
    HALF_FORMAT,
    SMALL_FORMAT,
    WIDE_FORMAT,
    Format,
    painted,
    picture_address,
    shared_bar,
    still,
)
from landscape.report.tables import TableView, table_view

_FORBIDDEN = re.compile(r"<script|<style|<iframe|\sstyle=|\son\w+=|(?:src|href)=[\"']?(?:https?:)?//", re.IGNORECASE)


@dataclass(frozen=True)
class Body:
    """What a block shows between its caption and its downloads.

    A new kind of body needs three things:

    1. a subclass with a `kind` and the fields that it shows;
    2. a macro in bodies.html whose name is the kind and whose argument is the block;
    3. a function, registered with `body_of`, that makes the body from what a panel holds.

    Bodies that are not `wide` may share a row. The body's `downloads` stand before the panel's."""

    kind: ClassVar[str]
    wide: bool = field(default=True, kw_only=True)
    downloads: Sequence[Download] = field(default=(), kw_only=True)


@singledispatch
def body_of(content: object, title: str, data: PageData, room: str = "") -> Body:
    """`content` as the body of the panel `title`; what the page must carry for it is added to `data`.

    `room` is "beside" where the body stands beside words, and has half the width of the page.

    Raises TypeError for a type that has no kind of body, and ValueError for content that a page cannot show."""
    raise TypeError(
        "a panel's body must be a Figure, Scene, SceneGrid, Animation, Kaleidoscope, DataFrame or str; "
        f"{title!r} has {type(content).__name__}."
    )


@dataclass(frozen=True)
class SceneBlock:
    """A live surface: its still picture as SVG and its data as JSON. `row` and `column` name its place in a grid."""

    id: str
    title: str
    note: str
    still: Markup
    data: Markup
    row: str = ""
    column: str = ""
    nothing: str = ""  # the sentence shown instead of a picture


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
    """A drawing as an SVG element. `shape` says how wide it is: a key of WIDTHS. `file` names its file when saved.

    One that is `slim` shrinks with its room."""

    kind = "figure"
    drawing: Markup
    shape: str
    slim: bool
    file: str


@dataclass(frozen=True)
class AnimationBody(Body):
    """An animated picture, and the sheet of its frames, which the player shows instead of it."""

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
def _of_scene(content: Scene, title: str, data: PageData, room: str = "") -> Body:
    if words := nothing_of(content):
        return ProseBody(Markup("<p>{}</p>").format(words))
    return SceneBody(_scene_block(content, WIDE_FORMAT, data))


@body_of.register
def _of_grid(content: SceneGrid, title: str, data: PageData, room: str = "") -> Body:
    if len(content.scenes) != len(content.rows) or any(len(row) != len(content.columns) for row in content.scenes):
        raise ValueError(f"a grid of {len(content.rows)} rows × {len(content.columns)} columns needs as many scenes.")
    shape = SMALL_FORMAT if len(content.columns) > 2 else HALF_FORMAT
    cells = [
        [
            _scene_block(scene, shape, data, row, column) if scene else None
            for scene, column in zip(scenes, content.columns, strict=True)
        ]
        for scenes, row in zip(content.scenes, content.rows, strict=True)
    ]
    first = next((scene for row in content.scenes for scene in row if scene), None)
    return GridBody(content.rows, content.columns, cells, Markup(shared_bar(first)) if first else Markup())


@body_of.register
def _of_figure(content: Figure, title: str, data: PageData, room: str = "") -> Body:
    shape = room or shape_of(content)
    file = file_stem(title, "figure")
    return FigureBody(Markup(drawn(content, data, shape)), shape, is_slim(content), file, wide=shape == "broad")


@body_of.register
def _of_animation(content: Animation, title: str, data: PageData, room: str = "") -> Body:
    moving = data.later.text(_moving, content)
    return AnimationBody(moving, _sprite(content, data), wide=False)


@body_of.register
def _of_kaleidoscope(content: Kaleidoscope, title: str, data: PageData, room: str = "") -> Body:
    return KaleidoscopeBody(kaleidoscope_view(content))


@body_of.register
def _of_table(content: pd.DataFrame, title: str, data: PageData, room: str = "") -> Body:
    whole = data.download(title, content)
    return TableBody(table_view(content, whole.payload), downloads=[whole])


@body_of.register
def _of_text(content: str, title: str, data: PageData, room: str = "") -> Body:
    """The HTML unchanged. Raises ValueError if the page's Content-Security-Policy would block part of it."""
    if forbidden := _FORBIDDEN.search(content):
        raise ValueError(
            f"the HTML of {title!r} has {forbidden.group().strip()!r}: a report carries no scripts, styles or addresses; "
            "use a figure."
        )
    return ProseBody(Markup(content))


def nothing_of(scene: Scene) -> str:
    """The sentence shown instead of a scene whose surfaces are all empty; "" if there is a surface to draw."""
    if scene.surfaces and all(map(is_empty, scene.surfaces)):
        return f"No picture: nowhere do four neighbouring values of the {scene.labels[2]} exist that are finite."
    return ""


def _scene_block(scene: Scene, shape: Format, data: PageData, row: str = "", column: str = "") -> SceneBlock:
    data.colours.add(scene.colours)
    name = data.next_id("scene")
    if words := nothing_of(scene):
        return SceneBlock(name, scene.title, scene.note, Markup(), Markup(), row, column, words)
    poster = Markup(still(scene, data.painter, shape, partial(_poster, data)))
    live = script_json(scene_data(scene, data.side))
    return SceneBlock(name, scene.title, scene.note, poster, live, row, column)


def _poster(data: PageData, painter: Painter, *poster: Any) -> str:
    """A mark for the address of the poster, which is drawn and encoded while the rest of the page is made."""
    drawn = painter.beside(*poster)

    def address() -> str | None:
        image = drawn()
        return None if image is None else picture_address(image)

    return data.later.attempt(address, partial(painted, painter, *poster))


def _moving(animation: Animation) -> str:
    return data_uri("image/webp", moving_webp(animation.frames, animation.frames_per_second))


def _sheet(animation: Animation) -> str:
    return data_uri("image/webp", webp(sprite_sheet(animation.frames), quality=75))


def _sprite(animation: Animation, data: PageData) -> dict[str, Any]:
    if len(animation.labels) != len(animation.frames):
        raise ValueError(
            f"an animation of {len(animation.frames)} frames needs as many labels; got {len(animation.labels)}."
        )
    count, height, width, _ = animation.frames.shape
    return {
        "alt": animation.alt,
        "columns": sheet_columns(count, height, width),
        "width": width,
        "height": height,
        "rate": animation.frames_per_second,
        "labels": list(animation.labels),
        "sheet": data.later.text(_sheet, animation),
    }
