"""Groups of commands that contain studies. The options of a study are made only when its command is used."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from landscape import outside, presets
from landscape.commands import faults
from landscape.commands.waiting import waiting

AT_ROOT = (
    "audit",
    "corners",
)  # studies that are also commands without the word "study": `landscape corners`, `landscape audit`


class StudyStub(TyperCommand):
    """A placeholder for a study in a list of commands. Its title is read when the list is printed."""

    def get_short_help_str(self, limit: int = 45) -> str:
        self.help = presets.listed_title(str(self.name))
        return super().get_short_help_str(limit)


class StudyGroup(TyperGroup):
    """A group of commands and studies. A study is a placeholder until its command is used."""

    def get_params(self, ctx: Any) -> list[Any]:
        """The group's options. A switch without a default gets False: otherwise typer loads pydantic, which takes long."""
        params = super().get_params(ctx)
        for param in params:
            if getattr(param, "is_bool_flag", False) and param.default is None:
                param.default = False
        return params

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if self.name == "study" and args and args[0] not in presets.study_names() and outside.is_path(args[0]):
            with faults.bad_input():
                return args[0], study_command(args[0]), args[1:]
        self._offer()
        try:
            name, command, rest = super().resolve_command(ctx, args)
        except typer.TyperException as error:
            if ctx.parent is None and args[0] in presets.study_names():
                error.message = f"{args[0]!r} is a study: landscape study {args[0]}"
            elif places := [path for path, _ in commands_of(ctx.find_root()) if path.split()[-1] == args[0]]:
                error.message = f"No such command {args[0]!r}; it is `{places[0]} {' '.join(args[1:])}".rstrip() + "`"
            raise
        with faults.bad_input():
            return name, study_command(str(name)) if isinstance(command, StudyStub) else command, rest

    def list_commands(self, ctx: Any) -> list[str]:
        self._offer()
        return sorted(
            self.commands, key=lambda name: type(self.commands[name]) not in (StudyGroup, StudyStub)
        )  # studies first

    def _offer(self) -> None:
        for name in [*presets.study_names(), *presets.installed_names()]:
            if (self.name == "study" or name in AT_ROOT) and name not in self.commands:
                self.commands[name] = StudyStub(name)


def commands_of(root: Any) -> Iterator[tuple[str, Any]]:
    """Every command but the studies, with its path, such as `landscape study list`. `root` is the context of the root."""
    waiting = [("landscape", root.command)]
    while waiting:
        path, group = waiting.pop(0)
        for name, command in group.commands.items():
            if not isinstance(command, StudyStub):
                yield f"{path} {name}", command
                if hasattr(command, "commands"):
                    waiting.append((f"{path} {name}", command))


def study_command(word: str) -> Any:
    """The command of the study with this name or path, with all its options."""
    from landscape.commands import options  # here: printing a list of commands does not need it

    with waiting(f"{word}: reading its parameters"):  # a study of the user's may load torch
        return options.study_command(word)
