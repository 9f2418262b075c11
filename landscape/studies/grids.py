"""Grids of depth and width: a plain one, and one of equal parameters that separates depth from capacity."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from landscape.nets import MLP


def depth_grid(
    hidden: Sequence[int], width: Sequence[int], budget: Sequence[int], dim: int
) -> Iterator[tuple[int, int, int]]:
    """(hidden, width, budget) of hidden × width, budget 0, then of each depth at the width nearest to every budget but 0."""
    yield from ((h, w, 0) for h in hidden for w in width)
    yield from ((h, width_for(parameters, h, dim), parameters) for parameters in budget if parameters for h in hidden)


def width_for(budget: int, hidden: int, dim: int) -> int:
    """The width whose MLP of `hidden` layers comes nearest to `budget` parameters, at least 1."""
    width = 1
    while MLP(hidden, width + 1).parameter_count(dim) <= budget:
        width += 1
    below, above = (abs(MLP(hidden, w).parameter_count(dim) - budget) for w in (width, width + 1))
    return width if below <= above else width + 1
