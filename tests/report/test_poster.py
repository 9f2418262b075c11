"""Posters: VTK's and matplotlib's show the same surface; no GL is no fault."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from landscape.figures.scene import colour_table, contour_levels, shaded, sheet_of
from landscape.figures.view import view_of
from landscape.report import gl
from landscape.report.poster import FlatPainter, Painter, VtkPainter, painter, structured_grid
from landscape.report.still import WIDE, still
from tests.report.sample import hero_scene, linear_scene


def paint(hand: Painter) -> np.ndarray:
    scene = hero_scene(side=61)
    view = view_of(WIDE.size, WIDE.margins, scene.camera, 1.0)
    sheet = sheet_of(scene, scene.surfaces[1], 61)
    colours = shaded(sheet, colour_table(scene.colours), view.eye)
    return hand.paint(sheet, colours, view, contour_levels(scene.limits, scene.log))


def test_vtk_and_matplotlib_paint_the_same_silhouette_and_colours() -> None:
    if not gl.choose_window():
        pytest.skip("no GL on this machine")
    hand = VtkPainter()
    first, second = paint(hand).astype(int), paint(FlatPainter()).astype(int)
    hand.close()
    assert first.shape == second.shape
    covered, other = first[..., 3] > 128, second[..., 3] > 128
    assert 0.15 < covered.mean() < 0.6
    assert (covered != other).mean() < 0.01
    both = covered & other
    assert np.abs(first - second)[both].mean() < 8


def test_without_gl_matplotlib_paints(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gl, "choose_window", lambda: False)
    with painter() as hand:
        assert isinstance(hand, FlatPainter)
        assert "data:image/webp" in still(linear_scene(), hand, WIDE)


def test_grid_carries_levels_and_colours_of_the_right_corners() -> None:
    scene = linear_scene()
    sheet = sheet_of(scene, scene.surfaces[0], 99)
    colours = np.arange(41 * 81 * 3, dtype=np.uint32).reshape(41, 81, 3) % 251
    grid = structured_grid(sheet, colours.astype(np.uint8))
    index = grid.find_closest_point((1, sheet.depth, sheet.points()[-1, -1, 2]))
    assert grid["level"][index] == pytest.approx(sheet.level[-1, -1])
    assert grid["colour"][index].tolist() == colours[-1, -1].tolist()


def test_an_answer_is_remembered_and_a_failure_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[str] = []
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv(gl.VARIABLE, raising=False)
    monkeypatch.setattr(gl, "_candidates", lambda: ["bad", "good"])
    monkeypatch.setattr(gl, "_draws", lambda window: tried.append(window) or window == "good")
    assert gl.working_window.__wrapped__() == "good"
    assert gl.working_window.__wrapped__() == "good"
    assert tried == ["bad", "good"]
    memory = tmp_path / "landscape" / "gl.json"
    (key,) = json.loads(memory.read_text())
    memory.write_text(json.dumps({key: {"window": "", "found": 0}}))
    assert gl.working_window.__wrapped__() == "good"
    memory.write_text("half a fi")
    assert gl.working_window.__wrapped__() == "good"


@pytest.mark.slow
def test_a_window_that_cannot_draw_ends_only_its_own_process() -> None:
    assert not gl._draws("vtkNoSuchRenderWindow")
