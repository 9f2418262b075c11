"""A run that is asked for: the options that every study's command has, and the plan that they and its study make."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from landscape.estimate import Estimate
    from landscape.study import Study

RUN_PANEL = "The run"
PROCESSES_ABOVE = 20.0  # seconds of estimated work that outweigh starting worker processes


def run_option(*names: str, **settings: Any) -> Any:
    return typer.Option(*names, rich_help_panel=RUN_PANEL, **settings)


@dataclass(frozen=True)
class RunOptions:
    """How to run, whatever the study, as typer reads it: nothing here may change a result.

    The option of `preset` is made for each study, which has its own; "" is the study's usual one."""

    preset: str = ""
    config: Annotated[Path | None, run_option("--config", metavar="FILE", help="Parameters from a TOML file.")] = None
    set: Annotated[
        list[str] | None, run_option("--set", metavar="KEY=VALUE", help="One parameter; may be repeated.")
    ] = None
    print_config: Annotated[bool, run_option("--print-config", help="Print the parameters as TOML, and stop.")] = False
    dry_run: Annotated[bool, run_option("--dry-run", help="Print cells, members, time and memory, and stop.")] = False
    yes: Annotated[bool, run_option("--yes", "-y", help="Do not ask, however long it will take.")] = False
    device: Annotated[str, run_option("--device", help="auto, cpu, cuda, cuda:n or mps.")] = "auto"
    engine: Annotated[str, run_option("--engine", help="here, processes, or auto.")] = "auto"
    workers: Annotated[int | None, run_option("--workers", help="Worker processes; by default one per core.")] = None
    out: Annotated[Path, run_option("--out", metavar="DIR", envvar="LANDSCAPE_OUT", help="Where runs go.")] = Path(
        "reports"
    )
    data_root: Annotated[
        Path | None,
        run_option("--data-root", metavar="DIR", help="Where MNIST and other files are; else LANDSCAPE_DATA."),
    ] = None
    fresh: Annotated[bool, run_option("--fresh", help="Run finished cells again.")] = False
    report: Annotated[bool, run_option("--report/--no-report", help="Write report.html.")] = True
    json: Annotated[bool, run_option("--json", help="A summary as JSON on stdout; all else on stderr.")] = False
    quiet: Annotated[bool, run_option("--quiet", "-q", help="No progress, no tables.")] = False
    verbose: Annotated[bool, run_option("--verbose", "-v", help="Tell more.")] = False
    debug: Annotated[bool, run_option("--debug", help="Stop at the first error, with its traceback.")] = False


@dataclass(frozen=True)
class Plan:
    """A study that can start: where, on what, and what is left to do."""

    study: Study
    options: RunOptions
    device: str
    workers: int
    estimate: Estimate
    title: str = ""

    @property
    def engine(self) -> str:
        """'processes' where asked for, or where several cells are long enough to be worth it."""
        if self.options.engine != "auto":
            return self.options.engine
        worth = self.device == "cpu" and len(self.estimate.cells) > 1 and self.estimate.work > PROCESSES_ABOVE
        return "processes" if worth and self.workers > 1 else "here"

    @property
    def processes(self) -> int:
        """How many cells run at a time."""
        return min(self.workers, max(len(self.estimate.cells), 1)) if self.engine == "processes" else 1

    @property
    def seconds(self) -> float:
        """Until the end, at most."""
        return self.estimate.seconds(self.processes)
