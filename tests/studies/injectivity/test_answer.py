"""The answer of injectivity follows the verdicts, briefly; captions are computed from the tables."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from landscape import presets
from landscape.claims import Verdict
from landscape.results import Result
from landscape.studies.injectivity.answer import answer_of
from landscape.studies.injectivity.claims import NO_STEEPER, claims_of
from landscape.studies.injectivity.panels import curves_panel, panels_of
from landscape.studies.injectivity.study import InjectivityStudy
from tests.certificates.injectivity import images, matrices, networks
from tests.studies.answers import all_words, brief_words, claim


@pytest.fixture(scope="module")
def study() -> InjectivityStudy:
    made = presets.make_study("injectivity", "test")
    assert isinstance(made, InjectivityStudy)
    return made


def run() -> Result:
    rng = np.random.default_rng(0)
    tables = {**networks(rng, untrained=0.04), **matrices(rng), **images(rng)}
    return Result(Path(), {"parameters": {"expansivity": 2.1}}, tables, {})


def test_each_part_is_a_finding() -> None:
    result = run()
    answer = answer_of(result, list(claims_of(result)))
    words = brief_words(answer)
    assert answer is not None
    assert [one.short for one in answer.found] == [
        "One-to-one between 3.4 and 10.5: yes.", "Two images, one code: yes.", "Deeper networks merge more: yes.",
    ]  # fmt: skip
    assert answer.title.startswith("Gaussian ReLU layers with 8 inputs become one-to-one near 5.")
    assert "Of 30 layers with 8 inputs half are one-to-one at 5." in words
    assert "at full contrast, where a black pixel cannot fall" in words
    assert "; training adds " in words
    assert "Whether training makes networks merge more with depth" in words
    assert "are bounded, not decided" in words


@pytest.mark.parametrize(("verdict", "short"), [("supported", "yes"), ("refuted", "no"), ("undecided", "undecided")])
def test_the_words_follow_the_verdict(verdict: Verdict, short: str) -> None:
    for key in ("I2", "I3"):
        answer = answer_of(run(), [claim(key, verdict, 0.1, 0.05, 0.2, setting="x")])
        brief_words(answer)
        assert answer is not None
        assert answer.found[0].short.endswith(f": {short}.")
    assert answer_of(run(), [claim("I1", "untestable")]) is None


def test_the_label_of_untrained_networks_is_said() -> None:
    one = claim("I3", "supported", 0.1, 0.05, 0.2)
    alone, alike = (answer_of(run(), [replace(one, label=label)]) for label in ("", NO_STEEPER))
    assert alone is not None
    assert alike is not None
    assert "Whether training" not in alone.not_shown
    assert "Whether training" in alike.not_shown


def test_widths_that_merge_nothing_are_named() -> None:
    result = run()
    members = result.table.assign(merged=np.where(result.table.width > 10, 0.0, result.table.merged))
    narrow = replace(result, tables=result.tables | {"members": members})
    found = [answer_of(one, [claim("I3", "supported", 0.1, 0.05, 0.2)]) for one in (result, narrow)]
    said = ["all at width 10: wider networks merge none" in all_words(answer) for answer in found]
    assert said == [False, True]
    brief_words(found[1])


def test_the_answer_of_a_run_is_brief_and_has_a_picture(result: Result, study: InjectivityStudy) -> None:
    brief_words(study.answer(result, list(study.claims(result))))
    hero = study.hero(result)
    assert hero is not None
    assert isinstance(hero.body, Figure)
    assert len(hero.caption.split()) <= 40


def test_captions_are_those_of_the_tables(result: Result) -> None:
    table = pd.DataFrame({
        "inputs": [1, 1, 1, 3, 3, 3, 50, 50], "method": ["exact"] * 6 + ["search"] * 2,
        "least": [2, 2, 3, 15, 16, 18, 230, 250], "most": [2, 2, 3, 15, 16, 18, np.inf, np.inf],
    })  # fmt: skip
    caption = curves_panel(table).caption
    assert caption.startswith("Half of the layers are one-to-one at 5.33 rows per input with n = 3 (no interval).")
    assert caption.endswith("With 50 inputs half merge a pair at 4.8.")
    titles = [panel.title for panel in panels_of(result)]
    whole = next(panel.caption for panel in panels_of(result) if panel.title == "Rows per input for half of the layers")
    assert whole.startswith("Half of the layers are one-to-one at 2 rows per input with n = 1 (closed form), at ")
    assert "Second ones are sought for the 3 with the fewest alone." in next(panels_of(result)).how
    assert titles[0] == "Two images, one code: digits (8 × 8)"
    assert {
        "Merged points by depth",
        "Layer by layer",
        "Through training",
        "Rows per input",
        "Images",
        "Networks",
    } <= set(titles)
    assert all(len(panel.caption.split()) <= 40 for panel in panels_of(result))
