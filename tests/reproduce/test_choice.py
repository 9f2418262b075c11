"""What a command asks for: runs that are left out, and a folder and a command that say so."""

from __future__ import annotations

import pytest

from landscape.reproduce.choice import choose
from landscape.reproduce.runs import chosen


def test_the_whole_paper_has_the_plain_folder() -> None:
    choice = choose(["all", "fig2"], "quick")
    assert choice.folder == "reproduce-quick"
    assert choice.command == "landscape reproduce all --preset quick"
    assert list(choice.runs) == chosen([], "quick")
    assert choice.left_out == ()


def test_a_part_does_not_replace_the_page_of_the_whole() -> None:
    choice = choose(["all"], "paper", ["jumpy", "film"])
    assert choice.folder == "reproduce-paper-without-jumpy-film"
    assert choice.command == "landscape reproduce all --preset paper --without jumpy,film"
    assert [run.name for run in choice.left_out] == ["jumpy", "film"]
    assert {run.name for run in choice.runs} | {"jumpy", "film"} == {run.name for run in chosen([], "paper")}
    assert choose(["fig3", "fig2", "fig3"], "quick").folder == "reproduce-quick-fig3-fig2"


def test_a_run_that_is_not_asked_for_is_not_left_out() -> None:
    assert choose(["all"], "quick", ["jumpy"]) == choose(["all"], "quick")


def test_leaving_everything_out_is_refused() -> None:
    with pytest.raises(ValueError, match="leaves no run of 'fig2'"):
        choose(["fig2"], "quick", ["fig2"])
