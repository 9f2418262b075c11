"""The rows of the ledger: what the paper, others and we claim, where, and what a threshold's number stands for."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from landscape.claims import PAPER_FAMILY

FILE = Path(__file__).with_name("rows.toml")
INJECTIVE_FAMILY = "injectivity"
FAMILIES = {
    "paper": "The paper's claims",
    INJECTIVE_FAMILY: "Claims on injective networks",
    "others": "Claims of others, and our own",
}


@dataclass(frozen=True)
class Row:
    """A row of the ledger. `needs` is empty where a study tests the claim; `rows.toml` says what the other fields hold."""

    key: str
    family: str
    short: str = ""
    said: str = ""
    quote: str = ""
    place: str = ""
    stands: str = ""
    units: str = ""
    needs: str = ""


@cache
def rows() -> tuple[Row, ...]:
    """All rows, in the order of the ledger."""
    content = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return tuple(Row(key, family, **about) for family in FAMILIES for key, about in content[family].items())


def family_size(family: str) -> int:
    """The number of tests in a family of Holm's adjustment: it counts what was not run, and never shrinks."""
    if family == "paper":
        return len(PAPER_FAMILY)
    return sum(row.family == family for row in rows())


def in_family(row: Row) -> bool:
    """Whether a row is a test of its family.

    C2 is arithmetic, C8b is no claim about training, and C19c follows from C19b."""
    return row.family != "paper" or row.key in PAPER_FAMILY
