"""The kaleidoscope: its cells, its controls, its thresholds, and verdicts that follow the tables."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from landscape import presets, results
from landscape.claims import Claim
from landscape.figures import Kaleidoscope as Played
from landscape.results import Result, as_control
from landscape.running import run_study
from landscape.studies.kaleidoscope.claims import claims_of
from landscape.studies.kaleidoscope.study import Kaleidoscope
from landscape.studies.parts.courses import frames
from landscape.studies.parts.image_study import SWEPT

SEEDS = 31


@pytest.fixture(scope="module")
def study() -> Kaleidoscope:
    made = presets.make_study("kaleidoscope", "test", overrides={"dim": (2,)})
    assert isinstance(made, Kaleidoscope)
    return made


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


def test_each_section_says_once_how_its_networks_were_trained(study: Kaleidoscope, result: Result) -> None:
    panels = list(study.panels(result))
    words = [(panel.section, panel.how.count("the median training loss is")) for panel in panels]
    assert sum(count for section, count in words if section.startswith("digits")) == 1
    assert sum(count for section, count in words if section == "Uniform points") == 1
    assert not any("converge" in panel.caption for panel in panels)


def test_a_control_in_the_members_place_reads_as_that_control(study: Kaleidoscope, result: Result) -> None:
    swapped = as_control(result, "memoriser")
    assert swapped.table.near_uniform.eq(1).all()
    assert len(list(study.claims(swapped))) == len(list(study.claims(result)))
    compared = [claim for claim in study.claims(swapped) if claim.key in ("C12", "C23")]
    assert all(claim.reason.startswith("not in this run: needs the measurements of the identity") for claim in compared)


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


def judged(members: pd.DataFrame, key: str, *, output: str = "sigmoid", **tables: pd.DataFrame) -> Claim:
    parameters = {"start": ["uniform", "normal"], "iterations": 300, "drawn": True, "output": output}
    made = Result(Path(), {"parameters": parameters}, {"members": members, **tables}, {})
    return next(claim for claim in claims_of(made) if claim.key == key)


SETTLING = {"burn_in_uniform": 7.0, "burn_in_uniform_censored": False, "settled_uniform": 0.9, "burn_in_normal": 7.0}
SETTLING |= {"coverage": 0.55, "coverage_held_out": 0.6, "c_t": 1.0, "variation": 0.2, "variation_held_out": 0.1}
SETTLING |= {"variation_starts": 0.07, "variation_chance": 0.05}


def jump_rates(members: pd.DataFrame, gain: float, biased: float = 0.0) -> pd.DataFrame:
    """Jumps of the networks and of the identity, which gains 3."""
    keys = members[[*SWEPT, "member"]]
    rows = []
    for kind, added in (("normal", gain), ("published", biased)):
        for control, moved in (("none", 3 + added), ("identity", 3.0)):
            rows += [
                keys.assign(noise=kind, amplitude=e, control=control, mode_jumps=moved * e * 100) for e in (0, 0.01)
            ]
    return pd.concat(rows, ignore_index=True)


@pytest.mark.parametrize(
    "wrong",
    [{"coverage": 0.4}, {"c_t": -4.0}, {"c_t": 4.0}, {"variation": 0.3}, {"coverage": 0.0, "coverage_held_out": 0.0}],
)
def test_samples_follow_the_data_if_coverage_classes_and_distances_agree(wrong: dict[str, float]) -> None:
    like = judged(images(**SETTLING), "C11")
    assert (like.verdict, like.estimate) == ("supported", 1.0)
    assert like.label == "medians: coverage 0.55 of 0.6, classes 0.1, C_T 1"
    assert judged(images(**SETTLING).assign(**wrong), "C11").verdict == "refuted"


def test_samples_without_classes_leave_it_untestable() -> None:
    claim = judged(images(**SETTLING).drop(columns="variation"), "C11")
    assert (claim.verdict, claim.reason) == (
        "untestable",
        "not in this run: data with classes, and more than 5 --held-out",
    )


def test_networks_that_do_not_fit_are_left_out() -> None:
    rows = images(**SETTLING)
    some = judged(rows.assign(loss=np.where(rows.seed < 4, 0.03, 1e-3)), "C11")
    assert (some.verdict, some.members, some.label.split("; ")[-1]) == ("supported", 27, "27 of 31 networks are judged")
    most = judged(rows.assign(loss=np.where(rows.seed < 20, 0.03, 1e-3)), "C11")
    assert most.verdict == "untestable"
    assert most.reason == "not in this run: half of the networks to fit (11 of 31 have a training loss ≤ .02)"


def test_losses_are_over_the_square_of_the_range() -> None:
    wide = images(**SETTLING).assign(loss=0.07)
    assert judged(wide, "C11").verdict == "untestable"
    assert judged(wide, "C11", output="tanh").verdict == "supported"


@pytest.mark.parametrize(("gain", "verdict"), [(1.1, "supported"), (0.9, "undecided"), (-3.0, "refuted")])
def test_noise_supports_c12_if_it_adds_more_jumps_than_to_the_identity(gain: float, verdict: str) -> None:
    rows = images(**SETTLING)
    claim = judged(rows, "C12", jumps=jump_rates(rows, gain, biased=9.0))
    assert claim.verdict == verdict
    assert claim.label == f"medians: {3 + gain:.3g} jumps gained, by the identity 3"
    beside = [one for one in claim.details if "moves every number upwards" in one.estimand]
    assert [(one.verdict, one.primary) for one in beside] == [("supported", False)]
    assert judged(rows, "C12").verdict == "untestable"


@pytest.mark.parametrize(
    "wrong",
    [
        {"burn_in_uniform": 2.0},
        {"burn_in_uniform": 16.0},
        {"burn_in_uniform_censored": True},
        {"settled_uniform": 0.7},
        {"variation_starts": 0.11},
    ],
)
def test_c13_asks_for_the_burn_in_the_settled_share_and_like_ends(wrong: dict[str, float]) -> None:
    good = judged(images(**SETTLING), "C13")
    assert good.verdict == "supported"
    assert good.label.endswith("histograms 0.07 apart, of which finite samples alone give 0.05")
    assert judged(images(**SETTLING).assign(**wrong), "C13").verdict == "refuted"


def test_one_net_is_an_illustration_beside_the_digits() -> None:
    net = images(**SETTLING)[:1].assign(data="mnist", count=10_000)
    claim = judged(net, "C13")
    assert claim.verdict == "undecided"
    assert claim.label.startswith("illustration: one net; medians: burn-in 7")
    both = judged(pd.concat([net, images(**SETTLING)], ignore_index=True), "C13")
    assert (both.verdict, both.members) == ("supported", SEEDS)
    assert [one.setting[:6] for one in both.details] == ["digits", "mnist,"]
    assert not any(one.primary for one in both.details)


def test_settings_are_pooled_by_seed() -> None:
    rows = [images(**SETTLING), images(**SETTLING).assign(count=500, coverage=0.0)]
    claim = judged(pd.concat(rows, ignore_index=True), "C11")
    assert (claim.estimate, claim.clusters, claim.verdict) == (0.5, SEEDS, "refuted")
    assert claim.reason.endswith("of 2 settings 1 supported, 1 refuted")


def by_dim(slope: float) -> pd.DataFrame:
    parts = []
    for rule in ("count fixed", "ratio fixed"):
        for dim in (2, 4, 8, 16):
            times = np.exp(2 + slope * np.log2(dim) + noise(0.3))
            uniform = {"data": "uniform", "rule": rule, "dim": dim, "burn_in_uniform": times}
            uniform |= {"burn_in_uniform_rms": times, "burn_in_uniform_rms_censored": False}
            parts.append(images(**SETTLING).assign(loss=1e-5, **uniform))
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


def test_dimensions_in_which_few_networks_fit_are_left_out() -> None:
    table = by_dim(0.0)
    one = judged(table.assign(loss=np.where((table.dim == 16) & (table.seed > 9), 1e-3, 1e-5)), "C20")
    assert {detail.label for detail in one.details} == {"93 of 124 networks are judged"}
    none = judged(table.assign(loss=1e-3), "C20")
    assert none.verdict == "untestable"
    assert "(0 of 124 do; raise --steps)" in none.details[0].reason


def test_c21_compares_cifar_with_mnist_at_like_losses_only() -> None:
    mnist = images(**SETTLING).assign(data="mnist", jumpiness=0.1)
    cifar = images(**SETTLING).assign(data="own/cifar10-984.npz", jumpiness=0.16, loss=1.5e-3)
    claim = judged(pd.concat([mnist, cifar], ignore_index=True), "C21")
    assert (claim.verdict, claim.label) == ("supported", "medians: CIFAR 0.16, MNIST 0.1")
    assert [one.setting for one in claim.details if one.verdict == "untestable"] == ["CelebA"]
    alike = judged(pd.concat([mnist, cifar.assign(jumpiness=0.14)], ignore_index=True), "C21")
    assert alike.verdict == "refuted"
    apart = judged(pd.concat([mnist, cifar.assign(loss=9e-3)], ignore_index=True), "C21")
    assert apart.verdict == "untestable"
    assert "CIFAR 0.009, MNIST 0.001" in apart.reason
    assert judged(mnist, "C21").verdict == "untestable"
    assert judged(pd.concat([mnist, cifar.assign(count=7)], ignore_index=True), "C21").verdict == "untestable"


@pytest.mark.parametrize(
    ("purity", "verdict", "label"),
    [(0.9, "supported", "medians"), (0.4, "supported", "by identity"), (0.1, "refuted", "by identity")],
)
def test_c23_is_labelled_unless_networks_do_better_than_the_identity(purity: float, verdict: str, label: str) -> None:
    rows = images(**SETTLING, purity=purity, purity_null=0.1)
    still = rows.assign(control="identity", purity=0.8)
    claim = judged(rows, "C23", controls=still)
    assert claim.verdict == verdict
    assert claim.label.startswith(label)
    assert judged(images(**SETTLING), "C23", controls=still).verdict == "untestable"
