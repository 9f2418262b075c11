"""What `measures` exports: about 25 functions at the top, and its wings."""

from __future__ import annotations

import pytest

from landscape import measures


@pytest.mark.parametrize("name", measures.__all__)
def test_every_name_of_the_top_is_there(name: str) -> None:
    assert hasattr(measures, name)
