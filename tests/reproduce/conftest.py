"""Simulated verdicts: claims tables of every run, as if all that is tested came out one way. No run's folder gets them."""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite, isinf
from pathlib import Path

import pytest

from landscape import presets, results
from landscape.claims import Claim, Interval, Statement, Threshold, claims_table, judge, over_settings, unjudged
from landscape.reproduce.ledger import Found
from landscape.reproduce.made import Made, made_of
from landscape.reproduce.runs import RUNS, PaperRun
from landscape.reproduce.thresholds import statements
from landscape.running import run_study

MEMBERS = 23  # more than the clusters that a verdict needs
Simulate = Callable[[str], dict[str, Found]]


def interval_at(threshold: Threshold, verdict: str) -> Interval:
    """An interval on the side of the threshold that gives this verdict, with a p that agrees."""
    low, high = threshold.ends
    size = high - low if isfinite(high - low) else 2.0
    low, high = (high - size, high) if isinf(low) else (low, low + size)
    beyond = low - size if isinf(threshold.high) else high + size
    middle = {"supported": (low + high) / 2, "refuted": beyond, "undecided": threshold.number}[verdict]
    return Interval(middle, middle - size / 10, middle + size / 10, MEMBERS, test=lambda _: 1e-4)


def claim_of(statement: Statement, verdict: str) -> Claim:
    """The claim with this verdict; ill-posed if the statement asks nothing."""
    if not statement.thresholds:
        return unjudged(statement, "ill-posed", "none", "arithmetic")
    parts = [judge(interval_at(one, verdict), statement, one, members=MEMBERS) for one in statement.thresholds.values()]
    return parts[0] if len(parts) == 1 else over_settings(parts, threshold=statement.words())


@pytest.fixture
def simulated() -> Simulate:
    """What every run finds if all its claims have a verdict: simulated("refuted")."""

    def simulate(verdict: str) -> dict[str, Found]:
        return {run.name: _found(run, verdict) for run in RUNS if run.claims}

    return simulate


def _found(run: PaperRun, verdict: str) -> Found:
    claims = [claim_of(one, verdict) for one in statements(run.study) if one.key in run.claims]
    return Found(run, claims_table(claims), presets.study_class(run.study).version)


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Made]:
    """Figures 2, 3 and 5 with few, hardly trained networks, by their names. Tests must not write to their folders."""
    out = Path(tmp_path_factory.mktemp("paper"))
    return {run.name: _made(run, out) for run in RUNS if run.name in ("fig2", "fig3", "fig5")}


@pytest.fixture(scope="session")
def fig4(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Figure 4 with few, hardly trained networks. Tests must not write to its folder."""
    return _made(next(run for run in RUNS if run.name == "fig4"), Path(tmp_path_factory.mktemp("fig4")))


def _made(run: PaperRun, out: Path) -> Made:
    preset, settings = run.asked["test"]
    study = presets.make_study(run.study, preset, overrides=settings)
    return made_of(run, study, results.load(run_study(study, out=out, debug=True)))
