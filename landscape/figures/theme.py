"""Colours, sizes and styles of every figure."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
import numpy as np
import seaborn as sns
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

# Okabe and Ito's colours, which readers with any colour vision tell apart. Use them in this order: yellow is pale on white.
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
INK, MUTED, GRID = "#1f2933", "#52606d", "#e4e7eb"
MOVING, ARRIVED = ORANGE, GREEN  # samples on the way and samples at a training point, in every picture
VERDICTS = {
    "supported": GREEN,
    "refuted": ORANGE,
    "mixed": PURPLE,
    "undecided": MUTED,
    "ill-posed": MUTED,
    "untestable": MUTED,
}
SEQUENTIAL, DIVERGING = "viridis", "RdBu_r"
NO_GLYPH = r"Glyph \d+ .*missing from|Matplotlib currently does not support"  # how matplotlib's warnings begin
WIDTH, HEIGHT = 5.2, 3.3  # inches: two figures stand side by side on a page

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
    "font.sans-serif": ["DejaVu Sans"],  # matplotlib carries it, so that a figure measures the same everywhere
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


@contextmanager
def themed() -> Iterator[None]:
    """Within it every figure is drawn in the house style; matplotlib's own settings are as before afterwards."""
    style: Any = sns.axes_style("whitegrid") | sns.plotting_context("paper") | _STYLE
    with mpl.rc_context(style), any_script():
        yield


@contextmanager
def any_script() -> Iterator[None]:
    """Within it a figure is drawn without warnings about characters that DejaVu Sans lacks, such as Chinese class names.

    An SVG holds them as text, which the reader's fonts draw; in pixels they are boxes."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", NO_GLYPH)
        yield


def new_figure(width: float = WIDTH, height: float = HEIGHT) -> tuple[Figure, Axes]:
    """A figure of one picture, in inches, outside pyplot's global state."""
    with themed():
        figure = Figure(figsize=(width, height), layout="constrained")
        return figure, figure.add_subplot()


def new_grid(
    rows: int, columns: int, *, width: float = WIDTH, height: float = HEIGHT, **subplots: Any
) -> tuple[Figure, np.ndarray]:
    """A figure of rows × columns pictures and its axes[r, c]; `subplots` (sharex, sharey, …) go to Figure.subplots."""
    with themed():
        figure = Figure(figsize=(width, height), layout="constrained")
        return figure, np.asarray(figure.subplots(rows, columns, squeeze=False, **subplots))


def roomy(figure: Figure) -> None:
    """Space for words at the edges and between the pictures, which would else touch them."""
    engine = figure.get_layout_engine()
    if isinstance(engine, ConstrainedLayoutEngine):
        engine.set(w_pad=0.12, h_pad=0.06)


def pixels(figure: Figure) -> np.ndarray:
    """The figure as a picture at its own dots per inch: (height, width, 4) of uint8."""
    canvas = FigureCanvasAgg(figure)
    with any_script():
        canvas.draw()  # type: ignore[no-untyped-call]
    return np.array(canvas.buffer_rgba())  # type: ignore[no-untyped-call]
