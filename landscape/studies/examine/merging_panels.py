"""What the page of an examination shows of the layers: which are one-to-one, and pairs of inputs that they merge."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from landscape.figures import Panel
from landscape.findings import listed, percent
from landscape.studies.examine.figures import merged_pairs
from landscape.studies.examine.view import MERGING, Arrays, View
from landscape.studies.parts.claim_words import counted

MOST_PAIRS = 4  # of a network that are pictured
ROUNDING = 1e-16
MOST_COORDINATES = 3  # of points that are written out
VERDICT_WORDS = {
    "one-to-one": "one-to-one",
    "not one-to-one": "merges inputs",
    "unresolved": "not decided",
    "not refuted": "no pair found",
    "not shown": "not decided",
}


def merging_panels(view: View) -> Iterator[Panel]:
    """A table of the layers of each network, and pairs of inputs that a layer merges: pictures, or coordinates."""
    for name, rows in view.table("layers").groupby("name", sort=False):
        yield _layers(str(name), rows, view.dim)
        arrays = view.arrays[str(name)]
        if "merged inputs" in arrays:
            yield from _pairs(str(name), rows.set_index("layer"), arrays, view)


def _layers(name: str, rows: pd.DataFrame, dim: int) -> Panel:
    own = rows[rows.merges_data > 0]
    places = [_place(*one) for one in zip(own.layer, own.activation, strict=True)]
    title = f"{name} merges its data at {listed(places)}" if places else f"No layer of {name} merges points at its data"
    left = rows.iloc[-2] if len(rows) > 1 else rows.iloc[-1]
    caption = (
        f"Before the output's map, {left.rank_data:.0f} of {dim} directions {'is' if left.rank_data == 1 else 'are'} left at "
        f"the median data point; {percent(left.merged_data)} of {counted(int(left.points), 'data point')} lose some."
    )
    return Panel(
        title,
        caption,
        _worded(rows, dim),
        MERGING,
        {"layers": rows},
        how=(
            "A layer merges points where it maps some directions to nothing that the layers before kept. Ranks count singular "
            "values above 1e-10 of the largest. ‘On all inputs’ asks of the layer alone; ‘left’ are directions. "
            "The searches are limited in time: no pair found is no proof."
        ),
    )


def _place(layer: int, activation: str) -> str:
    return "the output's map" if activation == "output" else f"layer {layer}"


def _worded(rows: pd.DataFrame, dim: int) -> pd.DataFrame:
    """The table in plain words."""
    table: dict[str, Any] = {
        "layer": rows.layer.astype(str).where(rows.activation != "output", "output").to_numpy(),
        "from → to": [f"{row.inputs} → {row.width}" for _, row in rows.iterrows()],
        "function": ["–" if word == "output" else word for word in rows.activation],
        "on all inputs": [VERDICT_WORDS[word] for word in rows.verdict],
        "merges at data": [percent(share) for share in rows.merges_data],
        "at noise": [percent(share) for share in rows.merges_noise],
        f"left of {dim}, data": rows.rank_data.to_numpy(),
        "noise": rows.rank_noise.to_numpy(),
        "merged pair": ["–" if distance != distance else f"{distance:.2g} apart" for distance in rows.pair_distance],
    }  # fmt: skip
    return pd.DataFrame(table)


def _pairs(name: str, rows: pd.DataFrame, arrays: Arrays, view: View) -> Iterator[Panel]:
    layers = arrays["merged layers"].tolist()
    words = {layer: _place(layer, rows.activation[layer]) for layer in layers}
    worst = float(rows.loc[layers].pair_residual.max())
    title = f"Two inputs that {words[layers[0]]} of {name} cannot tell apart"
    if len(layers) > 1:
        title = f"Pairs of inputs that {len(layers)} layers of {name} cannot tell apart"
    caption = (
        f"Before the layer both inputs differ; after it they agree to {max(worst, ROUNDING):.0e} of that difference, times the "
        "size of the weights."
    )
    how = "Found in the region where the network is affine, as far apart as signs and range allow; verified in float64."
    pairs = arrays["merged inputs"]
    if view.image:
        shape = tuple(arrays["picture"].tolist())
        chosen = layers[:MOST_PAIRS]
        body: Any = merged_pairs(
            pairs[: len(chosen)].reshape(-1, 2, *shape), [words[layer] for layer in chosen], view.limits
        )
        how = f"{how} Difference: second less first, on a scale of its own."
    elif view.dim <= MOST_COORDINATES:
        body = pd.DataFrame(
            {
                "merged by": [words[layer] for layer in layers],
                "one input": [_coordinates(pair[0]) for pair in pairs],
                "the other": [_coordinates(pair[1]) for pair in pairs],
                "apart": rows.loc[layers].pair_distance.to_numpy(),
            }
        )
    else:
        return
    yield Panel(title, caption, body, MERGING, how=how)


def _coordinates(point: np.ndarray) -> str:
    return f"({', '.join(f'{value:.4f}' for value in point)})"
