"""A written report: a single file that fetches nothing, whatever it shows."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from landscape.figures.panel import Panel, Scene, SceneGrid, Surface
from landscape.findings import Answer, Finding
from landscape.report import RunView, write_report
from landscape.report.live import scene_data, side_for
from landscape.report.poster import FlatPainter
from tests.report.sample import CENTRES, COMMAND, bowl_surface, pulled_orbits, sample_run


@pytest.fixture(scope="module")
def page(sample_page: Path) -> str:
    return sample_page.read_text(encoding="utf-8")


def test_page_names_no_address_outside_itself(page: str) -> None:
    assert re.findall(r'(?:src|href)="(?!data:|#)[^"]*"', page) == []
    assert "default-src 'none'" in page


def test_page_has_no_inline_style_or_handler_that_its_policy_would_refuse(page: str) -> None:
    body = page[page.index("<body>") : page.rindex('<script type="module">')]
    assert re.findall(r"<[^>]*\s(?:style|on\w+)=", body) == []


def test_every_panel_shows_the_command_that_reproduces_it(page: str) -> None:
    panels = page.count('<article class="panel')
    assert panels == len(sample_run().panels)
    assert page.count(f'<summary>reproduce</summary><div class="copyable"><pre><code>{COMMAND}</code>') == panels


def test_page_lists_the_failed_cell_with_the_last_line_of_its_error(page: str) -> None:
    assert "<b>hidden 6, width 50</b> MemoryError: 3.1 GB wanted" in page
    assert "1 of 6 cells failed" in page


def test_a_page_carries_its_figures_letters_and_the_rules_of_their_colours(page: str) -> None:
    assert page.count('<figure class="paper drawing') == 1
    assert "font-src data:" in page
    assert page.count("@font-face") >= 1
    assert re.search(r"\.drawing { --c-0072b2: light-dark\(#0072b2, #[0-9a-f]{6}\); }", page)


def test_several_runs_make_one_page(tmp_path: Path) -> None:
    run = RunView("First <run>", "Lead.", [Panel("Words", "", "<p>one</p>")])
    path = write_report([run, replace(run, title="Second")], tmp_path / "deep" / "report.html", title="Both")
    text = path.read_text(encoding="utf-8")
    assert "<h1>Both</h1>" in text
    assert "First &lt;run&gt;" in text
    assert 'href="#run-2"' in text


def test_names_of_users_are_text_wherever_they_stand(tmp_path: Path) -> None:
    name = "$x$ <b onclick=1> & \"q\" 'r' </script>"
    surface = Surface(name, bowl_surface(3, side=11))
    scene = Scene(name, (surface,), (0, 1, 0, 1), (1e-6, 0.3), labels=(name, name, name), note=name)
    panels = [
        Panel(name, name, pd.DataFrame({name: [name]}), section=name, downloads={name: pd.DataFrame({name: [1]})}),
        Panel(name, name, scene),
        Panel(name, name, SceneGrid((name,), (name,), ((scene,),))),
    ]
    record = {"study": name, "parameters": {name: name}, "cells": [{"name": name, "status": "failed", "error": name}]}
    run = RunView(name, name, panels, facts=[(name, name)], record=record, command=name)
    text = write_report([run], tmp_path / "report.html", hand=FlatPainter()).read_text(encoding="utf-8")
    shown = re.sub(r"<script.*?</script>", "", text, flags=re.DOTALL)
    assert shown.count("$x$ &lt;b onclick=1&gt; &amp;") > 20
    assert "<b onclick" not in shown
    assert "</script" not in shown


def test_no_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least one run; got none"):
        write_report([], tmp_path / "report.html")


@pytest.mark.parametrize("html", ["<script>1</script>", '<p style="color:red">', '<img src="http://a.b/c.png">'])
def test_html_that_the_policy_would_refuse_is_refused(tmp_path: Path, html: str) -> None:
    with pytest.raises(ValueError, match="the HTML of 'Words' has"):
        write_report([RunView("Run", "", [Panel("Words", "", html)])], tmp_path / "report.html")


def test_a_body_of_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="'Odd' has int"):
        write_report([RunView("Run", "", [Panel("Odd", "", 3)])], tmp_path / "report.html")  # type: ignore[arg-type]


def test_eighty_surfaces_with_samples_stay_under_three_megabytes() -> None:
    height = np.exp(np.random.default_rng(0).normal(0, 1e-3, (201, 201))) * bowl_surface(3, side=201)
    surface = Surface("a member", height, CENTRES, pulled_orbits(0.2, samples=250, steps=20))
    scene = Scene("", (surface,) * 5, (0, 1, 0, 1), (1e-6, 0.3))
    assert 16 * len(json.dumps(scene_data(scene, side_for(80)))) < 2_400_000  # posters, script and tables take 0.5 MB


def test_an_answer_heads_the_page_and_the_bookkeeping_ends_it(tmp_path: Path) -> None:
    panel = Panel("Hero", "See.", "<p>picture</p>")
    found = (Finding("Copies: yes.", "Of 100 images 94 <are> copies."), Finding("Variety: no."))
    answer = Answer("Does it copy?", found, "Privacy.", "Other data.", "It copies", panel)
    run = RunView("Study", "The lead.", [replace(panel, title="Second")], [("3", "cells")], answer=answer)
    text = write_report([run], tmp_path / "one.html").read_text(encoding="utf-8")
    body = text[text.index("<body>") :]
    order = ["<h1>It copies</h1>", "Does it copy?", "<b>Copies: yes.</b> Of 100 images 94 &lt;are&gt; copies.",
             "Privacy.", "Other data.", "Hero", "Second", "The lead.", "3 cells · "]  # fmt: skip
    places = [body.index(word) for word in order]
    assert places == sorted(places)
    both = write_report([run, run], tmp_path / "two.html").read_text(encoding="utf-8")
    assert both.count("Does it copy?") == 2
    assert "<h2>It copies</h2>" in both
