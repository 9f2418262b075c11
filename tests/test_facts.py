"""Short forms of objects: at most five lines in a terminal, and an escaped table without scripts in a notebook."""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

import landscape
from landscape import measures, presets, results
from landscape.facts import LINE_LENGTH, LINES, Facts, Shown, described, first_sentence
from landscape.measures.local import CornerLoss
from landscape.results import cell
from tests.toy.toy_line.study import ToyLine


def test_text_has_five_short_lines_at_most_and_names_what_has_none() -> None:
    rows = tuple((f"fact{place}", "word " * 40) for place in range(7))
    lines = Facts("A title", rows, "More is elsewhere").text().splitlines()
    assert len(lines) == LINES
    assert max(map(len, lines)) <= LINE_LENGTH
    assert lines[1].startswith("  fact0  word word")
    assert lines[1].endswith("word …")
    assert lines[3:] == ["  and fact2, fact3, fact4, fact5, fact6", "  More is elsewhere"]
    assert Facts("Alone").text() == "Alone"


def test_html_is_escaped_and_loads_nothing() -> None:
    evil = "<script>alert(1)</script>"
    html = Facts(evil, ((evil, evil),), evil).html()
    assert "<script" not in html
    assert html.count("&lt;script&gt;alert(1)&lt;/script&gt;") == 4
    assert "src=" not in html


@pytest.mark.parametrize(
    ("value", "axes", "words"),
    [
        (torch.tensor([0.25, 1 / 3, 2.0]), "members", "members 3: 0.25, 0.3333, 2"),
        (torch.arange(21.0).view(3, 7), "members dim", "members 3 × dim 7: 0 to 20"),
        (torch.full((3, 7), 0.5), "", "3 × 7: all 0.5"),
        (torch.tensor([[1.0, torch.nan], [3.0, torch.inf]]), "members *lines", "2 × 2: 1 to 3, 2 not finite"),
        (torch.full((2, 2), torch.nan), "", "2 × 2: none is finite"),
        (np.array([True, False, True]), "points", "points 3: true for 2 of 3"),
        (torch.zeros(0, 3), "rows dim", "rows 0 × dim 3"),
        (torch.ones(2, dtype=torch.bfloat16), "", "2: 1, 1"),
        (np.array(["a", "b"]), "", "2: a, b"),
        (np.float64(0.123456), "", "number: 0.1235"),
        (pd.DataFrame({"a": [1, 2]}), "", "table of 2 rows × 1 columns"),
        (tuple(range(30)), "", "0, 1, 2, 3, … 29 (30)"),
        ((), "", "none"),
        ({"a": 0.123456}, "", "a 0.1235"),
        (landscape.FitSpec(steps=5), "", "FitSpec, steps 5"),
    ],
)
def test_values_are_described_by_shape_and_range(value: Any, axes: str, words: str) -> None:
    assert described(value, axes) == words


def test_first_sentence_is_that_of_the_docstring() -> None:
    assert first_sentence(results.Result) == "A run, read from its folder"
    assert first_sentence(type("Bare", (), {})) == ""


def holding_arrays() -> Iterator[type]:
    """The classes of measures' results that hold tensors or arrays."""
    for info in pkgutil.walk_packages(measures.__path__, "landscape.measures."):
        for name, kind in vars(importlib.import_module(info.name)).items():
            if (
                inspect.isclass(kind)
                and dataclasses.is_dataclass(kind)
                and kind.__module__ == info.name
                and not name.startswith("_")
            ):
                types = " ".join(str(field.type) for field in dataclasses.fields(kind))
                if ("Tensor" in types or "ndarray" in types) and "Callable" not in types:
                    yield kind


@pytest.mark.parametrize(
    "kind", sorted(holding_arrays(), key=lambda kind: kind.__name__), ids=lambda kind: kind.__name__
)
def test_no_result_of_a_measure_prints_its_arrays(kind: type) -> None:
    if kind.__name__ != "Dynamics":  # settings, not a result
        assert kind.__repr__ is Shown.__repr__


def test_a_measures_result_says_what_it_is() -> None:
    found = CornerLoss(torch.tensor([0.25, 0.5, 0.75]), torch.ones(3), torch.ones(3, 7), torch.ones(3, 5, 7))
    lines = repr(found).splitlines()
    assert lines[0].startswith("CornerLoss: The largest loss over all corners and the mean loss")
    assert lines[1] == "  maximum  members 3: 0.25, 0.5, 0.75"
    assert lines[-1] == "  .table() has all of it as a table"
    assert "<th" in found._repr_html_()


def test_a_run_prints_as_what_was_run(tmp_path: Path) -> None:
    many = pd.DataFrame({"member": range(1000), "status": ["converged"] * 900 + ["stalled"] * 100, "loss": 0.5})
    cells = [cell(hidden=2, data="<b>"), cell(hidden=6, data="<b>")]
    results.create(
        tmp_path / "toy", {"study": "toy", "version": 1, "parameters": {}, "cells": results.entries(cells, {}, {})}
    )
    for each in cells:
        results.save_cell(tmp_path / "toy", each, results.Measured({"members": many}, {"map": np.zeros((50, 50))}), 1.0)
    result = results.load(tmp_path / "toy")
    lines = repr(result).splitlines()
    assert lines[:4] == [
        "toy: 2 of 2 cells, 2,000 members (1,800 converged, 200 stalled)",
        "  swept   hidden 2, 6; data <b>",
        "  tables  members (2,000 × 5)",
        "  arrays  map",
    ]
    assert lines[4].startswith("  folder  ")
    html = result._repr_html_()
    assert "<b>" not in html.replace("<p><b>", "")
    assert html.count("<tr>") == 10 + 4
    assert len(html) < 10_000


def test_a_study_prints_its_question_and_what_is_swept() -> None:
    study = presets.make_study("depth-sweep", "test")
    lines = repr(study).splitlines()
    assert lines[0].startswith("depth-sweep: How depth and width shape the loss")
    assert lines[1].startswith("  swept    data four-points, two-points; hidden 1, 2")
    assert len(lines) <= LINES
    assert "<table>" in study._repr_html_()  # type: ignore[attr-defined]
    own = ToyLine(hidden=(1, 3), steps=9)
    assert repr(own).splitlines() == [
        "toy-line: Whether depth helps on two points of the line",
        "  swept    hidden 1, 3",
        "  set      steps 9",
        "  default  seed 0; members 3; data two-points; lr 0.01; fail 0; pause 0; stop …",
    ]


def test_a_subclass_keeps_a_repr_of_its_own() -> None:
    @dataclass(frozen=True)
    class Own(ToyLine):
        def __repr__(self) -> str:
            return "mine"

    assert repr(Own()) == "mine"


def test_an_ensemble_a_recipe_and_a_training_are_short() -> None:
    recipe = ToyLine(hidden=(2,), steps=1, members=50).recipes(cell(hidden=2))[0]
    assert repr(recipe).splitlines() == [
        "Recipe: Everything that determines a trained ensemble",
        "  net    MLP, hidden 2, width 5",
        "  data   DataSpec, name two-points",
        "  fit    FitSpec, steps 1, lr 0.01",
        "  seeds  0, 1, 2, 3, … 49 (50)",
    ]
    fitted = landscape.trained(recipe, landscape.Site())
    for given in (fitted, fitted.ensemble, recipe.dataset(), landscape.Panel("T", "", fitted.curves)):
        assert len(repr(given)) < LINES * (LINE_LENGTH + 1) + 100
    assert "<th" in fitted.ensemble._repr_html_()
    assert "50 members" in fitted.ensemble._repr_html_()
