"""Names in a Python file of the user's, looked up in its text: nothing of it is executed, and no library is loaded for it."""

from __future__ import annotations

import ast
from pathlib import Path

from landscape.names import unknown
from landscape.outside import code_of

MAKE_NAMES = {
    "*",
    "globals",
    "vars",
    "exec",
    "setattr",
    "__getattr__",
}  # by these, code makes names that it does not spell


def check_name(text: str) -> None:
    """Raise ValueError if FILE.py:NAME names no file, or nothing in it, as far as its text shows."""
    source, name = code_of(text)
    assert source is not None
    tree = _parsed(source.files[0][1])
    if tree is None:
        return
    written: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            written.add(node.name)
        elif isinstance(node, ast.Name):
            written.add(node.id)
        elif isinstance(node, ast.alias):
            written.add((node.asname or node.name).partition(".")[0])
    if name in written or written & MAKE_NAMES:
        return
    if not (there := _defined(tree)):
        raise ValueError(f"{source.path.name} has no {name!r}, and defines no function at all")
    raise ValueError(unknown(f"{source.path.name}:NAME", name, there))


def defined(file: Path) -> list[str]:
    """The functions and classes that a Python file defines; none if it cannot be read."""
    try:
        tree = _parsed(file.read_bytes())
    except OSError:
        return []
    return _defined(tree) if tree else []


def _parsed(content: bytes) -> ast.Module | None:
    """The file's syntax tree; None for what is no Python, of which executing it gives the line."""
    try:
        return ast.parse(content)
    except (SyntaxError, ValueError):
        return None


def _defined(tree: ast.Module) -> list[str]:
    found = [one.name for one in tree.body if isinstance(one, ast.FunctionDef | ast.ClassDef)]
    return [name for name in found if not name.startswith("_")]
