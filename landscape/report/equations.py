"""The words of a page as HTML. Equations become MathML: browsers set them as formulas, and screen readers read them as such."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

# What the studies' captions and the glossary write as text.
_EQUATION = re.compile(r"(?<![\w|])(?:x ← f\(x\)|f\(x\) [=→] x|\|f′\| < \d+(?:\.\d+)?)(?![\w(])")
_BEFORE_PERCENT = re.compile(r"(?<=\d) (?=%)")
_PART = re.compile(r"(?P<mn>\d+(?:\.\d+)?)|(?P<prime>\w′)|(?P<mi>\w)|(?P<mo>[^\s\w])")


def prose(text: str) -> Markup:
    """The text as HTML: its equations as MathML, and no line break between a number and '%'."""
    text = _BEFORE_PERCENT.sub("\u00a0", text)
    parts, end = [], 0
    for match in _EQUATION.finditer(text):
        parts += [escape(text[end : match.start()]), _mathml(match[0])]
        end = match.end()
    return Markup("").join([*parts, escape(text[end:])])


def _mathml(equation: str) -> Markup:
    parts = [_part(match) for match in _PART.finditer(equation)]
    return Markup('<math alttext="{}">{}</math>').format(equation, Markup("").join(parts))


def _part(match: re.Match[str]) -> Markup:
    if match["prime"]:
        return Markup("<msup><mi>{}</mi><mo>′</mo></msup>").format(match[0][0])
    fence = ' stretchy="false"' if match[0] in "()|" else ""
    return Markup("<{0}{1}>{2}</{0}>").format(Markup(match.lastgroup), Markup(fence), match[0])
