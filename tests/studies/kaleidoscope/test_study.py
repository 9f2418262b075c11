"""The kaleidoscope: its cells, its controls, its thresholds, and verdicts that follow the tables."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from landscape import presets, results
from landscape.claims import Claim, registered, thresholds_digest
from landscape.figures import Kaleidoscope as Played
from landscape.results import Result, as_control
from landscape.studies.kaleidoscope.claims import STATEMENTS, claims_of
from landscape.studies.kaleidoscope.study import Kaleidoscope
from landscape.studies.parts.courses import frames
from landscape.studies.parts.image_study import SWEPT
from landscape.study import run_study

SEEDS = 131  # total variations of .07 need so many to be shown to have a mean below .1


@pytest.fixture(scope="module")
def study() -> Kaleidoscope:
    made = presets.make_study("kaleidoscope", "test", overrides={"dim": (2,)})
    assert isinstance(made, Kaleidoscope)
    return made


def test_thresholds_change_only_with_the_version() -> None:
    assert (Kaleidoscope.version, thresholds_digest(registered(STATEMENTS))) == (4, "e266c946f8aa1953")


def test_uniform_points_keep_their_number_or_their_number_per_dimension(study: Kaleidoscope) -> None:
    cells = replace(study, dim=(2, 8), dim_count=5, dim_ratio=1.5).cells()
    assert len({tuple(name for name, _ in one.values) for one in cells}) == 1
    found = [(one["rule"], one["dim"], one["count"]) for one in cells]
    assert found == [
        ("images", 64, 40),
        ("count fixed", 2, 5),
        ("count fixed", 8, 5),
        ("ratio fixed", 2, 3),
        ("ratio fixed", 8, 12),
    ]
    assert len(replace(study, dim=(0,)).cells()) == 1


def test_controls_have_the_values_that_they_must(result: Result) -> None:
    controls = result.tables["controls"]
    by = controls[controls.rule == "images"].groupby("control").mean(numeric_only=True)
    assert by.loc["memoriser", ["burn_in_uniform", "settled_uniform", "near_uniform"]].tolist() == [1, 1, 1]
    assert by.loc["memoriser", "distance_uniform"] == 0
    assert by.loc["identity", ["burn_in_uniform", "jumpiness", "near_normal"]].tolist() == [0, 0, 0]
    assert by.loc["identity", "purity"] == by.loc["memoriser", "purity"] > 2 * by.loc["identity", "purity_null"]
    assert by.loc["constant", "purity"] == pytest.approx(by.loc["constant", "purity_null"])
    points = controls[controls.rule == "count fixed"].groupby("control").mean(numeric_only=True)
    assert points.loc["memoriser", ["burn_in_uniform", "near_uniform"]].tolist() == [1, 1]
    assert points.loc["constant", "settled_uniform"] == 0


def test_jumps_without_noise_are_none_for_maps_that_rest(result: Result) -> None:
    rates = result.tables["jumps"].groupby(["control", "amplitude", "noise"]).mode_jumps.mean().unstack()
    still = rates.loc[["memoriser", "constant", "identity"]]
    assert still.xs(0.0, level="amplitude").eq(0).all(axis=None)
    assert rates.loc["constant"].eq(0).all(axis=None)
    assert rates.loc[("identity", 0.01), "normal"] > 0  # a random walk passes from one image to the next
    assert set(rates.loc["none"].index) == {0.0, 0.01, 0.1}
    assert set(rates.loc["memoriser"].index) == {0.0, 0.01}


def test_tables_have_a_row_for_every_member_start_and_iteration(study: Kaleidoscope, result: Result) -> None:
    times = result.tables["iterations"]
    images = times[times.rule == "images"]
    assert len(images) == study.members * len(study.start) * (study.iterations + 1)
    assert images.residual.isna().sum() == study.members * len(study.start)  # no step follows the last iteration
    first = images[images.iteration == 0].groupby("start").distance.mean()
    assert first["normal"] > first["uniform"]


def test_the_kaleidoscope_shows_the_samples_and_images_that_were_nearest(study: Kaleidoscope, result: Result) -> None:
    body = next(panel.body for panel in study.panels(result) if isinstance(panel.body, Played))
    assert body.frames.shape == (22, study.samples, 8, 8)
    assert list(body.iterations) == frames(study.iterations)
    close = np.linalg.norm((body.frames / 255.0 - body.neighbours[body.nearest] / 255.0).reshape(22, 6, -1), axis=-1)
    assert close == pytest.approx(body.distance, abs=0.02)


def test_captions_count_members_and_give_the_loss(study: Kaleidoscope, result: Result) -> None:
    panels = list(study.panels(result))
    assert panels[0].title == "The kaleidoscope"
    for panel in panels:
        assert "median training loss" in panel.caption or panel.title == "Controls", panel.title


def test_a_control_in_the_members_place_reads_as_that_control(study: Kaleidoscope, result: Result) -> None:
    swapped = as_control(result, "memoriser")
    assert swapped.table.near_uniform.eq(1).all()
    assert len(list(study.claims(swapped))) == len(list(study.claims(result)))


def test_a_diverged_member_is_counted_and_never_stops_the_claims(study: Kaleidoscope, tmp_path: Path) -> None:
    made = replace(study, lr=1e30, hidden=(2,), dim=(0,), members=2, iterations=3, keep="last")
    loaded = results.load(run_study(made, out=tmp_path, debug=True))
    assert "diverged" in set(loaded.table.status)
    assert [claim.key for claim in made.claims(loaded)] == ["C11", "C12", "C13", "C20", "C21", "C23"]
    assert all(claim.failed == claim.members for claim in made.claims(loaded))
    assert list(made.panels(loaded))


def images(**columns: Any) -> pd.DataFrame:
    """The members' rows of a cell of digits, with `columns` that a claim reads."""
    rows = {"data": "digits", "count": 100, "net": "mlp", "hidden": 3, "width": 50, "objective": "plain", "budget": 9}
    rows |= {"dim": 64, "rule": "images"}
    members = {"member": range(SEEDS), "seed": range(SEEDS), "status": "stalled", "loss": 1e-3}
    return pd.DataFrame(rows | members | columns)


