"""One net built by hand whose regions, plateaus, fixed points, cycles and basins are all known: each must be found."""

from __future__ import annotations

import pytest
import torch

from landscape import cube
from landscape.ensemble import Ensemble
from landscape.measures import basins, fixed_points, periodic_points, regions
from landscape.measures.exact import STABILITIES, plateaus, regions_seen
from tests.measures.hand_built import chain

NARROW = 2.0**-22  # of a plateau that no grid of a million points a side would hit
KINKS = ([0.25, 0.625, 0.625 + NARROW, 0.75], [0.25, 0.5])
CHANGES = ([-2.0, 2.0, -2.0, 2.0], [2.0, -2.0])


@pytest.fixture(scope="module")
def net() -> Ensemble:
    """f(x, y) = (g(x), h(y)). g falls from 1 to 2·NARROW between ¼ and ¾, with a narrow halt; h rises from ⅛ to ⅝."""
    units = [(axis, kink) for axis in (0, 1) for kink in KINKS[axis]]
    first, last = torch.zeros(1, 2, len(units)), torch.zeros(1, len(units), 2)
    for place, ((axis, _), change) in enumerate(zip(units, [*CHANGES[0], *CHANGES[1]], strict=True)):
        first[0, axis, place], last[0, place, axis] = 1, change
    return chain((first, -torch.tensor([[kink for _, kink in units]])), (last, torch.tensor([[1.0, 0.125]])))


def test_all_fifteen_regions_are_found_and_the_narrow_ones_by_no_grid(net: Ensemble) -> None:
    found = regions(net, cube.whole(2))
    widths = [[0.25, 0.375, NARROW, 0.125 - NARROW, 0.25], [0.25, 0.25, 0.5]]
    expected = sorted(x * y for x in widths[0] for y in widths[1])
    assert sorted(found.share.tolist()) == pytest.approx(expected, rel=1e-9)
    assert float(regions_seen(net, cube.whole(2).grid(1001))) == 12
    flat = found.share[found.rank == 0]
    assert sorted(flat.tolist()) == pytest.approx(
        sorted(x * y for x in (0.25, NARROW, 0.25) for y in (0.25, 0.5)), rel=1e-9
    )
    _, size = plateaus(found)
    assert len(size) == 6
    assert float(size.min()) == pytest.approx(NARROW / 4, rel=1e-9)


def test_its_saddles_and_its_repeller_are_all_its_fixed_points(net: Ensemble) -> None:
    found = fixed_points(net)
    assert found.proven.tolist() == [True]
    assert found.points.flatten().tolist() == pytest.approx([0.5, 0.125, 0.5, 0.375, 0.5, 0.625])
    assert [STABILITIES[place] for place in found.stability] == ["saddle", "repeller", "saddle"]
    assert found.index.tolist() == [1]
    looked_for = periodic_points(net, cube.whole(2).grid(7))
    assert looked_for.points.flatten().tolist() == pytest.approx(found.points.flatten().tolist())


def test_its_cycles_of_two_are_found_and_are_what_orbits_end_on(net: Ensemble) -> None:
    found = periodic_points(net, cube.whole(2).grid(7), 2)
    x, y = found.points.T.tolist()
    assert x == pytest.approx([2 * NARROW] * 3)
    assert y == pytest.approx([0.125, 0.375, 0.625])
    assert [STABILITIES[place] for place in found.stability] == ["stable", "saddle", "stable"]
    ends = basins(net, cube.whole(2).grid(101).float(), 200)
    assert ends.period.tolist()[:2] == [2, 2]
    assert sorted(ends.points[:2, 1].tolist()) == pytest.approx([0.125, 0.625])
    assert float(ends.shares[:2].sum()) > 0.95  # all but starts on the lines that the saddles and the repeller draw in
