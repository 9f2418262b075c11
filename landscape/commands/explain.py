"""`landscape explain`: what a word means, or what a claim says and how it is tested."""

from __future__ import annotations

import json
import shutil
import textwrap
from collections.abc import Mapping
from typing import Any

from landscape import glossary
from landscape.commands import faults
from landscape.commands.faults import Fault
from landscape.presets import did_you_mean

MOST_COLUMNS = 100  # longer lines are hard to read


def explain(words: str, *, as_json: bool = False) -> int:
    """Print what a word means, or what a claim says and how it is tested. Without a word, print all words and claims."""
    term = glossary.find(words)
    if term is not None:
        return _show({"word": term.word, "also": ", ".join(term.also), "means": term.means}, as_json)
    from landscape.reproduce.ledger import ledger  # slow, as it loads the studies; words need none of it

    claims = {str(row["key"]): row for row in ledger({}).to_dict("records")}
    if not words:
        return _all({key: str(row["statement"]) for key, row in claims.items()}, as_json)
    asked = words.casefold().strip()
    claim = next((row for key, row in claims.items() if key.casefold() == asked), None)
    if claim is None:
        known = [*(form for one in glossary.terms() for form in one.forms), *claims]
        near = did_you_mean(words, known)
        raise Fault(f"`word` must be a word or a claim that `landscape explain` lists; got {words!r}{near}")
    return _show(_of_claim(claim), as_json)


def _of_claim(row: Mapping[Any, Any]) -> dict[str, str]:
    """What the ledger knows of a claim before any run, by headings in the order in which they are printed."""
    from landscape.reproduce.runs import deciding

    run = deciding(str(row["key"]))
    said = ", ".join(filter(None, [str(row["quote"]), str(row["place"])]))
    return {
        "claim": f"{row['key']}: {row['statement']}",
        "said": said,
        "measured": str(row["estimand"]),
        "supported": f"if {row['threshold']}" if row["threshold"] else "",
        "because": str(row["stands"]),
        "drawn": str(row["units"]),
        "study": run.study if run else "",
        "to run": str(row["needs"]),
    }


def _all(claims: Mapping[str, str], as_json: bool) -> int:
    """Print all words with what they mean, and all claims."""
    words = {term.word: term.means for term in glossary.terms()}
    if as_json:
        print(json.dumps({"words": words, "claims": claims}, indent=1, ensure_ascii=False))
        return faults.OK
    return _show({**words, **claims}, as_json)


def _show(found: Mapping[str, str], as_json: bool) -> int:
    """Print headings with their texts, without the empty ones. Plain text: the libraries for tables take seconds to load."""
    if as_json:
        print(json.dumps(found, indent=1, ensure_ascii=False))
        return faults.OK
    indent = 2 + max(map(len, found))
    for head, text in found.items():
        if text:
            print(textwrap.fill(text, _columns(), initial_indent=head.ljust(indent), subsequent_indent=" " * indent))
    return faults.OK


def _columns() -> int:
    """The columns of a line of text."""
    return min(MOST_COLUMNS, shutil.get_terminal_size().columns)
