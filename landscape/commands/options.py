"""A study's command: its options made from the study's fields, and the options that every study has."""

from __future__ import annotations

import dataclasses
import inspect
import typing
from collections.abc import Callable
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from landscape import presets
from landscape.commands.plan import RunOptions, run_option
from landscape.names import listed, written
from landscape.parameters import Parameters, element_type, hints

FIELDS_PANEL = "The study's parameters (commas sweep; put names that hold a comma in quotes)"


class StudyCommand(TyperCommand):
    """A command whose help is plain text, as that of the other commands, with a section for each panel of options.

    rich would draw boxes around the panels; to load it takes as long as all the rest of the help."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        sections: dict[str, list[tuple[str, str]]] = {}
        for one in self.get_params(ctx):
            if line := one.get_help_record(ctx):
                sections.setdefault(getattr(one, "rich_help_panel", None) or "Options", []).append(line)
        for heading in sorted(sections, key=lambda heading: heading == "Options"):
            with formatter.section(heading):
                formatter.write_dl(sections[heading])


def study_command(name: str) -> Any:
    """The typer command of a study; the study itself is imported when the command runs."""
    study = presets.parameters_class(name)
    app = typer.Typer(add_completion=False, rich_markup_mode=None)
    app.command(name, cls=StudyCommand, help=_help(name, study))(_callback(name, study))
    return typer.main.get_command(app)


def _callback(name: str, study: type[Parameters]) -> Callable[..., int]:
    common = inspect.signature(RunOptions).parameters.values()
    annotations = typing.get_type_hints(RunOptions, include_extras=True) | {"preset": Annotated[str, _preset(name)]}
    shared = [one.replace(annotation=annotations[one.name], kind=one.KEYWORD_ONLY) for one in common]
    clash = {field.name for field in dataclasses.fields(study)} & annotations.keys()
    if clash:
        raise TypeError(f"{name} has fields that are options of every study: {', '.join(sorted(clash))}")

    def call(**values: Any) -> int:
        from landscape.commands.run import run  # loads torch

        options = RunOptions(**{field.name: values.pop(field.name) for field in dataclasses.fields(RunOptions)})
        given = {key: value for key, value in values.items() if value not in (None, [])}
        return run(name, {key: _joined(study, key, value) for key, value in given.items()}, options)

    own = _parameters(name, study)
    call.__signature__ = inspect.Signature([*own, *shared])  # type: ignore[attr-defined]
    call.__annotations__ = {one.name: one.annotation for one in [*own, *shared]}
    return call


def _joined(study: type[Parameters], key: str, value: Any) -> Any:
    """The values of a swept option as one text for `presets`.

    An option that is given once is swept by its commas. If an option for names is repeated, each occurrence is one name,
    commas included."""
    if not isinstance(value, list) or len(value) == 1:
        return value[0] if isinstance(value, list) else value
    limits = next(field.metadata for field in dataclasses.fields(study) if field.name == key)
    if element_type(hints(study)[key])[0] is not str or limits["choices"]:
        return ",".join(value)
    return written([found[0] if len(found := listed(one)) == 1 else one for one in value])


def _preset(name: str) -> Any:
    own = presets.preset_names(name)
    return run_option(
        "--preset", help=f"One of {', '.join(own)}, or none.", autocompletion=lambda: [*own, presets.NO_PRESET]
    )


def _parameters(name: str, study: type[Parameters]) -> list[inspect.Parameter]:
    """A parameter per field, None where the command line leaves it out."""
    default = study(**presets.settings(name, presets.DEFAULT_PRESET))
    found = []
    for field in sorted(dataclasses.fields(study), key=lambda one: one.name in ("seed", "members")):
        kind, swept = element_type(hints(study)[field.name])
        flag, limits = field.name.replace("_", "-"), field.metadata
        choices = list(limits["choices"] or ())
        value = getattr(default, field.name)
        text = ",".join(map(str, value)) if swept else str(value).lower() if kind is bool else str(value)
        help = f"{limits['help']}{_limits(limits)} [{presets.DEFAULT_PRESET}: {text}]"
        if kind is bool and not swept:
            option = typer.Option(f"--{flag}/--no-{flag}", help=help, rich_help_panel=FIELDS_PANEL)
        else:
            option = typer.Option(
                f"--{flag}",
                help=help,
                rich_help_panel=FIELDS_PANEL,
                metavar={int: "N", float: "X", str: "NAME", bool: "BOOL"}[kind] + (",…" if swept else ""),
                autocompletion=_completion(choices),
            )
        annotation: Any = list[str] | None if swept else bool | None if kind is bool else str | None
        found.append(
            inspect.Parameter(
                field.name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[annotation, option]
            )
        )
    return found


def _completion(choices: list[str]) -> Callable[[str], list[str]] | None:
    """The choices, also after the last comma of a sweep."""
    if not choices:
        return None

    def complete(incomplete: str) -> list[str]:
        before, comma, last = incomplete.rpartition(",")
        return [f"{before}{comma}{choice}" for choice in choices if choice.startswith(last)]

    return complete


def _limits(limits: Any) -> str:
    low, high, choices = limits["low"], limits["high"], limits["choices"]
    if choices:
        return f" One of {', '.join(choices)}."
    if low is not None and high is not None:
        return f" From {low} to {high}."
    return f" At least {low}." if low is not None else f" At most {high}." if high is not None else ""


def _help(name: str, study: type[Parameters]) -> str:
    text = inspect.getdoc(study) or presets.title(name)
    return (
        f"{presets.title(name)}.\n\n{text}\n\nValues come from the preset, then --config, --set and options. "
        "A run that was stopped goes on where it was when the same command is given again."
    )
