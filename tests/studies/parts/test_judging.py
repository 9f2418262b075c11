"""A claim of several named parts: refuted where one part is, beyond what chance does over so many parts."""

from __future__ import annotations

import math

import pytest

from landscape.claims import Claim, Statement, Threshold
from landscape.studies.parts.judging import combined

SAID = Statement("X1", "it is so", "none", "numbers", {"number": Threshold(above=0.0)})


def part(verdict: str, p: float, members: int = 20, label: str = "") -> Claim:
    return Claim("X1", "it is so", "number", "> 0", verdict, p=p, clusters=20, members=members, label=label)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("parts", "verdict", "p"),
    [
        ([part("supported", 0.01), part("supported", 0.03)], "supported", 0.03),
        ([part("supported", 0.01), part("refuted", 0.02)], "refuted", 0.04),
        ([part("undecided", 0.6), part("refuted", 0.001)], "refuted", 0.002),
        ([part("supported", 0.01), part("refuted", 0.03)], "mixed", 0.03),  # 0.06 over two parts
        ([part("undecided", 0.6), part("refuted", math.nan)], "undecided", math.nan),
    ],
)
def test_one_part_refutes_the_whole_beyond_chance(parts: list[Claim], verdict: str, p: float) -> None:
    whole = combined(SAID, parts)
    assert whole.verdict == verdict
    assert whole.p == pytest.approx(p, nan_ok=True)


def test_networks_of_all_parts_count_once_and_labels_stay() -> None:
    whole = combined(SAID, [part("supported", 0.01, 18, "by constant"), part("supported", 0.01, 20, "by identity")])
    assert (whole.members, whole.setting, whole.label) == (20, "2 parts", "by constant; by identity")
