"""The commands about trained networks: `landscape export`, and `landscape models` with `prune`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from landscape.commands.arguments import REPORTS, Code, Json, Member, Out, RecipeNumber, Run, Where, trust
from landscape.commands.faults import Fault
from landscape.commands.waiting import LOADING, waiting

models = typer.Typer(name="models", rich_markup_mode=None, add_completion=False)


def export(
    run: Run = None,
    to: Annotated[
        Path | None,
        typer.Option(
            "--to", metavar="FILE", help="The file: .pt2, .onnx or .safetensors. For figures and tables: a folder."
        ),
    ] = None,
    figures: Annotated[
        str | None, typer.Option(metavar="pdf|svg|png", help="Write the figures of the page instead of a network.")
    ] = None,
    tables: Annotated[
        str | None,
        typer.Option(metavar="tex|csv|md", help="Write the tables instead: claims, cells, members and others."),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(
            metavar="TITLE", help="A figure by its title or a part of it, a table by its name; may be repeated."
        ),
    ] = None,
    style: Annotated[
        str | None, typer.Option(metavar="FILE", help="Matplotlib's settings for the figures: my.mplstyle, or a name.")
    ] = None,
    where: Where = None,
    member: Member = "median",
    recipe: RecipeNumber = 0,
    shape: Annotated[
        str | None, typer.Option(metavar="N,…", help="A point's shape, such as 1,28,28; by default the data's.")
    ] = None,
    out: Out = REPORTS,
    code: Code = None,
) -> int:
    """Write a run's trained network to a file for other programs: torch.export, ONNX or weights. Or its figures or tables."""
    trust(code)
    if figures is not None and tables is None:
        with waiting(LOADING):
            from landscape.commands.export_figures import export_figures

        return export_figures(run, figures, to, only=tuple(only or ()), style=style, out=out)
    if tables is not None and figures is None and not style:
        from landscape.commands.export_tables import export_tables

        return export_tables(run, tables, to, only=tuple(only or ()), out=out)
    if to is None or only or style:
        raise Fault(
            "give --to FILE for a network, or --figures pdf, svg or png, or --tables tex, csv or md; "
            "--only is for figures and tables, --style for figures"
        )
    with waiting(LOADING):
        from landscape.commands.export import export

    return export(run, to, where=tuple(where or ()), member=member, recipe=recipe, shape=shape, out=out)


def diff(
    first: Annotated[str, typer.Argument(help="A run's folder, or the beginning of its name.", show_default=False)],
    second: Annotated[str, typer.Argument(help="Another run of the same study.", show_default=False)],
    out: Out = REPORTS,
    json: Json = False,
    code: Code = None,
) -> int:
    """Compare two runs of a study: parameters, cells, numbers, verdicts. Exit code 0 if they are equal, 1 if they differ."""
    from landscape.commands.diff import diff as command

    trust(code)
    return command(first, second, out, as_json=json)


@models.callback(invoke_without_command=True)
def list_models(context: typer.Context, out: Out = REPORTS, json: Json = False, code: Code = None) -> Any:
    """List the trained networks that are kept, with their sizes and the runs that use them; `prune` removes some."""
    if context.invoked_subcommand is not None:
        return None
    with waiting(LOADING):
        from landscape.commands import models as command

    trust(code)
    return command.list_models(out, as_json=json)


@models.command()
def prune(
    context: typer.Context,
    unused: Annotated[bool, typer.Option("--unused", help="Remove networks that no run under --out uses.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be removed; remove nothing.")] = False,
    out: Out = REPORTS,
    code: Code = None,
) -> int:
    """Remove trained networks that no run uses. The others, and files that are not the store's, are kept."""
    with waiting(LOADING):
        from landscape.commands import models as command

    trust(code)
    source: Any = context.get_parameter_source("out")
    if source.name != "COMMANDLINE" and context.parent is not None:  # `models --out DIR prune`
        out = Path(context.parent.params["out"])
    return command.prune(out, unused=unused, dry_run=dry_run)
