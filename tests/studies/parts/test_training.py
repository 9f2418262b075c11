"""Options of training that all studies have: in recipes, names of runs, claims and answers, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from landscape import presets, reporting, results
from landscape.claims import UNJUDGED
from landscape.ensemble import FitSpec
from landscape.parameters import trained_otherwise
from landscape.running import run_study
from landscape.studies.parts.training import NAMES, fit_spec
from tests.training_studies import TRAINING

OWN: dict[str, Any] = {"optimizer": "sgd", "momentum": 0.5, "weight_decay": 1e-4, "loss": "l1"}
WORDS = "--loss l1 --optimizer sgd --momentum 0.5 --weight-decay 0.0001"
NOTHING_TRAINED = ("initialisation",)


@pytest.mark.parametrize("name", [name for name in TRAINING if name not in NOTHING_TRAINED])
def test_every_study_trains_as_it_is_told(name: str) -> None:
    usual, own = (presets.make_study(name, "test", settings) for settings in ({}, OWN))
    trained = [recipe.fit for cell in own.cells() for recipe in own.recipes(cell)]
    assert trained
    assert all({key: getattr(fit, key) for key in OWN} == OWN for fit in trained)
    assert own.folder(Path()) != usual.folder(Path())
    assert (trained_otherwise(usual), trained_otherwise(own)) == ("", WORDS)


def test_a_batch_of_0_is_all_points_and_what_a_study_sweeps_stands_in_place_of_its_parameter() -> None:
    study = presets.make_study("depth-sweep", "test", {"schedule": "cosine", "objective": "denoising", "lr": 0.5})
    found = fit_spec(study, steps=7)
    assert found == FitSpec(7, 0.5, None, schedule="cosine", objective="denoising")
    assert fit_spec(presets.make_study("depth-sweep", "test", {"batch": 3})).batch == 3
    assert set(NAMES) <= set(FitSpec.__dataclass_fields__)


def test_claims_and_answer_say_that_networks_were_trained_otherwise(tmp_path: Path) -> None:
    settings = {"members": 2, "steps": 20, "samples": 8, "probes": 8}
    study = presets.make_study("depth-sweep", "test", settings | OWN)
    result = results.load(run_study(study, out=tmp_path))
    claims = reporting.claims_of(study, result)
    told = [claim for claim in claims if f"of networks trained with {WORDS}, where the claim" in claim.label]
    judged = [claim for claim in claims if claim.verdict not in UNJUDGED]
    assert told == judged
    assert judged
    answer = reporting.answer_of(study, result, claims)
    assert answer
    assert answer.not_shown.endswith(f"Networks were trained with {WORDS}.")


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"optimizer": "adamw"}, "`weight-decay` must be above 0 for adamw"),
        ({"momentum": 0.5}, "`momentum` is of sgd; got 0.5 for adam"),
        ({"optimizer": "sgb"}, "`optimizer` must be one of 'adam', 'adamw', 'sgd'; got 'sgb'. Did you mean 'sgd'"),
        ({"weight_decay": -1.0}, "`weight-decay` must be at least 0; got -1.0"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
@pytest.mark.parametrize("name", ["regions", "memorisation"])
def test_what_does_not_go_together_is_refused_before_anything_is_trained(
    name: str, settings: dict[str, Any], said: str
) -> None:
    with pytest.raises(ValueError, match=f"^{said}"):
        presets.make_study(name, "test", settings)


def test_the_cross_entropy_is_refused_for_data_below_0() -> None:
    study = presets.make_study("depth-sweep", "test", {"data": ["tanh-four"], "loss": "bce"})
    with pytest.raises(ValueError, match=r"`loss` bce takes outputs between 0 and 1, .* ends in tanh. Take mse or l1"):
        study.recipes(study.cells()[0])
