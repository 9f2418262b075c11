"""The study of injectivity: a table for each part, what they hold, and bad input in a line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from landscape import measures, presets, reporting, results
from landscape.results import Result
from landscape.running import run_study
from landscape.studies.injectivity.merging import probe_points
from landscape.studies.injectivity.study import InjectivityStudy
from landscape.training import Site, trained


@pytest.fixture(scope="module")
def study() -> InjectivityStudy:
    made = presets.make_study("injectivity", "test")
    assert isinstance(made, InjectivityStudy)
    return made


def test_no_table_mixes_parts(result: Result, study: InjectivityStudy) -> None:
    parts = {"members": "layers", "layers": "layers", "curves": "layers", "matrices": "gaussian", "images": "images"}
    assert {name: set(table.part) for name, table in result.tables.items()} == {k: {v} for k, v in parts.items()}
    assert len(result.table) == len(study.hidden) * study.members
    assert result.tables["matrices"].groupby("inputs").size().to_dict() == {1: 23, 2: 23, 3: 5, 12: 3}
    assert len(result.tables["images"]) == len(study.contrast) * study.members * 2


def test_every_merged_pair_and_second_image_is_verified(result: Result, study: InjectivityStudy) -> None:
    assert (result.tables["matrices"].residual <= 1e-10).all()
    images = result.tables["images"]
    assert (images.residual <= 1e-10).all()
    own = images[images.control == "pairs"]
    assert (own.distance == 0).all()
    assert (images.sought == study.searched).all()
    assert (own.below == 0).all()
    assert (own.fewest >= 1).all()
    for one, arrays in result.arrays.items():
        if one["part"] == "images" and one["contrast"] < 1:
            assert arrays["pairs"].shape[1:] == (2, 8, 8)
            assert 0 <= arrays["pairs"].min() <= arrays["pairs"].max() <= 1


def test_layers_are_those_of_the_measure(result: Result, study: InjectivityStudy, tmp_path: Path) -> None:
    cell = study.cells()[1]
    recipe = study.recipe(cell)
    fitted = trained(recipe, Site(models=tmp_path))
    points = probe_points(recipe, recipe.dataset(), study.probes)
    found = measures.merged_points(fitted.ensemble, points)
    rows = result.tables["layers"].query("hidden == 2 and kept")
    assert rows.merged.to_numpy().reshape(4, 2) == pytest.approx(found.merged.double().mean(2).numpy())
    assert rows.one_to_one.to_numpy().reshape(4, 2) == pytest.approx(found.one_to_one.double().mean(2).numpy())
    networks = result.table.query("hidden == 2")
    assert networks.merged.tolist() == pytest.approx(found.merged[:, -1].double().mean(1).tolist())
    before = measures.merged_points(recipe.untrained(), points)
    assert networks.merged_untrained.tolist() == pytest.approx(before.merged[:, -1].double().mean(1).tolist())


def test_all_images_are_tried_of_a_set_that_has_fewer(tmp_path: Path) -> None:
    few = {"part": ("images",), "tried": 60_000, "searched": 1, "members": 2, "contrast": (0.9,)}
    made = presets.make_study("injectivity", "test", overrides=few)
    images = results.load(run_study(made, out=tmp_path, debug=True)).tables["images"]
    assert len(images) == 4
    assert (images.below * 1797).to_numpy() == pytest.approx((images.below * 1797).round().to_numpy(), abs=1e-9)


def test_layers_narrower_than_digits_merge_every_image(tmp_path: Path) -> None:
    few = {"part": ("layers",), "data": ("digits",), "image_width": (10,), "hidden": (1,), "steps": 2, "members": 2}
    made = presets.make_study("injectivity", "test", overrides=few | {"snapshots": "1", "probes": 8})
    table = results.load(run_study(made, out=tmp_path, debug=True)).table
    assert (table.merged == 1).all()


@pytest.mark.parametrize("part", ["gaussian", "images", "layers"])
def test_a_part_alone_has_an_answer_and_panels(part: str, tmp_path: Path) -> None:
    settings = {"part": (part,), "members": 2, "inputs": (1,), "matrices": 3, "hard_inputs": (0,), "large_inputs": (0,)}
    made = presets.make_study("injectivity", "test", overrides=settings | {"steps": 2, "snapshots": "1", "tried": 9})
    result = results.load(run_study(made, out=tmp_path, debug=True))
    claims = reporting.claims_of(made, result)
    assert [claim.verdict == "untestable" for claim in claims] == [part != "gaussian", part != "images", True]
    assert (reporting.answer_of(made, result, claims) is None) == (part == "layers")
    assert list(reporting.panels_of(result))
    assert made.hero(result) is not None or part == "images"
    words = reporting.lead_of(made, result)
    assert ("No networks in this run" in words) == (part != "layers")


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"inputs": (2, 5), "hard_inputs": (5,)}, "must not share a number; got 5 twice"),
        ({"inputs": (0,), "hard_inputs": (0,), "large_inputs": (0,)}, "there is no Gaussian layer to test"),
        ({"inputs": (11,)}, "`inputs` must be from 0 to 10; got 11"),
        ({"images": ("cifar10",)}, "`images`"),
        ({"part": ("nets",)}, "`part`"),
        ({"contrast": (1.5,)}, "`contrast` must be from 0.01 to 1; got 1.5"),
        ({"snapshots": "never"}, "`snapshots` must be steps"),
        ({"time_limit": 0.0}, "`time-limit` must be at least"),
    ],
)
def test_bad_input_is_a_line(settings: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said.replace("(", r"\(")) as refused:
        presets.make_study("injectivity", "test", overrides=settings)
    assert "\n" not in str(refused.value)


def test_matrices_do_not_depend_on_how_many_there_are(
    run_of_test_preset: Callable[[str], Path], tmp_path: Path
) -> None:
    whole = results.load(run_of_test_preset("injectivity")).tables["matrices"]
    few = presets.make_study(
        "injectivity",
        "test",
        overrides={"part": ("gaussian",), "matrices": 5, "hard_inputs": (0,), "large_inputs": (0,)},
    )
    part = results.load(run_study(few, out=tmp_path, debug=True)).tables["matrices"]
    for inputs in (1, 2):
        one, other = (table[table.inputs == inputs]["least"].to_numpy()[:5] for table in (whole, part))
        assert np.array_equal(one, other)
