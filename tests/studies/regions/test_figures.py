"""Pictures of regions: polygons, broken lines, numbers and areas."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import PolyCollection

from landscape.figures.theme import pixels
from landscape.studies.regions import figures as pictures


def plane(slopes: list[float]) -> dict[str, np.ndarray]:
    """The unit square cut into two triangles of these slopes."""
    return {
        "vertices": np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]),
        "corners": np.array([0, 1, 2, 0, 2, 3]),
        "begins": np.array([0, 3, 6]),
        "slope": np.array(slopes),
        "rank": (np.array(slopes) > 0).astype(int),
        "share": np.array([0.5, 0.5]),
        "spots": np.array([[0.2, 0.2]]),
        "low": np.zeros(2),
        "high": np.ones(2),
    }


def test_every_region_is_a_polygon_and_plateaus_are_drawn_over_it() -> None:
    figure = pictures.region_maps([[plane([2.0, 0.0]), None]], ["width 3"], ["1 hidden", "2 hidden"])
    drawn, flat = (collection for collection in figure.axes[0].collections if isinstance(collection, PolyCollection))
    assert len(drawn.get_paths()) == 2
    assert len(flat.get_paths()) == 1
    assert flat.get_paths()[0].vertices[:3].tolist() == [[0, 0], [1, 1], [0, 1]]
    assert not figure.axes[1].axison
    assert pixels(figure).std() > 0


def test_a_broken_line_goes_through_its_pieces() -> None:
    net = {
        "vertices": np.array([[0.5], [0.0], [1.0]]),
        "corners": np.array([0, 2, 1, 0]),
        "linear": np.array([[[0.0]], [[2.0]]]),
        "offset": np.array([[1.0], [0.0]]),
        "rank": np.array([0, 1]),
    }
    (ax,) = pictures.broken_lines([[net]], ["width 3"], ["1 hidden"]).axes
    whole, flat = ax.lines[:2]
    assert whole.get_xydata().tolist() == [[0, 0], [0.5, 1], [0.5, 1], [1, 1]]
    assert flat.get_xydata().tolist() == [[0.5, 1], [1, 1]]


def test_numbers_are_medians_by_depth_with_untrained_nets_beside() -> None:
    table = pd.DataFrame(
        {"hidden": [1, 1, 1, 2, 2, 2], "width": [5] * 6, "regions": [1, 2, 9, 3, 4, 5], "blank": [1] * 6}
    )
    (ax,) = pictures.by_neurons(table, "regions", "regions", "blank", 2).axes
    assert [container.lines[0].get_ydata().tolist() for container in ax.containers] == [[2], [4]]
    assert ax.lines[-1].get_ydata().tolist() == pytest.approx([2, 8])


def test_areas_add_up_from_the_flattest() -> None:
    (ax,) = pictures.slopes_by_area({"net": (np.array([3.0, 1.0]), np.array([0.25, 0.75]))}).axes
    assert ax.lines[0].get_ydata().tolist() == [0.75, 1]


def test_regions_by_initialisation_have_axes_per_dimension_and_name_their_slopes() -> None:
    rows = [
        {"data": f"d{dim}", "dim": dim, "init": init, "neurons": n, "regions": 2.0 * n**dim}
        for dim in (1, 2)
        for init in ("he-biased", "torch")
        for n in (5, 10, 20, 40)
    ]
    figure = pictures.by_initialisation(pd.DataFrame(rows), {("torch", 2): (1.5, 1.4, 1.6)})
    line, plane = figure.axes
    words = [text.get_text() for text in plane.get_legend().get_texts()]
    assert words == ["neurons^2", "he-biased", "torch: 1.50 [1.40, 1.60]"]
    assert (line.get_title(), plane.get_title()) == ("on the line", "in 2 dimensions")
    (dashed,) = [one for one in plane.lines if one.get_linestyle() == "--" and np.isfinite(one.get_ydata()).all()]
    rise = np.diff(np.log(dashed.get_ydata())) / np.diff(np.log(dashed.get_xdata()))
    assert rise == pytest.approx(1.5)
