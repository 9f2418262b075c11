"""How to cite a page: the package, the run, and the paper from which the package starts. CITATION.cff says the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

TITLE = "landscape: input-space landscapes of networks trained to return their input"
AUTHORS = "The landscape authors"
PAPER = {
    "author": "Shrivastava, Harsh",
    "title": "Generative Kaleidoscopic Networks",
    "year": "2024",
    "url": "https://arxiv.org/abs/2402.11793",
    "note": "arXiv:2402.11793",
}


def citation(version: str, run: str = "", record: Mapping[str, Any] | None = None) -> str:
    """BibTeX of the package at `version`, with the run's name, commit and day in its note, and of the paper."""
    record = record or {}
    commit, day = str(record.get("commit") or ""), str(record.get("started") or "")[:10]
    about = [f"run {run}" if run else "", f"commit {commit}" if commit else "", day]
    package = {
        "author": f"{{{AUTHORS}}}",
        "title": TITLE,
        "version": version,
        "year": day[:4],
        "note": ", ".join(filter(None, about)),
    }
    return f"{_entry('software', 'landscape', package)}\n\n{_entry('article', 'kaleidoscopic2024', PAPER)}"


def _entry(kind: str, key: str, fields: Mapping[str, str]) -> str:
    lines = [f"  {name} = {{{value}}}" for name, value in fields.items() if value]
    return f"@{kind}{{{key},\n" + ",\n".join(lines) + "\n}"
