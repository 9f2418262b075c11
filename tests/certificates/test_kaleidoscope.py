"""The claims on samples of images are supported where they are true, not where they are false, and by no control."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from landscape.claims import Claim, Verdict
from landscape.results import Result
from landscape.studies.kaleidoscope.claims import claims_of
from tests.certificates import Make, of_key, problems
from tests.certificates.kaleidoscope import (
    MAKERS,
    as_data,
    by_dimension,
    classes,
    jumping,
    jumpy,
    like_data,
    result_of,
    settling,
)


def judged(key: str, result: Result) -> Claim:
    return of_key(claims_of(result), key)


@pytest.mark.parametrize("key", MAKERS)
def test_a_claim_has_a_certificate(key: str) -> None:
    assert problems(key, partial(judged, key), MAKERS[key], 5) == []


@pytest.mark.slow
@pytest.mark.parametrize("key", MAKERS)
def test_a_claim_has_a_certificate_of_many_draws(key: str) -> None:
    assert problems(key, partial(judged, key), MAKERS[key], 200) == []


@pytest.mark.parametrize(
    ("key", "make", "verdict"),
    [
        ("C11", like_data, "supported"),
        ("C11", partial(like_data, share=0.8), "undecided"),
        ("C11", partial(like_data, share=0.3), "refuted"),
        ("C12", jumping, "supported"),
        ("C12", partial(jumping, share=0.5), "undecided"),
        ("C12", partial(jumping, share=0.1), "undecided"),  # noise moves them, yet less than the identity
        ("C12", partial(jumping, noise=False), "refuted"),
        ("C13", settling, "supported"),
        ("C13", partial(settling, share=0.8), "undecided"),
        ("C13", partial(settling, apart=0.3), "refuted"),
        ("C20", by_dimension, "supported"),
        ("C20", partial(by_dimension, slopes=(0.1, 0.1)), "undecided"),
        ("C20", partial(by_dimension, slopes=(0.3, -0.3)), "refuted"),
        ("C21", jumpy, "supported"),
        ("C21", partial(jumpy, share=0.5), "undecided"),
        ("C21", partial(jumpy, share=0.1), "refuted"),
        ("C23", classes, "supported"),
        ("C23", partial(classes, share=0.5), "undecided"),
        ("C23", partial(classes, share=0.1), "refuted"),
    ],
)
def test_every_claim_can_be_supported_undecided_and_refuted(key: str, make: Make[Result], verdict: Verdict) -> None:
    assert judged(key, make(np.random.default_rng(0))).verdict == verdict


@pytest.mark.parametrize("key", MAKERS)
def test_nineteen_seeds_decide_nothing(key: str) -> None:
    made = MAKERS[key]["true"](np.random.default_rng(0))
    few = result_of(made.table[made.table.seed < 19], **{k: v for k, v in made.tables.items() if k != "members"})
    assert judged(key, few).verdict == "undecided"


def test_the_raw_variation_of_classes_asks_too_much() -> None:
    """Why C11 takes off what held-out images differ by: digits that no network was trained on fail the raw limit of .15."""
    few = as_data().query("count == 100")
    assert (few.variation > 0.15).mean() >= 0.5
    assert ((few.variation - few.variation_held_out) <= 0.15).all()
