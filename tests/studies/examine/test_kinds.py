"""Each map is called what it is: the identity, a constant, a copycat, networks that memorise, denoise or reconstruct."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import torch
from torch import Tensor, nn

from landscape import examining, presets, results, wrap
from landscape.running import run_study
from landscape.studies.examine import answer
from landscape.studies.examine.kinds import kind_of
from landscape.studies.examine.look import Look
from landscape.studies.examine.study import Examine
from landscape.studies.examine.values import slopes
from tests.studies.examine import nets

FEW = {"starts": 6, "iterations": 40, "probes": 2, "resolution": 5, "samples": 12}


def examined(model: Any, data: Tensor, out: Path, **settings: Any) -> tuple[pd.Series, str, pd.DataFrame]:
    """The row, the answer and the reasons for what is missing, without a page."""
    (text,) = examining._texts({"net": model})
    given = {"model": (text,), "data": examining._data_text(data, "data", 0.0, 1.0, out)}
    study = presets.make_study("examine", "quick", overrides=given | FEW | settings)
    result = results.load(run_study(study, out=out, debug=True))
    return result.table.iloc[0], study.answer(result, ()).words, result.tables["skipped"]


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
    assert set(skipped.measurement) <= {"verdict", "fixed points", "regions and plateaus", "where points merge"}, (
        skipped.to_string()
    )


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


LEARNED = {"loss_data": 1e-3, "loss_constant": 0.04, "loss_noise": 0.08, "side": 1.0, "count": 200, "dim": 8}


def seen_as(**measured: float) -> str:
    return kind_of(LEARNED | {"rank_data": 8, "rank_noise": 8, "asymmetry_data": 0.05, "noise_left": 0.4} | measured)


def test_a_denoiser_takes_away_more_than_a_projection_of_its_rank_and_has_a_symmetric_jacobian() -> None:
    assert seen_as() == "denoiser"
    assert seen_as(rank_data=3, rank_noise=3, noise_left=0.59) == "autoencoder"  # 8-3-8: a projection leaves 3/8
    assert seen_as(rank_data=3, rank_noise=3, noise_left=3 / 8) == "autoencoder"  # the projection itself
    assert seen_as(rank_data=3, rank_noise=3, noise_left=0.3, asymmetry_data=0.2, count=8) == "undecided"
    assert seen_as(rank_data=3, rank_noise=3, noise_left=0.18, count=8) == "denoiser"
    assert seen_as(noise_left=0.6) == "denoiser"
    assert seen_as(noise_left=0.6, count=8) == "undecided"
    assert seen_as(count=3) == "autoencoder"  # three points span few dimensions: a projection onto them leaves 3/8
    assert seen_as(asymmetry_data=0.4) == "autoencoder"
    assert seen_as(asymmetry_data=0.4, noise_left=0.24) == "denoiser"  # a quarter of what a projection leaves
    assert seen_as(asymmetry_data=0.6, noise_left=0.24) == "autoencoder"
    assert seen_as(noise_left=0.9) == "autoencoder"
    assert seen_as(asymmetry_data=float("nan")) == "autoencoder"


def test_an_identity_or_denoiser_whose_orbits_leave_the_range_is_named_by_what_one_step_does() -> None:
    assert seen_as(outside_noise=1.0) == "denoiser"
    assert seen_as(outside_noise=1.0, loss_noise=1e-4, loss_data=1e-4) == "identity"
    assert seen_as(outside_noise=1.0, loss_data=0.03) == "diverging"
    assert seen_as(outside_noise=0.1, loss_data=0.03) == "unfitted"


def test_a_network_that_returns_noise_as_well_as_its_data_has_no_name() -> None:
    assert seen_as(noise_left=1.0, loss_data=0.01, loss_noise=0.015) == "between"
    assert seen_as(noise_left=1.0, loss_data=0.01, loss_noise=0.05) == "autoencoder"


@pytest.mark.parametrize(("turn", "share"), [([[1.0, 0.0], [0.0, 1.0]], 0.0), ([[0.0, 1.0], [-1.0, 0.0]], 1.0)])
def test_the_asymmetry_of_a_turn_is_one_and_of_the_identity_zero(turn: list[list[float]], share: float) -> None:
    matrix, data = torch.tensor(turn), torch.rand(5, 2, generator=torch.Generator().manual_seed(0))
    look = Look(Examine(probes=3), data[None], None, (2,), torch.arange(2))
    columns = slopes(wrap(lambda batch: batch @ matrix.to(batch).T, shape=2), look).columns
    assert columns["asymmetry_data"] == pytest.approx(share)
    assert columns["asymmetry_noise"] == pytest.approx(share)


def test_words_for_noise_say_how_well_it_is_returned() -> None:
    row = LEARNED | {"kind": "autoencoder", "rank_data": 3, "rank_noise": 3}
    assert "returns its data, but not noise (loss" in answer.brief(row, "net").sentence
    assert "returns its data, and noise less well" in answer.brief(row | {"loss_noise": 0.02}, "net").sentence
    assert answer.brief(row, "net").short == "net: an autoencoder."
    moving = {
        "at_training_noise": 0.94,
        "moving_noise": 0.06,
        "iterations": 9,
        "attractors": 1,
        "attractors_at_training": 1,
    }
    drifting, jumping = (answer._repeated(moving | {"settled_noise": share}) for share in (1.0, 0.94))
    assert drifting is not None
    assert jumping is not None
    assert drifting.short == "Repeated: most orbits from noise end at data points."
    assert "6 % still drift by short steps" in drifting.sentence
    assert "6 % still move" in jumping.sentence


def test_one_network_is_named_in_the_title_and_many_are_told_by_kind() -> None:
    row = LEARNED | {"kind": "autoencoder", "rank_data": 3, "rank_noise": 3, "model": "a.py:net", "network": 0}
    skipped = pd.DataFrame({"network": [0], "measurement": ["verdict"], "reason": ["no held-out points; more"]})
    one = answer.answer_of(pd.DataFrame([row]), skipped)
    assert one.title == "The network net is an autoencoder"
    assert one.not_shown == (
        "Whether its samples copy is not known: no held-out points. Other starts than noise and the data, and more iterations."
    )
    kinds = ["memoriser", "constant", "memoriser", "denoiser", "memoriser", "memoriser", "identity"]
    rows = [row | {"kind": kind, "model": f"{place}.pt", "network": place} for place, kind in enumerate(kinds)]
    many = answer.answer_of(pd.DataFrame(rows), skipped)
    assert many.title == "7 networks: 4 memoriser, 1 constant, 1 denoiser, 1 other"
    assert [one.short for one in many.found] == ["Memoriser: 4 of 7.", "Constant: 1 of 7.", "Denoiser: 1 of 7."]
    assert many.found[0].sentence == "0.pt, 2.pt, 4.pt and 1 more."


def test_beyond_all_corners_a_climb_gives_a_corner_maximum_and_newton_lists_fixed_points(tmp_path: Path) -> None:
    torch.manual_seed(0)
    net = torch.nn.Sequential(torch.nn.Linear(40, 9), torch.nn.Tanh(), torch.nn.Linear(9, 40), torch.nn.Sigmoid())
    found = examining.examine(net, torch.rand(20, 40), out=tmp_path, progress=False)
    row = found.table.iloc[0]
    assert 0 < row.corner_climbed <= row.highest_loss + 1e-6
    assert "corner_maximum" not in found.table
    assert row.fixed_points >= 1
    assert "fixed points" not in set(found.tables["skipped"].measurement)
