"""The study of architectures: trials of learning rates, bands, ends of orbits, and verdicts that follow the tables."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from landscape import measures, presets, results
from landscape.claims import thresholds_digest
from landscape.nets import NETS
from landscape.results import Result
from landscape.running import run_study
from landscape.studies.architectures.claims import (
    IDENTITY_TRACE,
    LINE_SET,
    SHALLOW_LAYERS,
    SHARES_OF_BUDGET,
    WHOLE_BUDGET,
)
from landscape.studies.architectures.study import CONTROLS, PILOT_SEED, Architectures
from landscape.studies.parts.orbit_ends import AT_IMAGE
from landscape.studies.parts.pooling import LEAST_JUDGED
from landscape.training import Recipe, Site


@pytest.fixture(scope="module")
def study() -> Architectures:
    made = presets.make_study("architectures", "test")
    assert isinstance(made, Architectures)
    return made


def test_rules_of_the_claims_change_only_with_the_version() -> None:
    rules = {"at an image": AT_IMAGE, "shallow": SHALLOW_LAYERS, "attracts": measures.dynamics.ATTRACTS}
    rules |= {"judged": LEAST_JUDGED, "identity": IDENTITY_TRACE, "budgets": SHARES_OF_BUDGET}
    assert (Architectures.version, thresholds_digest(rules)) == (10, "471c220672155154")


def test_every_net_has_the_same_trials_on_seeds_that_are_not_judged(study: Architectures) -> None:
    cells = [one for one in study.cells() if one["data"] != LINE_SET]
    for one in cells:
        pilots = study.pilots(one)
        assert list(pilots) == list(study.rate)
        assert {recipe.fit.steps for recipe in pilots.values()} == {study.steps}
        assert all(min(recipe.seeds) >= PILOT_SEED > max(study.seeds) for recipe in pilots.values())
        assert not any(recipe.fit.stop for recipe in pilots.values())
    first, other = (
        next(one for one in cells if (one["net"], one["band"]) == ("cnn", band)) for band in (0.2, WHOLE_BUDGET)
    )
    assert [recipe.key for recipe in study.pilots(first).values()] == [
        recipe.key for recipe in study.pilots(other).values()
    ]
    assert [study.recipe(one, 1e-3).fit.stop for one in (first, other)] == [True, False]
    assert study.recipe(first, 1e-3).fit.tol == 0.2


def test_nets_are_sized_alike() -> None:
    study = presets.make_study("architectures", "test", overrides={"net": tuple(NETS), "hidden": (3,)})
    assert isinstance(study, Architectures)
    study = replace(study, match_parameters=9000)
    for one in study.cells():
        if one["data"] != LINE_SET:
            recipe = study.recipe(one, 1e-3)
            assert recipe.net.kind == one["net"]
            # An injective net is at least as wide as the data have coordinates: it comes as near as it can.
            expected = 17_024 if one["net"] == "injective" else pytest.approx(9000, rel=0.15)
            assert recipe.net.parameter_count(64) == expected
    assert {
        one["width"] for one in replace(study, match_parameters=0, width=64).cells() if one["data"] != LINE_SET
    } == {64}


def test_the_rate_of_the_lowest_trial_is_taken(result: Result) -> None:
    tried = result.tables["rates"]
    best = tried.loc[tried.groupby(["net", "band"]).loss.idxmin()].set_index(["net", "band"]).rate
    taken = result.table[result.table.data != LINE_SET].groupby(["net", "band"]).rate.agg(["min", "max"])
    assert (taken["min"] == taken["max"]).all()
    assert (taken["min"] == best.reindex(taken.index)).all()


def test_a_rate_at_which_one_trial_dies_is_not_taken(study: Architectures, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the lower median of its two trials the rate would be taken, and many of the networks that are judged would fail."""
    losses = {1e-3: [1e-4, 1e-4], 1e-2: [1e-5, 0.2]}

    def fitted(recipe: Recipe, site: Site) -> SimpleNamespace:
        return SimpleNamespace(losses=torch.tensor(losses[recipe.fit.lr]), steps=torch.tensor([20, 20]))

    monkeypatch.setattr("landscape.studies.architectures.study.trained", fitted)
    tried = study._tried(study.cells()[0], Site())
    assert tried.sort_values("loss").rate.iloc[0] == 1e-3


