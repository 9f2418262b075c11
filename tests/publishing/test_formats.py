"""Tables as LaTeX, Markdown and CSV: sensible digits, everything escaped."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from landscape.publishing.formats import escaped, to_latex, to_markdown, value_text, written

TABLE = pd.DataFrame(
    {
        "a_name": ["50 % & more", "#1 {x} ~ ^ \\ $", "≥ 0.95 × τ²"],
        "value": [0.123456, 1.5e-7, np.nan],
        "count": [1, 1_234_567, -3],
        "good": [True, False, True],
    }
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.123456, "0.123"),
        (123.456, "123"),
        (1234.5, "1234"),
        (2.0, "2"),
        (1.5e-7, "1.5e-07"),
        (np.float32(0.25), "0.25"),
        (float("nan"), ""),
        (None, ""),
        (float("-inf"), "-inf"),
        (np.int64(1_234_567), "1234567"),
        (np.True_, "yes"),
        ("a word", "a word"),
    ],
)
def test_numbers_have_three_significant_digits(value: object, text: str) -> None:
    assert value_text(value) == text


def test_latex_is_booktabs_with_everything_escaped() -> None:
    lines = to_latex(TABLE).splitlines()
    assert lines == [
        r"\begin{tabular}{lrrl}",
        r"\toprule",
        r"a\_name & value & count & good \\",
        r"\midrule",
        r"50 \% \& more & 0.123 & 1 & yes \\",
        r"\#1 \{x\} \textasciitilde{} \textasciicircum{} \textbackslash{} \$ & $1.5 \times 10^{-7}$ & 1234567 & no \\",
        r"$\ge$ 0.95 $\times$ $\tau$$^{2}$ &  & $-3$ & yes \\",
        r"\bottomrule",
        r"\end{tabular}",
    ]
    assert all(ord(sign) < 128 for sign in to_latex(TABLE))


def test_a_caption_makes_a_float_and_long_texts_paragraphs() -> None:
    text = to_latex(pd.DataFrame({"words": ["long words " * 9], "x": [1]}), caption="All of 100 %", label="tab:one")
    assert r"\caption{All of 100 \%}" in text
    assert r"\label{tab:one}" in text
    assert r"\begin{tabular}{p{0.75\linewidth}r}" in text
    assert text.index(r"\centering") < text.index(r"\begin{tabular}")


def test_signs_without_a_command_are_named_and_controls_left_out() -> None:
    assert escaped("Grüße – 漢\x07") == "Grüße -- U+6F22"


def test_markdown_escapes_bars() -> None:
    lines = to_markdown(pd.DataFrame({"a|b": ["x|y\nz", "<b>"], "n": [0.123456, 2.0]})).splitlines()
    assert lines == ["| a\\|b | n |", "| --- | ---: |", "| x\\|y z | 0.123 |", "| <b> | 2 |"]


def test_csv_keeps_all_digits() -> None:
    assert written(TABLE[["value"]], "csv").splitlines()[1] == "0.123456"
    with pytest.raises(ValueError, match=r"`tables` must be one of tex, csv, md; got 'xls'"):
        written(TABLE, "xls")


def test_a_row_that_begins_with_a_bracket_is_no_argument_of_the_line_break() -> None:
    assert "\n{[}1, 2] \\\\\n" in to_latex(pd.DataFrame({"interval": ["[0, 1]", "[1, 2]"]}))


def test_braces_are_balanced() -> None:
    text = re.sub(r"\\[{}]", "", to_latex(TABLE, caption="{", label="x"))
    assert text.count("{") == text.count("}")
    assert text.count("$") % 2 == 1  # one of the dollars is the escaped one
