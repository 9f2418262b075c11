"""Claims as cards: verdict, composition, estimates on an axis with the part that passes; and the list of every test."""

from __future__ import annotations

import math
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from landscape.claims import (
    Claim,
    Statement,
    Threshold,
    claims_table,
    judge,
    mean_interval,
    over_settings,
    unjudged,
    with_beside,
)
from landscape.report.axis import LEFT, RIGHT, axis_for, scale, strip
from landscape.report.claim_cards import ON_A_CARD, claim_cards, number_with_interval
from tests.report.sample import claims

OF = Statement("C3", "Flat regions form", "", "mean share", {"share": Threshold(at_least=0.5)})


def judged(centre: float, setting: str, estimand: str = "mean share") -> Claim:
    values = np.clip(np.random.default_rng(0).normal(centre, 0.02, 20), 0, 1)
    statement = OF.at(setting=setting, estimand=estimand)
    return judge(mean_interval(values, bounds=(0, 1)), statement, OF["share"], members=20, failed=3)


def test_an_axis_runs_from_tick_to_tick_over_all_values() -> None:
    axis = axis_for([0.03, 0.48, math.nan, math.inf])
    assert (axis.low, axis.high) == (axis.ticks[0], axis.ticks[-1])
    assert axis.low <= 0.03 < 0.48 <= axis.high
    assert axis.at(axis.low) == LEFT
    assert axis.at(axis.high) == axis.at(1e9) == RIGHT
    assert axis_for([]).low < axis_for([]).high
    assert axis_for([2.0]).low < 2 < axis_for([2.0]).high


def test_a_strip_shows_the_interval_and_the_part_that_passes() -> None:
    axis = axis_for([0, 1])
    drawn = strip(axis, 0.5, 0.25, 0.75, (0.5, math.inf), "undecided")
    assert f'<rect class="pass" x="50.00%" width="{RIGHT - 50:.2f}%"' in drawn
    assert '<line class="span" x1="27.00%" x2="73.00%"' in drawn
    assert 'aria-label="estimate 0.5, interval 0.25 to 0.75, passes from 0.5"' in drawn
    assert drawn.count("threshold") == 1
    assert strip(axis, 0.5, 0.25, 0.75, (0.2, 0.8), "supported").count('class="threshold"') == 2
    assert "passes up to 0.2" in strip(axis, 0.5, 0.4, 0.6, (-math.inf, 0.2), "refuted")
    assert 'class="pass"' not in strip(axis, 0.5, 0.4, 0.6, (math.nan, math.nan), "mixed")
    assert strip(axis, math.nan, 0, 1, (0, 1), "refuted") == ""
    assert "nan" not in strip(axis, 1.0, math.nan, math.nan, (0, 1), "supported")
    assert scale(axis).count("<text") == 2


@pytest.mark.parametrize(
    ("numbers", "text"),
    [
        ((0.5716, 0.239, 0.7171), "0.57 [0.24, 0.72]"),
        ((-0.1056, -0.1751, -0.0361), "−0.11 [−0.18, −0.04]"),
        ((13.5, 9, 22), "14 [9, 22]"),
        ((0.0, -0.2739, 0.0), "0.00 [−0.27, 0.00]"),
        ((0.0, 0.0, 0.0), "0 [0, 0]"),
        ((2841.0, 2000.0, 3600.0), "2841 [2000, 3600]"),
        ((0.5, math.nan, math.nan), "0.5"),
        ((0.5, 0.2, math.inf), "0.5 [0.2, ∞]"),
    ],
)
def test_numbers_have_the_decimals_that_their_interval_calls_for(
    numbers: tuple[float, float, float], text: str
) -> None:
    assert number_with_interval(*numbers) == text


def test_a_card_counts_the_verdicts_of_its_parts_and_leaves_out_what_stands_beside() -> None:
    parts = [judged(0.9, "two points"), judged(0.1, "four points"), judged(0.9, "digits")]
    beside = judged(0.1, "two points", "mean share, among the converged")
    whole = with_beside(over_settings(parts), [beside])
    (card,) = claim_cards(claims_table([whole]), "run-1")
    assert (card.verdict, card.composed, card.tests) == ("mixed", "2 supported · 1 refuted", 4)
    assert [share.width for share in card.composition] == ["66.67%", "33.33%"]
    assert [[row.where for row in one.rows] for one in card.shown] == [["two points", "four points", "digits"]]
    assert [one.estimand for one in card.every] == ["mean share", "mean share, among the converged"]
    assert (card.id, card.networks) == ("run-1-C3", "60 networks, 9 not converged")
    first = card.every[0].rows[0]
    assert first.details == "p < 0.0001, 20 clusters, 20 networks, 3 not converged"
    assert 'class="pass"' in first.drawn


def test_a_claim_of_many_settings_shows_the_estimate_of_all_together() -> None:
    whole = replace(judged(0.9, ""), details=tuple(judged(0.9, f"setting {n}") for n in range(ON_A_CARD + 1)))
    (card,) = claim_cards(claims_table([whole]), "run-1")
    assert [row.where for row in card.shown[0].rows] == ["all together"]
    assert (card.tests, card.composed) == (ON_A_CARD + 2, f"{ON_A_CARD + 1} supported")
    assert card.open == (card.tests <= 8)


def test_a_claim_without_an_estimate_says_why_it_was_not_tested() -> None:
    (card,) = claim_cards(
        claims_table([unjudged(OF, "untestable", "≥ .5", "not in this run: needs --data two-points")]), "run-1"
    )
    assert (card.tested, card.shown, card.tests) == (False, [], 0)
    assert card.reason == "not in this run: needs --data two-points"


def test_a_table_of_ones_own_needs_no_more_than_key_statement_and_verdict() -> None:
    cards = claim_cards(claims(), "run-1")
    assert [card.tested for card in cards] == [True, True, True, True, False, False]
    assert cards[0].every[0].rows[0].number == "0.31 [0.22, 0.40]"
    bare = claim_cards(pd.DataFrame({"key": ["C1"], "statement": ["x"], "verdict": ["untestable"]}), "run-1")
    assert not bare[0].tested
    with pytest.raises(ValueError, match="verdict missing"):
        claim_cards(pd.DataFrame({"key": ["C1"], "statement": ["x"]}), "run-1")


def test_no_sign_stands_by_its_colour_alone() -> None:
    parts = [judged(0.9, "a"), judged(0.1, "b")]
    (card,) = claim_cards(claims_table([over_settings(parts)]), "run-1")
    assert [share.sign for share in card.composition] == ["✓", "✕"]
    assert all(re.fullmatch(r"M[\d. MHVA-]+", row.icon) for row in card.every[0].rows)


def test_a_setting_does_not_repeat_what_limits_the_whole_claim() -> None:
    parts = [replace(judged(0.7, name), label=f"exploratory; {name}") for name in ("a", "b")]
    whole = replace(over_settings(parts), label="exploratory; not registered")
    (card,) = claim_cards(claims_table([whole]), "run-1")
    labels = {row.where: row.label for estimates in card.every for row in estimates.rows}
    assert {labels[name] for name in ("a", "b")} == {"a", "b"}
