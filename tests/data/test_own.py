"""Data from memory and from code: what they become, what is refused, and that they are found again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from landscape import own_data
from landscape.data import Data, DataSpec, find, load_data, shape_of, summary_of
from landscape.data.own import text_of

UNIT = np.array([[0.2, 0.8], [0.5, 0.5], [0.8, 0.2]])


@pytest.fixture(autouse=True)
def forgetful(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A test knows no data that another one has registered or seen, and keeps its own beside its runs."""
    for name in ("_registered", "_sources", "_files", "_places"):
        monkeypatch.setattr(own_data, name, {})
    monkeypatch.setattr(own_data, "_as_given", set())
    monkeypatch.setenv("LANDSCAPE_OUT", str(tmp_path / "runs"))


def sorted_points(text: str) -> np.ndarray:
    points = load_data(DataSpec(text), (0,)).points[0].numpy()
    return points[np.lexsort(points.T[::-1])]


@pytest.mark.parametrize("given", [UNIT, UNIT.tolist(), torch.tensor(UNIT), Data(UNIT)])
def test_points_in_the_unit_cube_are_taken_as_they_are(given: Any) -> None:
    assert np.array_equal(sorted_points(text_of(given)), UNIT.astype(np.float32))


def test_other_points_are_scaled_as_the_columns_of_a_table(tmp_path: Path) -> None:
    points = np.array([[-3.0, 10.0], [1.0, 20.0], [5.0, 40.0]])
    table = tmp_path / "points.csv"
    pd.DataFrame(points, columns=["a", "b"]).to_csv(table, index=False)
    text = text_of(points)
    assert np.allclose(sorted_points(text), sorted_points(str(table)))
    assert np.allclose(sorted_points(text), [[0, 0], [0.5, 1 / 3], [1, 1]])
    assert summary_of(DataSpec(text)) == "3 points, each coordinate scaled from its range → 2 coordinates"
    assert np.array_equal(sorted_points(text_of(pd.DataFrame(points, columns=["a", "b"]))), sorted_points(str(table)))


def test_labels_are_classes_and_images_keep_their_shape() -> None:
    dataset = load_data(DataSpec(text_of(Data(UNIT, ["b", "a", "b"]))), (0,))
    assert dataset.classes == ("a", "b")
    assert sorted(dataset.labels[0].tolist()) == [0, 1, 1]
    images = np.arange(4 * 36, dtype=np.uint8).reshape(4, 6, 6)
    assert shape_of(DataSpec(text_of(images))) == (6, 6)


def test_equal_content_is_kept_once_whatever_it_came_from() -> None:
    first, second = text_of(UNIT), text_of(Data(torch.tensor(UNIT)))
    assert first == second
    assert Path(text_of(Data(UNIT + 0.01))) != Path(first)
    assert own_data.plain_names([first]) == {first: "points"}


@pytest.mark.parametrize(
    ("points", "more", "message"),
    [
        ([[0.1, np.nan]], {}, "`points` must hold finite numbers; got nan in point 0, and remove it"),
        ([0.1, 0.2], {}, r"got the shape \(2,\); points on the line are points\[:, None\]"),
        (np.zeros((0, 2)), {}, r"got the shape \(0, 2\)"),
        ([["a", "b"]], {}, "`points` must hold numbers; got <U1"),
        ([[0.1, 0.2], [0.3]], {}, "`points` must have one length"),
        (object(), {}, "`points` must be an array, .* got object"),
        ([[2.0, 1.0], [2.0, 3.0]], {}, "coordinate 0 of `points` is 2 in all 2 points"),
        (UNIT, {"labels": [1, 2]}, "`labels` must be 3 whole numbers or names, one a point"),
        (UNIT, {"name": "my points"}, "`name` must be a word of letters, digits, - and _; got 'my points'"),
    ],
)
def test_what_cannot_be_data_is_refused_in_one_line(points: Any, more: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        text_of(Data(points, **more))
    assert "\n" not in str(caught.value)


def test_registered_data_are_made_once_when_they_are_used() -> None:
    calls = []

    def spiral() -> Data:
        calls.append(1)
        return Data(UNIT, name="other")

    own_data.register_data("spiral", spiral)
    assert not calls
    assert "spiral" in own_data.registered()
    assert np.array_equal(sorted_points("spiral"), UNIT.astype(np.float32))
    assert len(calls) == 1
    assert own_data.plain_names(["spiral"]) == {"spiral": "spiral"}
    path = find("spiral")
    assert path is not None
    assert path.stem == "spiral"
    own_data.register_data("spiral", UNIT[:2])
    assert load_data(DataSpec("spiral"), (0,)).count == 2


def test_workers_find_registered_data_by_the_files_of_their_content() -> None:
    own_data.register_data("spiral", lambda: UNIT)
    digest = DataSpec("spiral").digest
    known = own_data.state()
    own_data._registered.clear()
    own_data._files.clear()
    own_data.restore(known)
    assert DataSpec("spiral").digest == digest != ""


def test_errors_of_registered_data_name_them() -> None:
    def broken() -> None:
        raise KeyError("width")

    own_data.register_data("broken", broken)
    own_data.register_data("wrong", lambda: np.zeros(3))
    with pytest.raises(ValueError, match="the data 'broken' cannot be made: KeyError: 'width'"):
        find("broken")
    with pytest.raises(ValueError, match=r"the data 'wrong' cannot be used: `points` must be .* got the shape \(3,\)"):
        find("wrong")


@pytest.mark.parametrize(("name", "why"), [("digits", "that is a set of ours"), ("my data", "it must be a word")])
def test_names_that_cannot_be_registered(name: str, why: str) -> None:
    with pytest.raises(ValueError, match=f"data cannot be registered as '{name}': {why}"):
        own_data.register_data(name, UNIT)


def test_a_content_is_found_where_it_was_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "below").mkdir()
    file = tmp_path / "below" / "points.npy"
    np.save(file, UNIT)
    digest = DataSpec(str(file)).digest
    monkeypatch.chdir(tmp_path)
    spec = DataSpec("points.npy", digest=digest)
    with pytest.raises(ValueError, match=r"there is no 'points\.npy' here"):
        load_data(spec, (0,))
    own_data.remember(digest, file)
    assert load_data(spec, (0,)).count == 3
    np.save(tmp_path / "points.npy", UNIT[:2])  # another file of this name does not take its place
    assert load_data(spec, (0,)).count == 3
