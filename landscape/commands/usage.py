"""The message for a wrong word or option of a command line: what came, and where it would be right."""

from __future__ import annotations

import dataclasses
import difflib
import itertools
from collections.abc import Sequence
from typing import Any

from landscape import presets
from landscape.commands import faults
from landscape.commands.groups import commands_of
from landscape.commands.plan import RunOptions
from landscape.names import having

NEAR = 0.8  # likeness, from 0 to 1, from which an option of another command is meant


def usage_message(error: Any, words: Sequence[str]) -> tuple[str, int]:
    """The message and exit code of a usage error of typer's: one line, with what was meant and a pointer to --help."""
    if type(error).__name__ == "NoArgsIsHelpError":
        print(error.message)
        return "", faults.OK
    context = getattr(error, "ctx", None)
    option = getattr(error, "option_name", "")
    if context is not None and type(error).__name__ == "NoSuchOption":
        message = f"{error.message}{_hint(option, error.possibilities or (), context)}"
    else:
        message = str(error.format_message())
    names = itertools.takewhile(lambda word: not word.startswith("-"), words)
    where = context.command_path if context else " ".join(["landscape", *names])
    return f"{message.rstrip('.')} (see {where} --help)", faults.USAGE


def _hint(option: str, near: Sequence[str], context: Any) -> str:
    """What was meant by an option that a command does not have.

    1. The studies and commands that have this very option.
    2. The nearest option of this command, or of the others if one of theirs is nearer."""
    studies = {f"--{name}": places for name, places in presets.owners().items()}
    commands = _options_of_commands(context.find_root())
    elsewhere = studies | commands
    if option in elsewhere:
        return f". {having(studies.get(option, ()), commands.get(option, ()))}"
    ours = difflib.get_close_matches(option, near, n=1)
    others = difflib.get_close_matches(option, [name for name in elsewhere if name not in near], n=1, cutoff=NEAR)
    if others and (not ours or _likeness(option, others[0]) > _likeness(option, ours[0])):
        return f". Did you mean {others[0]}? {having(studies.get(others[0], ()), commands.get(others[0], ()))}"
    return f". Did you mean {near[0]}?" if near else ""


def _likeness(one: str, other: str) -> float:
    return difflib.SequenceMatcher(None, one, other).ratio()


def _options_of_commands(root: Any) -> dict[str, list[str]]:
    """The commands but the studies that have an option, by the option."""
    found = {
        f"--{field.name.replace('_', '-')}": ["`landscape study NAME`"] for field in dataclasses.fields(RunOptions)
    }
    for path, command in commands_of(root):
        for option in (option for param in command.params for option in param.opts if option.startswith("--")):
            found.setdefault(option, []).append(f"`{path}`")
    return found
