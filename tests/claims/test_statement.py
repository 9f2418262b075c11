import importlib
import math
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from landscape.claims import Statement, Threshold, registered, statements_table, thresholds_digest, unjudged
from tests.training_studies import TRAINING

STATEMENTS = [
    statement
    for name in TRAINING
    for statement in importlib.import_module(f"landscape.studies.{name.replace('-', '_')}.claims").STATEMENTS
]


@pytest.mark.parametrize(
    ("threshold", "plain", "words"),
    [
        (Threshold(above=0.25), "> 0.25", "> .25"),
        (Threshold(above=-3), "> -3", "> −3"),
        (Threshold(below=10.5), "< 10.5", "< 10.5"),
        (Threshold(between=(-1.5, -0.5)), "CI within [-1.5, -0.5]", "CI within [−1.5, −.5]"),
        (Threshold(margin=0.1, wording="{words} (TOST)"), "within ± 0.1", "within ± .1 (TOST)"),
        (Threshold(above=0.1, form="+.2f"), "> 0.1", "> +.10"),
        (Threshold(above=0.8, form=".0%"), "> 0.8", "> 80 %"),
    ],
)
def test_a_threshold_prints_its_number(threshold: Threshold, plain: str, words: str) -> None:
    assert (str(threshold), threshold.words) == (plain, words)


def test_a_value_is_tested_with_the_number_itself_where_the_relation_includes_it() -> None:
    assert [Threshold(at_least=0.5).holds(x) for x in (0.4, 0.5, math.nan)] == [False, True, False]
    assert [Threshold(above=0.5).holds(x) for x in (0.5, 0.6, math.inf)] == [False, True, True]
    assert [Threshold(margin=0.5).holds(x) for x in (-0.5, 0.1, 0.5)] == [False, True, False]
    assert Threshold(between=(3, 8)).holds(8)


def test_a_margin_may_lie_about_another_number() -> None:
    moved = Threshold(margin=0.25, wording="{words} of d").around(2)
    assert (moved.between, moved.words) == ((1.75, 2.25), "within ± .25 of d")


def test_a_statement_names_its_thresholds_in_one_sentence() -> None:
    made = Statement("C1", "t", "q", "e", {"a b": Threshold(above=0.2), "c": Threshold(below=3)})
    assert made.words() == "a b > .2; c < 3"
    assert made.words("{c.words} and more than {a b.short}") == "< 3 and more than .2"
    assert made.at(setting="D = 2").setting == "D = 2"
    assert made.at(setting="D = 2").words() == made.words()


@pytest.mark.parametrize(
    "change",
    [
        {"key": "C2"},
        {"text": "t, in the plane"},
        {"estimand": "e, median seed"},
        {"setting": "D = 2"},
        {"thresholds": {"a": Threshold(above=0.3)}},
        {"thresholds": {"a": Threshold(at_least=0.2)}},
        {"limits": {"loss": Threshold(at_most=0.01)}},
        {"limits": {}},
    ],
    ids=lambda change: next(iter(change)),
)
def test_the_digest_covers_what_a_statement_says_and_asks(change: dict[str, Any]) -> None:
    made = Statement("C1", "t", "q", "e", {"a": Threshold(above=0.2)}, {"loss": Threshold(at_most=0.02)})
    assert thresholds_digest(registered([replace(made, **change)])) != thresholds_digest(registered([made]))


def test_the_digest_leaves_out_how_a_statement_is_shown() -> None:
    made = Statement("C1", "t", "q", "e", {"a": Threshold(above=0.2)})
    shown = replace(made, quote="“q”", label="exploratory", thresholds={"a": Threshold(above=0.2, form="+.2f")})
    assert thresholds_digest(registered([shown])) == thresholds_digest(registered([made]))


def test_every_study_has_statements_and_no_key_twice() -> None:
    keys = [statement.key for statement in STATEMENTS]
    assert len(set(keys)) == len(keys) == 36
    table = statements_table(STATEMENTS)
    assert set(table.key) == set(keys) - {"C2"}  # which is ill-posed
    assert {"statement", "quote", "quote_setting", "estimand", "of", "role", "threshold"} <= set(table.columns)
    depth = table[(table.key == "C6") & (table.role == "limit")].iloc[0]
    assert (depth["of"], depth.quote) == ("by identity, tr J/D", "“no matter the dimension” (Fig. 6)")
    assert depth.quote_setting == "n = 2⁰ … 2¹¹, D = 1, 2, 4, 8, 16, L = 2, H = 50, points uniform (Fig. 6)"


def test_a_claim_has_the_papers_setting_and_not_its_words() -> None:
    made = Statement("C1", "t", "x = 0.5 (Fig. 2)", "e", quote="“Max loss is 1” (Fig. 2)")
    assert unjudged(made.at(setting="D = 2"), "untestable", "none", "r").quote_setting == "x = 0.5 (Fig. 2)"


def test_quotes_are_of_the_papers_claims_and_in_the_list_of_claims() -> None:
    quotes = {one.key: one.quote for one in STATEMENTS if one.quote}
    assert sorted(quotes) == ["C10", "C14", "C2", "C21", "C22", "C23", "C24", "C2b", "C6"]
    rows = (Path(__file__).parents[2] / "docs" / "claims.md").read_text().splitlines()
    for key, quote in quotes.items():
        words = re.fullmatch(r"“([^“”]+)”( \((Fig\. \d+|README)\))?", quote)
        assert words, quote
        (row,) = [one for one in rows if one.startswith(f"| {key.removesuffix('b')} |")]
        assert f'"{words[1]}"'.lower() in row.lower()


@pytest.mark.parametrize("statement", STATEMENTS, ids=lambda one: one.key)
def test_a_threshold_tests_the_number_that_its_words_name(statement: Statement) -> None:
    statement.words()  # raises KeyError if the template names a threshold that is missing
    for threshold in statement.thresholds.values():
        words = threshold.words.replace("log ½", str(math.log(0.5))).replace("−", "-").replace("+ ", "")
        read = [float(number) for number in re.findall(r"-?\d*\.?\d+", words)]
        scale = 100 if "%" in words else 1
        assert read[-1] == pytest.approx(scale * threshold.number)
