"""Each map is called what it is: the identity, a constant, a copycat, networks that memorise, denoise or reconstruct."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import torch
from torch import Tensor, nn

from landscape import examining, presets, results
from landscape.studies.examine.answer import kind_of
from landscape.study import run_study
from tests.studies.examine import nets

FEW = {"starts": 6, "iterations": 40, "probes": 2, "resolution": 5, "samples": 12}


def examined(model: Any, data: Tensor, out: Path, **settings: Any) -> tuple[pd.Series, str, pd.DataFrame]:
    """The row, the answer and the reasons for what is missing, without a page."""
    (text,) = examining._texts({"net": model})
    given = {"model": (text,), "data": examining._data_text(data, "data", 0.0, 1.0, out)}
    study = presets.make_study("examine", "quick", overrides=given | FEW | settings)
    result = results.load(run_study(study, out=out, debug=True))
    return result.table.iloc[0], study.answer(result).words, result.tables["skipped"]


KNOWN: dict[str, tuple[Callable[[Tensor], Any], int]] = {
    "identity": (lambda _: nn.Identity(), 20),
    "constant": (lambda data: lambda batch: data.mean(0).to(batch).expand_as(batch), 20),
    "copycat": (lambda data: lambda batch: data.to(batch)[torch.cdist(batch, data.to(batch)).argmin(1)], 20),
    "diverging": (lambda _: lambda batch: 3 * batch - 1, 20),
    "unfitted": (lambda _: lambda batch: 1 - batch, 20),
}


@pytest.mark.parametrize("kind", KNOWN)
def test_a_known_map_is_labelled_right(kind: str, tmp_path: Path) -> None:
    make, count = KNOWN[kind]
    data = nets.digits(count)
    row, answer, skipped = examined(make(data), data, tmp_path)
    assert row.kind == kind, answer
    assert set(skipped.measurement) <= {"verdict", "fixed points", "regions and plateaus"}, skipped.to_string()


def test_training_images_of_an_overparameterised_autoencoder_come_out_as_attractors(tmp_path: Path) -> None:
    data = nets.digits(4)
    row, answer, _ = examined(nets.overparameterised(data), data, tmp_path, iterations=400)
    assert row.kind == "memoriser"
    assert row.data_attracting >= 0.75
    assert row.attractors_at_training >= 3
    assert "is a memoriser" in answer


def test_a_denoiser_and_an_autoencoder_are_told_apart(tmp_path: Path) -> None:
    data = nets.digits(200)
    row, answer, _ = examined(nets.denoiser(data), data, tmp_path)
    assert row.kind == "denoiser", answer
    assert row.noise_left < 0.75
    row, answer, _ = examined(nets.autoencoder(data), data, tmp_path)
    assert row.kind == "autoencoder", answer
    assert row.rank_data <= 8
    assert "Jacobian of rank about" in answer


def test_what_is_missing_decides_nothing() -> None:
    assert kind_of({}) == "between"
    assert (
        kind_of({"output_range": 0.001, "loss_noise": 0.2, "loss_data": 0.1, "side": 1.0, "count": 5, "dim": 3})
        == "constant"
    )


def test_a_network_that_does_not_return_its_only_point_is_no_memoriser() -> None:
    row = {"data_attracting": 1.0, "loss_data": 0.03, "loss_noise": 0.1, "side": 1.0, "count": 1, "dim": 8}
    assert kind_of(row) != "memoriser"
    assert kind_of(row | {"loss_data": 1e-8}) == "memoriser"


def test_beyond_all_corners_a_climb_gives_a_corner_maximum_and_newton_lists_fixed_points(tmp_path: Path) -> None:
    torch.manual_seed(0)
    net = torch.nn.Sequential(torch.nn.Linear(40, 9), torch.nn.Tanh(), torch.nn.Linear(9, 40), torch.nn.Sigmoid())
    found = examining.examine(net, torch.rand(20, 40), out=tmp_path, progress=False)
    row = found.table.iloc[0]
    assert 0 < row.corner_climbed <= row.highest_loss + 1e-6
    assert "corner_maximum" not in found.table
    assert row.fixed_points >= 1
    assert "fixed points" not in set(found.tables["skipped"].measurement)
