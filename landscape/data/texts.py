"""Columns of texts as numbers: decimal marks, grouped thousands, signs, currencies, units, hexadecimal; dates are refused."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from landscape.data.dates import is_date
from landscape.data.notations import CURRENCIES, PLAIN_CHARACTERS, UNITS, UNREAD_NUMBER

LEAST_NUMERIC_SHARE = 0.5  # of the cells of a column of numbers: the rest of its cells are mistakes
MESSAGE_CHARACTERS = 40  # of a cell that a message quotes
NAN_TEXTS = ("nan", "-nan")
# In lower case. Each may mean that the value is missing, or may be a word of the data (a country, a name).
GAP_TEXTS = (
    *NAN_TEXTS, "na", "n/a", "#n/a", "<na>", "null", "none", "n.a.", "nat", "(null)", "<null>", "(blank)", "\\n",
    "#null!", "#ref!", "#div/0!", "#value!", "#name?", "#num!",
)  # fmt: skip
# Gaps in a column of words or numbers. In a column of signs alone, such as '+' and '-', they are values.
GAP_SIGNS = ("-", "--", "---", "—", "?", "??", "???", ".", "..", "...", "…")
BOOLS = {"True": True, "TRUE": True, "true": True, "False": False, "FALSE": False, "false": False}
MAX_ALIKE = 8  # categories that differ in their digits alone: more of them are numbers in an unknown notation
GROUP_MARKS = " \u00a0\u2009\u202f'’"  # marks between groups of thousands, besides comma and point
_NUMBER = re.compile(
    rf"(?P<sign>[+-]?)\s*(?P<before>(?:[A-Z]{{1,2}})?[{CURRENCIES}]|Rs\.?|EUR|USD|GBP|CHF|JPY|)\s*(?P<second>[+-]?)(?P<body>[.,]?\d(?:[\d.,{GROUP_MARKS}]*[\d.,])?)"
    r"(?P<power>[eE][+-]?\d+)?(?P<gap>\s*)(?P<unit>[^\d\s.,+-][^\d\s]*)?"
)
_DIGITS = {
    mark: re.compile(
        rf"(?:[1-9]\d{{0,2}}(?:([{other}{GROUP_MARKS}])\d{{3}})(?:\1\d{{3}})*|\d+)(?:[{mark}]\d*)?|[{mark}]\d+"
    )
    for mark, other in ((".", ","), (",", "."))
}
_HEX = re.compile(r"[+-]?0[xX][0-9a-fA-F]+")
_INFINITE = re.compile(r"[+-]?inf(inity)?", re.IGNORECASE)


@dataclass(frozen=True)
class _Parts:
    """The parts of a text that is a number; `marks` are the decimal marks ('.', ',') under which it is one."""

    sign: str
    body: str
    power: str
    unit: str
    marks: frozenset[str]

    @property
    def grouped(self) -> bool:
        """Whether the text could be a whole number with grouped thousands, such as 1,234."""
        return bool(re.fullmatch(r"[1-9]\d{0,2}([.,]\d{3})+", self.body))


def is_number(text: str) -> bool:
    """Whether a cell is a number in one of the notations that are read."""
    text = _cleaned(text)
    return bool(_HEX.fullmatch(text)) or _taken_apart(text) is not None


def shown(cell: Any) -> str:
    """The cell as messages quote it, cut to 40 characters: a binary file may read as a single long text."""
    text = repr(cell.item() if isinstance(cell, np.generic) else cell)
    return text if len(text) <= MESSAGE_CHARACTERS else f"{text[:MESSAGE_CHARACTERS]}…"


def is_text(cells: pd.Series) -> bool:
    """Whether a column holds texts alone."""
    if isinstance(cells.dtype, pd.CategoricalDtype):
        return False
    return pd.api.types.is_string_dtype(cells) and not cells.isna().any()


def numbers_of(frame: pd.DataFrame, *, european: bool = False) -> tuple[pd.DataFrame, list[str]]:
    """The table with columns of texts converted to numbers where they hold numbers, and notes on how they were read.

    For each column of texts:
    1. A missing value is refused, in any spelling.
    2. A column of true and false becomes booleans, a column of hexadecimal numbers integers.
    3. If at least half of its cells are numbers, it is a column of numbers; otherwise of categories. Dates are refused.
    4. The decimal mark is the one under which all cells are numbers. If both marks are possible, the other columns of the
       table decide; if they do not, a point is a decimal mark, unless the table is `european`, and '1,234' is refused.
    5. Marks between thousands are removed, and the cells are converted: integers exactly, the rest to float64.

    `european`: cells are separated by semicolons, so that a point may stand between thousands. Raises ValueError, naming the
    column, for missing values, dates, texts among numbers, several units, and numbers that could be read in two ways."""
    columns = [frame.iloc[:, place] for place in range(frame.shape[1])]
    names = [str(column.name) for column in columns]
    taken: dict[int, dict[str, _Parts]] = {}
    notes: list[str] = []
    for place, cells in enumerate(columns):
        if not is_text(cells):
            continue
        words = cells.astype(object).map(lambda cell: str(cell).strip())
        texts = words.map(_cleaned)
        columns[place] = words  # categories keep the signs that they are written with
        _refuse_missing(names[place], texts)
        kinds = set(texts.unique())
        if kinds <= BOOLS.keys():
            columns[place] = texts.map(BOOLS).astype(bool)
        elif all(map(_HEX.fullmatch, kinds)):
            columns[place] = whole_numbers(texts.map(lambda text: int(text, 16)))
            notes.append(f"{names[place]!r} is hexadecimal")
        elif (parts := _parts(names[place], texts)) is not None:
            taken[place], columns[place] = parts, texts
    votes = {mark for parts in taken.values() if len(marks := _marks(parts)) == 1 for mark in marks}
    for place, parts in taken.items():
        mark = _mark(names[place], parts, votes, european)
        columns[place] = _values(names[place], columns[place], parts, mark)
        notes += _notes(names[place], parts, mark)
    whole = pd.DataFrame(dict(enumerate(columns)))
    whole.columns = frame.columns
    return whole, list(dict.fromkeys(notes))


def _cleaned(text: str) -> str:
    return str(text).translate(PLAIN_CHARACTERS).strip()


def _refuse_missing(name: str, texts: pd.Series) -> None:
    worded = texts.str.contains(r"\w").any()
    gaps = texts.str.lower().isin(["", *GAP_TEXTS, *(GAP_SIGNS if worded else ())])
    if gaps.any():
        row = int(np.flatnonzero(gaps)[0])
        text = texts.iloc[row]
        if not text or text.lower() in NAN_TEXTS:
            quote = f" ({text!r})" if text else ""
            raise ValueError(f"row {row + 1} of column {name!r} is empty{quote}; fill it in or remove the row")
        raise ValueError(
            f"row {row + 1} of column {name!r} is {text!r}, which may mean a missing value or be a word of the data; fill it "
            "in, remove the row, or write another word"
        )


def _parts(name: str, texts: pd.Series) -> dict[str, _Parts] | None:
    """The parts of each different text of a column of numbers; None for a column of categories.

    Raises ValueError for dates, for a text among numbers, and for several units."""
    counts = texts.value_counts()
    dates = [text for text in counts.index if is_date(text)]
    if dates and counts[dates].sum() >= LEAST_NUMERIC_SHARE * len(texts):
        raise ValueError(
            f"column {name!r} holds dates or times, e.g. {shown(dates[0])}; turn them into numbers (days since …) or "
            "leave it out"
        )
    numbers = {text: part for text in counts.index if (part := _taken_apart(text)) is not None}
    if not numbers or counts[list(numbers)].sum() < LEAST_NUMERIC_SHARE * len(texts):
        _refuse_unknown_notation(name, counts, numbers)
        return None
    units = {part.unit for part in numbers.values()}
    if len(units) > 1 and len(numbers) == len(counts) and not units & (UNITS | {""}):
        _refuse_unknown_notation(name, counts, ())
        return None  # '1 bed', '2 beds': categories
    bad = np.flatnonzero(~texts.isin(list(numbers)))
    if len(bad):
        cell = shown(texts.iloc[bad[0]])
        raise ValueError(
            f"row {bad[0] + 1} of column {name!r} is {cell}, in a column of numbers; mend the cell or remove the row"
        )
    if len(units) > 1:
        first, other = (next(text for text in numbers if numbers[text].unit == unit) for unit in sorted(units)[:2])
        raise ValueError(
            f"column {name!r} has several units, e.g. {first!r} and {other!r}; write all its numbers in one unit"
        )
    return numbers


def _refuse_unknown_notation(name: str, counts: pd.Series, numbers: Collection[str]) -> None:
    """Raise ValueError for a column of numbers in a notation that is not read. As categories they would lose their order.

    1. Texts that must be numbers, such as '(12)', '5 ± 0.1' and 0b11, are refused if they and the texts that are read as
       `numbers` are at least half of the cells.
    2. Texts such as '10k' and '3/8' are refused if most of many differ in their digits alone. A few of them ('18-25',
       '26-35'), and texts that begin with a word ('room 12'), are categories."""
    sure = [text for text in counts.index if UNREAD_NUMBER.fullmatch(text)]
    alike = [text for text in counts.index if re.match(r"[^\w]*\d", text)]
    shapes = {re.sub(r"[\d.,]+", "0", text) for text in alike}
    least = LEAST_NUMERIC_SHARE * counts.sum()
    many = len(alike) > max(MAX_ALIKE, 2 * len(shapes)) and counts[alike].sum() >= least
    if many or (sure and counts[[*sure, *numbers]].sum() >= least):
        texts = sure or alike
        raise ValueError(
            f"column {name!r} holds {len(texts)} texts such as {shown(texts[0])}, which look like numbers in a notation "
            "that cannot be read; write them as 1234.5, or begin each with a letter if they are categories"
        )


def _taken_apart(text: str) -> _Parts | None:
    """The parts of a text that is a number, with or without a unit or currency; None for any other text."""
    if _INFINITE.fullmatch(text):
        return _Parts("", text, "", "", frozenset(".,"))
    match = _NUMBER.fullmatch(text)
    if match is None or (match["sign"] and match["second"]) or (match["before"] and match["unit"]):
        return None
    unit = match["before"] or match["unit"] or ""
    if unit and not match["before"] and not match["gap"] and unit not in UNITS:
        return None  # '4WD' is a word
    marks = frozenset(mark for mark, body in _DIGITS.items() if body.fullmatch(match["body"]))
    return _Parts(match["sign"] or match["second"], match["body"], match["power"] or "", unit, marks) if marks else None


def _marks(parts: dict[str, _Parts]) -> frozenset[str]:
    """The decimal marks under which all of a column's texts are numbers."""
    return frozenset(".,").intersection(*(part.marks for part in parts.values()))


