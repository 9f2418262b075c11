"""Registered data in the studies that read paths alone, and data that an installed package offers by an entry point."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from landscape import outside, own_data, presets

POINTS = np.random.default_rng(0).random((12, 3)).round(3)


class Point:
    """An entry point, as importlib.metadata gives it."""

    def __init__(self, value: Any) -> None:
        self.held, self.value, self.dist = value, "some_package:blob", None

    def load(self) -> Any:
        if isinstance(self.held, Exception):
            raise self.held
        return self.held


@pytest.fixture(autouse=True)
def forgetful(monkeypatch: pytest.MonkeyPatch, out: Path) -> None:
    for name in ("_registered", "_sources", "_files", "_places"):
        monkeypatch.setattr(own_data, name, {})


def offer(monkeypatch: pytest.MonkeyPatch, value: Any) -> None:
    monkeypatch.setattr(outside, "entries", lambda group: {"blob": Point(value)} if group == outside.DATA else {})


def test_the_entry_point_of_a_package_is_a_data_set(monkeypatch: pytest.MonkeyPatch) -> None:
    offer(monkeypatch, lambda: POINTS)
    study = presets.make_study("basins", "test", data="blob")
    assert study.parameters()["data"] == ["blob"]
    assert study.readings() == {"blob": "12 points → 3 coordinates"}


def test_an_entry_point_that_cannot_be_loaded_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    offer(monkeypatch, ImportError("no such module"))
    with pytest.raises(
        ValueError, match=r"'blob' of a package \(some_package:blob\) cannot be loaded: ImportError: no such"
    ):
        presets.make_study("basins", "test", data="blob").cells()


def test_examine_and_audit_take_registered_data_by_the_file_of_their_content(out: Path) -> None:
    many = np.random.default_rng(1).random((2, 210, 3)).round(3)
    own_data.register_data("blob", many[0])
    own_data.register_data("other", many[1])
    examined: Any = presets.make_study("examine", "test", data="blob")
    assert Path(examined.data).is_relative_to(out / own_data.KEPT)
    assert Path(examined.data).name == "blob.npy"
    audited: Any = presets.make_study(
        "audit", overrides={"samples": "copycat", "training": "blob", "held-out": "other"}
    )
    assert [Path(name).name for name in (audited.training, audited.held_out, *audited.samples)] == [
        "blob.npy", "other.npy", "copycat",
    ]  # fmt: skip
    assert any("210 points" in words for words in audited.readings().values())
