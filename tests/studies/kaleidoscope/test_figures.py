"""Burn-in against dimension."""

from __future__ import annotations

import pandas as pd

from landscape.studies.kaleidoscope.figures import burn_in_by_dim


def test_members_without_a_burn_in_are_open_triangles() -> None:
    rows = [("count fixed", dim, 3.0 + member, False) for dim in (2, 4, 8) for member in range(5)]
    rows += [("ratio fixed", dim, 50.0, True) for dim in (2, 4) for _ in range(3)]
    table = pd.DataFrame(rows, columns=["rule", "dim", "burn_in", "censored"])
    figure = burn_in_by_dim(table, 50)
    first, second = figure.axes
    assert [len(dots.get_offsets()) for dots in first.collections] == [15, 0]
    assert [len(dots.get_offsets()) for dots in second.collections] == [0, 6]
    assert first.lines[0].get_ydata().tolist() == [5, 5, 5]
    assert [tick.get_text() for tick in first.get_xticklabels()] == ["2", "4", "8"]
