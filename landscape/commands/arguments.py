"""Options that several commands have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from landscape import outside
from landscape.commands import completion, faults

REPORTS = Path("reports")
Run = Annotated[
    str | None,
    typer.Argument(
        help="A run's folder, or the beginning of its name; the newest by default.",
        show_default=False,
        autocompletion=completion.run_names,
    ),
]
Runs = Annotated[
    list[str] | None,
    typer.Argument(
        help="Runs: folders, or beginnings of their names; the newest by default.",
        show_default=False,
        autocompletion=completion.run_names,
    ),
]
Out = Annotated[Path, typer.Option("--out", metavar="DIR", envvar="LANDSCAPE_OUT", help="Where the runs are.")]
Json = Annotated[bool, typer.Option("--json", help="JSON on stdout.")]
Code = Annotated[
    list[Path] | None,
    typer.Option(
        "--code", metavar="FILE.py", help="Trust this file and execute it: the run used it, or an earlier version."
    ),
]
Partial = Annotated[bool, typer.Option("--partial", help="Leave damaged cells out, and say so.")]
Where = Annotated[
    list[str] | None,
    typer.Option(
        "--where",
        metavar="KEY=VALUE",
        help="The cell, such as hidden=6; may be repeated.",
        autocompletion=completion.cell_values,
    ),
]
Member = Annotated[str, typer.Option(metavar="median|best|N", help="The network: by its training loss, or its number.")]
RecipeNumber = Annotated[int, typer.Option(help="The ensemble, by its number, if the cell trains several.")]


def trust(code: list[Path] | None) -> None:
    """Read the files that the user names, so that a run whose record names the same code may execute it."""
    with faults.bad_input():
        for file in code or ():
            outside.read(file)
