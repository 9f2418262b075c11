"""The map of the house: a module imports only from floors below its floor, and heavy libraries only where it may."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from landscape.presets import study_names

HOUSE = Path(__file__).parent.parent / "landscape"
# From the ground up. Names on the same line share a floor and may not import each other.
FLOORS = (
    "disk machine notes names facts glossary choices deprecated path_modules data_root",
    "outside",
    "own_data",
    "provenance record parameters recorded unexecuted",
    "cells worker sharing named_axes",
    "away",
    "result ray_engine",
    "results engine",
    "data cube",
    "nets",
    "ensemble",
    "recipe",
    "entries",
    "training baselines wrapping",
    "measures",
    "figures",
    "claims sweep measuring progress findings contents joining entry_files",
    "study",
    "studies",
    "registry",
    "presets report",
    "cell_choice page_mark",
    "loading devices estimate reporting model_store trackers",
    "carrying running overview",
    "auditing examining reproduce publishing differences",
    "commands",
    "cli",
    "__main__",
)
# A Result is read on a low floor and goes out to a paper from a high one: its methods import these when they are called.
UPWARDS = {
    "landscape.result": {"landscape.publishing"}
    | {f"landscape.publishing.{name}" for name in ("figures_of", "table_of", "to_latex")}
}
FLOOR = {name: number for number, names in enumerate(FLOORS) for name in names.split()}
BANNED = {"figures": {"torch"}, "report": {"torch"}, "cli": {"torch", "pyvista", "pandas", "click"}}
NO_TORCH_IN_A_STUDY = ("parameters", "figures", "panels", "claims")
WINGS = ("local neighbours", "exact", "dynamics memorisation known_maps")  # of `measures`, from the ground up
WING = {name: number for number, names in enumerate(WINGS) for name in names.split()}
PARAMETERS = [f"landscape.studies.{name.replace('-', '_')}.parameters" for name in study_names()]
MODULES = sorted(file for file in HOUSE.rglob("*.py") if file != HOUSE / "__init__.py")


def module_name(file: Path) -> str:
    parts = file.relative_to(HOUSE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


NAMES = {module_name(file) for file in MODULES}


def imports(tree: ast.AST) -> Iterator[str]:
    """The modules that `tree` imports: as it is loaded, within functions, and for types alone."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            assert node.module
            named = {f"{node.module}.{alias.name}" for alias in node.names}
            yield from named
            if named - NAMES:
                yield node.module
        else:
            yield from imports(node)


def own(file: Path) -> set[str]:
    """The modules of the package that a file imports, but for those that UPWARDS allows it."""
    return NAMES & set(imports(parsed(file))) - UPWARDS.get(module_name(file), set())


def parsed(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


@pytest.mark.parametrize("file", MODULES, ids=module_name)
def test_module_imports_only_from_floors_below(file: Path) -> None:
    here = module_name(file).split(".")[1]
    for name in own(file):
        there = name.split(".")[1]
        assert there == here or FLOOR[there] < FLOOR[here], f"{module_name(file)} must not import {name}"


@pytest.mark.parametrize("file", [file for file in MODULES if file.parent.name in WING], ids=module_name)
def test_measure_imports_only_from_wings_below(file: Path) -> None:
    here = file.parent.name
    for name in own(file):
        _, house, wing, *_ = [*name.split("."), ""]
        if house == "measures" and wing in WING:
            assert wing == here or WING[wing] < WING[here], f"{module_name(file)} must not import {name}"


@pytest.mark.parametrize(
    "package", ["landscape", *(module_name(file) for file in MODULES if file.name == "__init__.py")]
)
def test_no_module_shares_its_name_with_what_its_package_exports(package: str) -> None:
    """`import landscape.x.y as y` gives the module `y`, never a function of that name."""
    exported = importlib.import_module(package)
    for name in sorted(NAMES):
        if name.rpartition(".")[0] == package:
            module = importlib.import_module(name)
            assert getattr(exported, name.rpartition(".")[2]) is module


@pytest.mark.parametrize("file", MODULES, ids=module_name)
def test_module_stands_on_a_floor(file: Path) -> None:
    assert module_name(file).split(".")[1] in FLOOR


@pytest.mark.parametrize("file", MODULES, ids=module_name)
def test_module_leaves_heavy_libraries_to_others(file: Path) -> None:
    parts = module_name(file).split(".")
    banned = BANNED.get(parts[1], set())
    if parts[1] == "studies" and parts[-1] in NO_TORCH_IN_A_STUDY:
        banned = {"torch"}
    found = {name.split(".")[0] for name in imports(parsed(file))}
    assert not banned & found


@pytest.mark.parametrize("file", MODULES, ids=module_name)
def test_no_module_imports_the_public_names_of_the_package(file: Path) -> None:
    """They come from every floor."""
    assert "landscape" not in set(imports(parsed(file)))


@pytest.mark.parametrize("name", UPWARDS)
def test_ways_upwards_are_taken_within_functions_alone(name: str) -> None:
    (file,) = [file for file in MODULES if module_name(file) == name]
    tree = parsed(file)
    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            assert not UPWARDS[name] & set(imports(ast.Module([node], [])))
    assert set(imports(tree)) >= UPWARDS[name]


def test_no_module_imports_itself_in_a_circle() -> None:
    graph = {module_name(file): own(file) - {module_name(file)} for file in MODULES}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"imports in a circle: {' → '.join(error.args[1])}")


@pytest.mark.parametrize("file", MODULES, ids=module_name)
def test_module_is_no_longer_than_300_lines(file: Path) -> None:
    assert len(file.read_text(encoding="utf-8").splitlines()) <= 300


@pytest.mark.parametrize("module", ["landscape.cli", "landscape.commands.options", *PARAMETERS])
def test_help_loads_nothing_heavy(module: str) -> None:
    """The list of commands and the help of a study load no library that only runs need."""
    heavy = ["torch", "pandas", "numpy", "pyvista", "scipy", "matplotlib", "click"]
    code = f"import sys, {module}; print(*[name for name in {heavy} if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.split() == []


def test_runs_and_pages_load_nothing_that_few_need() -> None:
    """scipy.stats takes half a second to load, torch's compiler a whole one."""
    slow = ["scipy.stats", "seaborn", "sklearn", "torch._dynamo", "matplotlib.pyplot"]
    modules = "landscape.commands.run, landscape.baselines, landscape.claims, landscape.report, landscape.measures"
    code = f"import sys, {modules}; print(*[name for name in {slow} if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.split() == []
