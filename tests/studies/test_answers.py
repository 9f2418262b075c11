"""Answers keep to few words, so that a reader understands them in ten seconds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from landscape import presets, results
from landscape.findings import Answer, Finding
from tests.studies.answers import BRIEF, LIMITS, MOST_FINDINGS, brief_words, too_long


@pytest.mark.parametrize("name", BRIEF)
def test_the_answer_of_a_run_is_brief(name: str, run_of_test_preset: Callable[[str], Path]) -> None:
    study, result = presets.make_study(name, "test"), results.load(run_of_test_preset(name))
    answer, hero = study.answer(result, list(study.claims(result))), study.hero(result)
    if answer is not None:  # networks that fit too little have none
        brief_words(answer)
    assert hero is None or len(hero.caption.split()) <= LIMITS["asked"]


def test_what_is_too_long_is_named() -> None:
    short = Answer("What?", [Finding("Yes.", "It is so. It is.")], why="For this.", title="It is so")
    assert too_long(short) == []
    for part, name in (("title", "title"), ("asked", "asked"), ("why", "why"), ("not_shown", "not shown")):
        longest = replace(short, **{part: "word " * LIMITS[name]})
        assert too_long(longest) == []
        (words,) = too_long(replace(short, **{part: "word " * (LIMITS[name] + 1)}))
        assert words.startswith(f"{name}: {LIMITS[name] + 1} words")
    long = Finding("word " * (LIMITS["short"] + 1), "word " * (LIMITS["sentence"] + 1))
    assert [words.split(":")[0] for words in too_long(replace(short, found=[long]))] == ["short", "sentence"]
    many = [Finding("word " * 7, "word " * 30)] * MOST_FINDINGS
    assert [words.split(":")[0] for words in too_long(replace(short, found=many))] == ["found"]
    assert too_long(replace(short, found=[Finding("Yes.")] * (MOST_FINDINGS + 1))) == [f"{MOST_FINDINGS + 1} findings"]
    assert too_long(replace(short, found=[Finding("Yes.", "One. Two. Three.")])) == ["3 sentences: One. Two. Three."]
    assert too_long(replace(short, why="Ten were asked for."))[0].startswith("passive")
