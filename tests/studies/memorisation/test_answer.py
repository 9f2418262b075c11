"""The answer of a run on memorisation follows its claims and its table."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure

from landscape import presets
from landscape.claims import Claim, Verdict
from landscape.results import Result
from landscape.studies.memorisation.answer import VARIETY, answer_of
from landscape.studies.memorisation.claims import PARTS
from landscape.studies.memorisation.study import Memorisation
from tests.studies.answers import brief_words, claim


@pytest.fixture(scope="module")
def study() -> Memorisation:
    made = presets.make_study("memorisation", "test")
    assert isinstance(made, Memorisation)
    return made


def changed(result: Result, **columns: Any) -> Result:
    """The result with these columns in the members' table."""
    usual = {"training_loss": 1e-3, "variety": "varied", "copying": "does not copy", "samples": 300, "distinct": 290.0}
    return replace(result, tables=result.tables | {"members": result.table.assign(**(usual | columns))})


def of_copies(verdict: Verdict, **columns: Any) -> list[Claim]:
    return [claim("C14", verdict, 0.9, 0.8, 0.95, **columns)]


@pytest.mark.parametrize(
    ("verdict", "variety", "word", "title"),
    [
        ("supported", "varied", "yes", "Samples are more than copies, and {0} of {0} networks vary them"),
        ("supported", "collapsed", "yes", "Samples are more than copies, but {0} of {0} networks repeat few images"),
        ("refuted", "varied", "no", "Samples copy the training images, but {0} of {0} networks vary them"),
        ("refuted", "collapsed", "no", "Samples copy the training images, and {0} of {0} networks repeat few images"),
        ("undecided", "undecided", "undecided", "Whether samples are more than copies is undecided"),
    ],
)
def test_the_answer_says_both_whether_samples_are_copies_and_whether_they_are_varied(
    result: Result, verdict: Verdict, variety: str, word: str, title: str
) -> None:
    answer = answer_of(changed(result, variety=variety), of_copies(verdict))
    words, networks = brief_words(answer), len(result.table)
    assert answer is not None
    assert answer.title == title.format(networks)
    assert (
        f"Hardly nearer than unseen images: {word}. In 90 % (95 % CI 80 % to 95 %) of networks samples are hardly nearer"
        in words
    )
    assert f"{VARIETY[variety]} {networks} of {networks} networks." in words


def test_numbers_are_those_of_the_table(result: Result) -> None:
    copying = ["copies", *["undecided"] * (len(result.table) - 1)]
    words = brief_words(answer_of(changed(result, copying=copying, distinct=18.0), of_copies("supported")))
    assert f"Counting equal samples once, {len(copying) - 1} of {len(copying)} networks remain undecided." in words
    assert "The 300 samples of the median network hold 18 different images." in words
    assert f"{len(copying)} of {len(copying)} fit (loss ≤ 0.02)" in words
    assert f"0 of {len(copying)} fit" in brief_words(
        answer_of(changed(result, training_loss=0.03), of_copies("supported"))
    )


def test_labels_are_said_and_few_seeds_decide_nothing(result: Result) -> None:
    claims = of_copies(
        "undecided", label="illustration: one net; copying: 1 copies; 1 of 4 networks are judged", clusters=1
    )
    words = brief_words(answer_of(changed(result), claims))
    assert "Illustration: one net. 1 of 4 networks are judged." in words
    assert "1 seed cannot decide this: 20 are needed." in words


def order(verdict: Verdict, copies: Verdict = "supported") -> list[Claim]:
    """The claim on the order of states with its parts, and that on copies."""
    parts = tuple(claim("P1", "supported", 0.7, 0.6, 0.8, estimand=f"the part: {words}") for words in PARTS.values())
    return [*of_copies(copies), claim("P1", verdict, 0.3, 0.2, 0.4, details=parts)]


