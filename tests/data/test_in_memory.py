"""Arrays in memory become files by their content."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from landscape.data.in_memory import keep, keep_array


def test_equal_arrays_are_one_file_and_others_are_others(tmp_path: Path) -> None:
    array = np.arange(6.0).reshape(2, 3)
    file = keep_array(array, "my data", tmp_path)
    assert Path(file).name == "my-data.npy"
    assert np.array_equal(np.load(file), array)
    assert keep_array(array.copy(), "my data", tmp_path) == file
    others = [array.astype(np.float32), array.reshape(3, 2), array + 1]
    assert len({file, *(keep_array(other, "my data", tmp_path) for other in others)}) == 4


def test_a_name_without_plain_letters_gets_one(tmp_path: Path) -> None:
    assert Path(keep(b"x", "../数.npy", tmp_path)).relative_to(tmp_path).parts[-1] == "array.npy"
