"""Tables as text for a paper: LaTeX with booktabs, Markdown, and CSV in full precision."""

from __future__ import annotations

import math
import re
import unicodedata
from numbers import Integral, Real
from typing import Any

import pandas as pd

from landscape.report.tables import flat, to_csv

FORMATS = ("tex", "csv", "md")
MOST_ROWS = 60  # of a table that is set in LaTeX or Markdown without being asked for by name: a page of print
WIDE_TEXT = 24  # characters; columns with longer texts are set as paragraphs
SPECIAL = {
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
}
SPECIAL |= {"^": r"\textasciicircum{}", "\\": r"\textbackslash{}", "<": r"\textless{}", ">": r"\textgreater{}"}
SPECIAL |= {
    "|": r"\textbar{}",
    "\n": " ",
    "[": "{[}",
}  # a row that begins with [ would be an argument of the line break
MATHS = {
    "−": "-", "×": r"\times", "·": r"\cdot", "±": r"\pm", "≤": r"\le", "≥": r"\ge", "≠": r"\ne", "≈": r"\approx",
    "→": r"\to", "←": r"\leftarrow", "↦": r"\mapsto", "∞": r"\infty", "∈": r"\in", "√": r"\surd", "‖": r"\|", "∂": r"\partial",
    "α": r"\alpha", "β": r"\beta", "γ": r"\gamma", "δ": r"\delta", "ε": r"\varepsilon", "κ": r"\kappa", "λ": r"\lambda",
    "μ": r"\mu", "ν": r"\nu", "π": r"\pi", "ρ": r"\rho", "σ": r"\sigma", "τ": r"\tau", "χ": r"\chi", "Δ": r"\Delta",
    "Σ": r"\Sigma", "½": r"\frac{1}{2}", "¼": r"\frac{1}{4}", "ᵀ": r"^{\mathsf{T}}", "ᴰ": r"^{D}", "⁻": "^{-}",
    "ℝ": r"\mathbf{R}",
    "ⁿ": "^{n}", "⟨": r"\langle", "⟩": r"\rangle", "⌈": r"\lceil", "⌉": r"\rceil", "∇": r"\nabla", "∑": r"\sum",
}  # fmt: skip
MATHS |= {sign: f"^{{{place}}}" for place, sign in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")}
MATHS |= {sign: f"_{{{place}}}" for place, sign in enumerate("₀₁₂₃₄₅₆₇₈₉")}
DASHES = {
    "–": "--",
    "—": "---",
    "…": r"\dots{}",
    "\u2009": r"\,",
    "\u2002": " ",
    "\u00a0": "~",
    "’": "'",
    "“": "``",
    "”": "''",
}
POWER = re.compile(r"(-?[\d.]+)e([+-]\d+)")


def written(table: pd.DataFrame, form: str, *, caption: str = "", label: str = "") -> str:
    """The table as text in a form of FORMATS. Raises ValueError for another form."""
    if form == "tex":
        return to_latex(table, caption=caption, label=label)
    if form == "md":
        return to_markdown(table)
    if form == "csv":
        return to_csv(table)
    raise ValueError(f"`tables` must be one of {', '.join(FORMATS)}; got {form!r}")


def to_latex(table: pd.DataFrame, *, caption: str = "", label: str = "") -> str:
    """The table in LaTeX, which needs the package booktabs alone: three significant digits, special characters escaped.

    Numbers stand on the right, and long texts are paragraphs. With a `caption` or a `label` it is a float."""
    table = flat(table)
    wide = [name for name in table if _is_wide(table[name])]
    share = 0.75 / len(wide) if wide else 0.0
    columns = "".join(
        rf"p{{{share:.2f}\linewidth}}" if name in wide else "r" if _is_number(table[name]) else "l" for name in table
    )
    shown = table.astype(object).map(_latex_value)
    shown.columns = pd.Index([escaped(str(name)) for name in table])
    text: str = shown.to_latex(
        index=False,
        escape=False,
        column_format=columns,
        caption=escaped(caption) or None,
        label=label or None,
        position="tbp" if caption or label else None,
    )
    return text.replace("\\begin{tabular}", "\\centering\n\\small\n\\begin{tabular}") if caption or label else text


def to_markdown(table: pd.DataFrame) -> str:
    """The table in Markdown, with three significant digits."""
    table = flat(table)
    names = [_in_a_cell(str(name)) for name in table]
    rules = ["---:" if _is_number(table[name]) else "---" for name in table]
    rows = [[_in_a_cell(value_text(value)) for value in row] for row in table.itertuples(index=False, name=None)]
    return "".join(f"| {' | '.join(line)} |\n" for line in [names, rules, *rows])


def value_text(value: Any) -> str:
    """A value for print: three significant digits, whole numbers in full, yes or no, nothing for what is missing."""
    if value is None or value is pd.NA or value is pd.NaT:
        return ""
    if pd.api.types.is_bool(value):
        return "yes" if value else "no"
    if isinstance(value, Integral):
        return str(int(value))
    if isinstance(value, Real):
        number = float(value)
        if math.isnan(number):
            return ""
        if number.is_integer() and abs(number) < 1e5:
            return str(int(number))
        return f"{number:.0f}" if 1e3 <= abs(number) < 1e5 else f"{number:.3g}"
    return str(value)


def escaped(text: str) -> str:
    """Text as LaTeX prints it, with pdfLaTeX too: special characters escaped, signs and Greek letters in math mode."""
    return "".join(
        SPECIAL.get(sign) or DASHES.get(sign) or (f"${MATHS[sign]}$" if sign in MATHS else _plain(sign))
        for sign in text
    )


def _plain(sign: str) -> str:
    """A character that every engine prints: Latin letters as they are, others as `U+XXXX`."""
    if sign.isprintable() and ord(sign) < 0x180:
        return sign
    return f"U+{ord(sign):04X}" if sign.isprintable() else ""


def _latex_value(value: Any) -> str:
    text = value_text(value)
    if isinstance(value, str):
        return escaped(unicodedata.normalize("NFC", value))
    if match := POWER.fullmatch(text):
        return rf"${match[1]} \times 10^{{{int(match[2])}}}$"
    return f"${text.replace('inf', chr(92) + 'infty')}$" if text.startswith("-") or "inf" in text else text


def _is_number(column: pd.Series[Any]) -> bool:
    return pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)


def _is_wide(column: pd.Series[Any]) -> bool:
    return not pd.api.types.is_numeric_dtype(column) and column.map(str).str.len().max() > WIDE_TEXT


def _in_a_cell(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ")
