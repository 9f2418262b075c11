"""Folders of pictures and arrays with which users had trouble, each with the content that must be read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from landscape.data import DataSpec, load_data
from landscape.data.load import _source

CASES = Path(__file__).parents[3] / "shared" / "cases"
pytestmark = pytest.mark.skipif(not CASES.is_dir(), reason="there is no ../shared/cases beside the repository")

# name → shape, summary, largest value; or the message of the refusal
READ = {
    "images/cjk-classes": ((8, 8), "16 images of 8 × 8, grey, 2 classes → 64 coordinates", 252 / 255),
    "images/exif-rotated-jpg": ((10, 6, 3), "4 images of 10 × 6, colour → 180 coordinates", 1),
    "images/grey-gif": ((8, 8), "2 images of 8 × 8, grey → 64 coordinates", 252 / 255),
    "images/grey-palette-png": ((8, 8), "4 images of 8 × 8, grey → 64 coordinates", 252 / 255),
    "images/grey12-in-16-png": ((8, 8), "grey, 16 bits, largest value 0.0625 → 64 coordinates", 4095 / 65535),
    "images/grey16-png": ((8, 8), "4 images of 8 × 8, grey, 16 bits → 64 coordinates", 65520 / 65535),
    "images/grey16-tif-be": ((8, 8), "4 images of 8 × 8, grey, 16 bits → 64 coordinates", 65520 / 65535),
    "images/grey16-trns-png": ((8, 8), "4 images of 8 × 8, grey, 16 bits → 64 coordinates", 1),
    "images/grey8-trns-png": ((2, 4), "2 images of 2 × 4, grey → 8 coordinates", 1),
    "images/litter": ((8, 8), "6 images of 8 × 8, grey, 2 classes → 64 coordinates", 252 / 255),
    "images/palette-transparent-png": ((8, 8, 3), "4 images of 8 × 8, colour → 192 coordinates", 1),
    "arrays/channels-first.npz": ((8, 8, 3), "20 images of 8 × 8, colour → 192 coordinates", 254 / 255),
    "arrays/float16.npz": ((8, 8), "20 images of 8 × 8, grey → 64 coordinates", float(np.float16(0.9995))),
}
REFUSED = {
    "images/animated-gif": "it holds 3 frames or pages, and one is needed",
    "arrays/binary-uint8-0-1.npz": "its largest value is 1; whole numbers are read as 0 … 255",
    "arrays/binary-uint8-200.npz": "its largest value is 1; whole numbers are read as 0 … 255",
    "arrays/float-just-above-1.npz": "to 1.0000001. np.clip",
}


def test_every_case_is_expected_here() -> None:
    found = {f"{kind}/{path.name}" for kind in ("images", "arrays") for path in (CASES / kind).iterdir()}
    assert found == READ.keys() | REFUSED.keys()


@pytest.mark.parametrize("name", READ)
def test_a_case_reads_as_it_must(name: str) -> None:
    shape, summary, largest = READ[name]
    spec = DataSpec(str(CASES / name))
    data = load_data(spec, (0,))
    assert data.shape == shape
    assert float(data.points.max()) == pytest.approx(largest, abs=1e-6)
    assert _source(spec).summary.endswith(summary)


@pytest.mark.parametrize("name", REFUSED)
def test_a_case_is_refused_with_its_cause(name: str) -> None:
    with pytest.raises(ValueError, match=Path(name).name) as found:
        load_data(DataSpec(str(CASES / name)), (0,))
    assert REFUSED[name] in str(found.value)
