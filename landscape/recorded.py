"""The code that a run's record names: when it may be executed.

Whoever writes a run folder chooses what its record says. A record must not make us execute a file of that person's choice.
Code that a record names is executed only if one of these holds:

1. The user named it in this process: on the command line, or in `make_study`. It need not be at the recorded path, and a
   note says if it has changed since the run.
2. It is what an installed package offers under the recorded name, as the user installed it.
3. It is at the recorded path and its digest is the recorded one; the path is absolute and not within the folder of the runs;
   and the files belong to the user.

Tables and arrays never need it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from landscape import outside
from landscape.notes import note
from landscape.outside import Source

STUDY = "study"  # the key of the study's own code in a record; other keys are parameters such as mine.py:make
HOW_TO_TRUST = (
    "name the file to trust it (--code FILE, in Python landscape.make_study(FILE)); landscape.load reads the tables "
    "without it"
)


def source_in(record: Mapping[str, object], key: str, run: Path | None) -> Source | None:
    """The code that a run's record names under `key`; None if it names none, because the code is ours.

    Raises ValueError, which says what to do, if the code must not be executed."""
    code = record.get("code")
    about = code.get(key) if isinstance(code, dict) else None
    if not about:
        return None
    if "entry" in about:
        return _installed(about, key)
    path, digest = Path(about.get("path", "")), about.get("sha256", "")
    given = outside.find(digest, path.name)
    if given is not None:
        if given.digest != digest:
            note(f"{given.word} has changed since the run was made (sha256 {given.digest[:12]}, then {digest[:12]})")
        return given
    if reason := _refusal(path, run):
        raise ValueError(f"the run was made with {path}, {reason}: {HOW_TO_TRUST}")
    source = outside.peek(path)
    if source.digest != digest:
        raise ValueError(f"the run was made with {path}, which has changed since: run it again, or {HOW_TO_TRUST}")
    return outside.admit(source)


def recall_nets(record: Mapping[str, object], run: Path | None) -> None:
    """Read the user's code for the run's architectures, such as mine.py:make, so that the networks can be built.

    Raises ValueError as `source_in` does."""
    code, parameters = record.get("code"), record.get("parameters")
    given = parameters.get("net") if isinstance(parameters, dict) else None
    for key in code if isinstance(code, dict) else ():
        if key in (given if isinstance(given, list) else [given]):
            source_in(record, key, run)


def recall_models(record: Mapping[str, object], run: Path | None) -> None:
    """Read the user's code for the networks that a run examined, so that FILE.py:NAME names it and no other file.

    Raises ValueError as `source_in` does."""
    code, parameters = record.get("code"), record.get("parameters")
    given = parameters.get("model") if isinstance(parameters, dict) else None
    for key in code if isinstance(code, dict) else ():
        if isinstance(given, list) and key in given and (source := source_in(record, key, run)) is not None:
            outside.recall(key, source)


def _installed(about: Mapping[str, str], key: str) -> Source | None:
    groups = (outside.STUDIES,) if key == STUDY else (outside.NETS, outside.MODELS)
    group = next((one for one in groups if about["entry"] in outside.entries(one)), "")
    if not group:
        raise ValueError(
            f"the run was made with {about['entry']!r} of a package that is not installed here; install it"
        )
    source, _ = outside.code_of(about["entry"], group)
    if source is not None and source.digest != about.get("sha256"):
        note(f"the code of {about['entry']!r} has changed since the run was made")
    return source


def _refusal(path: Path, run: Path | None) -> str:
    """Why the code at a recorded path may not be executed, in words; "" if it may."""
    if not path.is_absolute():
        return "which is no absolute path"
    if not path.exists():
        return "which is not there any more"
    if run is not None and path.resolve().is_relative_to(run.resolve().parent):
        return "which lies in the folder of the runs"
    if hasattr(os, "getuid") and any(file.stat().st_uid != os.getuid() for file in outside.python_files(path)):
        return "which belongs to another user"
    return ""
