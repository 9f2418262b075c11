"""The study of memorisation: its tables and controls, its twins, and verdicts that follow the tables."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from landscape import measures, presets, results
from landscape.baselines import CONTROL_SAMPLERS, controls
from landscape.claims import Claim, thresholds_digest
from landscape.data import held_out, load_data
from landscape.measures.memorisation import ANSWER_THRESHOLDS, copying
from landscape.measures.memorisation.states import FAR_QUANTILE, SAME_QUANTILE
from landscape.measures.memorisation.statistics import THRESHOLDS as RULE
from landscape.measures.memorisation.statistics import VERDICTS
from landscape.measures.neighbours.sample_quality import DIRECTIONS, NEIGHBOURS, SAME_IMAGE_GAPS
from landscape.results import Result, as_control
from landscape.running import run_study
from landscape.studies.memorisation.claims import C14, FEWEST_COUNTS, P1, not_memorising
from landscape.studies.memorisation.study import CONTROL_MAPS, COPY_SHARES, Memorisation, _agreement
from landscape.studies.parts.comparison import Comparison
from landscape.studies.parts.image_study import SWEPT
from landscape.studies.parts.pooling import LEAST_JUDGED

SEEDS = 23


@pytest.fixture(scope="module")
def study() -> Memorisation:
    made = presets.make_study("memorisation", "test", overrides={"count": (100,), "held_out": 150})
    assert isinstance(made, Memorisation)
    return replace(made, samples=120, members=3, compared=2)


def test_rules_of_the_claims_change_only_with_the_version() -> None:
    statistics = {
        "copy quantile": copying.COPY_QUANTILE,
        "points per cell": [copying.POINTS_PER_CELL, copying.MOST_CELLS, copying.FEWEST_IN_CELL],
        "fidelity": [NEIGHBOURS, SAME_IMAGE_GAPS, DIRECTIONS],
        "controls": [controls.COPY_NOISE, controls.COLLAPSED_IMAGES, controls.UNDERFIT_LOSS],
    }
    states = {"states": [SAME_QUANTILE, FAR_QUANTILE], "counts": FEWEST_COUNTS}
    rules = RULE | ANSWER_THRESHOLDS | statistics | states | {"judged": LEAST_JUDGED}
    assert (Memorisation.version, thresholds_digest(rules)) == (6, "67a8667f7797d425")
    assert C14.limits["training loss"].number == P1.limits["training loss"].number == RULE["training_loss"]
    assert C14.limits["precision"].number == RULE["collapsed_precision"]


def test_the_states_of_samples_are_counted_beside_those_of_held_out_images(result: Result) -> None:
    table, controls = result.table, result.tables["controls"]
    assert (table[["memorised", "spurious", "new"]].sum(axis=1) <= 1 + 1e-6).all()
    assert (table.new_null > 0.8).all()
    by = controls.groupby("control")[["memorised", "spurious", "new"]].mean()
    assert by.loc["memoriser"].tolist() == [1, 0, 0]
    assert by.loc["constant", "spurious"] == 1


def test_known_samplers_come_out_as_what_they_are(study: Memorisation, result: Result) -> None:
    samplers = result.tables["samplers"]  # once for all depths, because samplers have no network
    assert len(samplers) == len(CONTROL_SAMPLERS) * study.members
    assert (samplers.verdict == samplers.expected).all()
    answers = samplers.set_index("sampler")[["copying", "variety"]]
    assert (answers.loc["copycat", "copying"] == "copies").all()
    assert not (answers.loc["held-out", "copying"] == "copies").any()
    assert (answers.loc["collapsed", "variety"] == "collapsed").all()


def test_repeated_training_images_are_copies_and_collapsed(study: Memorisation) -> None:
    recipe = study.recipe(study.cells()[0])
    training, kept = study.points(recipe, "cpu")
    against = Comparison.of(training, kept, study.held_out)
    table = against.rows(training.points[:, :5].repeat(1, 24, 1))
    answers = table[["copying", "variety", "verdict"]].drop_duplicates().to_numpy().tolist()
    assert answers == [["copies", "collapsed", "copies"]]


def test_maps_that_learnt_nothing_show_what_is_known_of_them(result: Result) -> None:
    controls = result.tables["controls"]
    assert list(controls.control.unique()) == list(CONTROL_MAPS)
    by = controls.groupby("control").mean(numeric_only=True)
    assert by.loc["memoriser", ["authenticity", "distance_median"]].tolist() == [0, 0]
    assert by.loc["constant", "distinct"] == 1
    assert by.loc["identity", "loss"] == 0
    assert set(controls[controls.control == "untrained"].verdict) == {"underfit"}


def test_more_copies_are_found_where_more_are_mixed_in(result: Result) -> None:
    mixtures = result.tables["mixtures"].groupby("share", sort=True)
    found = mixtures.copied.mean()
    assert found.index.tolist() == list(COPY_SHARES)
    assert found.is_monotonic_increasing
    assert found.to_numpy() == pytest.approx(COPY_SHARES, abs=0.1)
    assert "generalises" not in set(result.tables["mixtures"].verdict)


def test_baselines_are_judged_by_the_same_statistics(study: Memorisation, result: Result) -> None:
    baselines = result.tables["baselines"]
    assert baselines.groupby("baseline").size().tolist() == [study.compared] * 3
    best = baselines[baselines.baseline == "gaussian"]  # its components keep 95 % of a variance of .073
    assert best.training_loss.between(0.001, 0.05 * 0.08).all()
    assert best.coverage.gt(0.5 * best.coverage_null).all()


def test_twins_see_other_images_and_the_same_starts(study: Memorisation, result: Result) -> None:
    (cell, _) = study.cells()
    own, twin = study.recipes(cell)
    first, second = (set(map(bytes, load_data(one.data, (0,)).points[0].numpy())) for one in (own, twin))
    assert (len(first), len(second), len(first & second)) == (100, 100, 0)
    assert own.seeds == twin.seeds
    for kind, agreement, copied in (("untrained", 1.0, 0.0), ("memoriser", 0.0, 1.0)):
        found = twins_of(study, kind)
        assert found[["twin_agreement", "twin_copied"]].mean().tolist() == pytest.approx([agreement, copied], abs=0.05)
    assert len(replace(study, twins=False).recipes(cell)) == 1
    many = replace(study, count=(900,), members=1)
    (alone,) = many.recipes(many.cells()[0])  # two sets of 900 are more than the 1,797 digits
    assert alone.data.skip == 0


def twins_of(study: Memorisation, kind: str) -> pd.DataFrame:
    """The agreement of a control with its twin. Equal maps agree; maps that copy their own images do not."""
    own, twin = study.recipes(study.cells()[0])
    data = [one.dataset() for one in (own, twin)]
    samples = [study._samples(measures.control(kind, one, own.untrained()), one) for one in data]
    return _agreement(*samples, *data)


def test_controls_draw_from_other_images_than_the_null(study: Memorisation) -> None:
    recipe = study.recipe(study.cells()[0])
    kept = held_out(recipe.data, recipe.seeds, study.reserved).points[0]
    null, others = (set(map(bytes, part.numpy())) for part in (kept[: study.held_out], kept[study.held_out :]))
    trained = set(map(bytes, load_data(recipe.data, recipe.seeds).points[0].numpy()))
    assert (len(null), len(others)) == (150, 120)
    assert not null & others
    assert not trained & (null | others)


def test_too_few_points_for_the_fifth_neighbour_are_refused(study: Memorisation) -> None:
    with pytest.raises(ValueError, match="`count` must be more than 5, for balls to the fifth neighbour; got 4"):
        replace(study, count=(50, 4))
    with pytest.raises(ValueError, match="`held-out` must be more than 5"):
        replace(study, held_out=5)


def test_the_report_shows_verdicts_and_how_far_they_can_be_trusted(study: Memorisation, result: Result) -> None:
    panels = {panel.title.partition(": ")[0]: panel for panel in study.panels(result)}
    topics = {
        "Verdicts",
        "Are samples copies?",
        "Are samples varied?",
        "Memorised, spurious and new samples",
        "Authenticity",
    }
    titles = " ".join(panels)
    assert all(topic in titles for topic in topics)
    assert "with more hidden layers" in titles
    known = panels["The rule is right about every sampler whose verdict is known"]
    assert known.caption == "12 of 12 samplers come out as what they are."
    assert "Underfit: the training loss is above 0.02 of" in panels["Verdicts"].how
    assert (
        "Copies: 50 % or more are copies, or authenticity is at most 0.25 with C_T at most −3" in panels["Verdicts"].how
    )
    table = known.body
    assert isinstance(table, pd.DataFrame)
    assert table.set_index("sampler").loc["copycat", "copies"] == 3
    cells = panels["Each setting"].body
    assert isinstance(cells, pd.DataFrame)
    assert len(cells) == 2
    assert cells[[f"verdict {word}" for word in VERDICTS]].sum(axis=1).tolist() == [3, 3]


def test_a_network_that_diverged_has_a_report_too(study: Memorisation, tmp_path: Path) -> None:
    made = replace(study, lr=1e30, hidden=(2,), members=2, compared=0, keep="last")
    loaded = results.load(run_study(made, out=tmp_path, debug=True))
    assert "diverged" in set(loaded.table.status)
    assert set(loaded.table.verdict) == {"underfit"}
    assert [claim.verdict for claim in made.claims(loaded)] == ["untestable", "untestable"]
    assert list(made.panels(loaded))


def test_no_sweep_and_several_data_have_a_report_too(study: Memorisation, tmp_path: Path) -> None:
    images = np.random.default_rng(0).integers(0, 256, (600, 3, 3), np.uint8)
    np.save(tmp_path / "own.npy", images)
    made = replace(study, data=(str(tmp_path / "own.npy"),), hidden=(1,), members=1, compared=1)
    loaded = results.load(run_study(made, out=tmp_path, debug=True))
    assert "variation" not in loaded.table
    assert any(panel.title.startswith("Verdicts: ") for panel in made.panels(loaded))


def judged(**columns: Any) -> Claim:
    """C14, networks are not purely memorising, for digits whose members and copycats have these columns."""
    copycat = {name.removeprefix("copycat_"): columns.pop(name) for name in list(columns) if "copycat" in name}
    cell = dict(zip(SWEPT, ("digits", 100, "mlp", 3, 50, "plain", 900), strict=True))
    members = {"member": range(SEEDS), "seed": range(SEEDS), "status": "stalled"}
    nulls = {"authenticity_null": 0.5, "precision_null": 1.0}
    found = {"authenticity": 0.6, "c_t": 0.0, "precision": 0.9, "copying": "does not copy", "variety": "varied"}
    table = pd.DataFrame(cell | members | nulls | found | {"training_loss": 1e-3} | columns)
    known = {"sampler": "copycat", "authenticity": 0.0, "c_t": -6.0}
    samplers = pd.DataFrame(cell | members | nulls | known | copycat)
    return not_memorising(Result(Path(), {"parameters": {"drawn": True}}, {"members": table, "samplers": samplers}, {}))


def test_c14_is_the_share_of_networks_whose_samples_are_no_copies() -> None:
    fresh = judged(copying=["copies", "undecided"] + ["does not copy"] * (SEEDS - 2))
    assert (fresh.verdict, fresh.estimate) == ("supported", 1)
    assert fresh.label == f"copying: {SEEDS - 2} does not copy, 1 copies, 1 undecided; variety: {SEEDS} varied"
    assert judged(authenticity=0.24).verdict == "refuted"  # less than half of held-out images'
    assert judged(authenticity=0.26).verdict == "supported"
    assert judged(c_t=-3.0).verdict == "refuted"
    half = judged(c_t=[-6.0, 0.0] * (SEEDS // 2) + [0.0])
    assert (half.verdict, half.estimate) == ("undecided", pytest.approx(12 / SEEDS))


def test_c14_leaves_out_networks_that_do_not_fit_or_whose_samples_are_no_images() -> None:
    underfit = judged(training_loss=0.021)
    assert (underfit.verdict, f"training loss ≤ .02) with samples like images (0 of {SEEDS}" in underfit.reason) == (
        "untestable",
        True,
    )
    assert judged(precision=0.49).verdict == "untestable"
    some = judged(precision=[0.4, 0.4] + [0.6] * (SEEDS - 2), c_t=[-6.0, -6.0] + [0.0] * (SEEDS - 2))
    assert (some.verdict, some.estimate, some.clusters) == ("supported", 1, SEEDS - 2)
    assert f"{SEEDS - 2} of {SEEDS} networks are judged" in some.label


@pytest.mark.parametrize("passing", [{"copycat_c_t": -2.9}, {"copycat_authenticity": 0.3}])
def test_c14_is_untestable_where_copycats_pass(passing: dict[str, float]) -> None:
    claim = judged(**passing)
    assert (claim.verdict, f"{SEEDS} of {SEEDS} copycats pass" in claim.reason) == ("untestable", True)


def test_the_claim_is_refuted_of_memorisers_in_the_networks_place(study: Memorisation, result: Result) -> None:
    place = as_control(result, "memoriser")
    times = range(8)  # three members are too few for any verdict
    many = pd.concat([place.table.assign(seed=place.table.seed + 100 * time) for time in times], ignore_index=True)
    tables = {**place.tables, "members": many, "samplers": result.tables["samplers"]}
    claim, _ = study.claims(replace(place, tables=tables))
    assert (claim.verdict, claim.estimate) == ("refuted", 0)
    assert [one.verdict for one in claim.details] == ["refuted"] * 2


def test_without_copycats_nothing_is_claimed(study: Memorisation, result: Result) -> None:
    tables = {name: table for name, table in result.tables.items() if name != "samplers"}
    fitting = tables["members"].assign(training_loss=1e-3)
    lacking = replace(result, tables={**tables, "members": fitting})
    claim, _ = study.claims(lacking)
    assert claim.verdict == "untestable"
    assert "the cell that has the copycats" in claim.reason
    assert list(study.panels(lacking))
