"""Kaleidoscopes packed for the page, and the viewer's module that takes a film apart."""

from __future__ import annotations

import base64
import gzip
import io
import json
import subprocess
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from landscape.figures.panel import Kaleidoscope
from landscape.report import kaleidoscope as packing
from landscape.report.bundle import VIEWER
from landscape.report.kaleidoscope import contact_sheet, film_webp, kaleidoscope_view, layout
from tests.programs import program
from tests.report.sample import kaleidoscope

T, S, H, W, U = 5, 7, 3, 2, 11


def body(**changes: Any) -> Kaleidoscope:
    """A kaleidoscope of noise. Every axis has another prime length."""
    rng = np.random.default_rng(1)
    made = Kaleidoscope(
        rng.integers(0, 256, (T, S, H, W), dtype=np.uint8),
        [0, 1, 5, 13, 300],
        rng.integers(0, 256, (U, H, W), dtype=np.uint8),
        rng.integers(0, U, (T, S)),
        rng.uniform(0, 2, (T, S)),
        np.full(S, -1),
        "seven samples",
    )
    return replace(made, **changes)


def unpacked(made: Kaleidoscope) -> dict[str, Any]:
    data = json.loads(kaleidoscope_view(made).data)
    return data | json.loads(gzip.decompress(base64.b64decode(data["detail"])))


def pictures(content: bytes) -> np.ndarray:
    """All frames of an animated picture, each complete: (T, height, width, 3)."""
    film = Image.open(io.BytesIO(content))
    frames = []
    for index in range(getattr(film, "n_frames", 1)):
        film.seek(index)
        frames.append(np.asarray(film.convert("RGB")))
    return np.stack(frames).astype(int)


def test_a_contact_sheet_has_its_tiles_row_by_row_with_gaps_between_them_alone() -> None:
    tiles = np.arange(1, 4, dtype=np.uint8)[:, None, None, None] * np.ones((3, 28, 20, 3), np.uint8)
    _, gap = layout((28, 20))
    sheet = contact_sheet(tiles)
    assert sheet.shape == (56 + gap, 40 + gap, 3)
    assert (sheet[:28, 20 + gap :] == 2).all()
    assert (sheet[28 + gap :, :20] == 3).all()
    assert (sheet[28 + gap :, 20 + gap :] == 0).all()
    assert sheet.sum() == 3 * 28 * 20 * (1 + 2 + 3)


def test_tiles_begin_at_the_codecs_blocks_and_small_ones_are_enlarged() -> None:
    assert layout((28, 28)) == (1, 4)
    assert layout((8, 8)) == (4, 4)
    assert layout((32, 32)) == (1, 2)
    assert contact_sheet(np.full((1, 8, 8), 9, np.uint8)).shape == (32 - 4 + 4, 32, 3)


def test_the_film_shows_the_frames() -> None:
    made = kaleidoscope(steps=4)
    film = pictures(base64.b64decode(unpacked(made)["film"]))
    expected = np.stack([contact_sheet(frame) for frame in made.frames])
    assert film.shape == expected.shape
    assert np.abs(film - expected).mean() < 6


def test_numbers_are_kept_to_four_digits_and_what_is_none_is_null() -> None:
    made = body()
    made.distance[2, 3], made.distance[0, 0] = np.nan, 0
    data = unpacked(made)
    assert np.array_equal(data["nearest"], made.nearest)
    assert data["distance"][2][3] is None
    assert data["distance"][0][0] == 0
    assert data["distance"][4][6] == pytest.approx(made.distance[4, 6], rel=1e-3)
    assert data["iterations"] == [0, 1, 5, 13, 300]
    assert data["near"] is None


def test_stills_are_the_first_the_middle_and_the_last_iteration() -> None:
    assert [still.label for still in kaleidoscope_view(body()).stills] == [
        "iteration 0",
        "iteration 5",
        "iteration 300",
    ]
    one = body(frames=body().frames[:1], iterations=[4], nearest=body().nearest[:1], distance=body().distance[:1])
    assert [still.label for still in kaleidoscope_view(one).stills] == ["iteration 4"]


def test_a_film_too_large_is_compressed_further(monkeypatch: pytest.MonkeyPatch) -> None:
    made = kaleidoscope(steps=3)
    monkeypatch.setattr(packing, "MAX_CHARACTERS", 10**7)
    plenty = len(kaleidoscope_view(made).data)
    monkeypatch.setattr(packing, "MAX_CHARACTERS", 130_000)
    view = kaleidoscope_view(made)
    used = len(view.data) + sum(len(still.picture) for still in view.stills)
    assert used <= 130_000 < plenty


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"frames": np.zeros((T, S, H, W))}, r"`frames` must be uint8 of shape .*got float64 of \(5, 7, 3, 2\)"),
        ({"frames": np.zeros((T, S, H, W, 4), np.uint8)}, r"`frames` must be .*got uint8 of \(5, 7, 3, 2, 4\)"),
        ({"neighbours": np.zeros((U, W, H), np.uint8)}, r"`neighbours` .*\(U, 3, 2\).*got uint8 of \(11, 2, 3\)"),
        ({"iterations": [0, 1]}, r"`iterations` must have shape \(5,\), as the frames have; got \(2,\)"),
        ({"distance": np.zeros((S, T))}, r"`distance` must have shape \(5, 7\), as the frames have; got \(7, 5\)"),
        ({"nearest": np.full((T, S), U)}, r"`nearest` must be indices 0…10 into the neighbours; got 11…11"),
        ({"frames_per_second": 0}, r"`frames_per_second` must be positive; got 0"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        kaleidoscope_view(body(**changes))


def in_node(script: str, given: Any = None) -> Any:
    """The JSON that a script prints in node. It may import the viewer's modules; its input is `given`."""
    head = 'import { readFileSync } from "node:fs";\nconst given = JSON.parse(readFileSync(0, "utf8"));\n'
    text = head + script.replace('"./', f'"{VIEWER.as_uri()}/')
    command = [program("node"), "--no-warnings", "--input-type=module", "-e", text]
    done = subprocess.run(command, input=json.dumps(given), capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


TAKE_APART = """
import { takeApart } from "./webp.js";
const film = takeApart(new Uint8Array(Buffer.from(given, "base64")));
for (const part of film.parts) part.file = Buffer.from(part.file).toString("base64");
console.log(JSON.stringify(film));
"""


def test_a_film_taken_apart_gives_its_frames_back() -> None:
    made = kaleidoscope(steps=6)
    grids = np.stack([contact_sheet(frame) for frame in made.frames])
    grids[3] = grids[2]
    content = film_webp(grids, 8.0, quality=60)
    film = in_node(TAKE_APART, base64.b64encode(content).decode())
    assert [part["start"] for part in film["parts"]][:4] == [
        0,
        125,
        250,
        500,
    ]  # the fourth frame is merged with the third
    canvas = Image.new("RGBA", (film["width"], film["height"]))
    for part, expected in zip(film["parts"], pictures(content), strict=True):
        still = Image.open(io.BytesIO(base64.b64decode(part["file"]))).convert("RGBA")
        assert still.size == (part["width"], part["height"])
        place = (part["x"], part["y"])
        canvas.paste(still, place, None if part["replaces"] else still)
        assert np.abs(np.asarray(canvas.convert("RGB")).astype(int) - expected).max() <= 1
