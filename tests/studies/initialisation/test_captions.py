"""The titles and findings of the panels on initialisation follow the table."""

from __future__ import annotations

import pytest
from matplotlib.figure import Figure

from landscape.studies.initialisation.claims import DEEP, MIDDLE, SHALLOW
from landscape.studies.initialisation.panels import number_words, panels_of
from tests.studies.initialisation.test_study import SEEDS, simulated

HEAVY = "heavy-tailed (Cauchy) weights"
DEPTHS = (SHALLOW, MIDDLE, DEEP)


@pytest.mark.parametrize(
    ("middle", "others", "title", "several"),
    [
        (3, 2, f"several in most networks with {HEAVY}", 3 * SEEDS),
        (3, 1, "several in few networks", SEEDS),
        (1, 1, "never several", 0),
    ],
)
def test_networks_with_several_fixed_points_are_counted(middle: int, others: int, title: str, several: int) -> None:
    run = simulated((1, 1), {depth: (5, middle if depth == MIDDLE else others) for depth in DEPTHS})
    found, finding = number_words(run.table)
    assert found == title
    counts = f"0 of {3 * SEEDS} networks with normal weights and {several} of {3 * SEEDS} with {HEAVY}"
    assert finding == f"Several stable fixed points: {counts}."


def test_a_size_without_several_fixed_points_has_a_sentence_for_a_picture() -> None:
    same, some = (simulated((1, 1), dict.fromkeys(DEPTHS, (3, stable))) for stable in (1, 2))
    assert "nothing to draw" in str(next(panels_of(same)).body)
    first = next(panels_of(some))
    assert isinstance(first.body, Figure)
    assert f"{6 * SEEDS} of {6 * SEEDS} lists of fixed points are proven to be complete." in first.how


def test_dimensions_are_tabs_where_there_are_several() -> None:
    run = simulated((1, 1), dict.fromkeys(DEPTHS, (3, 2)))
    table = run.table
    assert next(panel.group for panel in panels_of(run)) == ""
    run.tables["members"] = table.assign(dim=table.seed % 2 + 1)
    assert [panel.group for panel in panels_of(run)] == ["Each dimension and width"] * 2 + [""]
