"""Estimates are proportional to the work that is left."""

from __future__ import annotations

import dataclasses
import time
from pathlib import Path

import pytest

from landscape import presets
from landscape.commands.plan import PAGE_SECONDS, Plan, RunOptions
from landscape.data import DataSpec
from landscape.ensemble import FitSpec
from landscape.estimate import (
    CELL_SECONDS,
    PILOTS,
    CellEstimate,
    Estimate,
    Speed,
    estimate,
    measure_speed,
    shares_of_steps,
    training_seconds,
)
from landscape.nets import MLP
from landscape.progress import room, rough
from landscape.running import run_study
from landscape.training import Recipe, Site, trained
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
    assert stored.cells[1].seconds == CELL_SECONDS
    assert stored.cells[0].seconds > CELL_SECONDS
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
    began = time.process_time()
    trained(recipe, Site())
    took = time.process_time() - began
    assert took / 4 < training_seconds(recipe, speed) < took * 4


def recipe(tol: float, steps: int = 1000, *, stop: bool = True, hidden: int = 1, schedule: str = "constant") -> Recipe:
    how = FitSpec(steps, 1e-2, tol=tol, stop=stop, schedule=schedule)
    return Recipe(MLP(hidden=hidden, width=5), DataSpec("two-points"), how, seeds=(0, 1, 2, 3, 4))


def test_members_that_converge_at_once_cost_few_of_their_steps() -> None:
    at_once, never = recipe(tol=1e9), recipe(tol=0.0)
    shares = shares_of_steps({at_once: 100.0, never: 100.0})
    assert shares[at_once] < 0.01
    assert shares[never] == 1.0


def test_only_what_may_stop_early_is_tried_and_only_where_much_is_to_do() -> None:
    rest = {recipe(1e9, stop=False): 100.0, recipe(1e9, steps=200): 100.0, recipe(1e9, schedule="cosine"): 100.0}
    assert set(shares_of_steps(rest).values()) == {1.0}
    assert shares_of_steps({recipe(tol=1e9): 0.1}) == {recipe(tol=1e9): 1.0}


def test_cheaper_recipes_on_the_same_data_have_the_largest_share_of_those_tried(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("landscape.estimate._share_of_steps", lambda one, device: one.net.hidden / 20)
    whole = {recipe(1e-6, hidden=hidden): float(hidden) for hidden in range(1, PILOTS + 4)}
    shares = {one.net.hidden: share for one, share in shares_of_steps(whole).items()}  # type: ignore[attr-defined]
    assert shares[PILOTS + 3] == shares[1] == shares[3] == (PILOTS + 3) / 20
    assert shares[4] == 4 / 20


def test_an_estimate_counts_an_ensemble_once_and_less_where_it_stops_early(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    whole = estimate(STUDY, tmp_path, speed=SPEED).work - 3 * CELL_SECONDS
    monkeypatch.setattr("landscape.estimate.shares_of_steps", lambda whole, device: dict.fromkeys(whole, 0.1))
    assert estimate(STUDY, tmp_path, speed=SPEED).work - 3 * CELL_SECONDS == pytest.approx(whole / 10)


def test_a_network_that_no_recipe_trains_counts_in_the_dry_run() -> None:
    study = presets.make_study("injective-gan", "test")
    assert [study.networks(cell) for cell in study.cells()] == [1] * 4
    assert [STUDY.networks(cell) for cell in STUDY.cells()] == [3, 3, 3]


def test_the_time_of_adversarial_training_has_the_size_that_was_measured(tmp_path: Path) -> None:
    """A network of 5,000 steps on digits took 329 to 433 s on a busy machine. Issue 21 tells of about 200 s."""
    study = presets.make_study("injective-gan", "digits")
    cell = estimate(study, tmp_path, speed=Speed(1e-4, 2.5e-11, 3e-9)).cells[0]
    assert 200 < cell.seconds < 433


def test_layers_that_are_decided_exactly_take_what_was_measured(tmp_path: Path) -> None:
    """The preset `quick` took 262 s of a core, of which trained networks are 29 s; of `paper` 8 inputs alone took 60 min."""
    speed = Speed(9.2e-5, 2.6e-11, 1.4e-9)
    quick = estimate(presets.make_study("injectivity", "quick"), tmp_path, speed=speed)
    assert 150 < quick.work < 600
    paper = estimate(presets.make_study("injectivity", "paper"), tmp_path, speed=speed)
    (hard,) = (one.seconds for one in paper.cells if one.cell.name == "part=gaussian inputs=8")
    assert 1_800 < hard < 7_200


def test_a_page_counts_where_one_is_written(tmp_path: Path) -> None:
    left = estimate(STUDY, tmp_path, speed=SPEED)
    with_page, without = (Plan(STUDY, RunOptions(report=report), "cpu", 1, left).seconds for report in (True, False))
    assert with_page - without == PAGE_SECONDS
    assert Plan(STUDY, RunOptions(), "cpu", 1, Estimate((), 3, 0)).seconds == 0


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
