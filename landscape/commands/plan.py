"""The options that the command of every study has, and the plan of a run: a study, its options, and an estimate."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from landscape import outside, own_data, presets, unexecuted
from landscape.choices import check_trackers
from landscape.commands import faults
from landscape.parameters import outside_texts

if TYPE_CHECKING:
    from landscape.estimate import Estimate
    from landscape.results import Cell
    from landscape.study import Study

RUN_PANEL = "The run"
PAGE_SECONDS = 6.0  # of a run's page: 7 of one core for 480 networks of depth-sweep
PROCESSES_ABOVE_SECONDS = 20.0  # estimated work from which starting worker processes pays


def run_option(*names: str, **settings: Any) -> Any:
    return typer.Option(*names, rich_help_panel=RUN_PANEL, **settings)


@dataclass(frozen=True)
class RunOptions:
    """How to run a study, in the form that typer reads. No option here changes a result, except by choosing parameters.

    The help of `preset` is made per study. The value "" stands for the study's default preset."""

    preset: str = ""
    config: Annotated[Path | None, run_option("--config", metavar="FILE", help="Parameters from a TOML file.")] = None
    set: Annotated[
        list[str] | None, run_option("--set", metavar="KEY=VALUE", help="One parameter; may be repeated.")
    ] = None
    print_config: Annotated[bool, run_option("--print-config", help="Print the parameters as TOML, and stop.")] = False
    dry_run: Annotated[bool, run_option("--dry-run", help="Print cells, members, time and memory, and stop.")] = False
    yes: Annotated[bool, run_option("--yes", "-y", help="Do not ask, however long it will take.")] = False
    device: Annotated[str, run_option("--device", help="auto, cpu, cuda, cuda:n or mps.")] = "auto"
    engine: Annotated[str, run_option("--engine", help="here, processes, ray, or auto.")] = "auto"
    workers: Annotated[int | None, run_option("--workers", help="Worker processes; by default one per core.")] = None
    address: Annotated[
        str,
        run_option(
            "--address", metavar="ADDRESS", help="A Ray cluster, for --engine ray; else RAY_ADDRESS, else this machine."
        ),
    ] = ""
    gpus_per_cell: Annotated[
        float | None,
        run_option(
            "--gpus-per-cell", metavar="X", help="The GPUs of a cell, for --engine ray: 0.25 shares one by four."
        ),
    ] = None
    out: Annotated[Path, run_option("--out", metavar="DIR", envvar="LANDSCAPE_OUT", help="Where runs go.")] = Path(
        "reports"
    )
    data_root: Annotated[
        Path | None,
        run_option("--data-root", metavar="DIR", help="Where MNIST and other files are; else LANDSCAPE_DATA."),
    ] = None
    shard: Annotated[
        str,
        run_option(
            "--shard", metavar="I/N", help="Run every Nth cell from the Ith: a part of the run, for job arrays."
        ),
    ] = ""
    cell: Annotated[
        list[int] | None, run_option("--cell", metavar="K", help="Run this cell of --list-cells; may be repeated.")
    ] = None
    list_cells: Annotated[
        bool, run_option("--list-cells", help="Print the cells with numbers and states, and stop.")
    ] = False
    slurm: Annotated[
        int, run_option("--slurm", metavar="N", help="Print a job script for an array of N tasks, and stop.")
    ] = 0
    imports: Annotated[
        list[str] | None,
        run_option("--import", metavar="MODULE", help="A module or file of yours that registers data; it is executed."),
    ] = None
    fresh: Annotated[bool, run_option("--fresh", help="Run finished cells again.")] = False
    report: Annotated[bool, run_option("--report/--no-report", help="Write report.html.")] = True
    log: Annotated[
        list[str] | None,
        run_option("--log", metavar="TOOL", help="Log the run to tensorboard, wandb or mlflow; may be repeated."),
    ] = None
    json: Annotated[bool, run_option("--json", help="A summary as JSON on stdout; all else on stderr.")] = False
    quiet: Annotated[bool, run_option("--quiet", "-q", help="No progress, no tables.")] = False
    verbose: Annotated[
        bool, run_option("--verbose", "-v", help="Print the plan before the run, as --dry-run does.")
    ] = False
    debug: Annotated[bool, run_option("--debug", help="Stop at the first error, with its traceback.")] = False


