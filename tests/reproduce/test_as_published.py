"""Quirks of the published code: each has a switch, and whether it changes an answer follows from the numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from landscape import presets, results
from landscape.reproduce import published_networks
from landscape.reproduce.as_published import COMPARISONS, compared
from landscape.reproduce.made import Made, made_of
from landscape.reproduce.quirks import AS_PUBLISHED, CHANGES, NOTHING_TO_RUN, TEXT, WORDS, Quirks
from landscape.reproduce.runs import RUNS
from landscape.results import Result

SEEDS = 23


def with_members(made: Made, members: pd.DataFrame, **tables: pd.DataFrame) -> Made:
    """The run with another table of its networks."""
    result: Result = replace(made.result, tables={"members": members, **tables})
    return replace(made, result=result)


def test_each_quirk_is_run_or_says_why_not() -> None:
    names = {one.name for one in fields(Quirks)}
    assert names == set(WORDS) == set(COMPARISONS) | set(NOTHING_TO_RUN)
    assert len(names) == 14
    assert compared({}, TEXT).empty
    assert list(compared({}, replace(TEXT, biased_noise=True)).quirk) == ["biased_noise"]
    assert list(compared({}).quirk) == [one.name for one in fields(AS_PUBLISHED)]


def test_counting_the_output_layer_changes_the_answer_if_its_networks_differ(made: dict[str, Made]) -> None:
    noise = np.random.default_rng(0).uniform(-0.01, 0.01, SEEDS)
    for deep, shallow, answer in ((0.9, 0.1, "no"), (0.1, 0.9, "yes")):  # of the code's networks
        shares = {7: 0.9, 2: 0.1, 6: deep, 1: shallow}
        rows = [pd.DataFrame({"hidden": h, "width": 5, "share_early": share + noise}) for h, share in shares.items()]
        table = compared(
            {"fig3": with_members(made["fig3"], pd.concat(rows))}, replace(TEXT, output_layer_counted=True)
        )
        assert table[CHANGES].item() == answer


def test_biased_noise_is_compared_by_the_jumps_it_adds(made: dict[str, Made]) -> None:
    draws = np.random.default_rng(0)
    rows = [
        pd.DataFrame({"control": "none", "data": "digits", "count": 50, "member": range(SEEDS), "noise": kind})
        .assign(amplitude=amplitude, mode_jumps=jumps + draws.uniform(-0.1, 0.1, SEEDS))
        for kind, amplitude, jumps in (("normal", 0.0, 0), ("normal", 0.01, 0), ("published", 0.0, 0), ("published", 0.01, 9))
    ]  # fmt: skip
    found = with_members(made["fig3"], pd.DataFrame(), jumps=pd.concat(rows))
    row = compared({"samples": found}, replace(TEXT, biased_noise=True)).iloc[0]
    assert (row["as the text"].split(": ")[1], row["as the code"].split(": ")[1], row[CHANGES]) == (
        "refuted",
        "supported",
        "yes",
    )


def test_a_single_run_decides_nothing(made: dict[str, Made]) -> None:
    seeds = pd.DataFrame({"seed": range(3 * SEEDS), "hidden": 6, "dim": 4})
    rows = pd.concat([seeds.assign(count=1, corner_maximum=0.5), seeds.assign(count=2048, corner_maximum=0.01)])
    rows.corner_maximum *= np.random.default_rng(0).uniform(0.9, 1.1, len(rows))
    row = compared({"fig6": with_members(made["fig2"], rows)}, replace(TEXT, single_run_redrawn=True)).iloc[0]
    assert "supported" in row["as the text"]
    assert row[CHANGES] == "undecided"


def test_starts_are_changed_on_the_stored_networks(made: dict[str, Made]) -> None:
    before = {file.name for file in (made["fig5"].result.path.parent / "models").iterdir()}
    row = compared({"fig5": made["fig5"]}, replace(TEXT, clipped_starts=True)).iloc[0]
    assert row["as the text"]
    assert row["as the code"]
    assert {file.name for file in (made["fig5"].result.path.parent / "models").iterdir()} == before


def test_the_weights_chosen_are_those_after_the_step(made: dict[str, Made], monkeypatch: pytest.MonkeyPatch) -> None:
    """If the code looks once, before the first step, the weights are those of one step of training."""
    found = made["fig3"]
    assert compared({"fig3": found}, replace(TEXT, best_by_batch=True)).iloc[0]["as the code"]
    monkeypatch.setattr(published_networks, "CHOSEN_EVERY", 10**6)
    cell = next(one for one in found.result.arrays if one["width"] == 5)
    chosen = published_networks.share_early_of_best_by_batch(found, cell)
    study = replace(found.study, steps=1, keep="last")
    after = published_networks.share_early(replace(found, study=study), cell, "normal")
    assert (chosen == after).all()


def test_noise_moves_returned_samples_off_the_images_they_show(
    run_of_test_preset: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    result = results.load(run_of_test_preset("kaleidoscope"))
    run = next(one for one in RUNS if one.name == "samples")
    found = made_of(run, presets.make_study("kaleidoscope", "test"), result)
    cell = next(one for one in result.arrays if one["rule"] == "images")
    shown, returned = published_networks.shares_near_under_noise(found, cell)
    assert shown.shape == returned.shape == (found.study.members,)
    monkeypatch.setattr(published_networks, "PAPERS_NOISE", 0.0)
    shown, returned = published_networks.shares_near_under_noise(found, cell)
    assert (shown == returned).all()
    monkeypatch.setattr(published_networks, "PAPERS_NOISE", 100.0)
    assert published_networks.shares_near_under_noise(found, cell)[1].max() == 0
