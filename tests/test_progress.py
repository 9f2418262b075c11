"""The progress of a run on one line of a terminal: its bar and the time left stand at every width."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from landscape.progress import BAR_WIDTH, RunDisplay, RunProgress
from landscape.running import run_study
from tests.toy.toy_line.study import ToyLine

NAME = "data=four-points hidden=10 width=50 budget=2800"
NEXT = "data=two-points hidden=10 width=50 budget=2800"


def shown(width: int, *, failed: int = 0, both: bool = False, elapsed: float = 60.0) -> str:
    """What stands on the screen when half of three equal cells is done."""
    out = Console(file=io.StringIO(), width=width, height=20, force_terminal=True, color_system=None)
    display = RunDisplay(lambda name: (3, 7), console=out)
    display.weigh({"first": 1.0, NAME: 1.0, NEXT: 1.0})
    display.began -= elapsed
    display(RunProgress(1, 3, failed, "first"))
    if both:
        display(RunProgress(1, 3, failed, NEXT, 0, 100))
    display(RunProgress(1, 3, failed, NAME, 50, 100, 2, 0.00123))
    with out.capture() as capture:
        out.print(display.bar.get_renderable())
    return capture.get()


@pytest.mark.parametrize("width", [60, 80, 100, 140, 200])
@pytest.mark.parametrize("both", [False, True])
def test_the_bar_and_the_time_left_stand_on_one_line(width: int, both: bool) -> None:
    text = shown(width, failed=2, both=both).rstrip("\n")
    assert "\n" not in text
    assert len(text) <= width
    assert text.startswith("━" * (BAR_WIDTH // 2 - 1))
    assert "1/3 cells, 2 failed, 60 s left" in text


def test_a_wide_terminal_shows_the_rest_in_order() -> None:
    text = shown(200).partition("1/3")[2].rstrip()
    assert text == f" cells, 60 s left, 5 converged, loss 0.0012, {NAME}"
    assert shown(200, both=True).rstrip().endswith(f"{NEXT} and 1 more")


def test_a_narrow_terminal_cuts_the_name_and_drops_it_before_the_counts() -> None:
    assert shown(86).rstrip().endswith("60 s left, 5 converged, loss 0.0012, data=four-points…")
    assert shown(70).rstrip().endswith("60 s left, 5 converged, loss 0.0012")
    assert shown(50).rstrip().endswith("1/3 cells, 60 s left")


def test_elsewhere_a_line_for_each_cell_has_everything(capsys: pytest.CaptureFixture[str]) -> None:
    out = Console(file=io.StringIO(), width=40)
    display = RunDisplay(lambda name: (3, 7), console=out)
    display.weigh({"first": 1.0, NAME: 1.0})
    with display:
        display(RunProgress(1, 2, 0, "first"))
    assert capsys.readouterr().err == "ended first: 1/2 cells, 3 of 7 members converged\n"


def test_run_study_refuses_what_shows_nothing(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="`progress` must be 'auto', a function, None, or a list of these; got 'bar'"):
        run_study(ToyLine(steps=2), out=tmp_path, progress=["auto", "bar"])
    assert not list(tmp_path.iterdir())


def test_all_that_is_listed_is_told_of_the_run(tmp_path: Path) -> None:
    told: list[list[RunProgress]] = [[], []]
    run_study(ToyLine(steps=2), out=str(tmp_path), progress=[told[0].append, None, "auto", told[1].append])
    assert told[0] == told[1]
    assert told[0][-1].cells_done == 2
