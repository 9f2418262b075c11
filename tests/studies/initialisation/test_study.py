"""The study of initialisation: counts against the census, and the verdicts on networks whose counts are set."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from landscape import measures, presets
from landscape.claims import Claim
from landscape.results import Result
from landscape.studies.initialisation.claims import DEEP, HEAVY, LIGHT, MIDDLE, SHALLOW, claims_of
from landscape.studies.initialisation.panels import cells
from landscape.studies.initialisation.study import InitialisationStudy

SEEDS = 41


@pytest.fixture(scope="module")
def study() -> InitialisationStudy:
    made = presets.make_study("initialisation", "test")
    assert isinstance(made, InitialisationStudy)
    return made


def test_counts_are_those_of_the_census(study: InitialisationStudy, result: Result) -> None:
    for cell in study.cells():
        rows = result.table
        for name, value in cell.values:
            rows = rows[rows[name] == value]
        if cell["dim"] > 2:
            assert not rows.proven.any()
            continue
        found = measures.fixed_points(study.nets(cell))
        assert rows.fixed.tolist() == np.bincount(found.member, minlength=3).tolist()
        assert rows.proven.tolist() == found.proven.tolist()
    assert (result.table.fixed >= 1).all()  # Brouwer: a map of the cube into itself has a fixed point


def simulated(
    light: tuple[int, int], heavy: dict[int, tuple[int, int]], dim: int = 2, activation: str = "relu"
) -> Result:
    """A result in which every network has these numbers of fixed points and of stable ones, the heavy-tailed by depth."""
    rows = [
        {"init": init, "hidden": hidden, "fixed": fixed, "stable": stable, "member": e, "seed": e, "proven": True}
        for e in range(SEEDS)
        for hidden in (SHALLOW, MIDDLE, DEEP)
        for init, (fixed, stable) in ((LIGHT, light), (HEAVY, heavy[hidden]))
    ]
    return Result(
        Path("none"),
        {"parameters": {"activation": activation}},
        {"members": pd.DataFrame(rows).assign(dim=dim, width=20)},
        {},
    )


def verdict(result: Result) -> Claim:
    (claim,) = claims_of(result)
    return claim


def test_the_claim_is_supported_where_heavy_tails_give_several_points_and_most_at_middle_depth() -> None:
    claim = verdict(simulated((1, 1), {SHALLOW: (3, 2), MIDDLE: (5, 3), DEEP: (3, 2)}))
    assert claim.verdict == "supported"
    assert len(claim.details) == 4


def test_the_claim_is_refuted_where_one_stable_point_is_rare_and_several_are_rarer() -> None:
    claim = verdict(simulated((3, 2), {SHALLOW: (3, 1), MIDDLE: (1, 1), DEEP: (3, 1)}))
    assert claim.verdict == "refuted"


def test_equal_numbers_at_all_depths_support_nothing() -> None:
    parts = verdict(simulated((1, 1), dict.fromkeys((SHALLOW, MIDDLE, DEEP), (3, 2)))).details
    assert [part.verdict for part in parts] == ["supported", "supported", "undecided", "undecided"]


def test_dimensions_without_proof_decide_nothing() -> None:
    claim = verdict(simulated((1, 1), {SHALLOW: (3, 2), MIDDLE: (5, 3), DEEP: (3, 2)}, dim=20))
    assert claim.verdict == "untestable"
    assert len(claim.details) == 4
    assert not any(part.primary for part in claim.details)


def test_units_whose_fixed_points_cannot_be_proven_decide_nothing() -> None:
    claim = verdict(simulated((1, 1), {SHALLOW: (3, 2), MIDDLE: (5, 3), DEEP: (3, 2)}, activation="tanh"))
    assert claim.verdict == "untestable"
    assert "tanh units" in claim.label


def test_lists_without_proof_are_counted_in_the_label() -> None:
    found = simulated((1, 1), {SHALLOW: (3, 2), MIDDLE: (5, 3), DEEP: (3, 2)})
    found.tables["members"].loc[found.table.init == HEAVY, "proven"] = False
    labels = [part.label for part in verdict(found).details]
    assert labels[:2] == [
        "",
        f"for {3 * SEEDS} of {3 * SEEDS} networks it is not proven that all fixed points were found",
    ]


def test_cells_count_networks_with_one_stable_point() -> None:
    table = cells(simulated((1, 1), {SHALLOW: (1, 0), MIDDLE: (5, 3), DEEP: (3, 2)}).table)
    heavy = table[table.init == HEAVY].set_index("hidden")
    assert table[table.init == LIGHT].one_stable.tolist() == [1, 1, 1]
    assert heavy.one_stable.tolist() == [0, 0, 0]
    assert heavy.most.to_dict() == {SHALLOW: 1, MIDDLE: 5, DEEP: 3}
