"""The controls of an examination are measured once for all networks on the same points."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import torch
from torch import nn

from landscape import examining, presets, results
from landscape.measures import Map
from landscape.running import run_study
from landscape.studies.examine import controls as module
from landscape.studies.examine import study
from landscape.studies.examine.look import Look, Part

FEW: dict[str, Any] = {"starts": 3, "iterations": 5, "resolution": 5}


def counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A list that receives the type of each map whose ends are measured."""
    seen: list[str] = []
    ends = study.MEASUREMENTS["ends"]

    def told(network: Map, look: Look) -> Part:
        seen.append(type(network).__name__)
        return ends(network, look)

    monkeypatch.setitem(study.MEASUREMENTS, "ends", told)
    monkeypatch.setattr(module, "_measured", {})
    return seen


def test_the_checkpoints_of_a_model_share_their_controls(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    seen = counted(monkeypatch)
    half = {"weight": 0.5 * torch.eye(2), "bias": torch.zeros(2)}
    states: dict[Any, Any] = dict.fromkeys((0, 3, 7), half)
    data = torch.rand(5, 2, generator=torch.Generator().manual_seed(0))
    asked = examining._Asked({"mine": nn.Linear(2, 2)}, data, None, states, None, (0, 1)).parameters(tmp_path)
    found = results.load(
        run_study(presets.make_study("examine", "test", overrides=asked | FEW), out=tmp_path, debug=True)
    )
    assert sorted(seen) == ["Constant", "Identity", "Memoriser", "Wrapped", "Wrapped", "Wrapped"]
    table = found.tables["controls"]
    of_checkpoint = ["network", "weights", "time"]
    rows = [part.drop(columns=of_checkpoint).reset_index(drop=True) for _, part in table.groupby("network")]
    assert len(rows) == 3
    for other in rows[1:]:
        pd.testing.assert_frame_equal(rows[0], other)


def test_other_points_have_controls_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_measured", {})
    seen: list[str] = []

    def measure(control: Map, _: Look) -> dict[str, Any]:
        seen.append(type(control).__name__)
        return {}

    for seed in (0, 1, 0):
        data = torch.rand(1, 5, 2, generator=torch.Generator().manual_seed(seed))
        module.controls(Look(study.Examine(), data, None, (2,), torch.arange(2)), measure)
    assert [seen.count(name) for name in ("Identity", "Constant", "Memoriser")] == [2, 2, 2]
