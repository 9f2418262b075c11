"""Gaussian layers that grow row by row: at how many rows each of them becomes one-to-one."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import torch
from jaxtyping import Float

from landscape.measures.exact import LayerInjectivity, layer_injectivity
from landscape.studies.injectivity.parameters import EXACT, SEARCH
from landscape.studies.parts.streams import number_of

ONE_TO_ONE, MERGES = "one-to-one", "not one-to-one"
SEARCH_FIRST = 7  # from this number of inputs on, a search is much quicker than a proof where a layer merges points
SEARCHES = 10  # from other random starts, before a proof is tried
SEARCH_HIGHEST = 8.0  # rows per input up to which merged pairs are searched for: none was found beyond 6
SEARCH_STEP = 0.1  # rows per input between the layers that are searched for merged pairs
MAX_RELATIVE = 1e-10  # of a pair: ‖f(x) − f(y)‖ / (‖W‖·‖x − y‖), computed here again in float64

Decide = Callable[[Float[np.ndarray, "rows inputs"]], LayerInjectivity]


@dataclass(frozen=True)
class FirstRows:
    """The number of rows with which a layer becomes one-to-one, `least` ≤ M ≤ `most`; equal if it is known.

    - `most` is infinite if the layer is not known to be one-to-one with any number of rows that was tested.
    - `tests`: of layers. `unresolved`: how many of them gave no answer. `residual`: the largest of the merged pairs."""

    least: int
    most: float
    tests: int
    unresolved: int
    residual: float


def first_rows(
    rows: Float[np.ndarray, "rows inputs"], sizes: Sequence[int], *, search: Decide | None, decide: Decide | None
) -> FirstRows:
    """At how many of the `rows` their layer becomes one-to-one, among `sizes`, ascending.

    A layer that is one-to-one stays so with more rows, so the number is found by bisection:

    1. Fewer than 2n rows are never enough.
    2. A size at which `search` finds a merged pair, if it is given, is a lower bound. It is found by bisection, so that it need
       not be the largest: a search may miss a pair at a smaller size.
    3. From there on `decide` tests sizes at growing distances, until a layer is proven to be one-to-one: an upper bound.
    4. The sizes between both bounds are halved. Where a test gives no answer, both sides are followed.

    Every pair is put through its layer again in float64. Without `decide` there is no upper bound. Raises ValueError if a pair
    does not have the same values."""
    tests = _Tests(rows, sizes)
    start, end = 0, len(sizes)
    if search is not None:
        start = _first_after(start, end, lambda place: tests.verdict(place, search, "search") == MERGES)
    merged, proven = start, end
    if decide is not None:
        low, step = start, 1
        while search is not None and start + step - 1 < end and tests.verdict(start + step - 1, decide) != ONE_TO_ONE:
            low, step = start + step, 2 * step
        high = min(start + step - 1, end) if search is not None else end
        proven = _first_after(low, high, lambda place: tests.verdict(place, decide) != ONE_TO_ONE)
        whole = proven == start or tests.known.get(("decide", proven - 1)) == MERGES
        merged = proven if whole else _first_after(start, proven, lambda place: tests.verdict(place, decide) == MERGES)
    inputs = rows.shape[1]
    least = max(sizes[merged - 1] + 1 if merged else 0, 2 * inputs)
    most = float(sizes[proven]) if proven < end else math.inf
    decided = [word for (kind, _), word in tests.known.items() if kind == "decide"]
    unresolved = sum(word not in (ONE_TO_ONE, MERGES) for word in decided)
    return FirstRows(least, most, len(tests.known), unresolved, tests.residual)


@dataclass
class _Tests:
    """The tests of a layer with its first rows, each done once; `residual` is the largest of the pairs found so far."""

    rows: Float[np.ndarray, "rows inputs"]
    sizes: Sequence[int]
    known: dict[tuple[str, int], str] = field(default_factory=dict)
    residual: float = 0.0

    def verdict(self, place: int, decide: Decide, kind: str = "decide") -> str:
        """The verdict on the layer with sizes[place] rows."""
        key = kind, place
        if key not in self.known:
            weight = self.rows[: self.sizes[place]]
            found = decide(weight)
            self.known[key] = found.verdict
            if found.pair is not None:
                self.residual = max(self.residual, residual_of(weight, found.pair.numpy()))
        return self.known[key]


def residual_of(weight: Float[np.ndarray, "rows inputs"], pair: Float[np.ndarray, "2 inputs"]) -> float:
    """How far the values of a merged pair are apart: ‖f(x) − f(y)‖ / (‖W‖·‖x − y‖). Raises ValueError above MAX_RELATIVE."""
    codes = np.maximum(pair @ weight.T, 0)
    residual = float(np.linalg.norm(codes[0] - codes[1]) / (np.linalg.norm(weight) * np.linalg.norm(pair[0] - pair[1])))
    if not residual <= MAX_RELATIVE:
        raise ValueError(f"a pair that a layer should merge has different values: residual {residual:g}")
    return residual


def matrices(inputs: int, seeds: Sequence[int], *, highest: float, time_limit: float, exact: bool) -> pd.DataFrame:
    """A table with a row per seed: inputs, seed, method, and the columns of FirstRows.

    With `exact` every number of rows up to `highest` per input is decided, with `time_limit` seconds a test. Without, pairs are
    only searched for, so that nothing is known from above: at steps of SEARCH_STEP rows per input, up to SEARCH_HIGHEST."""
    most = math.floor((highest if exact else min(highest, SEARCH_HIGHEST)) * inputs)
    steps = np.arange(2, most / inputs, SEARCH_STEP)
    sizes = range(2 * inputs, most + 1) if exact else sorted({round(step * inputs) for step in steps})

    def search(weight: Float[np.ndarray, "rows inputs"]) -> LayerInjectivity:
        for attempt in range(SEARCHES if exact else 1):
            found = layer_injectivity(weight, method="falsify", generator=torch.Generator().manual_seed(attempt))
            if found.pair is not None:
                break
        return found

    def decide(weight: Float[np.ndarray, "rows inputs"]) -> LayerInjectivity:
        return layer_injectivity(weight, method="exact", time_limit=time_limit)

    found = []
    for seed in seeds:
        rows = np.random.default_rng([number_of("injectivity", "matrices"), seed, inputs]).standard_normal(
            (most, inputs)
        )
        first = first_rows(
            rows, sizes,
            search=search if not exact or inputs >= SEARCH_FIRST else None,
            decide=decide if exact else None,
        )  # fmt: skip
        found.append({"seed": seed, **vars(first)})
    return pd.DataFrame(found).assign(method=EXACT if exact else SEARCH)


def _first_after(low: int, high: int, holds: Callable[[int], bool]) -> int:
    """The first place from `low` on after those at which `holds`, by bisection; `high` if it holds at all before."""
    while low < high:
        middle = (low + high) // 2
        if holds(middle):
            low = middle + 1
        else:
            high = middle
    return low
