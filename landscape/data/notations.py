"""Notations of numbers: currencies, units, digits of other scripts, and notations that are recognised but not read."""

from __future__ import annotations

import re

CURRENCIES = "$€£¥₹₽₩₺₴₦฿₫₱"
_UNITS = (
    "% ‰ ° °C °F K kg g mg µg μg t lb lbs oz km m dm cm mm µm μm nm mi ft in h min s ms µs μs ns d l L ml mL dl cl "
    "Hz kHz MHz GHz V mV kV A mA W kW MW J kJ kcal cal Pa hPa kPa bar mbar km/h m/s mph rpm px KB kB MB GB TB EUR USD "
    "GBP CHF JPY"
)
UNITS = frozenset([*_UNITS.split(), *CURRENCIES])
# Applied where a text is read as a number: minus signs, full-width forms, Arabic digits and marks, and invisible characters.
PLAIN_CHARACTERS = str.maketrans(
    {
        **{chr(0xFF01 + place): chr(0x21 + place) for place in range(94)},
        **dict.fromkeys("−﹣－–", "-"),
        **dict(zip("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹٫٬", "01234567890123456789.'", strict=True)),
        **dict.fromkeys(map(chr, [*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206A), 0xFEFF])),
    }
)
_ANY = r"[+-]?(?:\d[\d.,]*|[.,]\d+)"
# Texts that must be numbers, even in a column of few different values. Ranges, '1/2', '<5', '5+' and '10k' may be categories.
UNREAD_NUMBER = re.compile(
    rf"\(\s*[{CURRENCIES}]?\s*{_ANY}\s*[%{CURRENCIES}]?\s*\)"  # (5.00), below zero
    rf"|{_ANY}\s?-|[~≈]\s?{_ANY}|{_ANY}\s?(?:±|\+/?-)\s?{_ANY}|\d[\d.,]*\(\d+\)"
    rf"|{_ANY}\s?[×x*·]\s?10(?:(?:\^|\*\*)[+-]?\d+|[⁺⁻]?[⁰¹²³⁴-⁹]+)|[+-]?\d*\.\d*[dD][+-]?\d+|[+-]?\d+[dD][+-]\d+"
    r"|0[bB][01]+|0[oO][0-7]+|[1-9]\d{0,2}(?:_\d{3})+|\d{1,2}(?:,\d{2})+,\d{3}(?:\.\d*)?|\d+ \d+/\d+"
    rf"|'{_ANY}|=\"?{_ANY}\"?|\(?{_ANY}\s?[+-]\s?\d[\d.]*(?:[eE][+-]?\d+)?[ij]\)?"
    r"|\d+°\s?\d+['′].*|\d+\s?['′]\s?\d+(?:\.\d+)?\s?(?:\"|″|'')|-?\d+\.\d+\s?°?\s?[NSEW]"
)
