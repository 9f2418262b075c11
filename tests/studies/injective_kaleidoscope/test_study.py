"""The study of injective layers: networks of like sizes and losses, what is measured of them, and bad parameters."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch

from landscape import measures, presets
from landscape.data import DataSpec
from landscape.nets import MLP, Injective
from landscape.results import Result
from landscape.studies.injective_kaleidoscope.parameters import INJECTIVE, LAYERS, LEAKY, ORDINARY
from landscape.studies.injective_kaleidoscope.sizes import CLOSE, MOST_APART, matched_widths, net_of_layers
from landscape.studies.injective_kaleidoscope.study import InjectiveKaleidoscope

NAME = "injective-kaleidoscope"


@pytest.fixture(scope="module")
def study() -> InjectiveKaleidoscope:
    made = presets.make_study(NAME, "test")
    assert isinstance(made, InjectiveKaleidoscope)
    return made


def parameters_of(layers: str, data: DataSpec, hidden: int, width: int) -> int:
    dim = {"two-points": 1, "four-points": 2, "digits": 64}[data.name]
    return net_of_layers(layers, data, hidden, width, activation="relu", slope=0.25).parameter_count(dim)


@pytest.mark.parametrize(
    ("name", "hidden", "budget", "close"),
    [
        ("two-points", 7, 200, MOST_APART),
        ("two-points", 2, 2800, CLOSE),
        ("four-points", 7, 700, CLOSE),
        ("digits", 4, 50_000, CLOSE),
    ],
)
def test_networks_that_are_compared_have_nearly_as_many_parameters(
    name: str, hidden: int, budget: int, close: float
) -> None:
    data = DataSpec(name, 30 if name == "digits" else None)
    widths = matched_widths(data, hidden, budget)
    counts = {layers: parameters_of(layers, data, hidden, widths[layers]) for layers in LAYERS}
    assert counts[ORDINARY] == counts[LEAKY]
    assert abs(counts[ORDINARY] - counts[INJECTIVE]) <= close * counts[INJECTIVE]
    assert all(abs(count - budget) <= 2 * MOST_APART * budget for count in counts.values())


@pytest.mark.parametrize(("name", "hidden", "budget"), [("digits", 2, 900), ("two-points", 7, 30)])
def test_a_budget_that_no_injective_network_has_is_one_clear_line(name: str, hidden: int, budget: int) -> None:
    with pytest.raises(
        ValueError, match=r"^`budget` [\d,]+ is that of no injective network with .* Take another budget$"
    ) as found:
        matched_widths(DataSpec(name, 30), hidden, budget)
    assert "\n" not in str(found.value)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"activation": "sine"}, "`activation` must be one of 'leaky', 'relu', 'tanh'"),
        ({"slope": 1.5}, "`slope` must be"),
        ({"layers": ("injektive",)}, "`layers` must be one of 'injective', 'leaky', 'ordinary'"),
    ],
)
def test_wrong_layers_and_activations_are_one_clear_line(given: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        presets.make_study(NAME, "test", overrides=given)


def test_layers_are_what_they_are_called(study: InjectiveKaleidoscope) -> None:
    nets = {cell["layers"]: study.recipe(cell).net for cell in study.cells() if cell["data"] == "two-points"}
    assert isinstance(nets[INJECTIVE], Injective)
    assert isinstance(nets[ORDINARY], MLP)
    assert isinstance(nets[LEAKY], MLP)
    assert (nets[ORDINARY].activation, nets[LEAKY].activation) == ("relu", "leaky(0.25)")


def test_training_stops_at_the_loss_asked_unless_it_is_zero() -> None:
    made = presets.make_study(NAME, "test", overrides={"band": (1e-3, 0.0), "data": ("two-points",)})
    assert isinstance(made, InjectiveKaleidoscope)
    fits = {cell["band"]: made.recipe(cell).fit for cell in made.cells()}
    assert (fits[1e-3].stop, fits[1e-3].tol) == (True, 1e-3)
    assert fits[0.0].stop is False
    assert made.asked_losses(pd.DataFrame({"band": [1e-3, 0.0]})) == [1e-6, 1e-3]


def test_columns_are_those_of_the_measures(study: InjectiveKaleidoscope, result: Result) -> None:
    cell = study.cells()[1]
    untrained, training = study.recipe(cell).untrained(), study.recipe(cell).dataset()
    rows = result.tables["controls"]
    rows = rows[(rows.data == cell["data"]) & (rows.layers == cell["layers"]) & (rows.control == "untrained")]
    jacobian = measures.jacobian_at(untrained, training.points.contiguous())
    rho = measures.spectral_radius(jacobian)
    assert np.allclose(rows.rho_max, rho.amax(1), atol=1e-6)
    assert np.allclose(rows.least_singular, torch.linalg.svdvals(jacobian)[..., -1].amin(1), atol=1e-6)
    assert rows.attracting.tolist() == (rho < 1).double().mean(1).tolist()


def test_controls_have_their_known_numbers(result: Result) -> None:
    rows = result.tables["controls"].groupby(["data", "control"]).mean(numeric_only=True)
    for data in ("two-points", "digits"):
        identity, constant, memoriser = (rows.loc[data, kind] for kind in ("identity", "constant", "memoriser"))
        assert (identity.zero_slope, identity.attracting, identity.rho_max, identity.trace) == (0, 0, 1, 1)
        assert (constant.zero_slope, constant.flat_share, constant.attracting) == (1, 1, 1)
        assert (memoriser.zero_slope, memoriser.attracting, memoriser.at_training) == (1, 1, 1)
        assert identity.at_training <= 0.5
        assert constant.at_training == 0


def test_injective_networks_have_no_plateaus_and_are_proven_one_to_one(result: Result) -> None:
    own = result.table[result.table.layers == INJECTIVE]
    assert (own.zero_slope == 0).all()
    assert own.one_to_one_holds.all()
    assert (own.one_to_one_margin > 0).all()
    assert result.table[result.table.layers == ORDINARY].one_to_one_holds.isna().all()


def test_a_dead_ordinary_network_is_a_plateau_everywhere(study: InjectiveKaleidoscope) -> None:
    cell = study.cells()[0]
    nets, training = study.recipe(cell).untrained(), study.recipe(cell).dataset()
    for name, value in nets.parameters.items():
        if name.startswith("layers.0"):
            value.fill_(-1.0)  # every unit is off on [0, 1]
    table = study._local(nets, training)
    assert (table.zero_slope == 1).all()
    assert (table.attracting == 1).all()
