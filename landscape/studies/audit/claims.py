"""An audit tests no claim of a paper: its two answers are about samples from outside."""

from __future__ import annotations

from landscape.claims import Statement

STATEMENTS: tuple[Statement, ...] = ()
