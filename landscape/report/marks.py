"""The marks of a figure: what each shows, where it lies in the drawing, and which row of a table it is."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.collections import Collection, PathCollection
from matplotlib.colors import to_hex
from matplotlib.container import BarContainer
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import LogFormatter, NullFormatter, ScalarFormatter

from landscape.figures.rows import rows_of
from landscape.report.matching import Table, located, matched
from landscape.report.tables import format_number

MOST_MARKS = 1000  # an artist of more marks is drawn as pixels; with fewer it stays a vector drawing
MOST_OF = 0.9  # of the sides of axes that a picture fills
STILL = {"data-still": "1"}  # of marks on pictures, whose colours are for these and not for the page
SCALES = ("linear", "log")  # of axes from whose positions the viewer can read values


@dataclass(frozen=True)
class Rows:
    """Where marks lie in a drawing, in points from its upper left corner, (M, 2), and which rows of a table they are, (M,)."""

    places: np.ndarray
    rows: np.ndarray


@dataclass
class Marks:
    """The attributes of a drawing's groups by their ids, and the rows that the marks of a group are."""

    attributes: dict[str, dict[str, str]] = field(default_factory=dict)
    rows: dict[str, Rows] = field(default_factory=dict)
    axes: str = "[]"


def size(artist: Artist) -> int:
    """How many marks an artist draws: points, polygons or segments."""
    if isinstance(artist, Line2D):
        return len(_ends(artist)) // (1 if _has_marker(artist) else 4)
    if not isinstance(artist, Collection):
        return 1
    vertices: Any = [path.vertices for path in artist.get_paths()]
    offsets: Any = artist.get_offsets()
    return max(len(offsets), sum(map(len, vertices)) // 4)


def drawn_artists(figure: Figure) -> list[tuple[Axes, Artist]]:
    """The collections, lines and bars in the axes of a figure, in order; without axes in three dimensions or polar axes."""
    return [
        (axes, artist)
        for axes in figure.axes
        if axes.name == "rectilinear" and axes.get_label() != "<colorbar>"
        for artist in [*axes.collections, *axes.lines, *(bar for bars in _bars(axes) for bar in bars.patches)]
        if artist.get_visible()
    ]


@contextmanager
def named(figure: Figure, *, pixels: bool = False) -> Iterator[None]:
    """A context in which each artist has an id in the SVG, and those of more than MOST_MARKS marks, or all, become pixels."""
    before = [(artist, artist.get_gid(), artist.get_rasterized()) for _, artist in drawn_artists(figure)]
    ends = [(artist, artist.get_gid()) for artist in _ends_of_bars(figure)]
    try:
        for index, (artist, _) in enumerate(ends):
            artist.set_gid(f"end-{index}")
        for index, (artist, _, raster) in enumerate(before):
            artist.set_gid(f"mark-{index}")
            artist.set_rasterized(pixels or size(artist) > MOST_MARKS or raster)
        yield
    finally:
        for artist, gid, raster in before:
            artist.set_gid(gid)
            artist.set_rasterized(raster)
        for artist, gid in ends:
            artist.set_gid(gid)


def _is_picture(axes: Axes) -> bool:
    """Whether a picture fills the axes, so that marks stand on it and not on the page."""
    (left, right), (bottom, top) = sorted(axes.get_xlim()), sorted(axes.get_ylim())
    for image in axes.images:
        x, y = (sorted(ends) for ends in (image.get_extent()[:2], image.get_extent()[2:]))
        wide, high = min(x[1], right) - max(x[0], left), min(y[1], top) - max(y[0], bottom)
        if wide > MOST_OF * (right - left) and high > MOST_OF * (top - bottom):
            return True
    return False


def _ends_of_bars(figure: Figure) -> list[Artist]:
    """The pointed ends of colour bars, which have colours of a colour map."""
    return [patch for axes in figure.axes if axes.get_label() == "<colorbar>" for patch in axes.patches]


def marks_of(figure: Figure, tables: Sequence[Table]) -> Marks:
    """The marks of a figure that has just been drawn. `tables` are those of the page.

    Points are rows of a table if the figure says so (stand_for), or if it is certain by their values (matched)."""
    found = Marks()
    places: dict[int, int] = {}
    scales: list[dict[str, Any]] = []
    for axes in dict.fromkeys(axes for axes, _ in drawn_artists(figure)):
        places[id(axes)] = len(scales)
        scales.append(_scales(axes, figure))
    found.axes = json.dumps(scales, separators=(",", ":"), ensure_ascii=False)
    values = {id(bar): (bars, value) for axes in figure.axes for bars in _bars(axes) for bar, value in _lengths(bars)}
    found.attributes |= {f"end-{index}": STILL for index, _ in enumerate(_ends_of_bars(figure))}
    for index, (axes, artist) in enumerate(drawn_artists(figure)):
        name, kind = f"mark-{index}", "bar" if id(artist) in values else _kind(artist)
        still = STILL if _is_picture(axes) else {}
        if not kind or size(artist) > MOST_MARKS:
            found.attributes |= {name: still} if still else {}
            continue
        said = {"data-mark": kind, "data-axes": str(places[id(axes)]), "data-label": _label(artist, axes, figure)}
        if kind == "bar":
            bars, value = values[id(artist)]
            said |= {"data-value": format_number(value), "data-along": "x" if bars.orientation == "horizontal" else "y"}
            said["data-label"] = "" if str(bars.get_label()).startswith("_") else str(bars.get_label())
        elif kind == "point":
            said |= _rows(name, artist, axes, figure, tables, found.rows)
        found.attributes[name] = {key: value for key, value in said.items() if value} | still
    return found


def _bars(axes: Axes) -> list[BarContainer]:
    return [container for container in axes.containers if isinstance(container, BarContainer)]


def _lengths(bars: BarContainer) -> Iterator[tuple[Any, float]]:
    for bar in bars.patches:
        yield bar, float(bar.get_width() if bars.orientation == "horizontal" else bar.get_height())


def _ends(line: Line2D) -> np.ndarray:
    """The vertices of a line: (V, 2)."""
    return np.asarray(line.get_xydata(), float)


def _has_marker(line: Line2D) -> bool:
    return str(line.get_marker()) not in ("None", "", " ", "none")


def _kind(artist: Artist) -> str:
    if isinstance(artist, PathCollection):
        return "point"
    if not isinstance(artist, Line2D) or not len(_ends(artist)):
        return ""
    if _has_marker(artist):
        return "point"
    return "line" if len(_ends(artist)) > 2 else ""  # lines of two ends are means, thresholds and other references


def _scales(axes: Axes, figure: Figure) -> dict[str, Any]:
    """What the viewer needs in order to read values from positions: for x and y the name, scale, ends and names of ticks."""
    box = axes.get_window_extent()
    points = 72 / figure.dpi
    high = 72 * figure.get_figheight()
    ends = {"x": (box.x0 * points, box.x1 * points), "y": (high - box.y0 * points, high - box.y1 * points)}
    made: dict[str, Any] = {"title": axes.get_title() or axes.get_title("left")}
    for name, axis in (("x", axes.xaxis), ("y", axes.yaxis)):
        scale = axis.get_scale()
        low, top = (float(end) for end in axis.get_view_interval())
        if getattr(axes, f"{name}axis_inverted")():
            low, top = max(low, top), min(low, top)
        made[name] = {
            "name": _axis_name(axes, name, figure),
            "log": scale == "log",
            "at": [round(end, 2) for end in ends[name]],
            "to": [float(f"{low:.6g}"), float(f"{top:.6g}")] if scale in SCALES else None,
            **_words(axis),
        }
    return made


def _axis_name(axes: Axes, name: str, figure: Figure) -> str:
    """The label of an axis. Without one, that of an axis with the same scale, and without any, that of the whole figure."""
    shared = getattr(axes, f"get_shared_{name}_axes")().get_siblings(axes)
    labels = [str(getattr(part, f"get_{name}label")()) for part in (axes, *shared)]
    return next((label for label in labels if label), str(getattr(figure, f"get_sup{name}label")()))


def _words(axis: Axis) -> dict[str, Any]:
    """The names at the ticks of an axis of categories."""
    if isinstance(axis.get_major_formatter(), ScalarFormatter | LogFormatter | NullFormatter):
        return {}
    ticks = [
        (float(tick), text.get_text().replace("\\$", "$"))
        for tick, text in zip(axis.get_ticklocs(), axis.get_ticklabels(), strict=False)
    ]
    return {"words": ticks} if any(not _is_number(word) for _, word in ticks) else {}


def _is_number(word: str) -> bool:
    try:
        float(word.replace("−", "-").replace(",", "").strip(" %") or "0")
    except ValueError:
        return "mathdefault" in word
    return True


def _colour(artist: Any) -> str:
    """The colour of points or of a line, '#rrggbb'; "" if it has none."""
    if isinstance(artist, Line2D):
        return str(to_hex(artist.get_color()))
    for colours in (
        (np.asarray(artist.get_facecolor()), np.asarray(artist.get_edgecolor()))
        if isinstance(artist, Collection)
        else ()
    ):
        if len(colours):
            return str(to_hex(np.atleast_2d(colours)[0]))
    return ""


def _label(artist: Artist, axes: Axes, figure: Figure) -> str:
    """The words for an artist: its label, or the legend's beside a handle of its colour, if there is one such handle."""
    if not str(artist.get_label()).startswith("_"):
        return str(artist.get_label())
    legends = [part.get_legend() for part in (axes, *figure.axes)] + list(figure.legends)
    legend = next((one for one in legends if one), None)
    if legend is None or not _colour(artist):
        return ""
    words = {
        text.get_text()
        for handle, text in zip(legend.legend_handles, legend.get_texts(), strict=False)
        if isinstance(handle, Collection | Line2D) and _colour(handle) == _colour(artist)
    }
    return words.pop() if len(words) == 1 else ""


def _rows(
    name: str,
    artist: Any,
    axes: Axes,
    figure: Figure,
    tables: Sequence[Table],
    rows: dict[str, Rows],
) -> Mapping[str, str]:
    """The id of the table that holds an artist's points, as an attribute; the rows are added to `rows`. {} if none does."""
    data = artist.get_offsets() if isinstance(artist, Collection) else _ends(artist)
    data = np.ma.filled(np.ma.asarray(data, float), np.nan)
    moves = artist.get_offset_transform() if isinstance(artist, Collection) else artist.get_transform()
    kept = np.isfinite(data).all(1)
    said = rows_of(artist)
    if said is not None and len(said) != len(data):
        raise ValueError(f"{len(data)} marks stand for {len(said)} rows; a mark is a row")
    if not kept.any() or not moves.contains_branch(axes.transData):
        return {}
    for table in tables:
        numbers = matched(data[kept], table) if said is None else located(said.iloc[np.flatnonzero(kept)], table)
        if numbers is not None:
            shown = moves.transform(data[kept]) * 72 / figure.dpi
            rows[name] = Rows(np.c_[shown[:, 0], 72 * figure.get_figheight() - shown[:, 1]], numbers)
            return {"data-table": table.name}
    return {}
