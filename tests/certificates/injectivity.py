"""Results of the study of injectivity in which its claims are true, false or at their thresholds, and those of controls.

Each has the size of the preset `paper`: 30 matrices of the largest number of inputs, 30 layers for each of two sets of images,
and 30 seeds with networks of five depths in six settings, of which a tenth does not fit."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from landscape.claims import Claim
from landscape.results import Result
from landscape.studies.injectivity.claims import CONTRAST, EXPANSIVITY, claims_of
from landscape.studies.injectivity.parameters import EXACT
from tests.certificates import Generator, Makers, of_key

MATRICES, LAYERS, SEEDS, INPUTS = 30, 30, 30, 8


def judged(table: dict[str, pd.DataFrame], key: str) -> Claim:
    empty = pd.DataFrame({"hidden": [], "status": []})
    result = Result(Path(), {"parameters": {"expansivity": EXPANSIVITY}}, {"members": empty} | table, {})
    return of_key(claims_of(result), key)


def matrices(rng: Generator, *, middle: float = 5.7, unresolved: float = 0.1) -> dict[str, pd.DataFrame]:
    """Layers of INPUTS inputs, half of which are one-to-one from `middle` rows per input on; some are known within bounds."""
    first = INPUTS * middle * np.exp(rng.normal(0, 0.12, MATRICES))
    open_ = rng.random(MATRICES) < unresolved
    few = pd.DataFrame({"inputs": 2, "least": 8, "most": 8.0, "method": EXACT, "seed": range(MATRICES)})
    rows = {
        "least": first - 2 * open_,
        "most": np.where(open_ & (rng.random(MATRICES) < 0.5), np.inf, first + 2 * open_),
    }
    many = pd.DataFrame({"inputs": INPUTS, "method": EXACT, "seed": range(MATRICES), **rows})
    return {"matrices": pd.concat([few, many], ignore_index=True)}


def images(rng: Generator, *, share: float = 0.97) -> dict[str, pd.DataFrame]:
    """Layers of which this share gives an image and a second one the same code; at full contrast hardly any does."""
    tables = [
        pd.DataFrame({
            "images": name, "contrast": level, "control": "none", "seed": range(LAYERS),
            "distance": np.where(rng.random(LAYERS) < (share if level == CONTRAST else 0.05), 0.1, 0.002),
        })
        for name in ("digits", "mnist") for level in (CONTRAST, 1.0)
    ]  # fmt: skip
    return {"images": pd.concat(tables, ignore_index=True)}


def networks(rng: Generator, *, slope: float = 0.04, untrained: float = 0.0) -> dict[str, pd.DataFrame]:
    """Networks of which the share of merged points rises by `slope` per doubling of depth, before training by `untrained`.

    Seeds have a part in common. Shares lie in [0, 1], narrow networks merge more, and the spread grows with depth."""
    cells = [(data, width, hidden) for data in ("a", "b") for width in (10, 20, 50) for hidden in (1, 2, 4, 7, 10)]
    table = pd.DataFrame(cells, columns=["data", "width", "hidden"]).merge(
        pd.DataFrame({"seed": range(SEEDS)}), how="cross"
    )
    depth, common = np.log2(table.hidden), rng.normal(0, 0.02, SEEDS)[table.seed]
    base = 0.2 + 1 / table.width + common
    for name, rise in (("merged", slope), ("merged_untrained", untrained)):
        table[name] = np.clip(base + rise * depth + (0.03 + 0.01 * depth) * rng.normal(size=len(table)), 0, 1)
    return {"members": table.assign(status=np.where(rng.random(len(table)) < 0.1, "stalled", "converged"))}


def alike(rng: Generator, *, merged: float) -> dict[str, pd.DataFrame]:
    """Networks that all merge the same share: all points as a constant does, none as the identity."""
    return {"members": networks(rng)["members"].assign(merged=merged, merged_untrained=merged)}


def known(rng: Generator, *, rows: float) -> dict[str, pd.DataFrame]:
    """Layers that are all one-to-one from the same number of rows on: 2n with paired rows, never with rows of zeros."""
    table = matrices(rng)["matrices"]
    least = INPUTS * 12 + 1 if np.isinf(rows) else rows
    return {"matrices": table.assign(least=table["least"].where(table.inputs != INPUTS, least), most=rows)}


MAKERS: dict[str, tuple[str, Makers[dict[str, pd.DataFrame]]]] = {
    "I1": ("I1", {
        "true": matrices, "false": partial(matrices, middle=2.6), "threshold": partial(matrices, middle=3.4, unresolved=0),
        "control: paired rows": partial(known, rows=2 * INPUTS), "control: rows of zeros": partial(known, rows=np.inf),
    }),
    "I1, too many rows": ("I1", {
        "true": partial(matrices, middle=8.5), "false": partial(matrices, middle=14.0, unresolved=0),
        "threshold": partial(matrices, middle=10.5, unresolved=0),
    }),
    "I2": ("I2", {
        "true": images, "false": partial(images, share=0.5), "threshold": partial(images, share=0.8),
        "control: paired rows": partial(images, share=0.0),
    }),
    "I3": ("I3", {
        "true": networks, "false": partial(networks, slope=-0.02), "threshold": partial(networks, slope=0.0),
        "control: constant": partial(alike, merged=1.0), "control: identity": partial(alike, merged=0.0),
    }),
}  # fmt: skip
