"""The picture beside the answer: the map on the line of an ordinary and of an injective network, side by side."""

from __future__ import annotations

import numpy as np
import pandas as pd

from landscape.figures import Panel
from landscape.findings import percent
from landscape.results import Result
from landscape.studies.injective_kaleidoscope.claims import SETTING, decides, paired
from landscape.studies.injective_kaleidoscope.figures import LearnedMap, maps_side_by_side
from landscape.studies.injective_kaleidoscope.parameters import INJECTIVE, ORDINARY
from landscape.studies.parts.pooling import LEAST_JUDGED
from landscape.studies.parts.words import data_words, layers


def hero_of(result: Result) -> Panel | None:
    """The maps of the pair whose difference of plateaus is the median, where plateaus differ most; None without such pairs."""
    chosen = shown_pair(result)
    if chosen is None:
        return None
    pair, count = chosen
    maps = [_map(result, pair, kind) for kind in (ORDINARY, INJECTIVE)]
    flat = [percent(float(one.zero.mean())) for one in maps]
    how = (
        f"The pair of median difference among the {count} that fit, in the setting on the line where plateaus differ most: "
        f"{pair.hidden} hidden layers, about {pair.budget:,} parameters, seed {pair.seed}. The answer is of all settings."
    )
    caption = (
        f"Where plateaus differ most, {layers(int(pair.hidden))} on {data_words(str(pair['data']))}: exactly no slope on "
        f"{flat[0]} of the line in the ordinary network, on {flat[1]} in the injective one."
    )
    return Panel("", caption, maps_side_by_side(maps), how=how)


def shown_pair(result: Result) -> tuple[pd.Series, int] | None:
    """The pair that is shown, as a row of `paired`, and the number of pairs that fit in its setting."""
    on_line = {one["data"] for one, arrays in result.arrays.items() if "map_x" in arrays}
    table = result.whole[decides(result.whole) & result.whole.data.isin(on_line)]
    if table.empty or not {ORDINARY, INJECTIVE} <= set(table.layers):
        return None
    pairs = paired(table, "zero_slope", ORDINARY)
    groups = [(rows[rows.fits], len(rows)) for _, rows in pairs.groupby(SETTING, sort=False)]
    usable = [rows for rows, every in groups if 0 < LEAST_JUDGED * every <= len(rows)]
    if not usable:
        return None
    most = max(usable, key=lambda rows: float(rows.value.mean()))
    ordered = most.sort_values(["value", "seed"], kind="stable")
    return ordered.iloc[(len(ordered) - 1) // 2], len(ordered)


def _map(result: Result, pair: pd.Series, kind: str) -> LearnedMap:
    wanted = {name: pair[name] for name in SETTING} | {"layers": kind}
    one = next(each for each in result.arrays if all(each[name] == value for name, value in wanted.items()))
    arrays = result.arrays[one]
    rows = result.whole[(result.whole[list(wanted)] == pd.Series(wanted)).all(axis=1)]
    member = int(rows.set_index("seed").member[pair.seed])
    return LearnedMap(
        f"{kind} layers", arrays["map_x"], arrays["map_y"][member], arrays["zero"][member], np.ravel(arrays["points"])
    )