def test_a_band_is_a_training_loss(result: Result) -> None:
    images = result.table[(result.table.data != LINE_SET) & (result.table.band != WHOLE_BUDGET)]
    assert (images.reached.astype(bool) == (images.loss <= images.band)).all()
    whole = result.table[(result.table.data != LINE_SET) & (result.table.band == WHOLE_BUDGET)]
    assert (whole.steps == 20).all()


def test_shares_of_orbits_add_up(result: Result) -> None:
    images = result.table[result.table.data != LINE_SET]
    assert images.at_rest.add(images.cycling).le(1 + 1e-9).all()
    assert images.at_training.le(images.at_rest + 1e-9).all()
    assert images.attracted_spurious.le(images.attracted + 1e-9).all()
    ends = result.tables["attractors"]
    counted = ends[ends.period == 1].groupby(["net", "band", "member"]).visits.sum()
    at_rest = (images.set_index(["net", "band", "member"]).at_rest * 12).round().astype(int)
    assert counted.reindex(at_rest.index).fillna(0).astype(int).equals(at_rest)


def test_controls_have_the_values_that_they_must(result: Result) -> None:
    controls = result.tables["controls"]
    assert list(controls.control.unique()) == list(CONTROLS)
    by = controls.groupby("control").mean(numeric_only=True)
    assert by.loc["memoriser", ["at_rest", "at_training", "spurious", "attracted"]].tolist() == [1, 1, 0, 1]
    assert by.loc["identity", ["at_rest", "attracted", "moved", "trace", "identity_share"]].tolist() == [1, 0, 0, 1, 1]
    assert by.loc["identity", "spread"] == pytest.approx(1)
    assert by.loc["constant", ["trace", "spread", "ends", "attractors", "identity_share"]].tolist() == [0, 0, 1, 1, 0]
    assert by.loc["constant", "spurious"] == 1


def test_on_the_line_injective_nets_have_no_flat_intervals(result: Result) -> None:
    line = result.table[result.table.data == LINE_SET]
    assert set(line.net) == {"mlp", "injective"}
    assert (line[line.net == "injective"].zero_slope == 0).all()
    assert ((line.zero_slope > 0) == (line.intervals > 0)).all()


def test_initialisations_are_those_a_net_has() -> None:
    own = {"net": ("mlp", "cnn", "residual"), "init": ("torch", "he", "identity"), "line_width": (0,), "band": (0.1,)}
    study = presets.make_study("architectures", "test", overrides=own)
    assert isinstance(study, Architectures)
    found = {(one["net"], one["init"]) for one in study.cells()}
    mlp = {("mlp", "torch"), ("mlp", "he"), ("mlp", "identity")}
    assert found == mlp | {("cnn", "torch"), ("cnn", "he"), ("residual", "torch")}
    recipes = {one["net"]: study.recipe(one, 1e-3).net.spec() for one in study.cells() if one["init"] == "he"}
    assert [recipes[net]["init"] for net in ("mlp", "cnn")] == ["he", "he"]
    with pytest.raises(ValueError, match="`init` must include an initialisation of residual: torch; got identity"):
        replace(study, init=("identity",), net=("mlp", "residual")).cells()


def test_a_net_that_does_not_take_the_data_is_refused_before_anything_is_trained(study: Architectures) -> None:
    with pytest.raises(ValueError, match=r"`hidden` of at least 3; got 1"):
        replace(study, net=("unet",)).cells()


def test_one_example_runs_although_an_only_image_has_no_neighbours(tmp_path: Path) -> None:
    own = {"count": (1,), "net": ("mlp", "cnn"), "steps": 5, "line_width": (0,), "match_parameters": 0, "width": 4}
    made = presets.make_study("architectures", "test", overrides=own)
    table = results.load(run_study(made, out=tmp_path, debug=True)).table
    assert table.identity_share.between(0, 1).all()
    assert "memo_verdict" not in table
