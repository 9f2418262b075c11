"""Columns of texts as numbers: decimal marks, grouped thousands, signs, currencies, units, hexadecimal; dates are refused."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from landscape.data.dates import is_date

MOSTLY = 0.5  # a column of which at least this share reads as numbers is a column of numbers
QUOTED = 40  # characters of a cell in a message
NOT_A_NUMBER = ("nan", "-nan")
# In any case of letters: a gap, or a word of the data's own.
MISSING = (
    *NOT_A_NUMBER, "na", "n/a", "#n/a", "<na>", "null", "none", "n.a.", "nat", "(null)", "<null>", "(blank)", "\\n",
    "#null!", "#ref!", "#div/0!", "#value!", "#name?", "#num!",
)  # fmt: skip
# Among words or numbers, a gap; among signs such as '+' and '-', one of them.
MARKS = ("-", "--", "---", "—", "?", "??", "???", ".", "..", "...", "…")
BOOLS = {"True": True, "TRUE": True, "true": True, "False": False, "FALSE": False, "false": False}
CURRENCIES = "$€£¥₹₽₩₺₴₦฿₫₱"
_UNITS = (
    "% ‰ ° °C °F K kg g mg µg μg t lb lbs oz km m dm cm mm µm μm nm mi ft in h min s ms µs μs ns d l L ml mL dl cl "
    "Hz kHz MHz GHz V mV kV A mA W kW MW J kJ kcal cal Pa hPa kPa bar mbar km/h m/s mph rpm px KB kB MB GB TB EUR USD "
    "GBP CHF JPY"
)
UNITS = frozenset([*_UNITS.split(), *CURRENCIES])
# For reading numbers alone: minus signs, full-width forms, Arabic digits and marks, and signs that steer how text is shown.
PLAIN = str.maketrans(
    {
        **{chr(0xFF01 + place): chr(0x21 + place) for place in range(94)},
        **dict.fromkeys("−﹣－–", "-"),
        **dict(zip("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹٫٬", "01234567890123456789.'", strict=True)),
        **dict.fromkeys(map(chr, [*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206A), 0xFEFF])),
    }
)
ALIKE = 8  # more texts of a column that differ in their digits alone are numbers in an unknown notation
GROUPS = " \u00a0\u2009\u202f'’"  # what may stand between thousands beside a comma or a point
_TEXT = re.compile(
    rf"(?P<sign>[+-]?)\s*(?P<before>(?:[A-Z]{{1,2}})?[{CURRENCIES}]|Rs\.?|EUR|USD|GBP|CHF|JPY|)\s*(?P<second>[+-]?)(?P<body>[.,]?\d(?:[\d.,{GROUPS}]*[\d.,])?)"
    r"(?P<power>[eE][+-]?\d+)?(?P<gap>\s*)(?P<unit>[^\d\s.,+-][^\d\s]*)?"
)
_BODY = {
    mark: re.compile(rf"(?:[1-9]\d{{0,2}}(?:([{other}{GROUPS}])\d{{3}})(?:\1\d{{3}})*|\d+)(?:[{mark}]\d*)?|[{mark}]\d+")
    for mark, other in ((".", ","), (",", "."))
}
_HEX = re.compile(r"[+-]?0[xX][0-9a-fA-F]+")
_ANY = r"[+-]?(?:\d[\d.,]*|[.,]\d+)"
# Surely numbers, even where a column holds a few different ones. Intervals, ranges, '1/2', '<5', '5+' and '10k' may be words.
_UNREAD = re.compile(
    rf"\(\s*[{CURRENCIES}]?\s*{_ANY}\s*[%{CURRENCIES}]?\s*\)"  # (5.00), below zero
    rf"|{_ANY}\s?-|[~≈]\s?{_ANY}|{_ANY}\s?(?:±|\+/?-)\s?{_ANY}|\d[\d.,]*\(\d+\)"
    rf"|{_ANY}\s?[×x*·]\s?10(?:(?:\^|\*\*)[+-]?\d+|[⁺⁻]?[⁰¹²³⁴-⁹]+)|[+-]?\d*\.\d*[dD][+-]?\d+|[+-]?\d+[dD][+-]\d+"
    r"|0[bB][01]+|0[oO][0-7]+|[1-9]\d{0,2}(?:_\d{3})+|\d{1,2}(?:,\d{2})+,\d{3}(?:\.\d*)?|\d+ \d+/\d+"
    rf"|'{_ANY}|=\"?{_ANY}\"?|\(?{_ANY}\s?[+-]\s?\d[\d.]*(?:[eE][+-]?\d+)?[ij]\)?"
    r"|\d+°\s?\d+['′].*|\d+\s?['′]\s?\d+(?:\.\d+)?\s?(?:\"|″|'')|-?\d+\.\d+\s?°?\s?[NSEW]"
)
_INFINITE = re.compile(r"[+-]?inf(inity)?", re.IGNORECASE)


@dataclass(frozen=True)
class _Number:
    """A text taken apart, with the decimal marks under which it is a number."""

    sign: str
    body: str
    power: str
    unit: str
    marks: frozenset[str]

    @property
    def grouped(self) -> bool:
        """Whether it could be a whole number with grouped thousands."""
        return bool(re.fullmatch(r"[1-9]\d{0,2}([.,]\d{3})+", self.body))


def is_number(text: str) -> bool:
    """Whether a cell reads as a number, in whatever notation."""
    text = _cleaned(text)
    return bool(_HEX.fullmatch(text)) or _taken_apart(text) is not None


def shown(cell: Any) -> str:
    """The cell as a message quotes it, cut where it is long: a binary file may read as one long text."""
    text = repr(cell.item() if isinstance(cell, np.generic) else cell)
    return text if len(text) <= QUOTED else f"{text[:QUOTED]}…"


def is_text(cells: pd.Series) -> bool:
    """Whether a column holds texts alone."""
    if isinstance(cells.dtype, pd.CategoricalDtype):
        return False
    return pd.api.types.is_string_dtype(cells) and not cells.isna().any()


def numbers_of(frame: pd.DataFrame, *, european: bool = False) -> tuple[pd.DataFrame, list[str]]:
    """The table with those columns of texts as numbers that hold numbers, and what there is to say of how they were read.

    One column decides the decimal mark of others whose texts allow two. `european`: cells are separated by semicolons, so that
    a point may stand between thousands. Raises ValueError, naming the column, for missing values, dates, texts among numbers,
    several units, and texts such as '1,234' where nothing decides between thousands and decimals."""
    columns = [frame.iloc[:, place] for place in range(frame.shape[1])]
    names = [str(column.name) for column in columns]
    taken: dict[int, dict[str, _Number]] = {}
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
        elif (found := _parts(names[place], texts)) is not None:
            taken[place], columns[place] = found, texts
    votes = {mark for parts in taken.values() if len(marks := _marks(parts)) == 1 for mark in marks}
    for place, parts in taken.items():
        mark = _mark(names[place], parts, votes, european)
        columns[place] = _values(names[place], columns[place], parts, mark)
        notes += _notes(names[place], parts, mark)
    whole = pd.DataFrame(dict(enumerate(columns)))
    whole.columns = frame.columns
    return whole, list(dict.fromkeys(notes))


def _cleaned(text: str) -> str:
    return str(text).translate(PLAIN).strip()


def _refuse_missing(name: str, texts: pd.Series) -> None:
    worded = texts.str.contains(r"\w").any()
    gaps = texts.str.lower().isin(["", *MISSING, *(MARKS if worded else ())])
    if gaps.any():
        row = int(np.flatnonzero(gaps)[0])
        text = texts.iloc[row]
        if not text or text.lower() in NOT_A_NUMBER:
            said = f" ({text!r})" if text else ""
            raise ValueError(f"row {row + 1} of column {name!r} is empty{said}; fill it in or remove the row")
        raise ValueError(
            f"row {row + 1} of column {name!r} is {text!r}, which may mean a missing value or be a word of the data; fill it "
            "in, remove the row, or write another word"
        )


def _parts(name: str, texts: pd.Series) -> dict[str, _Number] | None:
    """The numbers among a column's texts; None for a column of categories."""
    counts = texts.value_counts()
    dates = [text for text in counts.index if is_date(text)]
    if dates and counts[dates].sum() >= MOSTLY * len(texts):
        raise ValueError(
            f"column {name!r} holds dates or times, e.g. {shown(dates[0])}; turn them into numbers (days since …) or "
            "leave it out"
        )
    found = {text: part for text in counts.index if (part := _taken_apart(text)) is not None}
    if not found or counts[list(found)].sum() < MOSTLY * len(texts):
        _refuse_unknown_notation(name, counts, found)
        return None
    units = {part.unit for part in found.values()}
    if len(units) > 1 and len(found) == len(counts) and not units & (UNITS | {""}):
        _refuse_unknown_notation(name, counts, ())
        return None  # '1 bed', '2 beds'
    bad = np.flatnonzero(~texts.isin(list(found)))
    if len(bad):
        cell = shown(texts.iloc[bad[0]])
        raise ValueError(
            f"row {bad[0] + 1} of column {name!r} is {cell}, in a column of numbers; mend it or remove the row"
        )
    if len(units) > 1:
        first, other = (next(text for text in found if found[text].unit == unit) for unit in sorted(units)[:2])
        raise ValueError(
            f"column {name!r} has several units, e.g. {first!r} and {other!r}; write all its numbers in one unit"
        )
    return found


