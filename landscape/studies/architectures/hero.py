"""The picture beside the answer of a comparison of architectures."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from landscape.figures import Panel
from landscape.findings import number, percent
from landscape.results import Cell, Result
from landscape.studies.architectures.answer import NET_WORDS
from landscape.studies.architectures.claims import FITTED_LOSS, LINE_SET, USUAL_INIT, WHOLE_BUDGET, begun
from landscape.studies.architectures.figures import identity_by_depth, sheet_of_nets
from landscape.studies.architectures.one_example import pixels_of

TILES = 4  # images in a cell of the sheet
SIDE = 1.7  # the width of a cell, inches


def hero_of(result: Result) -> Panel | None:
    """Of several training images: samples of each net. Of one: how like the identity nets are. None if no net fits."""
    images = result.whole[result.whole.data != LINE_SET]
    several = images[images["count"] > 1]
    return _samples(result, several) if len(several) else _kinds(images)


def _samples(result: Result, images: pd.DataFrame) -> Panel | None:
    """Samples, and the training images nearest to these, a row per net of the first setting that all reach."""
    reached = images[(images.band == WHOLE_BUDGET) | (images.loss <= images.band)]
    if reached.empty:
        return None
    setting = ["data", "count", "hidden", "init", "band"]
    settings = [(rows.net.nunique(), rows.iloc[0]) for _, rows in reached.groupby(setting, sort=False)]
    first = max(settings, key=lambda one: one[0])[1]
    best: dict[str, Any] = {name: first[name] for name in setting}
    cells = [one for one in result.arrays if all(one[name] == value for name, value in best.items())]
    shares = _of(reached, best).groupby("net", sort=False).attracted_spurious.mean()
    rows = {
        f"{NET_WORDS.get(one['net'], one['net'])}:\n{percent(shares[one['net']])} off them": _row(result, one)
        for one in cells
        if one["net"] in shares
    }
    band = "" if best["band"] == WHOLE_BUDGET else f" of training loss ≤ {best['band']:g}"
    parts = [f"{NET_WORDS.get(str(net), str(net))} {percent(share)}" for net, share in shares.items()]
    caption = f"With {first['count']} training images, samples that end off these: {', '.join(parts)}."
    how = (
        f"Samples of the median network{band} of each kind, from the same noise, beside the training images nearest to them. "
        "Copies would be alike. Left: the share of all samples that end off the training images; the answer is of all runs."
    )
    return Panel("", caption, sheet_of_nets(rows, ["samples", "nearest training\nimages"], SIDE), how=how)


def _of(table: pd.DataFrame, values: dict[str, Any]) -> pd.DataFrame:
    for name, value in values.items():
        table = table[table[name] == value]
    return table


def _row(result: Result, one: Cell) -> list[np.ndarray]:
    arrays = result.arrays[one]
    shape = pixels_of(arrays)
    images = (arrays["samples"][-1], arrays["nearest"])
    return [levels[:TILES].reshape(-1, *shape) for levels in images]


def _kinds(images: pd.DataFrame) -> Panel | None:
    fitted = images[(images.band == WHOLE_BUDGET) & (images.loss <= FITTED_LOSS)]
    if fitted.empty:
        return None
    named = fitted.assign(net=fitted.net.map(lambda net: NET_WORDS.get(net, net)) + fitted.init.map(begun))
    usual = named[fitted.init == USUAL_INIT]
    parts = []
    for net, rows in usual.groupby("net", sort=False):
        by_depth = rows.groupby("hidden").identity_share.mean()
        depths = dict.fromkeys((int(by_depth.index[0]), int(by_depth.index[-1])))
        words = [f"{number(float(by_depth[hidden]))} with {hidden}" for hidden in depths]
        parts.append(f"{net} {' and '.join(words)}")
    caption = f"From 0 (the training image) to 1 (the input), by hidden layers: {', '.join(parts)}."
    how = "Networks that fit their one image, on unseen images. Means with 95 % intervals over seeds."
    return Panel("", caption, identity_by_depth(named), how=how)
