"""The cells of a sweep are counted before they are made."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import ClassVar

import pytest

from landscape import presets
from landscape.results import Cell
from landscape.sweep import all_cells
from tests.toy.toy_line.study import ToyLine


@dataclass(frozen=True)
class Twice(ToyLine):
    version: ClassVar[int] = 1

    def cells(self) -> list[Cell]:
        return [*super().cells(), *super().cells()]


def test_cells_with_the_same_values_are_refused() -> None:
    with pytest.raises(ValueError, match="two cells have the same values"):
        all_cells(Twice())


def test_a_sweep_of_millions_is_refused_at_once() -> None:
    many = {"hidden": tuple(range(1, 101)), "width": tuple(range(1, 10_001)), "count": tuple(range(1, 5000))}
    study = presets.study_class("basins")(**many)
    began = time.monotonic()
    with pytest.raises(ValueError, match=r"a sweep may have at most 20,000 cells; this has 4,999,000,000\. Give fewer"):
        all_cells(study)
    assert time.monotonic() - began < 5


def test_parameters_that_cells_do_not_combine_are_not_counted() -> None:
    rates = tuple(1e-6 * rate for rate in range(1, 30_000))
    study = presets.make_study("architectures", "test", overrides={"rate": rates})
    assert len(all_cells(study)) == len(all_cells(presets.make_study("architectures", "test")))
