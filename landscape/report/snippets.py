"""Python by which a reader gets what a panel shows: the figure, its arrays, or its table."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from landscape.figures.panel import Animation, Kaleidoscope, Panel, Scene, SceneGrid
from landscape.names import file_stem

_WORDS = {
    Figure: "figure = panel.body  # a matplotlib Figure\nfigure.savefig({file!r})",
    pd.DataFrame: "table = panel.body  # a pandas DataFrame",
    Scene: "height = panel.body.surfaces[0].height  # over panel.body.extent",
    Animation: "frames = panel.body.frames  # (iterations, height, width, 3)",
    Kaleidoscope: "frames = panel.body.frames  # (iterations, samples, height, width)",
}


def run_snippet(run: str) -> str:
    """Python that reads the table of the run of this name."""
    return (
        f"import landscape\n\nrun = landscape.load({run!r})\ntable = run.table  # a pandas DataFrame: a row per network"
    )


def snippet(panel: Panel, run: str) -> str:
    """Python that makes what the panel of the run of this name shows; "" for a panel without a title, or of text."""
    body = _of_body(panel)
    if not (run and panel.title and body):
        return ""
    where = f"{panel.title!r}, section={panel.section!r}" if panel.section else f"{panel.title!r}"
    lines = ["import landscape\n", f"run = landscape.load({run!r})", f"panel = landscape.panel(run, {where})", body]
    lines += [f"table = panel.downloads[{name!r}]  # a pandas DataFrame" for name in panel.downloads]
    return "\n".join(lines)


def _of_body(panel: Panel) -> str:
    if isinstance(panel.body, SceneGrid):
        places = [(r, c) for r, row in enumerate(panel.body.scenes) for c, scene in enumerate(row) if scene]
        if not places:
            return ""
        row, column = places[0]
        return f"height = panel.body.scenes[{row}][{column}].surfaces[0].height  # of {len(places)} surfaces"
    words = next((words for kind, words in _WORDS.items() if isinstance(panel.body, kind)), "")
    return words.format(file=f"{file_stem(panel.title, 'figure')}.pdf")
