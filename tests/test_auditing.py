"""`landscape.audit`: arrays and tensors in memory, several sets of samples, and the stored run."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import landscape
from landscape.data import DataSpec, load_data


def test_tensors_are_audited_and_the_same_call_reads_the_stored_run(tmp_path: Path) -> None:
    digits = load_data(DataSpec("digits"), [0]).points[0]
    training, held_out, new = digits[:300], digits[300:450], digits[450:600]
    found = landscape.audit({"new": new, "copies": training[:150].numpy()}, training, held_out, out=tmp_path)
    assert found.copying == {"new": "does not copy", "copies": "copies"}
    assert set(found.variety) == {"new", "copies"}
    assert len(found.table) == 2
    assert found.page == found.result.path / "report.html"
    assert "copies.npy: copies, " in found.page.read_text(encoding="utf-8")
    assert found.answer.count("\n") == 1
    assert found._repr_html_().count("<p>") == 3
    cells = sorted(file.stat().st_mtime_ns for file in found.result.path.glob("cells/*/cell.json"))
    again = landscape.audit({"new": new, "copies": training[:150].numpy()}, training, held_out, out=tmp_path)
    assert again.result.path == found.result.path
    assert sorted(file.stat().st_mtime_ns for file in again.result.path.glob("cells/*/cell.json")) == cells


@pytest.mark.parametrize(
    ("samples", "message"),
    [
        ([["a", "b"]], "`samples` must be an array of numbers"),
        (np.zeros(200), "or a path; got float64"),
        (np.random.default_rng(0).random((20, 5)), "samples must be at least 100 points; got 20"),
        (np.random.default_rng(0).random((200, 6)), "the sets must have points of one width"),
    ],
)
def test_what_cannot_be_audited_is_refused(samples: object, message: str, tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    with pytest.raises(ValueError, match=message):
        landscape.audit(samples, random.random((200, 5)), random.random((150, 5)), out=tmp_path)
