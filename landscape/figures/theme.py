"""Colours, sizes and styles of every figure."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

import matplotlib as mpl
import numpy as np
import pandas as pd
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.style import library
from matplotlib.text import Text
from matplotlib.ticker import Formatter, FuncFormatter, LogFormatter, LogLocator, NullFormatter, ScalarFormatter

Given = ParamSpec("Given")
Drawn = TypeVar("Drawn")
# Okabe and Ito's palette, which readers with any colour vision can distinguish. Use its order: yellow is pale on white.
BLUE, ORANGE, GREEN, PURPLE, SKY, AMBER, BLACK, YELLOW = PALETTE = (
    "#0072b2",
    "#d55e00",
    "#009e73",
    "#cc79a7",
    "#56b4e9",
    "#e69f00",
    "#1f2933",
    "#f0e442",
)
MARKERS: tuple[Any, ...] = tuple("osD^vPX*")  # used together with the colours, in this order
INK, MUTED, GRID = "#1f2933", "#52606d", "#e4e7eb"
MOVING, ARRIVED = ORANGE, GREEN  # samples on the way and samples at a training point, in every picture
SEQUENTIAL, DIVERGING = "viridis", "RdBu_r"
MISSING_GLYPH = r"Glyph \d+ .*missing from|Matplotlib currently does not support"  # beginnings of matplotlib's warnings
LARGEST_DRAWN = 1e100  # larger numbers are treated as infinite, because matplotlib cannot lay out their axis
PLAIN = (1e-2, 1e6)  # numbers within are printed in full
FIGURE_WIDTH, FIGURE_HEIGHT = 5.2, 3.3  # inches: two figures stand side by side on a page

_STYLE: dict[str, Any] = {
    "axes.prop_cycle": cycler(color=PALETTE),
    "axes.edgecolor": "#9aa5b1",
    "axes.labelcolor": INK,
    "axes.labelsize": 9.5,
    "axes.titlesize": 10.5,
    "axes.titleweight": "bold",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],  # it comes with matplotlib, so text has the same size everywhere
    "font.size": 9.5,
    "grid.color": GRID,
    "image.cmap": SEQUENTIAL,
    "legend.fontsize": 8.5,
    "legend.frameon": False,
    "lines.linewidth": 1.6,
    "savefig.facecolor": "white",
    "svg.fonttype": "none",
    "svg.hashsalt": "landscape",
    "text.color": INK,
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
}
_CHOSEN: list[dict[str, Any]] = []  # settings of a reader's style, over the house's


@contextmanager
def themed() -> Iterator[None]:
    """A context in which figures are drawn in the house style. Matplotlib's settings are restored afterwards.

    seaborn supplies the base of the style: a white grid, and sizes of lines and marks for print. Its plots are not used,
    because they jitter by numpy's global generator and their bootstrap intervals would differ from those of the verdicts."""
    style: Any = _base() | _STYLE
    for chosen in _CHOSEN:
        style |= chosen
    with mpl.rc_context(style), any_script():
        yield


@cache
def _base() -> dict[str, Any]:
    import seaborn as sns  # it loads scipy.stats, and the process that draws surfaces needs no style

    return dict(sns.axes_style("whitegrid") | sns.plotting_context("paper"))


@contextmanager
def styled(style: str | Path) -> Iterator[None]:
    """A context in which figures have the settings of a style over the house's: a file as matplotlib reads, or a known name.

    Raises ValueError if there is no such file or name, or the file cannot be read."""
    names: Any = library
    chosen: Any
    try:
        chosen = (
            names[str(style)] if str(style) in names else mpl.rc_params_from_file(style, use_default_template=False)
        )
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(
            f"`style` must be a file of matplotlib's settings, or the name of a style; got {style}"
        ) from error
    _CHOSEN.append(dict(chosen))
    try:
        yield
    finally:
        _CHOSEN.pop()