def _mark(name: str, parts: dict[str, _Parts], votes: set[str], european: bool) -> str:
    """The decimal mark of a column, by the first of these rules that decides.

    1. The only mark under which all its cells are numbers. Raises ValueError if there is none.
    2. A point, if the cells hold neither commas nor points.
    3. The mark of the table's other columns (`votes`).
    4. A point, if the cells hold points and the table is not `european`.
    5. The mark that makes the cells grouped thousands, if some are whole numbers below a thousand and the others are grouped.
    Otherwise raises ValueError."""
    marks, pointed = _marks(parts), [part for part in parts.values() if "." in part.body or "," in part.body]
    if len(marks) == 1:
        return next(iter(marks))
    if not marks:
        first, other = (next(text for text, part in parts.items() if part.marks == {mark}) for mark in ".,")
        raise ValueError(
            f"column {name!r} writes decimals in two ways, e.g. {first!r} and {other!r}; write all with a point"
        )
    if not pointed:
        return "."
    if len(votes) == 1:
        return next(iter(votes))
    used = "," if "," in pointed[0].body else "."
    if used == "." and not european:
        return "."
    if all(part.grouped or re.fullmatch(r"\d{1,3}", part.body) for part in parts.values()) and len(pointed) < len(
        parts
    ):
        return "." if used == "," else ","
    example = shown(next(text for text, part in parts.items() if part in pointed))
    raise ValueError(
        f"column {name!r} may hold thousands or decimals, e.g. {example}; write thousands without {used!r}, and decimals with "
        "a point, in a file separated by commas"
    )


