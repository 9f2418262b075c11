"""Every study takes other nets than the MLP, and says where a claim is not of the paper's."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from landscape import presets, results
from landscape.claims import Claim
from landscape.nets import NETS
from landscape.running import run_study
from landscape.studies.parts.judging import of_net
from tests.training_studies import TRAINING

# Of nets that are a chain of affine maps before their squash, the MLP; and one that compares nets of its own.
FIXED_NETS = ("regions", "injective-kaleidoscope", "injectivity")


@pytest.mark.parametrize("name", sorted(set(TRAINING) - set(FIXED_NETS)))
def test_every_study_takes_a_net(name: str) -> None:
    fields = {one.name: one for one in dataclasses.fields(presets.study_class(name))}
    assert set(fields["net"].metadata["choices"]) == set(NETS)


def test_runs_made_before_nets_could_be_chosen_stay_where_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presets.study_class("corners"), "version", 3)  # when this name was written down
    assert presets.make_study("corners", "paper").folder(Path()) == Path("corners-c036f90a")
    assert (
        presets.make_study("corners", "paper", overrides={"net": "residual"}).folder(Path()).name != "corners-c036f90a"
    )


def test_sixteen_coordinates_are_an_image_of_four_by_four_and_two_are_none(tmp_path: Path) -> None:
    few = {"net": "cnn", "hidden": (1,), "width": 3, "count": (1, 4), "steps": 3, "dim": (4,)}
    study = presets.make_study("corners", "test", overrides=few)
    found = results.load(run_study(study, out=tmp_path, debug=True))
    assert {one["status"] for one in found.record["cells"]} == {"done"}
    refused = presets.make_study("corners", "test", overrides=few | {"dim": (2,)})
    with pytest.raises(
        ValueError, match=r"cnn needs images or points that form a square .* got points of 2 coordinates"
    ):
        refused.recipes(refused.cells()[0])


def test_claims_of_other_nets_say_so() -> None:
    claim = Claim("C1", "Every net.", "share", "> .5", "undecided", label="old")
    assert [one.label for one in of_net(iter([claim]), "mlp", "relu")] == ["old"]
    assert [one.label for one in of_net(iter([claim]), "mlp", "default")] == ["old"]
    assert [one.label for one in of_net(iter([claim]), "cnn", "default")] == [
        "old; of cnn, where the paper speaks of MLPs"
    ]
    words = "old; of tanh units, where the paper's are ReLUs"
    assert [one.label for one in of_net(iter([claim]), "mlp", "tanh")] == [words]


@pytest.mark.parametrize("name", sorted(TRAINING))
def test_every_study_takes_an_activation(name: str) -> None:
    study = presets.make_study(name, "test", overrides={"activation": "leaky"})
    assert {recipe.net.activation for one in study.cells()[:2] for recipe in study.recipes(one)} == {"leaky"}
