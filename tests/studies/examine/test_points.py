"""Data of an examination: numbers are taken as they are, and what does not fit is said in one line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from landscape.studies.examine import points


def saved(folder: Path, values: np.ndarray) -> str:
    np.save(folder / "x.npy", values)
    return str(folder / "x.npy")


def test_floats_are_taken_as_they_are_and_in_their_order(tmp_path: Path) -> None:
    values = np.linspace(-0.5, 0.9, 30, dtype=np.float32).reshape(5, 3, 2)
    found = points.read(saved(tmp_path, values), -1.0, 1.0)
    assert np.array_equal(found.values, values)
    assert "taken as they are: from -0.5 to 0.9 in the range -1 to 1" in found.summary


def test_values_outside_the_range_are_refused_with_what_to_pass(tmp_path: Path) -> None:
    name = saved(tmp_path, np.array([[0, 7], [255, 3]], np.uint8))
    words = r"x.npy holds values from 0 to 255, outside the range 0 to 1: pass range=\(0,255\) .* or divide by 255"
    with pytest.raises(ValueError, match=words):
        points.read(name, 0.0, 1.0)
    assert points.read(name, 0.0, 255.0).values.max() == 255


def test_a_table_is_read_as_its_numbers_and_a_text_column_refused(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,b\n0.25,0.5\n0.75,1\n")
    assert points.read(str(tmp_path / "t.csv"), 0.0, 1.0).values.tolist() == [[0.25, 0.5], [0.75, 1.0]]
    (tmp_path / "u.csv").write_text("a,b\n0.25,red\n")
    with pytest.raises(ValueError, match="the column 'b' holds text"):
        points.read(str(tmp_path / "u.csv"), 0.0, 1.0)


def test_a_pickle_is_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(ValueError, match="Python objects \\(a pickle\\), which could run any code"):
        points.read(str(tmp_path / "x.npy"), 0.0, 1.0)


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    name = saved(tmp_path, np.zeros((2, 3), np.float32))
    assert points.read(name, 0.0, 1.0).values.max() == 0
    saved(tmp_path, np.ones((2, 3), np.float32))
    assert points.read(name, 0.0, 1.0).values.max() == 1


def test_bytes_of_images_are_scaled_to_the_range() -> None:
    unit, wide = (points.read("digits", *limits).values for limits in ((0.0, 1.0), (-1.0, 1.0)))
    assert np.allclose(wide, 2 * unit - 1, atol=1e-6)


def test_images_with_colours_last_are_turned_for_a_network_that_has_them_first() -> None:
    values = np.random.default_rng(0).random((7, 5, 2, 3), dtype=np.float32)
    given = points.as_given(values, "x", 0.0, 1.0)
    forms = points.forms(given, ())
    assert forms[0] == (3, 5, 2)
    flat, picture, layout = points.laid_out(given, forms[0])
    assert torch.equal(flat.view(7, 3, 5, 2), torch.from_numpy(values).permute(0, 3, 1, 2))
    assert picture == (5, 2, 3)
    assert np.array_equal(flat[:, layout].view(7, *picture).numpy(), values)  # shown as they were given


def test_both_shapes_are_said_where_they_differ() -> None:
    given = points.as_given(np.zeros((3, 5, 2), np.float32), "x", 0.0, 1.0)
    with pytest.raises(
        ValueError, match=r"points of shape \(5, 2\), 10 numbers, and the network's shape is \(1, 28, 28\), 784"
    ):
        points.forms(given, (1, 28, 28))


def test_a_share_of_the_end_is_held_out_and_leaves_points_on_both_sides() -> None:
    given = points.as_given(np.arange(10, dtype=np.float32)[:, None] / 10, "x", 0.0, 1.0)
    data, held = points.split(given, "30%")
    assert data.values[:, 0].tolist() == pytest.approx([0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6])
    assert len(held.values) == 3
    with pytest.raises(ValueError, match="`held-out` must leave points on both sides"):
        points.split(given, "100%")
