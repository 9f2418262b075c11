"""Sentences that say when a number tells nothing."""

from __future__ import annotations

import math

import pytest

from landscape.findings import WIDEST, percent, unclear_share


def test_a_share_with_a_narrow_interval_needs_no_sentence() -> None:
    assert unclear_share(0.25, 0.25 + WIDEST, 20) == ""
    assert unclear_share(math.nan, math.nan, 300) == ""


def test_a_wide_interval_is_said_with_the_number_of_different_samples() -> None:
    alike = (
        "Its samples are all the same, and a single sample cannot tell what share is copied (95 % interval: 0 to 99 %)."
    )
    assert unclear_share(0.0, 0.99, 1) == alike
    three = "It has only 3 different samples, which cannot tell what share is copied (95 % interval: 1 to 80 %)."
    assert unclear_share(0.01, 0.8, 3) == three
    assert unclear_share(0.01, 0.8, math.nan).startswith("It has few different samples")


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (0, "0 %"),
        (0.0004, "0 %"),
        (0.004, "0.4 %"),
        (0.096, "9.6 %"),
        (0.1, "10 %"),
        (0.994, "99 %"),
        (0.996, "99.6 %"),
        (1, "100 %"),
    ],
)
def test_only_a_whole_share_reads_as_the_whole(share: float, words: str) -> None:
    assert percent(share) == words
