"""The claims on injectivity are supported where they are true, not where they are false, and by no control."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from landscape.studies.injectivity.claims import ADDED, BEFORE, NO_STEEPER
from tests.certificates import problems
from tests.certificates.injectivity import INPUTS, MAKERS, alike, images, judged, matrices, networks


@pytest.mark.parametrize("part", MAKERS)
def test_the_claims_have_a_certificate(part: str) -> None:
    key, makers = MAKERS[part]
    assert problems(part, partial(judged, key=key), makers, 40) == []


@pytest.mark.slow
@pytest.mark.parametrize("part", MAKERS)
def test_the_claims_have_a_certificate_of_many_draws(part: str) -> None:
    key, makers = MAKERS[part]
    assert problems(part, partial(judged, key=key), makers, 200) == []


def test_the_claims_get_each_verdict() -> None:
    rng = np.random.default_rng(0)
    true = {"I1": matrices(rng), "I2": images(rng), "I3": networks(rng)}
    assert [judged(tables, key).verdict for key, tables in true.items()] == ["supported"] * 3
    false = {"I1": matrices(rng, middle=2.5), "I2": images(rng, share=0.4), "I3": networks(rng, slope=-0.04)}
    assert [judged(tables, key).verdict for key, tables in false.items()] == ["refuted"] * 3
    few = {key: {name: table[table.seed < 9] for name, table in tables.items()} for key, tables in true.items()}
    assert [judged(tables, key).verdict for key, tables in few.items()] == ["undecided"] * 3
    assert [judged({}, key).verdict for key in true] == ["untestable"] * 3


def test_the_largest_number_of_inputs_decides_and_the_others_stand_beside() -> None:
    claim = judged(matrices(np.random.default_rng(1)), "I1")
    assert claim.setting.startswith(f"n = {INPUTS},")
    assert [one.setting for one in claim.details] == ["n = 2, 30 matrices"]


def test_unresolved_matrices_count_both_ways() -> None:
    rng = np.random.default_rng(2)
    table = matrices(rng, unresolved=0)["matrices"]
    most = table.assign(most=np.where(table.inputs == INPUTS, np.inf, table["most"]))
    least = table.assign(least=np.where(table.inputs == INPUTS, 2 * INPUTS, table["least"]))
    assert judged({"matrices": table}, "I1").verdict == "supported"
    assert judged({"matrices": most}, "I1").verdict == "undecided"
    assert judged({"matrices": least}, "I1").verdict == "undecided"


def test_depth_that_acts_before_training_gives_a_label() -> None:
    rng = np.random.default_rng(3)
    assert judged(networks(rng), "I3").label == ""
    assert judged(networks(rng, untrained=0.04), "I3").label == NO_STEEPER
    assert judged(alike(rng, merged=1.0), "I3").verdict != "supported"


def test_a_slope_that_training_does_not_raise_has_the_label_whatever_the_untrained_verdict() -> None:
    """Two verdicts that differ are no difference: the slopes are compared in the same networks."""
    rng = np.random.default_rng(6)
    table = networks(rng, slope=0.004, untrained=0.003)["members"]
    claim = judged({"members": table}, "I3")
    settings = [one.setting for one in claim.details]
    assert settings[-2:] == [f"hidden 1, 2, 4, 7, 10, {word}" for word in (BEFORE, ADDED)]
    assert settings[:-2] == [f"{name}, width {width}" for name in "ab" for width in (10, 20, 50)]
    paired = claim.details[-1]
    assert paired.low < 0 < paired.high
    assert claim.label == NO_STEEPER
    shifted = table.assign(merged=table.merged + 0.02 * np.log2(table.hidden))
    assert judged({"members": shifted}, "I3").label == ""


def test_full_contrast_stands_beside_and_another_expansivity_is_untestable() -> None:
    claim = judged(images(np.random.default_rng(4)), "I2")
    assert [one.setting for one in claim.details] == [
        f"{name} at {level} % contrast" for level in (90, 100) for name in ("digits (8 × 8)", "MNIST")
    ]
    raw = images(np.random.default_rng(4))["images"].query("contrast == 1.0")
    assert judged({"images": raw}, "I2").verdict == "untestable"
