"""Estimates are proportional to the work that is left."""

from __future__ import annotations

import dataclasses
import time
from pathlib import Path

import pytest

from landscape.commands.progress import room, rough
from landscape.estimate import CellEstimate, Estimate, Speed, estimate, measure_speed, training_seconds
from landscape.study import run_study
from landscape.training import trained
from tests.conftest import Command
from tests.toy.toy_line.study import ToyLine

STUDY = ToyLine(steps=5, hidden=(1, 2, 3))
SPEED = Speed(1e-5, 1e-10, 1e-9)


def test_time_is_proportional_to_steps() -> None:
    recipe = STUDY.recipes(STUDY.cells()[0])[0]
    longer = dataclasses.replace(recipe, fit=dataclasses.replace(recipe.fit, steps=recipe.fit.steps * 7))
    assert training_seconds(longer, SPEED) == pytest.approx(7 * training_seconds(recipe, SPEED))


def test_every_layer_and_member_costs() -> None:
    one, two = (STUDY.recipes(cell)[0] for cell in STUDY.cells()[:2])
    more = dataclasses.replace(one, seeds=tuple(range(30)))
    assert training_seconds(two, SPEED) > training_seconds(one, SPEED)
    assert training_seconds(more, SPEED) > training_seconds(one, SPEED)


def test_finished_cells_and_stored_networks_cost_nothing(tmp_path: Path) -> None:
    before = estimate(STUDY, tmp_path)
    assert (len(before.cells), before.finished, before.stored) == (3, 0, 0)
    assert [cell.members for cell in before.cells] == [3, 3, 3]
    assert [cell.steps for cell in before.cells] == [15, 15, 15]
    run_study(dataclasses.replace(STUDY, hidden=(2,)), out=tmp_path)
    stored = estimate(STUDY, tmp_path)
    assert (len(stored.cells), stored.stored) == (3, 1)
    assert stored.cells[1].seconds == 0
    run_study(STUDY, out=tmp_path)
    assert estimate(STUDY, tmp_path) == Estimate((), 3, 0)
    assert len(estimate(STUDY, tmp_path, fresh=True).cells) == 3


def test_processes_share_the_work_but_not_the_longest_cell() -> None:
    cell = STUDY.cells()[0]
    whole = Estimate(tuple(CellEstimate(cell, 3, 5, seconds, 10**6) for seconds in (100, 10, 10)), 0, 0)
    assert whole.seconds(1) == 120
    assert 100 < whole.seconds(2) < 120
    assert whole.bytes(2) > whole.bytes(1) > 10**6


def test_what_measuring_holds_counts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    before = estimate(STUDY, tmp_path)
    monkeypatch.setattr(ToyLine, "held", lambda self, cell: 10**9)
    assert [cell.bytes for cell in estimate(STUDY, tmp_path).cells] == [4 * 10**9] * 3
    assert max(cell.bytes for cell in before.cells) < 10**9


def test_this_machine_has_a_speed_and_the_estimate_is_of_the_right_size() -> None:
    speed = measure_speed()
    assert speed.layer > 0
    recipe = ToyLine(steps=400, members=50, stop=False).recipes(STUDY.cells()[2])[0]
    from landscape.training import Site

    began = time.perf_counter()
    trained(recipe, Site())
    took = time.perf_counter() - began
    assert took / 8 < training_seconds(recipe, speed) < took * 8


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(40, "40 s"), (4 * 86_400, "4 days"), (7 * 365.25 * 86_400, "7 years"), (1e13, "more than 100 years"),
     (float("inf"), "more than 100 years"), (float("nan"), "more than 100 years")],
)  # fmt: skip
def test_durations_beyond_a_century_are_printed_as_such(seconds: float, said: str) -> None:
    assert rough(seconds) == said


@pytest.mark.parametrize(
    ("size", "said"), [(8e8, "0.8 GB"), (5e13, "50 TB"), (10**400, "more than 1,000 TB"), (1e16, "more than 1,000 TB")]
)
def test_memory_beyond_a_petabyte_is_printed_as_such(size: float, said: str) -> None:
    assert room(size) == said


@pytest.mark.usefixtures("toy")
def test_a_plan_beyond_every_machine_is_called_out_of_reach(command: Command) -> None:
    answer = command("study", "toy-line", "--steps", str(2**53), "--no-stop", "--dry-run")
    assert answer.code == 0
    assert "it may take more than 100 years and " in answer.out
    assert " of memory, which is out of reach: sweep fewer values, or lower counts and iterations\n" in answer.out
