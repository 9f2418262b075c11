"""Panels as the pieces a page is laid out from."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import matplotlib as mpl
import pandas as pd
from markupsafe import Markup
from matplotlib.figure import Figure

from landscape.figures.panel import Animation, Kaleidoscope, Panel, Scene, SceneGrid
from landscape.figures.scene import is_empty
from landscape.figures.theme import any_script, pixels
from landscape.report.kaleidoscope import KaleidoscopeView, kaleidoscope_view
from landscape.report.live import scene_data
from landscape.report.pack import data_uri, moving_webp, pack_bytes, script_json, sprite_sheet, webp, webp_within
from landscape.report.poster import Painter
from landscape.report.still import PAIR, SMALL, WIDE, Format, shared_bar, still
from landscape.report.tables import TableView, table_view, to_csv

LARGEST_PAYLOAD = 400_000  # characters: a larger table stays in the run's folder
LARGEST_DRAWING, DOTS = 100_000, 200  # bytes of an SVG; dots per inch of the picture in its place
WIDEST = 2480  # dots across such a picture: twice the page's width
EXACT = 120_000  # bytes up to which such a picture is carried exactly
_FORBIDDEN = re.compile(r"<script|<style|<iframe|\sstyle=|\son\w+=|(?:src|href)=[\"']?(?:https?:)?//", re.IGNORECASE)


@dataclass(frozen=True)
class Download:
    """A table a reader may save: the file's name, its rows, and where in the page it is ("" for one too large)."""

    file: str
    rows: int
    payload: str


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
class Block:
    """One panel on the page; `kind` chooses its layout, the fields that go with it are filled."""

    id: str
    title: str
    caption: str
    downloads: Sequence[Download]
    kind: str = ""
    wide: bool = True
    scene: SceneBlock | None = None
    rows: Sequence[str] = ()
    columns: Sequence[str] = ()
    cells: Sequence[Sequence[SceneBlock | None]] = ()
    picture: str = ""
    width: int = 0  # of a figure, in CSS pixels
    sprite: dict[str, Any] = field(default_factory=dict)
    kaleidoscope: KaleidoscopeView | None = None
    table: TableView | None = None
    html: str = ""


@dataclass
class Payloads:
    """The tables a page carries, each once: id → compressed CSV."""

    content: dict[str, str] = field(default_factory=dict)

    def add(self, frame: pd.DataFrame) -> str:
        """The id under which the page holds `frame`; "" where it would weigh too much."""
        text = to_csv(frame)
        name = "t" + hashlib.sha256(text.encode()).hexdigest()[:12]
        if name not in self.content:
            packed = pack_bytes(text.encode())
            if len(packed) > LARGEST_PAYLOAD:
                return ""
            self.content[name] = packed
        return name