def _values(name: str, texts: pd.Series, parts: dict[str, _Parts], mark: str) -> pd.Series:
    """A column's numbers: integers if all are, else float64."""
    other = "." if mark == "," else ","
    plain = {
        text: part.sign + re.sub(f"[{other}{GROUP_MARKS}]", "", part.body).replace(mark, ".") + part.power
        for text, part in parts.items()
    }
    if all(re.fullmatch(r"[+-]?\d+", number) for number in plain.values()):
        if max(map(len, plain.values())) > 300:
            raise ValueError(f"column {name!r} holds numbers of more than 300 digits; shorten them or leave it out")
        return whole_numbers(texts.map({text: int(number) for text, number in plain.items()}, na_action=None))
    return texts.map({text: float(number) for text, number in plain.items()}).astype(np.float64)


def whole_numbers(numbers: pd.Series) -> pd.Series:
    """Integers in the first type that holds them all: int64, uint64, or Python's integers."""
    values = [int(number) for number in numbers.astype(object)]
    low, high = min(values), max(values)
    kind: Any = object
    if low >= -(2**63) and high < 2**63:
        kind = np.int64
    elif low >= 0 and high < 2**64:
        kind = np.uint64
    return pd.Series(np.array(values, kind), index=numbers.index, name=numbers.name)


def _notes(name: str, parts: dict[str, _Parts], mark: str) -> list[str]:
    """What is unusual in how a column of numbers was read."""
    notes = ["decimal comma"] if mark == "," and any("," in part.body for part in parts.values()) else []
    other = "." if mark == "," else ","
    if any(set(part.body) & {other, *GROUP_MARKS} for part in parts.values()):
        notes.append("grouped thousands")
    unit = next(iter(parts.values())).unit
    return [*notes, *([f"{name!r} in {unit}"] if unit else [])]
