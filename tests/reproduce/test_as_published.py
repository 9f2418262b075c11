"""Quirks of the published code: each has a switch, and whether it changes a verdict follows from the tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from landscape import presets, results
from landscape.claims import unjudged
from landscape.reproduce import published_networks
from landscape.reproduce.as_published import COMPARISONS, _apart, compared
from landscape.reproduce.made import Made, made_of
from landscape.reproduce.quirks import AS_PUBLISHED, CHANGES, COLUMNS, NOTHING_TO_RUN, TEXT, WORDS, Quirks
from landscape.reproduce.runs import RUNS
from landscape.results import Result
from landscape.studies.corners import claims as corner_claims
from landscape.studies.depth_sweep.study import DepthSweep
from tests.certificates import corners, depth_sweep, kaleidoscope

SEEDS = 21  # just more than the clusters that a verdict needs


def run_with(name: str, result: Result) -> dict[str, Made]:
    """A run of this name that has this result."""
    run = next(one for one in RUNS if one.name == name)
    return {name: made_of(run, presets.make_study(run.study, "test"), result)}


def depth_run(name: str, table: pd.DataFrame) -> dict[str, Made]:
    return run_with(name, Result(Path(), {"parameters": {"iterations": 100}}, {"members": table}, {}))


def row_of(made: dict[str, Made], quirk: str, claim: str = "") -> pd.Series:
    """The first row of a quirk that is about the claim with this key."""
    table = compared(made, replace(TEXT, **{quirk: True}))
    return table[table.claim.str.startswith(claim)].iloc[0]


def ends(words: str) -> list[float]:
    """The estimate and the ends of the first interval in some words."""
    estimate, low, high = words.split(": ")[-1].replace("[", "").replace("]", "").replace(",", "").split()[:3]
    return [float(estimate), float(low), float(high)]


def two_points(**given: float) -> pd.DataFrame:
    """Networks of C3, of few seeds."""
    return depth_sweep.two_points(rng(), **given).query("seed < @SEEDS")


def falls(**given: float) -> Result:
    """A run of C6, of few seeds."""
    found = corners.falls(rng(), **given)
    return corners.result_of(found.table[found.table.seed < SEEDS])


def jumping(**given: float) -> Result:
    """A run of C12, of few seeds and one number of training images. All its networks fit."""
    found = kaleidoscope.jumping(rng(), **given)
    kept = {name: rows[(rows.member < SEEDS) & (rows["count"] == 100)] for name, rows in found.tables.items()}
    return kaleidoscope.result_of(kept.pop("members").assign(loss=1e-5), **kept)


@pytest.fixture
def c6_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """The claim that comes before C6 takes two thirds of the time."""
    monkeypatch.setattr(corner_claims, "_ceiling_share", lambda rows, of: unjudged(of, "untestable", "", ""))


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def test_each_quirk_is_judged_or_says_why_not() -> None:
    names = {one.name for one in fields(Quirks)}
    assert names == set(WORDS) == {*COMPARISONS, *NOTHING_TO_RUN, "single_run_redrawn"}
    assert len(names) == 14
    assert compared({}, TEXT).empty
    assert list(compared({}, replace(TEXT, biased_noise=True)).quirk) == ["biased_noise"]
    everything = compared({})
    assert list(everything.quirk.unique()) == [one.name for one in fields(AS_PUBLISHED)]
    assert list(everything.columns) == list(COLUMNS)
    assert everything[CHANGES].str.startswith(("not yet run: needs the run ", "no", "nothing to run: ")).all()


@pytest.mark.parametrize(
    ("code", "verdict", "answer"),
    [({}, "supported", "no"), ({"gain": -0.2}, "refuted", "yes"), ({"gain": 0.15}, "undecided", "undecided")],
)
def test_depths_of_the_code_change_the_verdict_on_c3_if_they_gain_less(
    code: dict[str, float], verdict: str, answer: str
) -> None:
    text, other = two_points(), two_points(**code)
    table = pd.concat([text[text.hidden.isin((2, 7))], other[other.hidden.isin((1, 6))]])
    row = row_of(depth_run("fig3", table), "output_layer_counted", "C3")
    assert (row["as the text"].split(":")[0], row["as the code"].split(":")[0]) == ("supported", verdict)
    assert row[CHANGES] == answer


def test_differences_are_those_of_the_seeds() -> None:
    table = two_points()
    wide = table.assign(width=10, share_early=table.share_early * (table.hidden >= 6))
    row = row_of(depth_run("fig3", pd.concat([table, wide])), "width_10_called_5")
    shallow = table[table.hidden <= 2].groupby("seed").share_early.mean()  # so much more the wide networks gain
    parts = row["code less text"].split("; ")
    estimate, low, high = ends(parts[0])
    assert estimate == pytest.approx(shallow.mean(), abs=1e-3)
    assert low < estimate < high
    assert parts[0].startswith("difference: ")
    assert parts[0].endswith(f", {SEEDS} seeds")
    assert [ends(part)[0] for part in parts[1:]] == [0, 0]  # neither the flat share nor the burn-in differs


def test_a_difference_that_seeds_do_not_make_up_is_not_given(c6_alone: None) -> None:
    """Of a seed without its network of two layers there is no larger ratio of two; the seed alone has that of six layers."""
    members = falls().table
    lost = (members.hidden == 2) & (members.dim == 1) & (members["count"] == 2048) & (members.seed < 9)
    found = corners.result_of(members[~lost])
    made = run_with("fig6", found)["fig6"]
    whole = next(one for one in made.study.claims(found) if one.key == "C6")
    first, second, *_ = _apart(made, found, found, whole, whole)
    assert first == "D=1: not given: the estimand is not made of one value a seed"
    assert ends(second) == [0, 0, 0]


def test_a_claim_that_the_run_cannot_test_says_what_it_needs() -> None:
    row = row_of(depth_run("fig3", two_points().query("width == 10")), "width_10_called_5")
    assert row[CHANGES].startswith("not in this run: needs --data two-points")


def test_the_networks_of_figure_6_are_judged_by_c6_in_every_dimension(c6_alone: None) -> None:
    found = falls()
    row = row_of(run_with("fig6", found), "six_hidden_in_figure_6")
    assert [part.split(":")[0] for part in row["code less text"].split("; ")] == [f"D={d}" for d in (1, 2, 4, 8, 16)]
    assert all(ends(part)[0] > 0 for part in row["code less text"].split("; "))  # those of two layers fall further
    assert row[CHANGES] == "no"
    members = found.table
    deep = (members.hidden == 6) & (members["count"] == 2048)
    flat = members.assign(corner_maximum=members.corner_maximum.where(~deep, 1.0))
    row = row_of(run_with("fig6", corners.result_of(flat)), "six_hidden_in_figure_6")
    assert (row["as the text"][:9], row["as the code"][:7], row[CHANGES]) == ("supported", "refuted", "yes")


def test_a_single_run_has_no_verdict(c6_alone: None) -> None:
    found = falls(ratio=0.02)
    row = row_of(run_with("fig6", found), "single_run_redrawn")
    assert row[CHANGES].startswith(
        f"no verdict: a single run has no seeds to resample; of {SEEDS} seeds, {SEEDS} alone"
    )
    members = found.table
    one = (members.seed == 7) & (members["count"] == 2048) & (members.dim == 4)
    worse = corners.result_of(members.assign(corner_maximum=members.corner_maximum.where(~one, 1.0)))
    words = row_of(run_with("fig6", worse), "single_run_redrawn")[CHANGES]
    assert f"of {SEEDS} seeds, {SEEDS - 1} alone" in words
    alone = corners.result_of(members[members.dim == 4])
    assert row_of(run_with("fig6", alone), "single_run_redrawn")[CHANGES].startswith("not in this run")


@pytest.mark.parametrize(("code", "answer"), [({"share": 0.9}, "no"), ({"noise": False}, "yes")])
def test_biased_noise_is_judged_by_what_networks_gain_over_the_identity(code: dict[str, float], answer: str) -> None:
    text, other = jumping(share=1.0), jumping(**code)
    both = pd.concat([text.tables["jumps"], other.tables["jumps"].assign(noise="published")])
    row = row_of(run_with("samples", kaleidoscope.result_of(text.table, jumps=both)), "biased_noise")
    assert row.claim.startswith("C12: ")
    assert (row["as the text"][:9], row[CHANGES]) == ("supported", answer)
    assert (ends(row["code less text"])[2] < 0) == (answer == "yes")


def test_starts_are_changed_on_the_stored_networks(fig4: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    store = fig4.result.path.parent / "models"
    before = {file.name for file in store.iterdir()}
    cell, own = next(iter(fig4.result.arrays)), fig4.result.table
    for name, value in cell.values:
        own = own[own[name] == value]
    same = published_networks.from_starts(fig4, cell, "normal")
    pd.testing.assert_frame_equal(same, own)  # the study's own starts give the study's own numbers
    begun, measured = [], DepthSweep.measured

    def seen(study: DepthSweep, *given: object) -> tuple[pd.DataFrame, torch.Tensor]:
        begun.append(given[-1])
        return measured(study, *given)

    monkeypatch.setattr(DepthSweep, "measured", seen)
    half = published_networks.from_starts(fig4, cell, published_networks.UPPER_HALF)
    assert torch.stack(begun).min() >= 0  # half the range of a tanh network
    assert torch.stack(begun).max() <= 1
    assert np.array_equal(half.flat_near_data, own.flat_near_data)
    assert row_of({"fig4": fig4}, "tanh_starts_from_zero")[CHANGES] == "undecided"
    assert {file.name for file in store.iterdir()} == before


def test_starts_from_which_no_sample_comes_near_refute_c4(fig4: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    """The numbers of the code's starts decide: here they are made up, with many seeds and none of their samples near."""
    made = depth_run("fig4", depth_sweep.tanh_four(rng(), share=1.0).query("seed < @SEEDS"))["fig4"]
    made = replace(made, result=replace(made.result, arrays=fig4.result.arrays))

    def far(made: Made, cell: results.Cell, kind: str) -> pd.DataFrame:
        rows = made.result.table
        return rows[rows.hidden == cell["hidden"]].assign(share_early=0.0)

    monkeypatch.setattr("landscape.reproduce.as_published.from_starts", far)
    row = row_of({"fig4": made}, "tanh_starts_from_zero")
    assert (row["as the text"][:9], row["as the code"][:7], row[CHANGES]) == ("supported", "refuted", "yes")
    assert ends(row["code less text"].split("; ")[0])[2] < -0.5


