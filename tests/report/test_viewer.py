"""The viewer's modules, run by node, pass their tests and compute the same as their counterparts in Python."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import numpy as np

from landscape.figures.axes3d import frame_of, height_ticks, tick_text, tick_values
from landscape.figures.panel import Scene, Surface
from landscape.figures.scene import box_depth
from landscape.figures.view import Margins, view_of
from landscape.report.bundle import VIEWER, viewer_script
from landscape.report.live import scene_data
from landscape.report.pack import pack_plane, pack_steps
from landscape.report.still import HALF_FORMAT, SMALL_FORMAT, WIDE_FORMAT, Format
from landscape.report.tables import format_number, table_view, to_csv
from landscape.report.vector import _path
from tests.programs import program
from tests.report.sample import members, pulled_orbits

HERE = Path(__file__).parent / "viewer"


def test_modules_pass_their_own_tests_and_agree_with_python(tmp_path: Path) -> None:
    node = program("node")
    expected = tmp_path / "expected.json"
    expected.write_text(json.dumps(_expected()), encoding="utf-8")
    tests = sorted(str(path) for path in HERE.glob("*.test.js"))
    environment = {**os.environ, "VIEWER_EXPECTED": str(expected), "NODE_NO_WARNINGS": "1"}
    done = subprocess.run([node, "--test", *tests], env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr


def test_bundle_holds_every_module_once_and_no_import() -> None:
    script = viewer_script()
    files = sorted(path.name for path in VIEWER.glob("*.js"))
    assert sorted(line[3:] for line in script.splitlines() if line.startswith("// ") and line[3:] in files) == files
    assert "\nimport " not in script
    assert "\nexport " not in script
    assert "</script" not in script


def test_style_sheet_has_the_sizes_of_the_stills() -> None:
    """CSS cannot read drawing.json, so the numbers that it repeats are compared here."""
    style = (VIEWER.parent / "viewer.css").read_text(encoding="utf-8")
    for shape, selector in ((WIDE_FORMAT, ""), (HALF_FORMAT, ".half"), (SMALL_FORMAT, ".small")):
        assert re.search(rf"\.still{re.escape(selector)} text {{[^}}]*font-size: {shape.font:g}px", style)
        assert f"aspect-ratio: {shape.size[0]} / {shape.size[1]};" in style
    opacity = re.search(r"GHOST_OPACITY = ([\d.]+);", (VIEWER / "renderer.js").read_text(encoding="utf-8"))
    assert opacity
    assert f".dots.ghost {{ opacity: {opacity[1]}; }}" in style


def _places(places: np.ndarray) -> dict[str, Any]:
    steps = " ".join(f"{'L' if index else 'M'} {x:.6f} {y:.6f}" for index, (x, y) in enumerate(places))
    return {"path": _path(steps), "places": places.tolist()}


def _expected() -> dict[str, Any]:
    rng = np.random.default_rng(5)
    plane, steps = rng.integers(0, 65536, (5, 7)), rng.integers(0, 65536, (3, 11))
    values = [
        0.0,
        1.0,
        -2.5,
        1e-3,
        0.00099,
        1234.5678,
        12345.6,
        123456.7,
        1e7,
        65536.0,
        1 / 3,
        -1e-12,
        6.02e23,
        np.inf,
        np.nan,
    ]
    values += list(np.exp(rng.normal(0, 9, 200)))
    return {
        "plane": {"packed": pack_plane(plane), "codes": plane.ravel().tolist(), "columns": 7},
        "steps": {"packed": pack_steps(steps), "codes": steps.ravel().tolist(), "columns": 11},
        "path": _places(rng.normal(0, 90, (40, 2))),
        "orbits": _orbits(),
        "views": [
            _view((1180, 520), (-58, 30), 1.0),
            _view((390, 300), (170, 84), 0.4),
            _view((500, 500), (20, -15), 2.5),
        ],
        "ticks": [
            _ticks(*case) for case in ((0, 1, 5), (-1, 2, 5), (0.002, 0.0093, 3), (1e5, 9e5, 4), (-3e-7, 2e-7, 5))
        ],
        "heights": [
            _heights(*case) for case in (((1e-6, 0.4), True, 4), ((1e-12, 3.0), True, 4), ((-1.0, 3.0), False, 8))
        ],
        "frames": [
            _frame((1180, 520), (-58, 30), 12.5, 5, log=True),
            _frame((560, 380), (170, -12), 11.5, 5, log=False),
            _frame((380, 300), (20, 80), 10.0, 3, log=True),
        ],
        "layouts": [_layout(shape) for shape in (WIDE_FORMAT, HALF_FORMAT, SMALL_FORMAT)],
        "depths": [
            [extent, box_depth(extent)] for extent in ((0, 1, 0, 1), (0, 1, 0, 9), (-1, 2, 0, 0.1), (0, 3, 0, 2))
        ],
        "numbers": [[_js(value), format_number(value)] for value in values],
        "table": _table(),
    }


def _js(value: float) -> str:
    return {"inf": "Infinity", "nan": "NaN"}.get(repr(float(value)), repr(float(value)))


def _orbits() -> dict[str, Any]:
    orbits, extent = pulled_orbits(0.3, samples=7, steps=3), (-1.0, 2.0, -0.5, 1.5)
    orbits[2:, 3] = np.nan
    orbits = np.clip(orbits, -1.5, 2.5)
    scene = Scene("", (Surface("", np.ones((3, 5)), None, orbits),), extent, (1e-6, 1))
    places = [[None if np.isnan(place).any() else place.tolist() for place in step] for step in orbits]
    return {"orbits": scene_data(scene, 9)["surfaces"][0]["orbits"], "extent": extent, "places": places}


def _view(size: tuple[int, int], camera: tuple[float, float], depth: float) -> dict[str, Any]:
    margins = (40.0, 90.0, 20.0, 30.0)
    points = np.array([[-1, -depth, 0], [1, -depth, 0.7], [0.2, 0.3, 0.4]])
    view = view_of(size, Margins(*margins), camera, depth)
    return {
        "size": size,
        "margins": margins,
        "camera": camera,
        "depth": depth,
        "points": points.tolist(),
        "projected": view.project(points).tolist(),
    }


def _frame(size: tuple[int, int], camera: tuple[float, float], font: float, about: int, *, log: bool) -> dict[str, Any]:
    margins, extent, limits = (44.0, 90.0, 20.0, 40.0), (-1.0, 2.0, 0.0, 1.3), (1e-6, 0.3) if log else (-1.0, 3.0)
    scene, depth = Scene("", (), extent, limits, log=log), box_depth(extent)
    view = view_of(size, Margins(*margins), camera, depth)
    frame = frame_of(scene, view, depth, font=font, about=about)
    return {
        "scene": {"extent": extent, "limits": limits, "log": log, "labels": scene.labels},
        "size": size,
        "margins": margins,
        "camera": camera,
        "depth": depth,
        "font": font,
        "about": about,
        "walls": [wall.tolist() for wall in frame.walls],
        "grid": [line.tolist() for line in frame.grid],
        "ticks": [tick.tolist() for tick in frame.ticks],
        "texts": [[text.text, text.x, text.y, text.bold] for text in frame.texts],
    }


def _layout(shape: Format) -> dict[str, Any]:
    return {
        "width": shape.size[0],
        "bar": shape.bar,
        "margins": vars(shape.margins),
        "font": shape.font,
        "ticks": shape.ticks,
    }


def _ticks(low: float, high: float, about: int) -> dict[str, Any]:
    values, step = tick_values(low, high, about)
    return {"low": low, "high": high, "about": about, "marks": [tick_text(value, step) for value in values]}


def _heights(limits: tuple[float, float], log: bool, about: int) -> dict[str, Any]:
    return {"limits": limits, "log": log, "about": about, "marks": height_ticks(limits, log, about)}


def _table() -> dict[str, Any]:
    frame = members().head(30)
    view = table_view(frame, "")
    return {"csv": to_csv(frame), "kinds": [column.kind for column in view.columns], "rows": view.rows}
