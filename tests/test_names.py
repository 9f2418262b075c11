"""Lists of names as text: commas separate names, and quoted names may contain commas."""

from __future__ import annotations

import pytest

from landscape.names import listed, written


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("a,b", ["a", "b"]),
        (" a , b ", ["a", "b"]),
        ('"a,b",c', ["a,b", "c"]),
        ('c, "a,b" ', ["c", "a,b"]),
        ('"a ""b"", c"', ['a "b", c']),
        ('12" pipe,x', ['12" pipe', "x"]),
        ('"open,x', ['"open', "x"]),
        ("", [""]),
        ("a,", ["a", ""]),
    ],
)
def test_commas_separate_except_in_quotes(text: str, items: list[str]) -> None:
    assert listed(text) == items


@pytest.mark.parametrize("items", [["a,b", "c"], ['"x"', " y "], ['a "b", c'], ["$x 'y'"], ["a\nb,c"], ["plain", "1"]])
def test_written_names_are_listed_again(items: list[str]) -> None:
    assert listed(written(items)) == items
