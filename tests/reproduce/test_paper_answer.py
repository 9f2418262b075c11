"""The answer of the re-run paper counts and names what holds, from the ledger alone."""

from __future__ import annotations

import re

import pytest

from landscape.reproduce.ledger import ledger
from landscape.reproduce.paper_answer import answer_of
from landscape.reproduce.rows import family_size
from tests.reproduce.conftest import Simulate, simulated  # noqa: F401  a fixture

SIZE = family_size("paper")


@pytest.mark.parametrize(("verdict", "place"), [("supported", 0), ("refuted", 1)])
def test_what_holds_is_counted_and_named(simulated: Simulate, verdict: str, place: int) -> None:  # noqa: F811
    table = ledger(simulated(verdict))
    answer = answer_of(table)
    tested = int(((table.family == "paper") & (table.verdict == verdict)).sum())
    shorts = [one.short for one in answer.found]
    assert re.fullmatch(rf"(Hold|Do not hold): \d+ of {SIZE}\.", shorts[place])
    number = int(shorts[place].split(": ")[1].split(" ")[0])
    assert 0 < number <= tested
    assert shorts[1 - place].endswith(f": 0 of {SIZE}.")
    assert answer.found[place].sentence.startswith("Training keeps outputs near the training range; ")
    assert re.search(r"; and \d+ more\.$", answer.found[place].sentence)
    assert len(answer.found[place].sentence.split()) <= 36
    assert answer.hero is not None
    assert f" {number} {'hold' if place == 0 else 'do not'}" in answer.hero.caption
    words = f"{number} hold, 0 do not," if verdict == "supported" else f"0 hold, {number} do not,"
    assert words in answer.title


def test_labels_limit_what_holds(simulated: Simulate) -> None:  # noqa: F811
    table = ledger(simulated("supported"))
    labelled = table.assign(label=["by identity" if key in ("C6", "C24") else "" for key in table.key])
    assert " Of these, 2 as a map that copies or ignores its input would." in answer_of(labelled).found[0].sentence
    weak = table.assign(p_holm=0.2)
    assert "not after correction for many tests" in answer_of(weak).found[0].sentence


def test_what_was_not_run_is_open() -> None:
    answer = answer_of(ledger({}))
    assert answer.title == "No claim of the paper was tested"
    assert answer.found[2].short == f"Open: {SIZE} of {SIZE}."
    assert "not yet run." in answer.found[2].sentence
