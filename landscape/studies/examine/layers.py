"""Which layers of a network are one-to-one, and where they merge points: shares, ranks, and a pair of inputs to look at."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import torch

from landscape import measures
from landscape.measures import Map
from landscape.measures.exact import CollidingInputs, LayerInjectivity
from landscape.measures.exact.hidden_layers import stages_of
from landscape.studies.examine.look import Look, Part, Skip

MOST_POINTS = 64  # of the data and of noise, at which ranks are taken
LARGE = 200_000  # entries of a Jacobian up to a layer, from which on there are `probes` points in their place
FEW = 2  # points of the data around which pairs are then sought
VERDICT_SECONDS, PAIR_SECONDS = 20.0, 20.0  # for all layers of a network


@torch.no_grad()
def merging(network: Map, look: Look) -> Part:
    """A table with a row per layer, the output's affine map last: whether it is one-to-one, what it merges, and a pair.

    `merges_data`: the share of data points at which the layer merges directions that the layers before kept. `rank_data`: the
    median rank of the Jacobian up to the layer. `merged_data`: the share where it is below D. The same at noise."""
    try:
        widest = max(look.dim, *(stage.width for stage in stages_of(network, last=True)))
    except ValueError as error:
        raise Skip(
            f"{str(error).partition(';')[0]}; only chains of affine maps and activations are asked by layers"
        ) from error
    large = widest * look.dim > LARGE
    points = {name: look.starts(name, look.given.probes if large else MOST_POINTS) for name in ("data", "noise")}
    found = {name: measures.merged_points(network, some, last=True) for name, some in points.items()}
    (verdicts,) = measures.exact.chain_injectivity(network, last=True, time_limit=VERDICT_SECONDS)
    both = points["data"][:, :FEW] if large else torch.cat([points["data"], points["noise"]], 1)
    (pairs,) = measures.exact.colliding_inputs(
        network, both, low=look.low, high=look.high, last=True, time_limit=PAIR_SECONDS
    )
    data = found["data"]
    table = pd.DataFrame(
        {
            "layer": range(1, len(data.widths) + 1),
            "inputs": [look.dim, *data.widths[:-1]],
            "width": data.widths,
            "activation": [*data.activations[:-1], "output"],
            **_verdict_columns(verdicts),
        }
    )
    for name, seen in found.items():
        table[f"merges_{name}"] = seen.merges[0].double().mean(1).numpy()
        table[f"merged_{name}"] = seen.merged[0].double().mean(1).numpy()
        table[f"rank_{name}"] = seen.rank[0].double().median(1).values.numpy()
        table[f"one_to_one_{name}"] = seen.one_to_one[0].double().mean(1).numpy()
    table = table.assign(points=points["data"].shape[1], **_pair_columns(pairs))
    shown = {place: pair for place, pair in enumerate(pairs, 1) if pair is not None}
    hidden = table.iloc[:-1] if len(table) > 1 else table
    columns: dict[str, float | int | str] = {
        "layers": len(table),
        "layers_one_to_one": int((table.verdict == "one-to-one").sum()),
        "layers_merging": int((table.merges_data > 0).sum()),
        "merged_data": float(hidden.merged_data.iloc[-1]),
        "merged_noise": float(hidden.merged_noise.iloc[-1]),
        "rank_hidden": float(hidden.rank_data.iloc[-1]),
        "colliding_pairs": len(shown),
    }
    arrays = {"merged layers": np.array(list(shown), np.int64)}
    if shown:
        arrays["merged inputs"] = torch.stack([pair.inputs for pair in shown.values()])[..., look.layout.cpu()].numpy()
    return Part(columns, {"layers": table}, arrays)


def _verdict_columns(verdicts: Sequence[LayerInjectivity]) -> dict[str, list[str]]:
    return {
        "verdict": [one.verdict for one in verdicts],
        "method": [one.method for one in verdicts],
        "tested": [one.condition for one in verdicts],
    }


def _pair_columns(pairs: Sequence[CollidingInputs | None]) -> dict[str, list[float]]:
    """How far the pairs are apart, and their residuals; NaN without a pair."""
    return {
        f"pair_{name}": [np.nan if pair is None else float(getattr(pair, name)) for pair in pairs]
        for name in ("distance", "before", "residual")
    }
