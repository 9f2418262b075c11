"""The answer of a comparison of architectures follows its claims and what the run asks."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from typing import Any

import pytest
from matplotlib.figure import Figure

from landscape import presets
from landscape.claims import Claim, Verdict
from landscape.results import Result
from landscape.studies.architectures.answer import answer_of
from landscape.studies.architectures.claims import LINE_SET
from landscape.studies.architectures.study import Architectures
from tests.studies.answers import all_words, claim


@pytest.fixture(scope="module")
def study() -> Architectures:
    made = presets.make_study("architectures", "test")
    assert isinstance(made, Architectures)
    return made


def of_ends(verdict: Verdict, **columns: Any) -> Claim:
    parts = (
        claim("C15", verdict, 0.77, 0.64, 0.82, setting="off the images", **columns),
        claim("C15", verdict, 0.58, 0.29, 0.7, setting="less the MLP's", **columns),
    )
    return claim("C15", verdict, details=parts)


def of_fit(verdict: Verdict, label: str = "") -> Claim:
    parts = tuple(claim("C24", verdict, 0.9, 0.8, 1.0, setting=net, label=label) for net in ("cnn", "transformer"))
    return claim("C24", verdict, details=parts, label=label)


def one_image(result: Result) -> Result:
    """The result as if each network had been trained on one image for the whole budget."""
    rows = result.table.assign(count=1, band=0.0, loss=1e-3, identity_share=0.5)
    return replace(result, tables=result.tables | {"members": rows[rows.data != LINE_SET]})


@pytest.mark.parametrize(
    ("verdict", "word", "title"),
    [
        ("supported", "yes", "CNNs and Transformers, applied repeatedly, do not end at training images"),
        ("refuted", "no", "CNNs and Transformers, applied repeatedly, do not mostly end at unseen images"),
        ("mixed", "in part", "CNNs and Transformers end at unseen images in some settings only"),
        ("undecided", "undecided", "Whether CNNs and Transformers end at unseen images is undecided"),
    ],
)
def test_the_answer_follows_the_verdicts(result: Result, verdict: Verdict, word: str, title: str) -> None:
    answer = answer_of(result, [of_ends(verdict), of_fit(verdict)])
    words = all_words(answer)
    assert answer is not None
    assert answer.title == title
    needed = "" if verdict == "supported" else "; the claim needs 50 % and +20"
    assert (
        f"End at unseen images: {word}. 77 % (95 % CI 64 % to 82 %) of their samples do, +58 percentage points (95 % CI +29 to "
        f"+70) against MLPs{needed}.\nMLPs" in words
    )
    assert f"MLPs fit less well: {word}. Their loss exceeds" in words
    assert "the CNN's in 90 % (95 % CI 80 % to 100 %) of seeds, the Transformer's in 90 % (80 % to 100 %)" in words


def test_the_title_says_which_part_of_the_claim_fails(result: Result) -> None:
    parts = (
        claim("C15", "supported", 0.77, 0.64, 0.82, setting="off the images"),
        claim("C15", "refuted", 0.05, 0.0, 0.1, setting="less the MLP's"),
    )
    answer = answer_of(result, [claim("C15", "refuted", details=parts)])
    assert answer is not None
    assert answer.title == "CNNs and Transformers end at unseen images little more often than MLPs"


def test_a_fit_by_identity_is_said(result: Result) -> None:
    made = replace(result, tables=result.tables | {"members": result.table.assign(trace=0.66)})
    words = all_words(answer_of(made, [of_fit("supported", "by identity; of networks most of which")]))
    assert "(80 % to 100 %). But these copy their input in part." in words
    assert "CNNs and Transformers return 66 % of a small change." in words
    assert words.startswith("MLPs fit images less well than CNNs and Transformers ")
    assert "copy their input" not in all_words(answer_of(made, [of_fit("supported")]))


def test_networks_left_out_and_few_seeds_are_said(result: Result) -> None:
    label = {"label": "attracted 0.77; 31 of 60 networks are judged", "clusters": 3}
    words = all_words(answer_of(result, [of_ends("undecided", **label)]))
    assert words.count("31 of 60 networks are judged.") == 1
    assert words.count("3 seeds cannot decide this: 20 are needed.") == 1


@pytest.mark.parametrize(
    ("mlp", "cnn", "title"),
    [
        ("supported", "supported", "MLPs mostly return it and CNNs mostly return their input"),
        ("supported", "refuted", "MLPs and CNNs mostly return it"),
        ("refuted", "refuted", "MLPs mostly return their input and CNNs mostly return it"),
        ("refuted", "undecided", "MLPs mostly return their input"),
    ],
)
def test_a_run_of_one_image_asks_for_constants_and_identities(
    result: Result, mlp: Verdict, cnn: Verdict, title: str
) -> None:
    parts = (claim("S2", mlp, 0.01, 0.0, 0.12, setting="mlp"), claim("S2", cnn, 0.89, 0.79, 0.91, setting="cnn"))
    answer = answer_of(one_image(result), [claim("S2", mlp, details=parts)])
    words = all_words(answer)
    assert answer is not None
    assert answer.title == f"Trained on one image, {title}"
    assert answer.asked.startswith("Trained on a single image")
    short = {"supported": "yes", "refuted": "no", "undecided": "undecided"}
    assert f"MLPs mostly return that image: {short[mlp]}." in words
    assert f"CNNs mostly return their input: {short[cnn]}." in words
    assert (
        "On unseen images they are at 0.01 (95 % CI 0 to 0.12) on a scale from 0 (always the training image) to 1"
        in words
    )
    assert ("; the claim needs less than 0.5." in words) == (mlp != "supported")
    assert ("; the claim needs more than 0.5." in words) == (cnn != "supported")


def test_a_run_that_tests_nothing_says_why(result: Result) -> None:
    assert answer_of(result, ()) is None
    part = claim("C15", "untestable", reason="not in this run: needs --net mlp and cnn")
    words = all_words(answer_of(result, [claim("C15", "untestable", details=(part,))]))
    assert "End at unseen images: not tested. Not in this run: it needs --net mlp and cnn." in words
    assert "Constant or identity: not tested." in all_words(answer_of(one_image(result), [claim("S2", "untestable")]))


def test_the_test_preset_has_an_answer(study: Architectures, result: Result) -> None:
    all_words(study.answer(result, list(study.claims(result))))


def test_pictures_are_of_networks_that_fit(study: Architectures, result: Result) -> None:
    made, single = study.hero(result), study.hero(one_image(result))
    assert made is not None
    assert single is not None
    assert re.match(r"With \d+ training images, samples that end at unseen images: ", made.caption)
    assert single.caption.startswith("From 0 (always the training image) to 1 (the input itself), on average: ")
    there = study.hero(
        replace(result, tables=result.tables | {"members": result.table.assign(attracted_spurious=0.25)})
    )
    assert there is not None
    assert "MLP 25 %" in there.caption
    assert isinstance(there.body, Figure)
    assert there.body.axes[0].get_ylabel() == "MLP:\n25 % unseen"
    assert all(len(one.caption.split()) <= 40 for one in (made, single))
    lost = one_image(result)
    lost = replace(lost, tables=lost.tables | {"members": lost.table.assign(loss=math.nan)})
    assert study.hero(lost) is None
