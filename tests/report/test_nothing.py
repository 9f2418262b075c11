"""Surfaces without anything to draw: painters return a blank picture, and the page shows a sentence instead."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from landscape.figures.panel import Panel, Scene, SceneGrid, Surface
from landscape.figures.scene import colour_table, contour_levels, is_empty, scene_limits, shaded, sheet_of
from landscape.figures.view import view_of
from landscape.report import RunView, write_report
from landscape.report.mesh import VtkPainter
from landscape.report.poster import FlatPainter, Painter, painter
from landscape.report.still import WIDE_FORMAT, still

NAN, INF = float("nan"), float("inf")
EMPTY = {
    "nan": np.full((7, 5), NAN),
    "inf": np.full((7, 5), INF),
    "one row": np.full((1, 5), 0.5),
    "one column": np.full((7, 1), 0.5),
    "one value": np.full((1, 1), 0.5),
    "chequered": np.where(np.indices((7, 5)).sum(0) % 2, NAN, 0.5),
}
DRAWN = {
    "constant": np.full((7, 5), 0.5),
    "zero": np.zeros((7, 5)),
    "one cell": np.where(np.indices((7, 5)).max(0) < 2, 0.5, NAN),
    "huge": np.full((7, 5), 1e300),
    "half infinite": np.where(np.indices((7, 5))[0] < 4, INF, 0.5),
}
SENTENCE = "No picture: nowhere do four neighbouring values of the loss exist that are finite."


def scene_of(*heights: np.ndarray, log: bool = True) -> Scene:
    orbits = np.full((3, 2, 2), 0.5)
    surfaces = tuple(Surface("member", height, orbits[0], orbits) for height in heights)
    return Scene("A scene", surfaces, (0, 1, 0, 1), scene_limits(heights, log=log), log=log)


@pytest.fixture(scope="module", params=["flat", "careful"])
def hand(request: pytest.FixtureRequest) -> object:
    if request.param == "flat":
        yield FlatPainter()
    else:
        with painter() as careful:
            yield careful


@pytest.mark.parametrize("log", [True, False])
@pytest.mark.parametrize("name", [*EMPTY, *DRAWN])
def test_a_painter_draws_what_can_be_drawn_and_else_nothing(hand: Painter, name: str, log: bool) -> None:
    scene = scene_of((EMPTY | DRAWN)[name], log=log)
    assert is_empty(scene.surfaces[0]) == (name in EMPTY)
    view = view_of(WIDE_FORMAT.size, WIDE_FORMAT.margins, scene.camera, 1.0)
    sheet = sheet_of(scene, scene.surfaces[0], 61)
    colours = shaded(sheet, colour_table(scene.colours), view.eye)
    picture = hand.paint(sheet, colours, view, contour_levels(scene.limits, scene.log))
    assert picture.shape == (round(view.area[3]), round(view.area[2]), 4)
    assert bool(picture[..., 3].any()) == (name in DRAWN)
    assert "<svg" in still(scene, hand, WIDE_FORMAT)


def test_vtk_draws_nothing_where_there_is_nothing() -> None:
    scene = scene_of(EMPTY["nan"])
    view = view_of(WIDE_FORMAT.size, WIDE_FORMAT.margins, scene.camera, 1.0)
    sheet = sheet_of(scene, scene.surfaces[0], 61)
    assert not VtkPainter().paint(sheet, np.zeros((7, 5, 3), np.uint8), view, np.zeros(0)).any()


Body = Callable[[np.ndarray], Scene | SceneGrid]


@pytest.mark.parametrize("name", [*EMPTY, *DRAWN])
def test_a_page_says_that_there_is_no_picture(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("landscape.report.gl.begin", lambda: None)
    height = (EMPTY | DRAWN)[name]
    whole = replace(scene_of(np.full(height.shape, 0.5)), title="whole")
    grid = SceneGrid(("row",), ("one", "two"), ((scene_of(height), whole),))
    mixed = scene_of(height, np.full(height.shape, 0.5))
    panels = [Panel("Scene", "", scene_of(height)), Panel("Grid", "", grid), Panel("Mixed", "", mixed)]
    page = write_report([RunView("Run", "", panels)], tmp_path / "report.html").read_text(encoding="utf-8")
    tiny = min(height.shape) < 2  # then the whole surfaces have no cell either
    assert page.count(SENTENCE) == (0 if name in DRAWN else 4 if tiny else 2)
    assert ("No value is finite here." in page) == (name in EMPTY and not tiny)