def noise(scale: float) -> np.ndarray:
    return np.random.default_rng(0).normal(0, scale, SEEDS)


def judged(members: pd.DataFrame, key: str, **tables: pd.DataFrame) -> Claim:
    record = {"parameters": {"start": ["uniform", "normal"], "iterations": 300, "drawn": True}}
    made = Result(Path(), record, {"members": members, **tables}, {})
    return next(claim for claim in claims_of(made) if claim.key == key)


SETTLING = {"burn_in_uniform": 7.0, "burn_in_uniform_censored": False, "settled_uniform": 0.9, "burn_in_normal": 7.0}
SETTLING |= {"coverage": 0.5, "coverage_held_out": 0.6, "c_t": 1.0}


def jump_rates(members: pd.DataFrame, gain: float, biased: float = 0.0) -> pd.DataFrame:
    keys = members[[*SWEPT, "member"]].assign(control="none")
    still = keys.assign(amplitude=0.0, mode_jumps=0.5)
    moved = {"normal": gain + noise(0.2), "published": biased + noise(0.2)}
    rows = [still.assign(noise=kind) for kind in moved]
    rows += [keys.assign(noise=kind, amplitude=0.01, mode_jumps=0.5 + rate) for kind, rate in moved.items()]
    return pd.concat(rows, ignore_index=True)


def test_c11_compares_coverage_with_held_out_images() -> None:
    like = images(**SETTLING).assign(coverage=0.55 + noise(0.01), c_t=1 + noise(0.5), variation=0.1 + noise(0.01))
    claim = judged(like, "C11")
    assert [one.verdict for one in claim.details] == ["supported"] * 3
    assert claim.details[0].estimate == pytest.approx(0.55 / 0.6, abs=0.01)
    assert claim.reason.startswith("digits, n = 100, 3 hidden, width 50, 9 steps: coverage: supported; digits, ")
    assert judged(like.assign(coverage=0.3 + noise(0.01)), "C11").verdict == "mixed"
    copies = like.assign(c_t=-9 + noise(0.5), coverage=0.1 + noise(0.01), variation=0.5 + noise(0.01))
    assert judged(copies, "C11").verdict == "refuted"
    unlabelled = judged(like.drop(columns="variation"), "C11").details[1]
    assert (unlabelled.verdict, unlabelled.reason) == ("untestable", "not in this run: the data have no classes")


@pytest.mark.parametrize(("gain", "verdict"), [(2.0, "supported"), (0.1, "refuted"), (1.0, "undecided")])
def test_noise_that_adds_jumps_supports_c12(gain: float, verdict: str) -> None:
    rows = images(**SETTLING)
    claim = judged(rows, "C12", jumps=jump_rates(rows, gain, biased=9.0))
    assert claim.verdict == verdict
    beside = [one for one in claim.details if not one.primary]
    assert [one.verdict for one in beside] == ["supported"]
    assert "moves every number upwards" in beside[0].estimand
    assert judged(rows, "C12").verdict == "untestable"


