"""Old public names, kept as aliases: an old name gives the object of the new name, with a warning once per place."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from importlib import import_module
from typing import Any


def renamed(package: str, name: str, moved: Mapping[str, str]) -> Any:
    """The object that `package` exported as `name`, with a DeprecationWarning that says its new name.

    `moved` maps each old name to the full name of the new one, such as 'landscape.choices.POINT_SETS'. A package calls this
    function from its module-level `__getattr__`. Raises AttributeError for a name that is not in `moved`."""
    if name not in moved:
        raise AttributeError(f"module {package!r} has no attribute {name!r}")
    home, _, new = moved[name].rpartition(".")
    warnings.warn(f"{package}.{name} is now {moved[name]}", DeprecationWarning, stacklevel=3)
    return getattr(import_module(home), new)
