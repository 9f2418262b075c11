"""Equations within the words of a page, as MathML."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from landscape.report.equations import prose


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("x ← f(x)", "mi mo mi mo mi mo"),
        ("f(x) = x", "mi mo mi mo mo mi"),
        ("f(x) → x", "mi mo mi mo mo mi"),
        ("|f′| < 0.1", "mo msup mo mo mn"),
    ],
)
def test_an_equation_becomes_mathml_and_keeps_its_signs(text: str, kinds: str) -> None:
    found = ElementTree.fromstring(prose(text))
    assert found.tag == "math"
    assert [part.tag for part in found] == kinds.split()
    assert "".join(found.itertext()) == text.replace(" ", "")
    assert found.get("alttext") == text


def test_the_words_around_stay_as_they_are() -> None:
    said = prose("Play <b> iterates x ← f(x); & more, 2x ← f(x) and x ← f(x)(y).")
    assert said.startswith("Play &lt;b&gt; iterates <math")
    assert said.endswith("</math>; &amp; more, 2x ← f(x) and x ← f(x)(y).")
    assert prose("no equation, f(y) = x") == "no equation, f(y) = x"


def test_a_number_stays_beside_its_percent_sign() -> None:
    assert prose("12 % of 5 % 3, and % alone") == "12\u00a0% of 5\u00a0% 3, and % alone"
