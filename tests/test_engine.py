"""Where cells run: every item has one outcome, whatever happens to the others."""

from __future__ import annotations

import errno
import os
import signal
from collections.abc import Callable

import pytest

from landscape import engine

Report = Callable[[int, int, int], None]


def square(item: int, report: Report) -> int:
    report(item, 7, 2)
    if item == 3:
        raise ArithmeticError("three")
    if item == 5:
        os.kill(os.getpid(), signal.SIGKILL)
    if item > 100:
        raise OSError(item - 100, os.strerror(item - 100), "weights")
    return item * item


@pytest.mark.parametrize("name", engine.ENGINES)
def test_an_error_is_its_items_outcome_alone(name: str) -> None:
    heard: list[tuple[int, ...]] = []
    outcomes = list(engine.run(square, [1, 2, 3, 4], engine=name, workers=2, report=lambda *told: heard.append(told)))
    values = {outcome.item: outcome.value for outcome in outcomes}
    errors = {outcome.item: str(outcome.error) for outcome in outcomes if outcome.error}
    assert values == {1: 1, 2: 4, 3: None, 4: 16}
    assert errors == {3: "three"}
    assert all(outcome.seconds >= 0 for outcome in outcomes)
    assert set(heard) <= {(item, item, 7, 2) for item in (1, 2, 3, 4)}
    assert name != "here" or len(heard) == 4


def test_a_dead_worker_takes_only_its_own_item_with_it() -> None:
    outcomes = {outcome.item: outcome for outcome in engine.run(square, [1, 5, 2], engine="processes", workers=2)}
    assert [outcomes[item].value for item in (1, 2)] == [1, 4]
    assert "the worker process died" in str(outcomes[5].error)


@pytest.mark.parametrize("name", engine.ENGINES)
def test_a_full_disk_ends_every_item_and_a_missing_file_one(name: str) -> None:
    outcomes = engine.run(square, [1, 100 + errno.ENOSPC, 2], engine=name, workers=1)
    assert next(outcomes).value == 1
    with pytest.raises(OSError, match="No space left") as full:
        next(outcomes)
    assert (full.value.errno, full.value.filename) == (errno.ENOSPC, "weights")
    assert list(outcomes) == []
    first, second = engine.run(square, [100 + errno.ENOENT, 2], engine=name, workers=1)
    assert (type(first.error), second.value) == (FileNotFoundError, 4)


def test_no_items_need_no_workers() -> None:
    assert list(engine.run(square, [], engine="processes")) == []


def test_unknown_engine_is_refused() -> None:
    with pytest.raises(ValueError, match="`engine` must be one of 'here', 'processes'; got 'there'"):
        list(engine.run(square, [1, 2], engine="there"))


def test_an_interrupt_is_not_an_outcome() -> None:
    def interrupted(item: int, report: Report) -> int:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(engine.run(interrupted, [1]))
