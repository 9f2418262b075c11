"""Numbers on an axis of sizes: all of them where there is room, else those that do not overlap."""

from __future__ import annotations

import pytest

from landscape.figures.by_size import _apart


@pytest.mark.parametrize(
    ("sizes", "written"),
    [
        (
            [1, 2, 3, 4, 5, 6, 7, 8, 10, 30, 100, 300, 1000],
            ["1", "2", "3", "4", "5", "", "7", "", "10", "30", "100", "300", "1000"],
        ),
        ([1, 2, 4, 7, 10], ["1", "2", "4", "7", "10"]),
        ([50], ["50"]),
        ([0, 1, 2], ["0", "1", "2"]),
    ],
)
def test_sizes_that_would_overlap_have_no_number(sizes: list[int], written: list[str]) -> None:
    assert _apart(sizes) == written
