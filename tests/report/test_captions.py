"""Captions: the finding first and short, and how to read the picture under a heading of its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from landscape import reporting, results
from landscape.figures.panel import MAX_CAPTION_WORDS, Panel
from landscape.report.blocks import block_of, first_sentence
from landscape.report.live import side_for
from landscape.report.page_data import PageData
from landscape.report.poster import painter
from tests.training_studies import FROM_OUTSIDE, TRAINING


@pytest.mark.parametrize(
    ("text", "first", "rest"),
    [
        ("Depth wins. It takes 5 steps.", "Depth wins.", "It takes 5 steps."),
        ("As in Fig. 6, losses fall to .3 of 1.", "As in Fig. 6, losses fall to .3 of 1.", ""),
        ("Is it e.g. Adam? ρ < 1.", "Is it e.g. Adam?", "ρ < 1."),
        ("", "", ""),
    ],
)
def test_the_first_sentence_of_a_caption(text: str, first: str, rest: str) -> None:
    assert first_sentence(text) == (first, rest)


def test_how_to_read_is_part_of_a_block() -> None:
    with painter() as hand:
        block = block_of(
            Panel("Two", "It rises. Twice.", "<p></p>", how="Lines are medians."), PageData(hand, side_for(0))
        )
    assert (block.finding, block.rest, block.how) == ("It rises.", "Twice.", "Lines are medians.")


@pytest.mark.parametrize("name", [*TRAINING, *FROM_OUTSIDE])
def test_captions_are_short(name: str, run_of_test_preset: Callable[[str], Path]) -> None:
    panels = reporting.panels_of(results.load(run_of_test_preset(name)))
    long = {
        panel.title: len(panel.caption.split()) for panel in panels if len(panel.caption.split()) > MAX_CAPTION_WORDS
    }
    assert not long
    assert panels