def _refuse_unknown_notation(name: str, counts: pd.Series, found: Collection[str]) -> None:
    """Raise ValueError for texts that must be numbers, as '(12)', '5 ± 0.1' and 0b11, and for those such as '10k' and '3/8' of
    which most differ in their digits alone: nothing is known of how far one is from another. A few of the latter ('18-25',
    '26-35') or words before the digits ('room 12') are categories."""
    sure = [text for text in counts.index if _UNREAD.fullmatch(text)]
    alike = [text for text in counts.index if re.match(r"[^\w]*\d", text)]
    shapes = {re.sub(r"[\d.,]+", "0", text) for text in alike}
    many = len(alike) > max(ALIKE, 2 * len(shapes)) and counts[alike].sum() >= MOSTLY * counts.sum()
    if many or (sure and counts[[*sure, *found]].sum() >= MOSTLY * counts.sum()):
        texts = sure or alike
        raise ValueError(
            f"column {name!r} holds {len(texts)} texts such as {shown(texts[0])}, which look like numbers in a notation "
            "that is not known here; write them as 1234.5, or begin each with a letter where they are categories"
        )


def _taken_apart(text: str) -> _Number | None:
    if _INFINITE.fullmatch(text):
        return _Number("", text, "", "", frozenset(".,"))
    match = _TEXT.fullmatch(text)
    if match is None or (match["sign"] and match["second"]) or (match["before"] and match["unit"]):
        return None
    unit = match["before"] or match["unit"] or ""
    if unit and not match["before"] and not match["gap"] and unit not in UNITS:
        return None  # '4WD' is a word
    marks = frozenset(mark for mark, body in _BODY.items() if body.fullmatch(match["body"]))
    return (
        _Number(match["sign"] or match["second"], match["body"], match["power"] or "", unit, marks) if marks else None
    )