@dataclass(frozen=True)
class Asked:
    """The parameters that a command line asks for: a preset, TOML files, and single values, each over the ones before it."""

    preset: str
    files: list[Path]
    values: dict[str, Any]
    title: str


def asked(name: Any, settings: Mapping[str, Any], options: RunOptions, question: Path | None = None) -> Asked:
    """What the options and the single `settings` ask of the study `name`, and of the TOML file `question`.

    Raises ValueError for an item of --set that is not KEY=VALUE, and for a parameter that it sets twice."""
    files = [file for file in (question, options.config) if file is not None]
    about = {key: value for file in files for key, value in presets.about(file).items()}
    preset = options.preset or about.get("preset") or presets.default_preset(name)
    return Asked(preset, files, {**pairs(options.set, "set"), **settings}, about.get("title", ""))


def check(name: Any, settings: Mapping[str, Any], options: RunOptions, question: Path | None = None) -> None:
    """Raise ValueError for what is wrong with a command line as far as it shows before torch is loaded.

    Values outside their type or range, files that are not there, names that a file does not define. A study of the user's is
    not checked here, as its own code loads torch."""
    check_trackers(options.log or ())
    for word in options.imports or ():
        own_data.import_module(word)
    if not isinstance(name, str) or name not in presets.study_names():
        return
    faults.use_data_root(options.data_root)
    found = asked(name, settings, options, question)
    given = presets.parameters_class(name)(**presets.settings(name, found.preset, found.files, found.values))
    for text, group in outside_texts(given):
        if not outside.is_reference(text):
            continue
        try:
            unexecuted.check_name(text)
        except ValueError as error:
            raise ValueError(f"--measure: {error}" if group == outside.MEASURES else str(error)) from None
    given.check_data()
    given.check_paths()


def pairs(items: list[str] | tuple[str, ...] | None, flag: str = "where") -> dict[str, str]:
    """The KEY=VALUE texts of an option as a mapping. Keys are names of parameters, in which - stands for _; those of `known`
    are names in the data, and stay as they are.

    Raises ValueError for a text that is not KEY=VALUE, and for a key that comes twice. Only --set takes an empty value."""
    found: dict[str, str] = {}
    for item in items or ():
        key, equals, value = (part.strip() for part in item.partition("="))
        if not (key and equals and (value or flag == "set")):
            raise ValueError(f"`{flag}` must be KEY=VALUE; got {item!r}")
        key = key if flag == "known" else key.replace("-", "_")
        if key in found:
            raise ValueError(f"`{flag}` gives {key!r} twice: {found[key]} and {value}")
        found[key] = value
    return found


@dataclass(frozen=True)
class Plan:
    """A study that is ready to start: its options, the device, and an estimate of the work that is left."""

    study: Study
    options: RunOptions
    device: str
    workers: int
    estimate: Estimate
    title: str = ""
    cells: list[Cell] | None = None  # those to run; None for all of the study

    @property
    def engine(self) -> str:
        """The engine that the user chose. For 'auto': 'processes' if several cells take long enough, else 'here'."""
        if self.options.engine != "auto":
            return self.options.engine
        worth = self.device == "cpu" and len(self.estimate.cells) > 1 and self.estimate.work > PROCESSES_ABOVE_SECONDS
        return "processes" if worth and self.workers > 1 else "here"

    @property
    def processes(self) -> int:
        """The number of cells that run at the same time on this machine; 1 for a cluster, whose size is seen when it runs."""
        several = self.engine == "processes" or (self.engine == "ray" and not self.cluster)
        return min(self.workers, max(len(self.estimate.cells), 1)) if several else 1

    @property
    def cluster(self) -> str:
        """The address of a Ray cluster that was there before the run; "" where the cells run on this machine."""
        return self.options.address or os.environ.get("RAY_ADDRESS", "") if self.engine == "ray" else ""

    @property
    def seconds(self) -> float:
        """The seconds that the run takes, about, with its page."""
        page = PAGE_SECONDS if self.options.report and self.estimate.cells else 0.0
        return self.estimate.seconds(self.processes) + page