@contextmanager
def any_script() -> Iterator[None]:
    """A context without warnings about characters that DejaVu Sans lacks, such as those of Chinese class names.

    An SVG holds these characters as text, which the reader's fonts draw. A raster image shows boxes."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", MISSING_GLYPH)
        yield


def drawn(painter: Callable[Given, Drawn]) -> Callable[Given, Drawn]:
    """Decorate a function that draws tables, so that it returns a figure in the house style whatever numbers they hold.

    1. If the first table has no rows, the figure is a sentence that says so.
    2. Numbers in the tables that are not finite, or beyond LARGEST_DRAWN, become NaN.
    3. The function draws in the house style.
    4. A logarithmic axis without a positive value becomes a linear axis with the words "no value".
    5. A logarithmic axis of less than two decades has plain numbers at its ticks: 10, 20, 50.
    6. All text is shown literally: see `as_written`."""

    @wraps(painter)
    def wrapper(*args: Given.args, **kwargs: Given.kwargs) -> Drawn:
        tables = [value for value in (*args, *kwargs.values()) if isinstance(value, pd.DataFrame)]
        if tables and tables[0].empty:
            return cast(Drawn, _nothing("nothing to draw: the table has no rows"))
        positional: Any = [_drawable(value) for value in args]
        with themed(), warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Data has no positive values", UserWarning)
            result = painter(*positional, **{key: _drawable(value) for key, value in kwargs.items()})
        if isinstance(result, Figure):
            for axes in result.axes:
                _keep_drawable(axes)
                _plain_ticks(axes)
            as_written(result)
        return result

    return wrapper


def as_written(figure: Figure) -> None:
    """Show all text of the figure literally: the dollar signs of a user's class 'a$b$' do not begin a formula.

    Only the tick labels that matplotlib makes itself, such as powers of ten, are typeset as mathematics."""
    texts = figure.findobj(Text)  # makes the ticks
    axes = [getattr(part, f"{name}axis") for part in figure.axes for name in "xy"]
    ticks = {
        id(text)
        for axis in axes
        for tick in (*axis.majorTicks, *axis.minorTicks)
        for text in (tick.label1, tick.label2)
    }
    for text in texts:
        text.set_parse_math(id(text) in ticks)
    for axis in axes:
        if not isinstance(axis.get_major_formatter(), _BY_MATPLOTLIB):
            axis.set_major_formatter(_AsWritten(axis.get_major_formatter()))


class _AsWritten(Formatter):
    """The labels of another formatter with their dollar signs escaped, because matplotlib typesets ticks made later again."""

    def __init__(self, words: Formatter) -> None:
        self.words = words

    def __call__(self, value: float, place: int | None = None) -> str:
        return str(self.words(value, place)).replace("$", r"\$")

    def format_ticks(self, values: list[float]) -> list[str]:
        return [word.replace("$", r"\$") for word in self.words.format_ticks(values)]


_BY_MATPLOTLIB = (ScalarFormatter, LogFormatter, NullFormatter, _AsWritten)


def _nothing(words: str) -> Figure:
    figure, axes = new_figure(FIGURE_WIDTH, 1.2)
    axes.set_axis_off()
    axes.text(0.5, 0.5, words, transform=axes.transAxes, ha="center", va="center", color=MUTED)
    return figure


def _drawable(value: Any) -> Any:
    """A table with NaN for numbers that no axis can show; any other value unchanged."""
    if not isinstance(value, pd.DataFrame):
        return value
    shown = value.copy(deep=False)
    for name in value:
        if pd.api.types.is_float_dtype(value[name]):
            shown[name] = value[name].where(value[name].astype(np.float64).abs() < LARGEST_DRAWN)
    return shown


def _plain_ticks(axes: Axes) -> None:
    """Plain numbers at 1, 2 and 5 of each decade, where matplotlib would print 2 × 10¹ at some of the ticks between powers."""
    for axis in (axes.xaxis, axes.yaxis):
        low, high = sorted(axis.get_view_interval())
        if isinstance(axis.get_major_locator(), LogLocator) and PLAIN[0] <= low < high <= min(100 * low, PLAIN[1]):
            axis.set_major_locator(LogLocator(subs=(1, 2, 5) if high > 4 * low else (1, 1.5, 2, 3, 4, 5, 7)))
            axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))
            axis.set_minor_formatter(NullFormatter())


def _keep_drawable(axes: Axes) -> None:
    """Change what matplotlib cannot draw.

    1. A line without finite numbers loses its rule for spacing marks.
    2. A logarithmic axis without positive numbers becomes linear.
    3. A logarithmic axis whose limits nearly coincide is widened to a decade on each side."""
    for line in axes.lines:
        if not np.isfinite(line.get_xydata()).all(axis=-1).any():
            line.set_markevery(None)
    if axes.get_label() == "<colorbar>":
        return
    for name in "xy":
        shared = getattr(axes, f"get_shared_{name}_axes")().get_siblings(axes)
        ends = np.concatenate([getattr(part.dataLim, f"interval{name}") for part in shared])
        if getattr(axes, f"get_{name}scale")() != "log":
            continue
        if not (ends[np.isfinite(ends)] > 0).any():
            getattr(axes, f"set_{name}scale")("linear")
            getattr(axes, f"set_{name}lim")(0, 1)
            if not any(text.get_text() == "no value" for text in axes.texts):  # a painter may have said so
                axes.text(0.5, 0.5, "no value", transform=axes.transAxes, ha="center", va="center", color=MUTED)
            continue
        low, high = getattr(axes, f"get_{name}lim")()
        if low / 1.001 < high < low * 1.001:
            getattr(axes, f"set_{name}lim")(low / 10, high * 10)


def new_figure(width: float = FIGURE_WIDTH, height: float = FIGURE_HEIGHT) -> tuple[Figure, Axes]:
    """A figure of `width` × `height` inches and its axes, outside pyplot's global state."""
    with themed():
        figure = Figure(figsize=(width, height), layout="constrained")
        return figure, figure.add_subplot()


def new_grid(
    rows: int, columns: int, *, width: float = FIGURE_WIDTH, height: float = FIGURE_HEIGHT, **subplots: Any
) -> tuple[Figure, np.ndarray]:
    """A figure with rows × columns axes, and these axes[r, c]; `subplots` (sharex, sharey, …) go to Figure.subplots."""
    with themed():
        figure = Figure(figsize=(width, height), layout="constrained")
        return figure, np.asarray(figure.subplots(rows, columns, squeeze=False, **subplots))


def roomy(figure: Figure) -> None:
    """Widen the space at the edges and between the axes, so that no text touches them."""
    engine = figure.get_layout_engine()
    if isinstance(engine, ConstrainedLayoutEngine):
        engine.set(w_pad=0.12, h_pad=0.06)


def lay_out(figure: Figure) -> None:
    """Give all parts of the figure their places, as drawing it would. That takes a third of the time of a drawing."""
    engine = figure.get_layout_engine()
    with any_script():
        if isinstance(engine, ConstrainedLayoutEngine) and all(axes.get_subplotspec() for axes in figure.axes):
            engine.execute(figure)
        else:
            figure.draw_without_rendering()


def pixels(figure: Figure) -> np.ndarray:
    """The figure as a picture at its own dots per inch: (height, width, 4) of uint8."""
    canvas = FigureCanvasAgg(figure)
    with any_script():
        canvas.draw()  # type: ignore[no-untyped-call]
    return np.array(canvas.buffer_rgba())  # type: ignore[no-untyped-call]
