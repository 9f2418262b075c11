"""A run of the paper that was made: its study, its result, and its claims as the ledger reads them."""

from __future__ import annotations

from dataclasses import dataclass

from landscape import presets, reporting
from landscape.claims import claims_table
from landscape.reproduce.ledger import Found
from landscape.reproduce.runs import PaperRun
from landscape.results import Result
from landscape.study import Study


@dataclass(frozen=True, eq=False)
class Made:
    """A run with a result: the command that makes it again, and what it found of its claims."""

    run: PaperRun
    study: Study
    result: Result
    command: str


def made_of(run: PaperRun, study: Study, result: Result) -> Made:
    """The run with its result."""
    return Made(run, study, result, presets.command(study))


def found_of(made: Made) -> Found:
    """What the ledger reads of a run."""
    claims = claims_table(reporting.claims_of(made.study, made.result))
    return Found(made.run, claims, made.study.version, made.result.path.name, made.command)
