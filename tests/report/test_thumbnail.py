"""Pictures of panels as files of their own: well-formed, complete, light and dark."""

from __future__ import annotations

from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

from landscape.figures.panel import Animation, Panel, Scene, SceneGrid, Surface
from landscape.figures.theme import new_figure
from landscape.report.poster import FlatPainter
from landscape.report.thumbnail import thumbnail

SVG = "{http://www.w3.org/2000/svg}"


def scene(title: str = "") -> Scene:
    heights = np.linspace(0.1, 1.0, 35).reshape(5, 7)
    return Scene(title, (Surface("loss", heights),), (0, 1, 0, 1), (0.1, 1.0))


def drawn(body: object) -> ElementTree.Element:
    text = thumbnail(Panel("Title", "Caption.", body), FlatPainter())  # type: ignore[arg-type]
    assert "<script" not in text
    return ElementTree.fromstring(text)


def test_a_figure_has_its_letters_and_the_colours_of_a_dark_page() -> None:
    figure, axes = new_figure()
    axes.plot([1, 2, 3])
    axes.set_title("A < B & C")
    root = drawn(figure)
    style = str(root.findtext(f"{SVG}style"))
    assert "@font-face" in style
    assert "color-scheme: light dark" in style
    assert "light-dark(" in style
    assert root.attrib["viewBox"] == f"0 0 {root.attrib['width']} {root.attrib['height']}"


def test_a_surface_is_one_still() -> None:
    assert len(list(drawn(scene()).iter(f"{SVG}image"))) == 1


def test_the_first_and_the_last_surface_of_a_grid_stand_beside_each_other_with_their_names() -> None:
    grid = SceneGrid(("2 layers", "4 layers", "7 < 9 layers"), ("width",), ((scene(),), (scene(),), (scene(),)))
    root = drawn(grid)
    labels = [text.text for text in root.findall(f"{SVG}text")]
    assert labels == ["2 layers", "7 < 9 layers"]
    assert len(list(root.iter(f"{SVG}image"))) == 2


def test_a_grid_of_one_surface_is_that_surface() -> None:
    root = drawn(SceneGrid(("a", "b"), ("c",), ((None,), (scene(),))))
    assert root.findall(f"{SVG}text") == []
    assert len(list(root.iter(f"{SVG}image"))) == 1


def test_an_animation_is_its_last_frame() -> None:
    root = drawn(Animation(np.zeros((3, 5, 7, 3), np.uint8), ("1", "2", "3"), "frames"))
    assert (root.attrib["width"], root.attrib["height"]) == ("7", "5")
    assert len(list(root.iter(f"{SVG}image"))) == 1


@pytest.mark.parametrize(
    "body",
    [
        pd.DataFrame({"a": [1]}),
        "<p>words</p>",
        SceneGrid(("a",), ("b",), ((None,),)),
        Scene("", (Surface("loss", np.full((3, 5), np.nan)),), (0, 1, 0, 1), (0.1, 1.0)),
    ],
)
def test_what_holds_no_picture_has_none(body: object) -> None:
    assert thumbnail(Panel("Title", "Caption.", body), FlatPainter()) == ""  # type: ignore[arg-type]