def test_clipped_starts_are_judged_by_the_slope_of_c5(monkeypatch: pytest.MonkeyPatch, made: dict[str, Made]) -> None:
    table = depth_sweep.four_points(rng(), slope=-1.0).query("seed < @SEEDS")
    run = depth_run("depth", table)
    cell = next(one for one in made["fig5"].result.arrays if one["data"] == "four-points")
    run["depth"] = replace(run["depth"], result=replace(run["depth"].result, arrays={cell: {}}))
    size = table.parameters / table.parameters.min()
    other = depth_sweep.with_burn_in(table, (table.burn_in * size**0.2).to_numpy())
    monkeypatch.setattr("landscape.reproduce.as_published.from_starts", lambda *given: other)
    row = row_of(run, "clipped_starts")
    assert (row["as the text"][:9], row[CHANGES]) == ("supported", "no")
    assert ends(row["code less text"])[0] == pytest.approx(0.2, abs=0.02)


def test_the_weights_chosen_are_those_after_the_step(made: dict[str, Made], monkeypatch: pytest.MonkeyPatch) -> None:
    """If the code looks once, before the first step, the weights are those of one step of training."""
    found = made["fig3"]
    assert row_of({"fig3": found}, "best_by_batch")["as the code"].startswith("undecided: difference: ")
    monkeypatch.setattr(published_networks, "CHOSEN_EVERY", 10**6)
    cell = next(one for one in found.result.arrays if one["width"] == 5)
    chosen = published_networks.best_by_batch(found, cell)
    study = replace(found.study, steps=1, keep="last")
    after = published_networks.from_starts(replace(found, study=study), cell, "normal")
    pd.testing.assert_frame_equal(chosen, after)


def test_jumps_of_returned_samples_are_those_of_shown_ones_without_noise(
    run_of_test_preset: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    result = results.load(run_of_test_preset("kaleidoscope"))
    made = run_with("samples", result)
    keys = ["control", "member", "noise", "amplitude", "count", "hidden"]
    shown = result.tables["jumps"].set_index(keys).mode_jumps
    returned = published_networks.jumps_of_returned_samples(made["samples"]).set_index(keys).mode_jumps
    noisy = returned.index.get_level_values("amplitude") > 0
    assert (returned[~noisy] == shown[returned.index][~noisy]).all()
    assert (returned[noisy] >= shown[returned.index][noisy]).mean() > 0.5
    assert row_of(made, "sample_after_noise").claim.startswith("C12")
