"""The commands `reproduce` and `explain`: their options. What they do is in modules of their names, which load more."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from landscape.commands.arguments import REPORTS, Json, Out
from landscape.commands.waiting import LOADING, waiting


def reproduce(
    what: Annotated[
        list[str] | None,
        typer.Argument(
            help="fig2 … fig7, claims or all (by default); or injective, another paper.", show_default=False
        ),
    ] = None,
    preset: Annotated[
        str,
        typer.Option(help="quick (digits, minutes), paper (the seeds that verdicts need; hours, days for C21), full."),
    ] = "quick",
    without: Annotated[
        list[str] | None,
        typer.Option(
            "--without",
            metavar="NAME,…",
            help="Runs to leave out, by the names that --dry-run prints; may be repeated.",
        ),
    ] = None,
    as_published: Annotated[
        bool, typer.Option("--as-published", help="What the published code does otherwise than the text, beside it.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the runs and their time, and stop.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask, however long it will take.")] = False,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:n or mps.")] = "auto",
    engine: Annotated[str, typer.Option(help="here, processes, ray, or auto.")] = "auto",
    workers: Annotated[int | None, typer.Option(help="Worker processes; by default one per core.")] = None,
    data_root: Annotated[Path | None, typer.Option(metavar="DIR", help="Where MNIST and other files are.")] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Run finished cells again.")] = False,
    report: Annotated[bool, typer.Option("--report/--no-report", help="Write the page.")] = True,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress, no tables.")] = False,
    json: Json = False,
    out: Out = REPORTS,
) -> int:
    """Run the paper again: a ledger of its claims with their verdicts, and a page with its figures.

    `injective` runs Globally Injective ReLU Networks (Puthawala et al. 2022) again, beside its published thresholds."""
    given = dict(locals())
    from landscape.commands.plan import RunOptions

    with waiting(LOADING, quiet=quiet):
        from landscape.commands.reproduce import reproduce as command

    what, without, published = given.pop("what") or [], given.pop("without") or [], given.pop("as_published")
    return command(what, RunOptions(**given), without=without, as_published=published)


def explain(
    word: Annotated[
        list[str] | None, typer.Argument(help="A word of a page, or the key of a claim: C3.", show_default=False)
    ] = None,
    json: Json = False,
) -> int:
    """What a word or a claim means; without one, all of them."""
    from landscape.commands.explain import explain

    return explain(" ".join(word or []), as_json=json)
