"""Texts that are dates, times of day or durations, in the forms that programs and people write them."""

from __future__ import annotations

import re

_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_WEEKDAY = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+)?"
_ZONE = r"(?:\s*(?:z|utc|gmt|[+-]\d{2}:?\d{2}))?"
_CLOCK = rf"(?:\d{{1,2}}:\d{{2}}(?::\d{{2}}(?:[.,]\d+)?)?(?:\s*[ap]\.?m\.?)?|\d{{1,2}}\s*[ap]\.?m\.?){_ZONE}"
_DAY = (
    r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}([-/.])\d{1,2}\1(?:\d{4}|\d{2})|\d{4}-\d{2}|\d{4}/\d{1,2}|\d{1,2}/\d{4}"
    r"|\d{4}-?w\d{2}(?:-?\d)?|q[1-4][ -/]?\d{4}|\d{4}[ -/]?q[1-4]|\d{4}年\d{1,2}月(?:\d{1,2}日)?"
    rf"|\d{{1,2}}(?:st|nd|rd|th|\.)?[ -]{_MONTH}(?:[ -]?\d{{2,4}})?|{_MONTH}[ -]\d{{1,2}}(?:st|nd|rd|th)?(?:,? \d{{4}})?"
    rf"|{_MONTH}[ -]\d{{4}}"
    r"|(?:[1-9]|[12]\d|3[01])\.? (?:de )?[^\W\d_]{3,}\.?(?: de)? (?:19|20)\d{2}"  # of any language: 3. März 2021
)
_C_TIME = rf"{_MONTH}\s+\d{{1,2}}\s+{_CLOCK}\s+\d{{4}}"
_BASIC = rf"\d{{8}}t\d{{4,6}}{_ZONE}"
_MOMENT = re.compile(rf"{_WEEKDAY}(?:(?:{_DAY})(?:(?:[t ,]\s*){_CLOCK})?|{_CLOCK}|{_C_TIME}|{_BASIC})", re.IGNORECASE)
_DURATION = re.compile(
    r"-?\d+ days?,?(?: [+-]?\d{1,2}:\d{2}:\d{2}(?:\.\d+)?)?|\d{1,4}:\d{2}(?::\d{2}(?:[.,]\d+)?|[.,]\d+)"
    r"|-?p(?=\d|t\d)(?:\d+[ymwd])*(?:t(?:\d+(?:\.\d+)?[hms])+)?"
    r"|(?:\d+\s?(?:h|hrs?|hours?|m|min|minutes?|s|sec|seconds?)\b\s*){2,3}",
    re.IGNORECASE,
)
_DIGITS = re.compile(r"(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")


def is_date(text: str) -> bool:
    """Whether a text is a date, a time or a duration."""
    return bool(_MOMENT.fullmatch(text) or _DURATION.fullmatch(text))


def is_date_of_digits(text: str) -> bool:
    """Whether a whole number may be a date, as 20240131."""
    return bool(_DIGITS.fullmatch(text))
