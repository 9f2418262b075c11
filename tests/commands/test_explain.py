"""`landscape explain`: words and claims, the nearest word for an unknown one, and the glossary itself."""

from __future__ import annotations

import json
from typing import get_args

import pytest

from landscape import glossary
from landscape.claims.verdicts import Verdict
from landscape.ensemble import STATUSES
from landscape.measures.memorisation import VERDICTS
from landscape.reproduce.rows import rows
from tests.conftest import Command


def test_a_word_is_explained_in_any_of_its_forms_and_capitals(command: Command) -> None:
    assert "of which some are supported and others refuted" in " ".join(command("explain", "Mixed").out.split())
    by_column, by_word = (command("explain", *words).out for words in (["share_near"], ["at", "the", "data"]))
    assert by_column == by_word
    assert json.loads(command("explain", "ci", "--json").out)["word"] == "95 % CI"


def test_a_claim_is_explained_by_what_is_measured_and_how_to_run_it(command: Command) -> None:
    found = json.loads(command("explain", "c5", "--json").out)
    assert found["claim"].startswith("C5: In two dimensions the burn-in is inversely proportional")
    assert (found["supported"], found["study"]) == ("if CI within [−1.5, −.5]", "depth-sweep")
    assert "to run" in command("explain", "C9").out


def test_without_a_word_all_are_listed(command: Command) -> None:
    found = json.loads(command("explain", "--json").out)
    assert set(found["claims"]) == {row.key for row in rows()}
    assert list(found["words"]) == [term.word for term in glossary.terms()]
    assert "supported" in command("explain").out


def test_an_unknown_word_gets_the_nearest_one(command: Command) -> None:
    answer = command("explain", "stald")
    assert (answer.code, "got 'stald'. Did you mean 'stalled'?" in answer.err) == (2, True)


def test_every_word_of_a_verdict_or_a_status_is_in_the_glossary() -> None:
    for word in (*get_args(Verdict), *STATUSES, *VERDICTS, "by identity", "by constant"):
        assert glossary.find(word.replace("_", "-")), word


@pytest.mark.parametrize("term", glossary.terms(), ids=lambda term: term.word)
def test_a_term_is_whole_sentences_and_no_form_stands_twice(term: glossary.Term) -> None:
    assert term.means[0].isupper()
    assert term.means.endswith((".", ")."))
    others = [form.casefold() for one in glossary.terms() if one is not term for form in one.forms]
    assert not {form.casefold() for form in term.forms} & set(others)
