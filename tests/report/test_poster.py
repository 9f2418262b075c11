"""Posters: VTK and matplotlib show the same surface, and a machine without working GL still gets posters."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from landscape.figures.panel import Panel, Scene, Surface
from landscape.figures.scene import colour_table, contour_levels, shaded, sheet_of
from landscape.figures.view import view_of
from landscape.report import RunView, gl, render
from landscape.report.mesh import structured_grid
from landscape.report.poster import FlatPainter, Painter, painter
from landscape.report.still import MANY_DOTS, SMALL_FORMAT, WIDE_FORMAT, still
from tests.report.sample import CENTRES, bowl_surface, hero_scene, linear_scene, pulled_orbits

ANSWERS = "import os, pickle, sys, numpy; answer = lambda value: os.write(1, pickle.dumps(value))"


def subject() -> tuple[Any, ...]:
    scene = hero_scene(side=61)
    view = view_of(WIDE_FORMAT.size, WIDE_FORMAT.margins, scene.camera, 1.0)
    sheet = sheet_of(scene, scene.surfaces[1], 61)
    return sheet, shaded(sheet, colour_table(scene.colours), view.eye), view, contour_levels(scene.limits, scene.log)


def paint(hand: Painter) -> np.ndarray:
    return hand.paint(*subject())


def test_vtk_and_matplotlib_paint_the_same_silhouette_and_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gl, "ANSWER_TIMEOUT", 600.0)  # a busy machine is no machine without GL
    if not gl.working_window():
        pytest.skip("no GL on this machine")
    with painter() as hand:
        first, second = paint(hand).astype(int), paint(FlatPainter()).astype(int)
    assert first.shape == second.shape
    covered, other = first[..., 3] > 128, second[..., 3] > 128
    assert 0.15 < covered.mean() < 0.6
    assert (covered != other).mean() < 0.01
    both = covered & other
    assert np.abs(first - second)[both].mean() < 8


def test_a_process_paints_each_surface_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gl, "ANSWER_TIMEOUT", 600.0)  # a busy machine is no machine without GL
    sheet, colours, view, contours = subject()
    with painter() as hand:
        pictures = [hand.paint(sheet, shade, view, contours) for shade in (colours, 255 - colours, colours)]
    assert (pictures[0] != pictures[1]).any()
    assert (pictures[0] == pictures[2]).all()


def test_without_gl_matplotlib_paints(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gl, "begin", lambda: None)
    with painter() as hand:
        assert np.array_equal(paint(hand), paint(FlatPainter()))
        assert "data:image/webp" in still(linear_scene(), hand, WIDE_FORMAT)


DIES = {
    "at once": "import os; os.abort()",
    "saying nothing": "",
    "printing": "print('no GL')",
    "drawing": f"{ANSWERS}; answer(True); pickle.load(sys.stdin.buffer); os.kill(os.getpid(), 11)",
    "drawing nothing": f"{ANSWERS}; answer(False)",
    "never": "import time; time.sleep(60)",
    "after the first picture": f"{ANSWERS}; answer(True); pickle.load(sys.stdin.buffer); answer(numpy.zeros(3)); os.abort()",
}


@pytest.mark.parametrize("death", DIES)
def test_a_drawing_process_that_dies_leaves_the_report_to_matplotlib(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, death: str
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(gl, "_candidates", lambda: ["remembered"])
    monkeypatch.setattr(gl, "ANSWER_TIMEOUT", 3.0 if death == "never" else 60.0)
    gl._remember("remembered")
    monkeypatch.setattr(gl, "DRAWING_COMMAND", (sys.executable, "-c", DIES[death]))
    with painter() as hand:
        if death == "after the first picture":
            assert hand.paint(*subject()).shape == (3,)
        assert np.array_equal(paint(hand), paint(FlatPainter()))


def test_a_page_s_posters_are_matplotlib_s_once_no_process_draws(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(gl, "_candidates", lambda: ["remembered"])
    monkeypatch.setattr(gl, "ANSWER_TIMEOUT", 60.0)
    monkeypatch.setattr(gl, "DRAWING_COMMAND", (sys.executable, "-c", DIES["drawing"]))
    run = RunView("Posters", "", [Panel("First", "", linear_scene()), Panel("Second", "", hero_scene(side=31))])
    found = [re.findall(r'<image [^>]*href="([^"]+)"', render([run], hand=hand)) for hand in (None, FlatPainter())]
    assert found[0] == found[1]
    assert len(set(found[0])) == 2


def test_grid_carries_levels_and_colours_of_the_right_corners() -> None:
    scene = linear_scene()
    sheet = sheet_of(scene, scene.surfaces[0], 99)
    colours = np.arange(41 * 81 * 3, dtype=np.uint32).reshape(41, 81, 3) % 251
    grid = structured_grid(sheet, colours.astype(np.uint8))
    index = grid.find_closest_point((1, sheet.depth, sheet.points()[-1, -1, 2]))
    assert grid["level"][index] == pytest.approx(sheet.level[-1, -1])
    assert grid["colour"][index].tolist() == colours[-1, -1].tolist()


def test_what_drew_is_tried_first_and_a_failure_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[str] = []
    drawing, silent = {"good", "better"}, set[str]()

    class Stub(gl.Process):
        def __init__(self, window: str) -> None:
            self.window, self.silent = window, window in silent

        def draws(self) -> bool:
            tried.append(self.window)
            return self.window in drawing

        def close(self) -> None: ...

    def asked() -> tuple[str | None, list[str]]:
        tried.clear()
        return gl.working_window(), list(tried)

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv(gl.WINDOW_VARIABLE, raising=False)
    monkeypatch.setattr(gl, "_candidates", lambda: ["bad", "good", "better"])
    monkeypatch.setattr(gl, "Process", Stub)
    assert asked() == ("good", ["bad", "good"])
    assert asked() == ("good", ["good"])
    drawing.remove("good")
    silent.add("good")
    assert asked() == (None, ["good"])  # the search ends: the others would take as long
    silent.clear()
    assert asked() == ("better", ["good", "bad", "better"])
    drawing.clear()
    assert asked() == (None, ["better", "bad", "good"])
    assert asked() == (None, [])
    memory = tmp_path / "landscape" / "gl.json"
    (key,) = json.loads(memory.read_text())
    memory.write_text(json.dumps({key: {"window": "", "found": 0}}))
    assert asked() == (None, ["bad", "good", "better"])
    memory.write_text("half a fi")
    drawing.add("good")
    assert asked() == ("good", ["bad", "good"])


@pytest.mark.slow
def test_a_window_that_cannot_draw_ends_only_its_own_process() -> None:
    process = gl.Process("vtkNoSuchRenderWindow")
    assert not process.draws()
    process.close()


def test_a_poster_has_samples_only_where_its_scene_opens_with_them() -> None:
    surface = Surface("a member", bowl_surface(3, side=21), CENTRES, pulled_orbits(1.0, samples=30, steps=3))
    scene = Scene("", (surface,), (0, 1, 0, 1), (1e-6, 1.0), near=0.05)
    closed, moving, arrived = (still(replace(scene, opens_at=at), FlatPainter(), SMALL_FORMAT) for at in (None, 0, 99))
    assert "dots marker" in closed
    assert "moving" not in closed
    assert "dots moving" in moving
    assert "dots arrived" in arrived  # past the last iteration it is the last
    assert "moving" not in arrived


@pytest.mark.parametrize(("count", "scale"), [(4, 1.0), (MANY_DOTS, 1.0), (16 * MANY_DOTS, 0.25)])
def test_many_training_points_are_drawn_smaller(count: int, scale: float) -> None:
    scene = hero_scene(side=9)
    spots = np.random.default_rng(0).uniform(0.1, 0.9, (count, 2))
    crowded = replace(scene, opens_at=None, surfaces=(replace(scene.first, markers=spots),))
    drawing = still(crowded, FlatPainter(), SMALL_FORMAT)
    width = r'stroke-width="([\d.]+)"'
    widths = re.findall(rf'<g class="dots marker"><path class="rim" {width} d="[^"]+"/><path {width}', drawing)
    assert [[float(width) for width in pair] for pair in widths] == [pytest.approx([6.5 * scale, 5 * scale], rel=0.01)]
