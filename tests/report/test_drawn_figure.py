"""Figures on the page: what remains of matplotlib's SVG, which marks become pixels, and which rows of a table marks are."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest
from matplotlib.backend_bases import RendererBase
from matplotlib.figure import Figure

from landscape.figures.contrast import GRAPHIC, TEXT, contrast
from landscape.figures.rows import stand_for
from landscape.figures.theme import BLUE, PALETTE, new_figure, new_grid
from landscape.report.dark import CARD, WHITE, dark, rules
from landscape.report.drawn_figure import MAX_SVG_BYTES, PANEL_WIDTH, WIDTHS, WORDS_WIDTH, drawn, shape_of
from landscape.report.letters import FAMILY, font_faces
from landscape.report.marks import MOST_MARKS
from landscape.report.matching import Table, located, matched
from landscape.report.page_data import PageData
from landscape.report.poster import FlatPainter
from landscape.report.vector import ELEMENTS, _path


@pytest.fixture
def data() -> PageData:
    return PageData(FlatPainter(), 9)


def elements(svg: str) -> list[ElementTree.Element]:
    return list(ElementTree.fromstring(svg).iter())


def dots(count: int) -> Figure:
    figure, axes = new_figure()
    axes.scatter(*np.random.default_rng(0).random((2, count)), color=BLUE)
    axes.set(xlabel="a <label>", ylabel="b & c", title="A title")
    return figure


def test_only_known_elements_and_no_styles_scripts_or_addresses_remain(data: PageData) -> None:
    figure = dots(5)
    figure.axes[0].collections[0].set_urls(["https://a.b/c"] * 5)
    figure.axes[0].text(0.5, 0.5, "<script>alert(1)</script>")
    svg = drawn(figure, data, "narrow")
    assert {element.tag for element in elements(svg)} <= ELEMENTS
    attributes = {key for element in elements(svg) for key in element.attrib}
    assert not {key for key in attributes if key.startswith("on") or key in ("style", "class")}
    links = [element.attrib["href"] for element in elements(svg) if "href" in element.attrib]
    assert links
    assert all(link.startswith("#drawing-") for link in links)
    words = [element.text for element in elements(svg) if element.tag == "text"]
    assert {"<script>alert(1)</script>", "a <label>", "b & c", "A title"} <= set(words)


def test_ids_are_unique_on_a_page_and_each_reference_has_its_target(data: PageData) -> None:
    texts = [drawn(dots(7), data, "narrow") for _ in range(2)]
    ids = [element.attrib["id"] for text in texts for element in elements(text) if "id" in element.attrib]
    assert len(ids) == len(set(ids)) > 2
    assert set(re.findall(r'(?:url\(|href=")#([\w-]+)', "".join(texts))) <= set(ids)


@pytest.mark.parametrize(("count", "pixels"), [(MOST_MARKS, False), (MOST_MARKS + 1, True)])
def test_vectors_stay_vectors_up_to_a_number_of_marks_and_text_always(data: PageData, count: int, pixels: bool) -> None:
    svg = drawn(dots(count), data, "narrow")
    assert ("<image" in svg) == pixels
    assert pixels or svg.count("<use") >= count
    assert "A title</text>" in svg


def test_a_large_drawing_of_many_small_artists_becomes_pixels(data: PageData) -> None:
    figure, axes = new_figure()
    for seed in range(40):
        axes.plot(*np.random.default_rng(seed).random((2, 500)), "o")
    svg = drawn(figure, data, "narrow")
    assert "<image" in svg
    assert len(svg) < 10 * MAX_SVG_BYTES
    assert [artist.get_rasterized() for artist in axes.lines] == [False] * 40  # the figure itself is as it was


def test_marks_have_the_names_and_scales_of_their_axes_and_their_rows(data: PageData) -> None:
    table = pd.DataFrame({"member": [0, 1, 2], "width": [8, 50, 8], "loss": [0.25, 1e-3, 0.125]})
    data.download("members", table)
    figure, axes = new_figure()
    kept = table.loc[[2, 0]]
    axes.scatter(kept.width, kept.loss, label="wide")
    axes.set(xlabel="width", yscale="log", ylabel="loss", ylim=(1e-3, 1), xlim=(0, 60))
    svg = ElementTree.fromstring(drawn(figure, data, "narrow"))
    (group,) = (element for element in svg.iter() if element.get("data-mark"))
    assert (group.get("data-mark"), group.get("data-label"), group.get("data-rows")) == ("point", "wide", "2 0")
    assert group.get("data-table") in data.payloads.content
    (scale,) = json.loads(svg.attrib["data-axes"])
    assert (scale["x"]["name"], scale["y"]["name"], scale["y"]["log"]) == ("width", "loss", True)
    at, to = scale["y"]["at"], np.log10(scale["y"]["to"])
    heights = [float(use.attrib["y"]) for use in group.iter("use")]
    read = 10 ** (to[0] + (np.array(heights) - at[0]) / (at[1] - at[0]) * (to[1] - to[0]))
    np.testing.assert_allclose(read, [0.125, 0.25], rtol=2e-3)


@pytest.mark.parametrize(
    ("points", "rows"),
    [
        ([(8.0, 0.125), (50.0, 1e-3)], [2, 1]),
        ([(7.9, 0.125), (50.2, 1e-3)], [2, 1]),  # moved sideways: 7.9 and 50.2 stand in no column
        ([(50.0, 0.125), (8.0, 1e-3)], None),  # the widths are those of other rows
        ([(8.0, 0.3)], None),  # no such loss
        ([(8.0, 0.5)], None),  # two rows have this loss
    ],
)
def test_points_are_rows_only_where_that_is_certain(
    points: Sequence[tuple[float, float]], rows: Sequence[int] | None
) -> None:
    table = pd.DataFrame({"width": [8, 50, 8, 8, 50], "loss": [0.25, 1e-3, 0.125, 0.5, 0.5]})
    found = matched(np.array(points), Table("t", table))
    assert (None if found is None else found.tolist()) == rows


def test_bars_say_their_length(data: PageData) -> None:
    figure, axes = new_figure()
    axes.barh([0, 1], [0.25, 0.5], label="copies", hatch="//")
    axes.set_yticks([0, 1], ["mlp", "cnn"])
    svg = ElementTree.fromstring(drawn(figure, data, "narrow"))
    bars = [element.attrib for element in svg.iter() if element.get("data-mark") == "bar"]
    assert [bar["data-value"] for bar in bars] == ["0.25", "0.5"]
    assert {bar["data-label"] for bar in bars} == {"copies"}
    assert json.loads(svg.attrib["data-axes"])[0]["y"]["words"] == [[0, "mlp"], [1, "cnn"]]


def test_a_hatching_of_dots_is_small(data: PageData) -> None:
    figure, axes = new_figure()
    axes.bar([0], [1], hatch="....", edgecolor="white")
    svg = drawn(figure, data, "narrow")
    assert "<pattern" in svg
    assert len(svg) < 25_000


def test_a_figure_is_laid_out_for_its_width_on_the_page_and_keeps_its_own(data: PageData) -> None:
    figure, _ = new_grid(1, 4, width=12.5, height=3)
    svg = ElementTree.fromstring(drawn(figure, data, shape_of(figure)))
    assert int(svg.attrib["width"]) == round(96 * WIDTHS["broad"][1])
    assert figure.get_figwidth() == 12.5
    sizes = [float(element.attrib["font-size"]) for element in svg.iter("text")]
    assert sizes
    assert min(sizes) >= 8.5
    figure, _ = new_grid(1, 2, width=12.5, height=3)  # each of its panels fits a phone
    svg = ElementTree.fromstring(drawn(figure, data, shape_of(figure)))
    assert int(svg.attrib["width"]) == round(96 * (2 * PANEL_WIDTH + WORDS_WIDTH))
    shapes = [
        shape_of(new_grid(1, columns, width=width)[0]) for columns, width in ((2, 6.0), (2, 6.4), (2, 7.0), (1, 7.0))
    ]
    assert shapes == ["narrow", "medium", "broad", "narrow"]


def test_paths_are_relative_and_do_not_drift() -> None:
    assert _path("M 10.004 5 \nL 11 5 \nL 12.5 4.25 \nz\n") == "M10 5 l1 0 1.5-.75 z"
    steps = _path("M 0 0 " + " ".join(f"L {n / 3:.6f} 0" for n in range(1, 301)))
    assert sum(map(float, re.findall(r"(-?[\d.]+) 0", steps.partition("l")[2]))) == pytest.approx(100, abs=0.005)


@pytest.mark.parametrize("colour", [*PALETTE, "#440154", "#375b8d", "#262626", "#882255", "#000000"])
def test_colours_are_seen_on_a_dark_page(colour: str) -> None:
    assert contrast(dark(colour), CARD) >= GRAPHIC
    assert contrast(dark(colour, TEXT), CARD) >= TEXT
    assert dark(WHITE) == CARD


def test_each_colour_is_a_variable_and_white_words_stay_white() -> None:
    style = rules({("fill", WHITE), ("text", WHITE), ("stroke", BLUE)})
    assert f'[fill="{WHITE}"] {{ fill: var(--c-ffffff); }}' in style
    assert "text,tspan)[fill" not in style.replace(":not(text,tspan,[data-still],[data-still] *)", "")
    assert f'[stroke="{BLUE}"]' in style


def test_marks_on_a_picture_keep_their_colours_and_marks_beside_one_do_not(data: PageData) -> None:
    """A strip of colour below lines is no ground for them: on a dark page they lie on the page."""
    for extent, still in (((0, 1, 0, 1), 2), ((0, 1, 0, 0.2), 1)):
        figure, ax = new_figure(4, 3)
        image = ax.imshow(np.eye(4), extent=extent, vmin=0.1)
        figure.colorbar(image, ax=ax, extend="min")
        ax.plot([0.2, 0.5, 0.7], [0.5, 0.6, 0.4], "o", mec=WHITE)
        ax.set(xlim=(0, 1), ylim=(0, 1))
        assert (
            drawn(figure, data, "narrow").count(' data-still="1"') == still
        )  # one of them is the end of the colour bar


def test_the_font_holds_the_letters_used_and_is_small() -> None:
    face = font_faces({(letter, False) for letter in "abcxyz 0123−²"} | {("T", True)})
    assert face.count("@font-face") == 2
    assert FAMILY in face
    assert len(face) < 12_000
    assert font_faces([]) == ""


def test_marks_are_the_rows_that_their_figure_names() -> None:
    table = pd.DataFrame({"hidden": [2, 2, 4, 4], "member": [0, 1, 0, 1], "loss": [0.5, 0.5, 0.5, 0.25]})
    rows = table.iloc[[3, 0]].assign(setting="x")
    assert located(rows, Table("t", table)).tolist() == [3, 0]  # type: ignore[union-attr]
    assert located(rows, Table("t", table.drop(columns="hidden"))) is None  # two networks are member 1
    assert located(rows, Table("t", table.iloc[:2])) is None
    assert located(rows.drop(columns="member"), Table("t", table)) is None


def test_marks_must_be_as_many_as_their_rows(data: PageData) -> None:
    figure = dots(5)
    stand_for(figure.axes[0].collections[0], pd.DataFrame({"member": range(4)}))
    with pytest.raises(ValueError, match="5 marks stand for 4 rows"):
        drawn(figure, data, "narrow")


def test_a_figure_is_drawn_once_and_its_dots_per_inch_and_canvas_stay(
    data: PageData, monkeypatch: pytest.MonkeyPatch
) -> None:
    figure = dots(5)
    drawings, draw, before = [], Figure.draw, (figure.dpi, figure.canvas)

    def counted(self: Figure, renderer: RendererBase) -> None:
        drawings.append(renderer)
        draw(self, renderer)

    monkeypatch.setattr(Figure, "draw", counted)
    drawn(figure, data, "narrow")
    assert len(drawings) == 1
    assert (figure.dpi, figure.canvas) == before


def test_artists_marked_as_animated_are_drawn(data: PageData) -> None:
    figure = dots(5)
    figure.axes[0].collections[0].set_animated(True)
    assert drawn(figure, data, "narrow").count("<use") >= 5