def _marks(parts: dict[str, _Number]) -> frozenset[str]:
    """The decimal marks under which all of a column's texts are numbers."""
    return frozenset(".,").intersection(*(part.marks for part in parts.values()))


def _mark(name: str, parts: dict[str, _Number], votes: set[str], european: bool) -> str:
    """The decimal mark of a column: its own, that of the other columns, or the usual one."""
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
    # Of numbers with trimmed decimals, not all would have three of them: whole ones beside these are below a thousand.
    if all(part.grouped or re.fullmatch(r"\d{1,3}", part.body) for part in parts.values()) and len(pointed) < len(
        parts
    ):
        return "." if used == "," else ","
    example = shown(next(text for text, part in parts.items() if part in pointed))
    raise ValueError(
        f"column {name!r} may hold thousands or decimals, e.g. {example}; write thousands without {used!r}, and decimals with "
        "a point in a file separated by commas"
    )


def _values(name: str, texts: pd.Series, parts: dict[str, _Number], mark: str) -> pd.Series:
    other = "." if mark == "," else ","
    plain = {
        text: part.sign + re.sub(f"[{other}{GROUPS}]", "", part.body).replace(mark, ".") + part.power
        for text, part in parts.items()
    }
    if all(re.fullmatch(r"[+-]?\d+", number) for number in plain.values()):
        if max(map(len, plain.values())) > 300:
            raise ValueError(f"column {name!r} holds numbers of more than 300 digits; shorten them or leave it out")
        return whole_numbers(texts.map({text: int(number) for text, number in plain.items()}, na_action=None))
    return texts.map({text: float(number) for text, number in plain.items()}).astype(np.float64)


def whole_numbers(numbers: pd.Series) -> pd.Series:
    """Whole numbers as the first type that holds them all: int64, uint64, or Python's own."""
    values = [int(number) for number in numbers.astype(object)]
    low, high = min(values), max(values)
    kind: Any = object
    if low >= -(2**63) and high < 2**63:
        kind = np.int64
    elif low >= 0 and high < 2**64:
        kind = np.uint64
    return pd.Series(np.array(values, kind), index=numbers.index, name=numbers.name)


def _notes(name: str, parts: dict[str, _Number], mark: str) -> list[str]:
    found = ["decimal comma"] if mark == "," and any("," in part.body for part in parts.values()) else []
    other = "." if mark == "," else ","
    if any(set(part.body) & {other, *GROUPS} for part in parts.values()):
        found.append("grouped thousands")
    unit = next(iter(parts.values())).unit
    return [*found, *([f"{name!r} in {unit}"] if unit else [])]
