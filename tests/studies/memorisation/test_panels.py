"""The panels on memorisation: what their captions say was found follows the tables."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from landscape import presets
from landscape.figures import Panel
from landscape.results import Result
from landscape.studies.parts.verdict_counts import ANSWER_WORDS, VERDICT_WORDS, counts_in_words, majority
from landscape.study import Study


@pytest.fixture(scope="module")
def study() -> Study:
    return presets.make_study("memorisation", "test")


def panel_of(study: Study, result: Result, topic: str, **tables: pd.DataFrame) -> Panel:
    """The panel whose title begins with the topic, with `tables` in the place of the result's."""
    changed = replace(result, tables=dict(result.tables) | tables)
    return next(one for one in study.panels(changed) if one.title.startswith(topic))


def test_a_majority_is_more_than_half() -> None:
    found = pd.Series(["copies", "copies", "mixed"])
    assert majority(found, VERDICT_WORDS) == "most networks copy"
    assert majority(found[:2], VERDICT_WORDS) == "all networks copy"
    assert majority(found[1:], VERDICT_WORDS) == "none holds of most networks"
    assert majority(found[:1], VERDICT_WORDS) == "the network copies"
    assert counts_in_words(found, VERDICT_WORDS) == "2 copy and 1 is mixed"
    assert counts_in_words(pd.Series([None, None], dtype=object), ANSWER_WORDS) == "none can be told"


@pytest.mark.parametrize(
    ("words", "single"),
    [
        (VERDICT_WORDS, ["underfits", "has collapsed", "copies", "generalises", "is mixed"]),
        (ANSWER_WORDS, ["copies", "does not copy", "has collapsed", "is varied", "is undecided"]),
    ],
)
def test_the_verb_agrees_with_the_number_of_networks(words: dict[str, str], single: list[str]) -> None:
    assert [counts_in_words(pd.Series([word]), words) for word in words] == [f"1 {does}" for does in single]
    assert [counts_in_words(pd.Series([word] * 2), words) for word in words] == [f"2 {does}" for does in words.values()]


@pytest.mark.parametrize(
    ("verdict", "words"), [("copies", "all networks copy"), ("generalises", "all networks generalise")]
)
def test_the_title_on_verdicts_is_that_of_most_networks(study: Study, result: Result, verdict: str, words: str) -> None:
    panel = panel_of(study, result, "Verdicts", members=result.table.assign(verdict=verdict))
    assert panel.title == f"Verdicts: {words}"
    assert panel.caption == f"Of 4 networks 4 {words.removeprefix('all networks ')}."
    assert "converge" not in panel.caption + panel.how


@pytest.mark.parametrize(("slope", "course"), [(0.1, "rises"), (-0.1, "falls"), (0.0, "does not change")])
def test_the_title_on_authenticity_has_the_direction_of_the_medians(
    study: Study, result: Result, slope: float, course: str
) -> None:
    panel = panel_of(
        study, result, "Authenticity", members=result.table.assign(authenticity=0.5 + slope * result.table.hidden)
    )
    assert panel.title == f"Authenticity {course} with more hidden layers"
    assert panel.caption.startswith(f"The median authenticity is {0.5 + slope:.1f} with 1 hidden layers and")


def test_states_are_those_of_the_fewest_and_the_most_images(study: Study, result: Result) -> None:
    few = result.table.assign(memorised=0.9, spurious=0.1, new=0.0)
    many = result.table.assign(memorised=0.0, spurious=0.25, new=0.75, count=1000)
    topic = "Memorised, spurious and new samples"
    panel = panel_of(study, result, topic, members=pd.concat([few, many], ignore_index=True))
    assert panel.title == f"{topic}: those memorised are commonest with 40 images, those new with 1,000"
    assert "90 % and 0 % are memorised, 10 % and 25 % are spurious and 0 % and 75 % are new" in panel.caption
    alone = panel_of(study, result, topic, members=few)
    assert alone.title == f"{topic}: those memorised are commonest"
    assert alone.caption == "Samples are 90 % memorised, 10 % spurious and 0 % new (means over networks)."


@pytest.mark.parametrize(
    ("loss", "ratio", "title"),
    [
        (0.01, 1.5, "Samples of networks that fit are farther from the training images than held-out images"),
        (0.01, 0.5, "Samples of networks that fit are nearer to the training images than held-out images"),
        (0.01, 1.0, "Samples of networks that fit are about as near to the training images as held-out images"),
        (0.5, 1.0, "No network fits its training images"),
    ],
)
def test_distances_are_those_of_the_networks_that_fit(
    study: Study, result: Result, loss: float, ratio: float, title: str
) -> None:
    changed = replace(
        result, tables=dict(result.tables) | {"members": result.table.assign(training_loss=loss, distance_ratio=ratio)}
    )
    (panel,) = (one for one in study.panels(changed) if "dashed line (0.02)" in one.how)
    assert panel.title == title
    assert panel.caption.startswith("4 of 4 networks fit" if loss < 0.02 else "0 of 4 networks have")


@pytest.mark.parametrize(("agreement", "words"), [(0.5, "more often than"), (0.1, "no more often than")])
def test_twins_agree_more_than_by_chance_or_not(study: Study, result: Result, agreement: float, words: str) -> None:
    table = result.table.assign(twin_agreement=agreement, twin_chance=0.2)
    panel = panel_of(study, result, "Twins", members=table)
    assert panel.title == f"Twins agree {words} by chance"


def test_checks_of_the_rule_count_what_it_gets_wrong(study: Study, result: Result) -> None:
    controls = result.tables["controls"]
    assert panel_of(study, result, "No map").caption.startswith(f"0 of {len(controls)} maps")
    wrong = panel_of(study, result, "Some maps", controls=controls.assign(verdict="generalises"))
    assert wrong.caption.startswith(f"{len(controls)} of {len(controls)} maps that learnt nothing get")
    mixtures = result.tables["mixtures"]
    never = mixtures.assign(copied=mixtures.share)
    assert panel_of(study, result, "The share of copies that is found never falls", mixtures=never)
    assert panel_of(
        study, result, "The share of copies that is found sometimes", mixtures=never.assign(copied=-never.share)
    )
