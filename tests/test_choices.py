"""The names to choose among are those that the code behind them knows."""

from __future__ import annotations

from landscape import choices
from landscape.data.published import SETS
from landscape.data.synthetic import FIXED
from landscape.nets import NETS


def test_nets_are_those_there_are() -> None:
    assert tuple(NETS) == choices.NET_KINDS


def test_data_sets_are_those_there_are() -> None:
    assert tuple(FIXED) == choices.FIXED_SETS
    assert tuple(SETS) == choices.IMAGE_SETS
