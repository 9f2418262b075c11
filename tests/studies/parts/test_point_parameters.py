"""The order of options: that of --help, TOML files and records, whatever classes the fields come from."""

import dataclasses

import pytest

from landscape import presets
from landscape.parameters import Parameters
from landscape.studies.parts.point_parameters import CountedPoints, Initialisation, OneNet, SizeGrid, Training

COMMON = "seed members measures"
OWN_TRAINING = "loss optimizer momentum weight_decay schedule objective strength precision batch"
NETWORK = f"net activation init scale steps lr early_stop keep {OWN_TRAINING}"
NAMES = {
    "basins": f"data count points dim hidden width {NETWORK} iterations resolution samples portrait zooms",
    "depth-sweep": (
        f"data points hidden width budget count clusters dim spread {NETWORK} starts samples iterations resolution probes"
    ),
    "fixed-points": (
        f"data count points dim hidden width net activation steps lr early_stop keep {OWN_TRAINING} longer "
        "samples iterations starts periods resolution"
    ),
    "regions": (
        f"data points hidden width budget count dim activation init scale steps lr early_stop keep {OWN_TRAINING} resolution"
    ),
    "step-flatness": (
        f"data points hidden width budget image_width image_budget count dim lines positions {NETWORK} probes"
    ),
}


@pytest.mark.parametrize("study", NAMES)
def test_data_come_first_then_networks_then_what_is_measured(study: str) -> None:
    for kind in (presets.parameters_class(study), presets.study_class(study)):
        assert [one.name for one in dataclasses.fields(kind)] == f"{COMMON} {NAMES[study]}".split()


@pytest.mark.parametrize("study", NAMES)
def test_a_study_overrides_defaults_and_ranges_of_a_mixin_but_no_help_text(study: str) -> None:
    mine = {one.name: one.metadata["help"] for one in dataclasses.fields(presets.parameters_class(study))}
    for mixin in (CountedPoints, Initialisation, OneNet, SizeGrid, Training):
        if issubclass(presets.parameters_class(study), mixin):
            for one in dataclasses.fields(mixin):
                assert mine[one.name] == one.metadata["help"]


def test_the_parameters_of_a_study_are_those_of_its_most_derived_class() -> None:
    kind = presets.parameters_class("regions")
    assert kind.__name__ == "RegionsParameters"
    assert kind.__mro__[-3] is Parameters  # below it stand Shown and object
    assert kind().budget == (0,)  # type: ignore[attr-defined]
    assert kind().width == SizeGrid().width  # type: ignore[attr-defined]
