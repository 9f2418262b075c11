"""Which commit set what a study registers, from a table in the package: an installed package has no history to ask."""

from __future__ import annotations

import importlib
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from landscape.claims import Statement, registered, thresholds_digest

FILE = Path(__file__).with_name("thresholds.toml")


@dataclass(frozen=True)
class SetBy:
    """The digest of a study's statements, the version with which they stand, and the commit that set them.

    `commit` is empty for statements that the table does not hold: they were changed after its last entry."""

    version: int
    digest: str
    commit: str


@cache
def statements(study: str) -> Sequence[Statement]:
    """The statements of one of our studies, by its name."""
    module = importlib.import_module(f"landscape.studies.{study.replace('-', '_')}.claims")
    return tuple(module.STATEMENTS)


def recorded() -> dict[str, SetBy]:
    """The table in the package, by study."""
    return {study: SetBy(**entry) for study, entry in tomllib.loads(FILE.read_text(encoding="utf-8")).items()}


def set_by(study: str, version: int) -> SetBy:
    """The digest of the study's statements now, and the commit that set them."""
    digest, entry = thresholds_digest(registered(statements(study))), recorded().get(study)
    known = entry is not None and (entry.version, entry.digest) == (version, digest)
    return SetBy(version, digest, entry.commit if entry is not None and known else "")
