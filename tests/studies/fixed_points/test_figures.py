"""Pictures of fixed points."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from landscape.figures.theme import pixels
from landscape.studies.fixed_points import figures as pictures


def arrays(dim: int) -> dict[str, np.ndarray]:
    axis = np.linspace(0, 1, 5)
    grid = axis[:, None] if dim == 1 else np.stack(np.meshgrid(axis, axis), -1).reshape(-1, 2)
    return {
        "grid": grid,
        "outputs": grid**2,
        "loss": ((grid - grid**2) ** 2).mean(-1),
        "spots": grid[:2],
        "low": np.array(0.0),
        "high": np.array(1.0),
    }


def census(dim: int) -> pd.DataFrame:
    kinds = ["stable", "saddle", "repeller", "one-sided"]
    table = pd.DataFrame({"stability": kinds, "radius": [0.1, 1.5, 3.0, 0.9], "distance": [0.0, 0.2, 0.3, 0.5]})
    return table.assign(setting="2 hidden", **{f"x{axis + 1}": [0.1, 0.3, 0.6, 0.9] for axis in range(dim)})


@pytest.mark.parametrize("dim", [1, 2])
def test_every_fixed_point_is_in_the_portrait(dim: int) -> None:
    figure = pictures.portraits({"one": (arrays(dim), census(dim)), "two": (arrays(dim), census(dim))})
    for ax in figure.axes[:2]:
        points = [line for line in ax.lines if len(line.get_xdata()) == 1]
        assert [line.get_xdata()[0] for line in points] == [0.1, 0.3, 0.6, 0.9]
    assert pixels(figure).std() > 0


def test_only_minima_of_no_training_point_are_crosses() -> None:
    found = census(2).assign(training=[True, False, False, False], displaced=[False, True, False, False])
    (ax, _) = pictures.minima({"one": (arrays(2), found)}).axes
    (crosses,) = (line for line in ax.lines if line.get_marker() == "X")
    assert list(crosses.get_xdata()) == [0.6, 0.9]


def test_the_scale_of_losses_ends_in_an_arrow() -> None:
    deep = arrays(2) | {"loss": np.geomspace(1e-12, 0.1, 25)}
    ax, bar = pictures.minima({"one": (deep, census(2).assign(training=False, displaced=False))}).axes
    (image,) = ax.images
    assert np.asarray(image.get_array()).min() == pictures.LEAST_LOSS_DRAWN
    assert vars(bar)["_colorbar"].extend == "min"
    assert bar.get_ylim() == pytest.approx((pictures.LEAST_LOSS_DRAWN, 0.1))


def test_bars_of_kinds_are_means() -> None:
    table = pd.DataFrame({"setting": ["a", "a", "b"], "stable": [1, 3, 5], "saddle": 1, "repeller": 0, "one_sided": 0})
    (ax,) = pictures.kinds_by_setting(table).axes
    assert [patch.get_width() for patch in ax.patches[:2]] == [2, 5]


def test_ends_of_samplers_add_up() -> None:
    shares = {"training": 0.1, "spurious": 0.2, "unstable": 0.3, "nowhere": 0.4}
    table = pd.DataFrame({"setting": ["a", "b"]}).assign(**{f"s_{name}": share for name, share in shares.items()})
    (ax,) = pictures.ends_of_samplers(table, {"s": "sampler"}).axes
    assert sum(patch.get_width() for patch in ax.patches) == pytest.approx(2)


def test_a_spectrum_has_a_marker_a_kind_and_a_line_at_one() -> None:
    ax = pictures.spectrum(census(2)).axes[0]
    assert [line.get_ydata()[0] for line in ax.lines[:4]] == [0.1, 1.5, 3.0, 0.9]
    assert ax.lines[4].get_ydata()[0] == 1


def test_counts_by_number_of_points_are_means() -> None:
    table = pd.DataFrame({"hidden": 2, "width": 5, "longer": 1, "count": [4, 4, 8, 8], "spurious": [1, 3, 5, 7]})
    (ax,) = pictures.by_points(table, "spurious", "spurious").axes
    assert ax.containers[0].lines[0].get_ydata().tolist() == [2, 6]
