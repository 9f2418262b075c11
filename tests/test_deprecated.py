"""Old public names: each still gives its object, with a warning that says the new name."""

from __future__ import annotations

import importlib

import pytest

import landscape.data
import landscape.ensemble
import landscape.measures
import landscape.nets
from landscape import choices

MOVED = [
    (package.__name__, old, new)
    for package in (landscape.data, landscape.ensemble, landscape.measures, landscape.nets)
    for old, new in package._MOVED.items()
]


@pytest.mark.parametrize(("package", "old", "new"), MOVED, ids=lambda name: name)
def test_an_old_name_gives_the_same_object_and_names_the_new_one(package: str, old: str, new: str) -> None:
    home, _, name = new.rpartition(".")
    with pytest.warns(DeprecationWarning, match=rf"^{package}\.{old} is now {new}$"):
        value = getattr(importlib.import_module(package), old)
    assert value is getattr(importlib.import_module(home), name)


def test_values_of_old_names_are_as_they_were() -> None:
    with pytest.warns(DeprecationWarning, match="POINT_SETS"):
        from landscape.data import NAMES
    assert NAMES[-3:] == (*choices.DRAWN_SETS, "digits")


def test_an_old_name_is_no_name_of_the_package_and_other_names_are_refused() -> None:
    for package, old, _ in MOVED:
        assert old not in getattr(importlib.import_module(package), "__all__", ())
    with pytest.raises(AttributeError, match=r"module 'landscape.data' has no attribute 'NAMEN'"):
        landscape.data.NAMEN  # noqa: B018
