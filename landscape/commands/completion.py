"""What TAB completes: names of runs, and values of their cells."""

from __future__ import annotations

import contextlib
import io
import os
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import typer

from landscape.record import RECORD, RunError, cell_of, read_record

SHELL = "_LANDSCAPE_COMPLETE"  # the environment variable by which a shell asks for completions
WORDS, PLACE = (
    "COMP_WORDS",
    "COMP_CWORD",
)  # those in which bash gives the words, and the number of the word at the cursor
REPORTS = "reports"
DIGEST = "digest"  # of a cell's data: it goes with their name


def run_names(context: typer.Context, incomplete: str) -> list[str]:
    """The names of runs that begin with `incomplete`, without the names that the command line has already."""
    given = context.params.get("run") or ()
    names = (file.parent.name for file in _out(context).glob(f"*/{RECORD}"))
    return sorted(name for name in names if name.startswith(incomplete) and name not in given)


def cell_values(context: typer.Context, incomplete: str) -> list[str]:
    """The values, as KEY=VALUE, that tell apart the cells which the command line describes so far."""
    record = _record(context)
    cells = [{name: str(value) for name, value in cell_of(entry).values} for entry in record.get("cells", ())]
    given = dict(text.split("=", 1) for text in context.params.get("where") or () if "=" in text)
    fitting = [values for values in cells if all(values.get(name, value) == value for name, value in given.items())]
    found = dict.fromkeys(f"{name}={value}" for values in fitting for name, value in values.items())
    several = {name for values in fitting for name in values if len({other.get(name) for other in fitting}) > 1}
    return [
        text
        for text in found
        if text.startswith(incomplete) and text.partition("=")[0] in several - given.keys() - {DIGEST}
    ]


def _out(context: typer.Context) -> Path:
    return Path(context.params.get("out") or os.environ.get("LANDSCAPE_OUT") or REPORTS)


def _record(context: typer.Context) -> dict[str, Any]:
    """The record of the run of a command line, of the newest where none is named; empty if there is no such run."""
    named = context.params.get("run") or next(iter(context.params.get("model") or ()), None)
    # While an option still lacks its value, the parser leaves what stands before it unread.
    named = named or next((word for word in context.args if not word.startswith("-")), None)
    out = _out(context)
    folders = [Path(str(named))] if named and (Path(str(named)) / RECORD).exists() else []
    folders = folders or [file.parent for file in sorted(out.glob(f"{named or ''}*/{RECORD}"))]
    records = []
    for folder in folders:
        with contextlib.suppress(RunError):
            records.append(read_record(folder))
    return max(records, key=lambda record: str(record.get("started", "")), default={})


@contextmanager
def whole_words() -> Iterator[None]:
    """Within the block, the words that bash splits at "=" are whole again, as other shells leave them.

    Bash replaces only what stands after the last "=", so the part before it is cut off what is printed."""
    if os.environ.get(SHELL) != "complete_bash":
        yield
        return
    words, place, before = joined(_split(os.environ.get(WORDS, "")), int(os.environ.get(PLACE) or 0))
    os.environ |= {WORDS: " ".join(map(shlex.quote, words)), PLACE: str(place)}
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed):
            yield
    finally:
        print(*(line.removeprefix(before) for line in printed.getvalue().splitlines()), sep="\n", end="")


def joined(words: list[str], place: int) -> tuple[list[str], int, str]:
    """The words with those joined that bash split at "=", the number of the word at the cursor, and its part up to the "="."""
    found: list[str] = []
    at, before = place, ""
    for number, word in enumerate(words):
        follows = bool(found) and (word == "=" or words[number - 1] == "=") and number > 0
        if follows:
            found[-1] += word
        else:
            found.append(word)
        if number == place:
            at = len(found) - 1
            whole = found[-1]
            before = whole[: whole.rindex("=") + 1] if follows else ""
    return found, at if place < len(words) else len(found), before


def _split(text: str) -> list[str]:
    """The words that bash gives, one a line, or with blanks between them."""
    return text.split("\n") if "\n" in text else text.split(" ")