@pytest.mark.parametrize(
    ("verdict", "word", "title"),
    [
        ("supported", "yes", "More training images turn samples from copies into spurious, then new images"),
        ("refuted", "no", "More training images do not turn samples from copies into spurious, then new images"),
        ("undecided", "undecided", "Whether more images turn copies into spurious, then new ones is undecided"),
    ],
)
def test_a_run_over_numbers_of_images_asks_for_the_order_of_states(
    result: Result, verdict: Verdict, word: str, title: str
) -> None:
    counts = np.resize([10, 100, 1000], len(result.table))
    states = {"memorised": 0.9, "spurious": 0.05, "new": np.where(counts == 1000, 0.8, 0.1)}
    made = changed(result, count=counts, **states)
    answer = answer_of(made, order(verdict))
    words = brief_words(answer)
    assert answer is not None
    assert answer.asked.startswith("As networks learn more images")
    assert answer.title.startswith(title)
    assert f"Copies, then spurious, then new images: {word}. From 10 to 1,000 images, 90 % to 90 %" in words
    assert (
        "90 % to 90 % memorised, 5 % to 5 % spurious and 10 % to 80 % new. In 30 % (95 % CI 20 % to 40 %) of" in words
    )


def test_the_largest_share_of_spurious_samples_is_told_where_it_lies_in_between(result: Result) -> None:
    counts = np.resize([10, 100, 1000], len(result.table))
    states = {"memorised": 0.2, "spurious": np.where(counts == 100, 0.95, 0.6), "new": 0.1}
    words = brief_words(answer_of(changed(result, count=counts, **states), order("refuted")))
    assert "20 % to 20 % memorised, 60 % to 95 % to 60 % spurious and 10 % to 10 % new." in words


@pytest.mark.parametrize(
    ("least", "copies", "title"),
    [
        (0.6, "supported", "Most samples are repeated spurious images, not copies, however many training images"),
        (0.6, "refuted", "Most samples are repeated spurious images, close to training images but none of these"),
        (0.6, "undecided", "Most samples are repeated spurious images, with few training images and with many"),
        (0.4, "supported", "More training images do not turn samples from copies"),
    ],
)
def test_the_title_says_that_samples_are_spurious_at_every_number_of_images(
    result: Result, least: float, copies: Verdict, title: str
) -> None:
    counts = np.resize([10, 100, 1000], len(result.table))
    states = {"memorised": 0.2, "spurious": np.where(counts == 100, least, 0.7), "new": 0.1}
    answer = answer_of(changed(result, count=counts, **states), order("refuted", copies))
    assert brief_words(answer).startswith(title)
    supported = answer_of(changed(result, count=counts, **states), order("supported", copies))
    assert not brief_words(supported).startswith("Most samples")


def test_a_run_that_tests_nothing_says_why(result: Result) -> None:
    assert answer_of(changed(result), ()) is None
    untested = claim("C14", "untestable", reason="not in this run: half of the networks to fit (0 of 4 do)")
    words = brief_words(answer_of(changed(result, variety="collapsed"), [untested, claim("P1", "untestable")]))
    assert "Hardly nearer than unseen images: not tested. It needs half of the networks to fit (0 of 4 do)." in words
    assert words.startswith(f"{len(result.table)} of {len(result.table)} networks repeat few images ")


def test_the_test_preset_has_an_answer_and_a_picture(study: Memorisation, result: Result) -> None:
    brief_words(study.answer(result, list(study.claims(result))))
    hero = study.hero(result)
    assert hero is not None
    assert len(hero.caption.split()) <= 40
    counts = np.resize([10, 100, 1000], len(result.table))
    several = study.hero(changed(result, count=counts, memorised=np.where(counts == 10, 0.75, 0.25), spurious=0.125))
    assert several is not None
    assert several.caption == (
        "Copies (memorised) are 75 % of samples with 10 and 25 % of samples with 1,000 training images, repeated others "
        "(spurious) 12 % and 12 %."
    )
    assert isinstance(several.body, Figure)
    assert several.body.axes[0].get_ylabel() == "training images"


def test_networks_without_samples_have_no_picture(study: Memorisation, result: Result) -> None:
    counts = np.resize([10, 100, 1000], len(result.table))
    assert study.hero(changed(result, count=counts, memorised=math.nan)) is None
    nowhere = {
        one: arrays | {"distance samples": np.full_like(arrays["distance samples"], np.nan)}
        for one, arrays in result.arrays.items()
    }
    assert study.hero(replace(result, arrays=nowhere)) is None