@dataclass
class Builder:
    """Turns panels into blocks and remembers what the page must carry for them: tables and colour maps."""

    painter: Painter
    side: int
    payloads: Payloads = field(default_factory=Payloads)
    colours: set[str] = field(default_factory=set)
    count: int = 0

    def block(self, panel: Panel) -> Block:
        """`panel` as a block. Raises TypeError for a body a page cannot show."""
        base = Block(
            id=self._next("panel"),
            title=panel.title,
            caption=panel.caption,
            downloads=[self.download(name, frame) for name, frame in panel.downloads.items()],
        )
        body = panel.body
        if isinstance(body, Scene) and (words := nothing_of(body)):
            return replace(base, kind="html", html=Markup("<p>{}</p>").format(words))
        if isinstance(body, Scene):
            return replace(base, kind="scene", scene=self._scene(body, WIDE))
        if isinstance(body, SceneGrid):
            return self._grid(body, base)
        if isinstance(body, Animation):
            return replace(base, kind="animation", wide=False, picture=_moving(body), sprite=_sprite(body))
        if isinstance(body, Kaleidoscope):
            return replace(base, kind="kaleidoscope", kaleidoscope=kaleidoscope_view(body))
        if isinstance(body, Figure):
            width, height = body.get_size_inches()
            return replace(
                base,
                kind="figure",
                wide=bool(width > 1.9 * height and width > 7),
                picture=_drawn(body),
                width=round(96 * width),
            )
        if isinstance(body, pd.DataFrame):
            whole = self.download(panel.title, body)
            return replace(
                base, kind="table", table=table_view(body, whole.payload), downloads=[whole, *base.downloads]
            )
        if isinstance(body, str):
            return replace(base, kind="html", html=_checked(body, panel.title))
        raise TypeError(
            "a panel's body must be a Figure, Scene, SceneGrid, Animation, Kaleidoscope, DataFrame or str; "
            f"{panel.title!r} has {type(body).__name__}."
        )

    def download(self, name: str, frame: pd.DataFrame) -> Download:
        file = re.sub(r"[^\w.-]+", "-", name.removesuffix(".csv")).strip("-").lower() or "table"
        return Download(f"{file}.csv", len(frame), self.payloads.add(frame))

    def _scene(self, scene: Scene, shape: Format, row: str = "", column: str = "") -> SceneBlock:
        self.colours.add(scene.colours)
        if words := nothing_of(scene):
            return SceneBlock(self._next("scene"), scene.title, scene.note, Markup(), Markup(), row, column, words)
        return SceneBlock(
            self._next("scene"),
            scene.title,
            scene.note,
            Markup(still(scene, self.painter, shape)),
            script_json(scene_data(scene, self.side)),
            row,
            column,
        )

    def _grid(self, grid: SceneGrid, base: Block) -> Block:
        if len(grid.scenes) != len(grid.rows) or any(len(row) != len(grid.columns) for row in grid.scenes):
            raise ValueError(f"a grid of {len(grid.rows)} rows × {len(grid.columns)} columns needs as many scenes.")
        shape = SMALL if len(grid.columns) > 2 else PAIR
        cells = [
            [
                self._scene(scene, shape, row, column) if scene else None
                for scene, column in zip(scenes, grid.columns, strict=True)
            ]
            for scenes, row in zip(grid.scenes, grid.rows, strict=True)
        ]
        first = next((scene for row in grid.scenes for scene in row if scene), None)
        bar = Markup(shared_bar(first)) if first else ""
        return replace(base, kind="grid", rows=grid.rows, columns=grid.columns, cells=cells, html=bar)

    def _next(self, kind: str) -> str:
        self.count += 1
        return f"{kind}-{self.count}"


def nothing_of(scene: Scene) -> str:
    """The sentence that stands in place of a scene without anything to draw; "" where a surface can be drawn."""
    if scene.surfaces and all(map(is_empty, scene.surfaces)):
        return f"No picture: nowhere do four neighbouring values of the {scene.labels[2]} exist that are finite."
    return ""


def _drawn(figure: Figure) -> str:
    """The figure as SVG; as a picture of twice a screen's pixels where thousands of marks would make that far larger."""
    drawn = _svg(figure)
    if len(drawn) <= LARGEST_DRAWING:
        return data_uri("image/svg+xml", drawn)
    figure.set_dpi(min(DOTS, WIDEST / figure.get_figwidth()))
    picture = webp_within(pixels(figure)[..., :3], EXACT, quality=80)
    return min(data_uri("image/svg+xml", drawn), data_uri("image/webp", picture), key=len)


def _svg(figure: Figure) -> bytes:
    out = io.StringIO()
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "landscape"}), any_script():
        figure.savefig(out, format="svg", metadata={"Date": None})
    text = out.getvalue()
    # Verdana was drawn beside DejaVu Sans's parent and measures almost the same: text keeps its place without DejaVu.
    text = text.replace("'DejaVu Sans'", "'DejaVu Sans', Verdana, sans-serif")
    return text[text.index("<svg") :].encode()


def _moving(animation: Animation) -> str:
    return data_uri("image/webp", moving_webp(animation.frames, animation.frames_per_second))


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


def _checked(html: str, title: str) -> Markup:
    """HTML as it came, if the page's security policy lets it be shown without complaint."""
    if found := _FORBIDDEN.search(html):
        raise ValueError(
            f"the HTML of {title!r} has {found.group().strip()!r}: a report carries no scripts, styles or addresses; "
            "use a figure."
        )
    return Markup(html)
