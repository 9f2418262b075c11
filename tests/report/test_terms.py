"""Words of the glossary in a page: the first of each is marked, shares keep their sign, and the page has their meanings."""

from __future__ import annotations

import re
from dataclasses import replace

from landscape.findings import Answer, Finding
from landscape.report import render
from landscape.report.terms import Terms
from tests.report.sample import sample_run


def test_the_first_of_each_word_opens_its_meaning() -> None:
    terms = Terms()
    first, second = terms.marked(
        "After 5 iterations the samples are at the data.", "Iterations < 5 again, and a burn-in."
    )
    assert first == (
        'After 5 <button type="button" class="term" popovertarget="term-iteration">iterations</button> the '
        '<button type="button" class="term" popovertarget="term-sample">samples</button> are '
        '<span class="whole"><button type="button" class="term" popovertarget="term-at-the-data">at the data</button>.</span>'
    )
    assert second.startswith("Iterations &lt; 5 again")
    assert set(terms.found) == {"term-iteration", "term-sample", "term-at-the-data", "term-burn-in"}


def test_two_words_without_a_space_between_are_printed_once() -> None:
    (text,) = Terms().marked("Of samples/iterations, one.")
    assert re.sub(r"<[^>]*>", "", text) == "Of samples/iterations, one."


def test_plain_words_and_parts_of_words_are_not_marked_and_shares_keep_their_sign() -> None:
    terms = Terms()
    (text,) = terms.marked("9 % of the runs were undecided; 3 subsampled networks.")
    assert text == "9\u00a0% of the runs were undecided; 3 subsampled networks."
    assert not terms.found


def test_an_estimate_is_bold_and_its_interval_apart_and_a_loss_is_never_broken() -> None:
    (text,) = Terms().marked(
        "Of 4 nets (95 % CI 2 to 5): +42 % (95 % CI +37 % to +45 %), 13.5 steps (95 % CI 9 to 22), from 1e-6 on."
    )
    assert re.findall(r"<b>(.*?)</b>", text) == ["+42\u00a0%", "13.5"]
    intervals = re.findall(r'<span class="interval">(.*?)\)</span>', text)
    assert [re.sub(r"<[^>]*>", "", one) for one in intervals] == [
        "(95\u00a0% CI +37\u00a0% to +45\u00a0%",
        "(95\u00a0% CI 9 to 22",
    ]
    assert text.endswith("from 1e−6 on.")


def test_a_page_has_the_meaning_of_each_word_that_it_marks_once() -> None:
    answer = Answer(
        "Do samples settle?", [Finding("Yes.", "The burn-in is 5 iterations (95 % CI 4 to 6).")], why="Samples."
    )
    text = render([replace(sample_run(side=21), answer=answer)])
    marked = re.findall(r'popovertarget="([^"]+)"', text)
    assert len(marked) == len(set(marked)) == 4
    assert set(re.findall(r'<div popover class="pop" id="([^"]+)"', text)) == set(marked)
