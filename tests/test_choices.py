"""The names in `landscape.choices` are those that the code knows."""

from __future__ import annotations

from landscape import choices
from landscape.data.published import SETS
from landscape.data.synthetic import FIXED
from landscape.nets import NETS


def test_net_kinds_are_the_names_in_nets() -> None:
    assert tuple(NETS) == choices.NET_KINDS


def test_data_sets_are_the_names_in_the_data_package() -> None:
    assert tuple(FIXED) == choices.FIXED_SETS
    assert tuple(SETS) == choices.IMAGE_SETS
