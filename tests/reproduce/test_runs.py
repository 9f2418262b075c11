"""The list of runs: what it names exists, and no row of the ledger is decided twice."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from landscape import presets, registry
from landscape.claims import PAPER_FAMILY
from landscape.reproduce.rows import family_size, rows
from landscape.reproduce.runs import PRESETS, RUNS, TEST_PRESET, WORDS, PaperRun, chosen, deciding
from landscape.reproduce.thresholds import statements
from landscape.study import Study


@pytest.mark.parametrize("run", RUNS, ids=lambda run: run.name)
def test_what_a_run_asks_makes_a_study(run: PaperRun) -> None:
    assert run.asked
    for name, settings in run.asked.values():
        presets.make_study(run.study, name, overrides=settings)
    assert set(run.claims) <= {one.key for one in statements(run.study)}


def test_a_run_is_missing_at_a_preset_only_with_a_reason() -> None:
    assert {run.name for run in RUNS if set(PRESETS) - set(run.asked)} == {run.name for run in RUNS if run.lacks}


def test_every_row_is_decided_by_a_single_run_or_says_what_it_needs() -> None:
    decided = Counter(key for run in RUNS for key in run.claims)
    assert set(decided.values()) == {1}
    assert set(decided) == {row.key for row in rows() if not row.needs}
    assert deciding("C9") is None


@pytest.mark.parametrize("run", RUNS, ids=lambda run: run.name)
def test_the_panels_that_a_run_shows_are_those_of_its_study(run: PaperRun) -> None:
    house = Path(presets.__file__).parent / "studies"
    folders = (house / run.study.replace("-", "_"), house / "parts")
    source = "".join(file.read_text(encoding="utf-8") for folder in folders for file in folder.glob("*.py"))
    assert run.pictures or run.is_figure or registry.study_class(run.study).hero is not Study.hero
    for title in run.pictures:
        assert re.search(rf'"{re.escape(title)}[:"]', source), (
            title
        )  # a title is a topic, and what was found after a colon


def test_every_statement_of_a_study_is_a_row_of_the_ledger() -> None:
    """A new statement needs a row in rows.toml, and a run in runs.py that decides it."""
    stated = {one.key for study in {run.study for run in RUNS} for one in statements(study)}
    assert stated == {key for run in RUNS for key in run.claims}


def test_the_ledger_has_the_whole_family_of_the_paper() -> None:
    assert set(PAPER_FAMILY) <= {row.key for row in rows() if row.family == "paper"}
    assert family_size("paper") == len(PAPER_FAMILY) == 24
    assert family_size("injectivity") == 6


def test_figures_are_chosen_by_their_names_and_claims_by_what_they_decide() -> None:
    assert [run.name for run in chosen(["fig5", "fig2"], "quick")] == ["fig2", "fig5"]
    assert all(run.claims for run in chosen(["claims"], "quick"))
    assert chosen([], "quick") == chosen(["all"], "quick")
    assert {run.name for run in chosen(["all"], "paper")} - {run.name for run in chosen(["all"], "quick")} == {
        "jumpy",
        "states",
    }
    assert WORDS == ("fig2", "fig3", "fig4", "fig5", "fig6", "fig7", "claims", "all", "injective")


def test_injective_networks_have_a_word_of_their_own() -> None:
    own = [run for run in RUNS if run.is_injective]
    assert chosen(["injective"], "quick") == [run for run in own if "quick" in run.asked]
    assert not any(run.is_injective for run in [*chosen(["all"], "quick"), *chosen(["claims"], "paper")])
    assert chosen(["injective", "fig2"], "quick") == [run for run in RUNS if run.is_injective or run.name == "fig2"]
    assert {key for run in own for key in run.claims} <= {row.key for row in rows() if row.family == "injectivity"}


@pytest.mark.parametrize(
    ("word", "preset", "said"), [("fig1", "quick", "`what` must be"), ("all", "slow", "`preset` must")]
)
def test_an_unknown_word_is_refused(word: str, preset: str, said: str) -> None:
    with pytest.raises(ValueError, match=said) as refused:
        chosen([word], preset)
    assert TEST_PRESET not in str(refused.value)
