"""Tables of a terminal keep names in one piece at any width."""

from __future__ import annotations

import io

import pandas as pd
import pytest
from rich.console import Console

from landscape.commands.summary import PLAIN_TEXT
from landscape.commands.tables import print_table

NAME = "injective-kaleidoscope-1a2b3c4d"
CELL = "data=four-points hidden=10 width=50 budget=2800"
FRAME = pd.DataFrame(
    {"run": [NAME], "study": ["injective-kaleidoscope"], "cell": [CELL], "members": [20], "loss": [0.5]}
)


def printed(width: int, *, terminal: bool = True, **options: tuple[str, ...]) -> tuple[str, list[str]]:
    out = Console(file=io.StringIO(), width=width, force_terminal=terminal, color_system=None, **PLAIN_TEXT)
    left_out = print_table(out, FRAME, **options)
    assert out.width == width
    return out.file.getvalue(), left_out  # type: ignore[attr-defined]


@pytest.mark.parametrize("width", [20, 80, 100, 140])
def test_names_are_in_one_piece_at_any_width(width: int) -> None:
    text, _ = printed(width, optional=("study", "members"))
    assert NAME in text
    assert CELL in text
    assert len([line for line in text.splitlines() if line.strip()]) == 3  # the names of columns, a rule, the row


def test_columns_are_left_out_in_their_order_and_only_as_far_as_needed() -> None:
    assert printed(200, optional=("study", "members"))[1] == []
    assert printed(120, optional=("study", "members"))[1] == ["study"]
    text, left_out = printed(95, optional=("study", "members"))
    assert left_out == ["study", "members"]
    assert "members" not in text
    assert "0.5" in text


def test_a_file_gets_every_column() -> None:
    text, left_out = printed(40, terminal=False, optional=("study", "members"))
    assert left_out == []
    assert "injective-kaleidoscope " in text


def test_prose_may_take_several_lines() -> None:
    text, _ = printed(100, prose=("cell",))
    assert CELL not in text
    assert NAME in text
    assert max(map(len, text.splitlines())) <= 100 + 24
