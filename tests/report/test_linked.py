"""Dots of a study's figures that are networks: a page knows the row of each, so that it lights up with its dots elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from matplotlib.figure import Figure

from landscape import reporting, results
from landscape.figures.rows import rows_of
from landscape.report.marks import drawn_artists
from landscape.report.matching import Table, located


@pytest.mark.parametrize("name", ["audit", "corners", "fixed-points", "memorisation"])
def test_dots_of_networks_stand_for_rows_of_the_members(run_of_test_preset: Callable[[str], Path], name: str) -> None:
    result = results.load(run_of_test_preset(name))
    members = result.tables["members"]
    figures = [panel.body for panel in reporting.panels_of(result) if isinstance(panel.body, Figure)]
    said = [rows_of(artist) for figure in figures for _, artist in drawn_artists(figure)]
    dots = [rows for rows in said if rows is not None and len(rows)]
    assert dots
    for rows in dots:
        places = located(rows, Table("members", members))
        assert places is not None
        assert members.member.iloc[places].tolist() == rows.member.tolist()