def test_c13_asks_for_the_burn_in_the_settled_share_and_like_ends() -> None:
    alike = {"variation_starts": 0.07 + noise(0.01), "variation_chance": 0.06}
    settled = SETTLING | {"settled_uniform": 0.9 + noise(0.01)}
    good = images(**settled, **alike).assign(burn_in_uniform=7.0 + noise(0.5))
    assert judged(good, "C13").verdict == "supported"
    assert judged(good.assign(burn_in_uniform=40.0 + noise(1)), "C13").verdict == "mixed"
    near = judged(good.assign(variation_starts=0.12 + noise(0.01), variation_chance=0.11), "C13").details[2]
    assert near.verdict == "refuted"  # the value by chance is given, and not subtracted
    assert "finite samples alone give 0.11" in near.estimand
    apart = good.assign(variation_starts=0.4 + noise(0.01), settled_uniform=0.2 + noise(0.01), burn_in_uniform=1.0)
    assert judged(apart, "C13").verdict == "refuted"
    late = good.assign(burn_in_uniform=300.0, burn_in_uniform_censored=True)
    steps = judged(late, "C13").details[0]
    assert (steps.estimate, steps.verdict) == (np.inf, "refuted")


def test_one_net_is_an_illustration_beside_the_digits() -> None:
    net = images(**SETTLING)[:1].assign(data="mnist", count=10_000)
    claim = judged(net, "C13")
    assert (claim.verdict, claim.label) == ("undecided", "illustration: one net")
    assert claim.reason.startswith("one net is an illustration, whatever it shows: mnist")
    both = judged(pd.concat([net, images(**SETTLING)], ignore_index=True), "C13")
    assert [one.primary for one in both.details] == [True] * 3 + [False] * 3
    assert {one.setting[:6] for one in both.details if one.primary} == {"digits"}


def by_dim(slope: float) -> pd.DataFrame:
    parts = []
    for rule in ("count fixed", "ratio fixed"):
        for dim in (2, 4, 8, 16):
            times = np.exp(2 + slope * np.log2(dim) + noise(0.3))
            uniform = {"data": "uniform", "rule": rule, "dim": dim, "burn_in_uniform": times}
            uniform |= {"burn_in_uniform_rms": times, "burn_in_uniform_rms_censored": False}
            parts.append(images(**SETTLING).assign(**uniform))
    return pd.concat(parts, ignore_index=True)


@pytest.mark.parametrize(("slope", "verdict"), [(0.0, "supported"), (0.3, "refuted"), (-0.3, "refuted")])
def test_a_burn_in_that_stays_the_same_over_dimensions_supports_c20(slope: float, verdict: str) -> None:
    claim = judged(by_dim(slope), "C20")
    assert claim.verdict == verdict
    assert len([one for one in claim.details if one.primary]) == 2
    assert all(one.clusters == SEEDS for one in claim.details)
    beside = [one for one in claim.details if "root mean square" in one.estimand]
    assert [one.verdict for one in beside if one.primary is False][:2] == [verdict] * 2
    assert judged(images(**SETTLING), "C20").verdict == "untestable"


def test_c21_compares_cifar_with_mnist_at_like_losses_only() -> None:
    mnist = images(**SETTLING).assign(data="mnist", jumpiness=0.1 + noise(0.01))
    cifar = images(**SETTLING).assign(data="own/cifar10-984.npz", jumpiness=0.3 + noise(0.01), loss=1.5e-3)
    claim = judged(pd.concat([mnist, cifar], ignore_index=True), "C21")
    assert claim.verdict == "supported"
    assert [one.setting for one in claim.details if not one.primary] == ["CelebA"]
    apart = judged(pd.concat([mnist, cifar.assign(loss=9e-3)], ignore_index=True), "C21")
    assert apart.verdict == "untestable"
    assert "CIFAR 0.009, MNIST 0.001" in apart.details[0].reason
    assert judged(mnist, "C21").verdict == "untestable"
    assert judged(pd.concat([mnist, cifar.assign(count=7)], ignore_index=True), "C21").verdict == "untestable"


def test_c23_takes_off_what_shuffled_labels_show() -> None:
    assert judged(images(**SETTLING, purity=0.6 + noise(0.02), purity_null=0.1), "C23").verdict == "supported"
    assert judged(images(**SETTLING, purity=0.1 + noise(0.02), purity_null=0.3), "C23").verdict == "refuted"
    assert judged(images(**SETTLING), "C23").verdict == "untestable"
