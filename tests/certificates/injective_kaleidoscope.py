"""Tables of the study of injective layers in which the claim is true, false or at its thresholds, and those of controls.

Each has the size of the preset `paper` on points: 40 seeds, four sets, three depths and three sizes."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd

from landscape.studies.injective_kaleidoscope.parameters import INJECTIVE, ORDINARY
from tests.certificates import Generator, Makers

SEEDS, BAND = 40, 1e-6
SETTINGS = pd.DataFrame(
    [
        (data, hidden, budget)
        for data in ("two-points", "tanh-four", "four-points", "uniform")
        for hidden in (2, 4, 7)
        for budget in (200, 700, 2800)
    ],
    columns=["data", "hidden", "budget"],
)
WITH_PLATEAUS = 12  # settings of a seed in which its ordinary network has plateaus; the others have none


def networks(rng: Generator, *, plateaus: float = 1.0, attraction: float = 0.9, fit: float = 0.95) -> pd.DataFrame:
    """Networks whose estimands are these: the share of seeds that lose all plateaus, and the share that attracts.

    1. The plateaus of a seed are spread unequally over 12 of its 36 ordinary networks. In a share `plateaus` of seeds injective
    networks have none; in the others one of these 12 keeps it.
    2. In a share `attraction` of injective networks most training points attract. The networks of a seed share some luck.
    3. A share `fit` of the networks reaches the training loss."""
    table = SETTINGS.merge(pd.DataFrame({"layers": [ORDINARY, INJECTIVE]}), how="cross")
    table = table.merge(pd.DataFrame({"seed": range(SEEDS)}), how="cross").assign(band=BAND, width=9, parameters=700)
    spread, kept = np.zeros((2, SEEDS, len(SETTINGS)))
    for seed in range(SEEDS):
        where = rng.permutation(len(SETTINGS))[:WITH_PLATEAUS]
        spread[seed, where] = rng.dirichlet(np.full(WITH_PLATEAUS, 4.0))
        kept[seed, where[0]] = spread[seed, where[0]] * (rng.random() >= plateaus)
    place = np.repeat(np.arange(len(SETTINGS)), 2 * SEEDS)
    luck = np.where(rng.random(len(table)) < 0.3, rng.random(SEEDS)[table.seed], rng.random(len(table)))
    reached = rng.random(len(table)) < fit
    return table.assign(
        zero_slope=np.where(table.layers == ORDINARY, spread[table.seed, place], kept[table.seed, place]),
        attracting=np.where(luck < attraction, 0.75, 0.25),
        loss=np.where(reached, BAND, 1e-3),
        status=np.where(reached, "converged", "stalled"),
        member=table.seed,
    )


def alike(rng: Generator, *, zero: float, attracting: float, loss: float) -> pd.DataFrame:
    """The same map in every network's place."""
    status = "converged" if loss <= BAND else "stalled"
    return networks(rng, fit=1.0).assign(zero_slope=zero, attracting=attracting, loss=loss, status=status)


CONTROLS = {
    "control: identity": partial(alike, zero=0.0, attracting=0.0, loss=0.0),
    "control: memoriser": partial(alike, zero=1.0, attracting=1.0, loss=0.0),
    "control: constant": partial(alike, zero=1.0, attracting=1.0, loss=0.09),
    "control: untrained": partial(alike, zero=0.0, attracting=1.0, loss=0.1),
}
PARTS: dict[str, Makers[pd.DataFrame]] = {
    part: {
        "true": networks,
        "false": partial(networks, **{part: false}),
        "threshold": partial(networks, **{part: limit}),
    }
    for part, false, limit in (("plateaus", 0.6, 0.9), ("attraction", 0.2, 0.5))
}
# The memoriser is not among them: its training points are fixed and attract. The label of the part says so.
PARTS["attraction"] = {
    **PARTS["attraction"],
    **{name: one for name, one in CONTROLS.items() if "memoriser" not in name},
}
WHOLE: Makers[pd.DataFrame] = {
    "true": networks,
    "false": partial(networks, plateaus=0.6, attraction=0.2),
    "threshold": partial(networks, plateaus=0.9, attraction=0.5),
    **CONTROLS,
}
