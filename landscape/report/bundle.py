"""The viewer's modules as one script, so that a page needs no second file."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

VIEWER = Path(__file__).parent / "viewer"
ENTRY = "main.js"
_IMPORT = re.compile(r'^import \{[^}]*\} from "\./([\w-]+\.js)";\n', re.MULTILINE)
_DATA = re.compile(r'^import \w+ from "(\.\./[\w./-]+\.json)" with \{ type: "json" \};\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=async function|function|class|const|let)", re.MULTILINE)
_NAME = re.compile(r"^(?:export )?(?:async function|function|class|const|let) (\w+)", re.MULTILINE)


@cache
def viewer_script() -> str:
    """The viewer as one script: main.js and the modules that it needs, each after those that it imports.

    The words `import` and `export` are removed, and a JSON file becomes a constant of its name. The modules then share one
    scope. Raises ValueError if two modules define the same name at their top."""
    modules = _in_order(ENTRY, {})
    owners: dict[str, str] = {}
    for file, source in modules.items():
        for name in _NAME.findall(source):
            if name in owners:
                raise ValueError(f"viewer modules share one scope: {name!r} is defined in {owners[name]} and {file}.")
            owners[name] = file
    return "\n".join(
        f"// {file}\n{_EXPORT.sub('', _DATA.sub('', _IMPORT.sub('', source)))}" for file, source in modules.items()
    )


def _in_order(file: str, done: dict[str, str]) -> dict[str, str]:
    """`done` (file → source) with `file` added, after everything that it imports."""
    if file in done:
        return done
    source = (VIEWER / file).read_text(encoding="utf-8")
    for place in _DATA.findall(source):
        data = VIEWER / place
        content = json.dumps(json.loads(data.read_text(encoding="utf-8")), ensure_ascii=False)
        done[data.name] = f"const {data.stem} = {content};\n"
    for needed in _IMPORT.findall(source):
        _in_order(needed, done)
    done[file] = source
    return done
