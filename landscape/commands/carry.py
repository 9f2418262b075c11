"""`landscape slurm`, `pack` and `gather`: runs of many machines, and runs that move between machines."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from landscape.commands.arguments import REPORTS, Code, Out, Run, trust
from landscape.commands.faults import OK, bad_input, writing_to


def pack(
    to: Annotated[Path, typer.Option("--to", "-o", metavar="FILE.tar", help="The file to write.")],
    run: Run = None,
    out: Out = REPORTS,
    code: Code = None,
) -> int:
    """Write a run, by default the newest, with its trained networks to one file, for `landscape gather` on another machine."""
    trust(code)
    from landscape import carrying, loading
    from landscape.commands.runs import named_or_newest

    with bad_input(), writing_to(to.parent, option="--to", kept="nothing is written"):
        found = carrying.pack(loading.find_run(named_or_newest(run, out), out), to)
    print(f"packed  {to}")
    print(f"cells   {found.cells} of {found.of_cells}, networks of {found.networks} of {found.of_networks} trainings")
    if found.networks < found.of_networks:
        print("the other networks are not in the store: `landscape sample` will not find them", file=sys.stderr)
    return OK


def gather(
    sources: Annotated[
        list[Path],
        typer.Argument(help="Runs' folders, folders with runs, or files of `landscape pack`.", show_default=False),
    ],
    out: Out = REPORTS,
) -> int:
    """Put runs together: the cells and networks of each source are copied into the run of the same name."""
    from landscape import carrying, reporting, results
    from landscape.record import PAGE

    with bad_input(), writing_to(out):
        for source in sources:
            for found in carrying.gather(source, out):
                new = f"{found.new_cells} new cells, networks of {found.new_networks} new trainings"
                missing = f"; {found.missing} cells are missing" if found.missing else "; whole"
                print(f"run     {found.folder}: {new}{missing}")
                for name, reason in found.damaged.items():
                    print(f"left out: {name} of {source}: {reason}", file=sys.stderr)
                if found.new_cells and not found.missing:
                    page = reporting.write([results.load(found.folder)], found.folder / PAGE)
                    print(f"report  {page}")
    return OK


def slurm(
    words: Annotated[
        list[str], typer.Argument(metavar="STUDY …", help="A study and its options, as after `landscape study`.")
    ],
    shards: Annotated[int, typer.Option(help="Tasks of the array, each with its share of the cells.", min=1)],
) -> int:
    """Print a SLURM job script that runs a study as an array: landscape slurm depth-sweep --shards 20 > job.sh."""
    from landscape.commands.options import study_command

    with bad_input():
        command = study_command(words[0])
    return int(command([*words[1:], "--slurm", str(shards)], prog_name="landscape slurm", standalone_mode=False) or OK)
