"""Names that modules exported before: they go on working, with a warning that says the new name."""

from __future__ import annotations

import warnings
from importlib import import_module
from typing import Any


def renamed(module: str, name: str, homes: dict[str, str]) -> Any:
    """What `name`, which `module` no longer exports, is called now: `homes` maps old names to 'module:name', as 'a.b:c'.

    Called by a module's `__getattr__`. Gives a DeprecationWarning; raises AttributeError for a name that never was."""
    if name not in homes:
        raise AttributeError(f"module {module!r} has no attribute {name!r}")
    home, _, new = homes[name].partition(":")
    warnings.warn(f"{module}.{name} is deprecated: import {new} from {home}", DeprecationWarning, stacklevel=3)
    return getattr(import_module(home), new)
