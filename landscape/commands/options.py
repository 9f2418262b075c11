"""The command of a study: its options are the study's fields and the options that every study has."""

from __future__ import annotations

import dataclasses
import inspect
import typing
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from landscape import presets
from landscape.commands.faults import bad_input
from landscape.commands.plan import RunOptions, check, run_option
from landscape.commands.waiting import LOADING, waiting
from landscape.names import listed, written
from landscape.parameters import Parameters, docstring, element_type, hints

METAVARS: dict[Any, str] = {int: "N", float: "X", str: "NAME", bool: "BOOL"}
FIELDS_PANEL = "The study's parameters (commas sweep; put names that hold a comma in quotes)"


class StudyCommand(TyperCommand):
    """A command whose help is plain text with a section for each panel of options.

    rich would draw boxes around the panels, but loading it would double the time until the help appears."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        sections: dict[str, list[tuple[str, str]]] = {}
        for param in self.get_params(ctx):
            if line := param.get_help_record(ctx):
                sections.setdefault(getattr(param, "rich_help_panel", None) or "Options", []).append(line)
        for heading in sorted(sections, key=lambda heading: heading == "Options"):
            with formatter.section(heading):
                formatter.write_dl(sections[heading])


def study_command(word: str) -> Any:
    """The typer command for a word: a study's name or path, or the path of a question's TOML file.

    The module of one of our studies is imported only when the command runs. Raises ValueError if the word is no study."""
    question = presets.question(Path(word)) if word.endswith(".toml") else None
    name = question.study if question else word
    study = presets.parameters_class(name)
    word_or_class: Any = study if presets.home(name).source else name  # the class, so that a user's file is read once
    app = typer.Typer(add_completion=False, rich_markup_mode=None)
    app.command(word, cls=StudyCommand, help=_help(word_or_class, study))(_callback(word_or_class, study, question))
    return typer.main.get_command(app)


def _callback(name: Any, study: type[Parameters], question: presets.Question | None) -> Callable[..., int]:
    file = question.file if question else None
    usual = presets.about(file).get("preset") or presets.default_preset(name)
    common = inspect.signature(RunOptions).parameters.values()
    annotations = typing.get_type_hints(RunOptions, include_extras=True) | {
        "preset": Annotated[str, _preset(name, usual)]
    }
    shared = [param.replace(annotation=annotations[param.name], kind=param.KEYWORD_ONLY) for param in common]
    clash = {field.name for field in dataclasses.fields(study)} & annotations.keys()
    if clash:
        raise ValueError(f"{name} has fields that are options of every study: {', '.join(sorted(clash))}; rename them")

    def call(**values: Any) -> int:
        options = RunOptions(**{field.name: values.pop(field.name) for field in dataclasses.fields(RunOptions)})
        given = {key: value for key, value in values.items() if value not in (None, [])}
        known = {field.name for field in dataclasses.fields(study)}
        settings = {key: _joined(study, key, value) if key in known else value for key, value in given.items()}
        with bad_input():
            if "data" in settings and study.no_data():
                raise ValueError(study.no_data())
            check(name, settings, options, file)
        with waiting(f"{presets.home(name).name}: {LOADING}", quiet=options.quiet):
            from landscape.commands.run import run  # loads torch

        return run(name, settings, options, file)

    params = [*_parameters(name, study, usual, file), *_refused(study), *shared]
    call.__signature__ = inspect.Signature(params)  # type: ignore[attr-defined]
    call.__annotations__ = {param.name: param.annotation for param in params}
    return call


def _joined(study: type[Parameters], key: str, value: Any) -> Any:
    """The values of an option as a single text for `presets`.

    1. If a swept option is given once, commas separate its values.
    2. If an option for names is repeated, each occurrence is a name, which may contain commas.
    3. The values of any other repeated option are joined by commas."""
    if not isinstance(value, list) or len(value) == 1:
        return value[0] if isinstance(value, list) else value
    limits = next(field.metadata for field in dataclasses.fields(study) if field.name == key)
    closed = limits["choices"] and not limits["data"]
    if element_type(hints(study)[key])[0] is not str or closed or limits["several"]:
        return ",".join(value)
    return written([names[0] if len(names := listed(item)) == 1 else item for item in value])


def _preset(name: Any, usual: str) -> Any:
    names = presets.preset_names(name)
    words = f"One of {', '.join(names)}, or none." if names else "This study has no presets."
    return run_option("--preset", help=words, show_default=usual, autocompletion=lambda: [*names, presets.NO_PRESET])


def _parameters(name: Any, study: type[Parameters], usual: str, file: Path | None) -> list[inspect.Parameter]:
    """A parameter of the command per field of the study; its value is None if the command line does not give it.

    The help shows the default values: those of the preset `usual`, and of the `file` of a question."""
    default = study(**presets.settings(name, usual, file))
    base = file.name if file else "default" if usual == presets.NO_PRESET else usual
    found = []
    for field in sorted(dataclasses.fields(study), key=lambda one: one.name in ("seed", "members")):
        kind, swept = element_type(hints(study)[field.name])
        flag, limits = field.name.replace("_", "-"), field.metadata
        choices = list(limits["choices"] or ())
        value = getattr(default, field.name)
        text = ",".join(map(str, value)) if swept else str(value).lower() if kind is bool else str(value)
        shown = f" [{base}: {text}]" if text or not limits["several"] else ""
        help = f"{limits['help']}{_limits(limits)}{shown}"
        if kind is bool and not swept:
            option = typer.Option(f"--{flag}/--no-{flag}", help=help, rich_help_panel=FIELDS_PANEL)
        else:
            option = typer.Option(
                *([f"--{flag.removesuffix('s')}"] if limits["several"] else []),  # --measure beside --measures
                f"--{flag}",
                help=help,
                rich_help_panel=FIELDS_PANEL,
                metavar="FILE.py:NAME" if limits["several"] else METAVARS[kind] + (",…" if swept else ""),
                autocompletion=_completion(choices),
            )
        annotation: Any = (
            list[str] | None if swept or limits["several"] else bool | None if kind is bool else str | None
        )
        found.append(
            inspect.Parameter(
                field.name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[annotation, option]
            )
        )
    return found


def _refused(study: type[Parameters]) -> list[inspect.Parameter]:
    """A hidden option --data of a study that takes none, and can say why."""
    if not study.no_data():
        return []
    annotation = Annotated[list[str] | None, typer.Option("--data", hidden=True)]
    return [inspect.Parameter("data", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation)]


def _completion(choices: list[str]) -> Callable[[str], list[str]] | None:
    """A function that completes the value after the last comma of a sweep; None for a parameter without choices."""
    if not choices:
        return None

    def complete(incomplete: str) -> list[str]:
        before, comma, last = incomplete.rpartition(",")
        return [f"{before}{comma}{choice}" for choice in choices if choice.startswith(last)]

    return complete


def _limits(limits: Any) -> str:
    low, high, choices = limits["low"], limits["high"], limits["choices"]
    if limits["data"]:
        return f" {', '.join(choices)}, or data of yours: a path, or a name of --import."
    if choices:
        return f" One of {', '.join(choices)}{', or FILE.py:NAME, a function of yours' if limits['group'] else ''}."
    if low is not None and high is not None:
        return f" From {low} to {high}."
    return f" At least {low}." if low is not None else f" At most {high}." if high is not None else ""


def _help(name: Any, study: type[Parameters]) -> str:
    text = docstring(study) or presets.title(name)
    return (
        f"{presets.title(name)}.\n\n{text}\n\nValues come from the preset, then --config, --set and options. "
        "If a run is stopped, the same command continues it."
    )
