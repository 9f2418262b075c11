"""Members' tables of the study of architectures in which each claim is true, false, at a threshold, or a control's.

They have the size of the presets `full` and `one-example`, which give verdicts: `paper` trains one network of each kind, an
illustration. Shares are drawn from beta distributions with many values near 0 and 1. Networks of a seed share half of
their chance, because they are trained on the same images, and one in twenty misses its training loss."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from landscape.results import Result
from landscape.studies.architectures.claims import FITTED_LOSS, PAPERS_NETS, USUAL_INIT, WHOLE_BUDGET
from tests.certificates import Generator, Make, Makers

MakeTable = Make[pd.DataFrame]
SEEDS, COUNTS, BANDS, DEPTHS = 30, (10, 30), (1e-2, 1e-3, 1e-4), (1, 3, 6, 10)
MISSED = 0.05  # of networks do not reach their training loss
# The columns of controls that claims read, as the study measures them on digits; `test_controls_are_as_measured` compares.
CONTROLS: Mapping[str, Mapping[str, float]] = {
    "untrained": {"loss": 0.18, "attracted": 1, "attracted_spurious": 1, "trace": 0.0, "identity_share": 0.4},
    "constant": {"loss": 0.05, "attracted": 1, "attracted_spurious": 1, "trace": 0.0, "identity_share": 0.0},
    "identity": {"loss": 0.0, "attracted": 0, "attracted_spurious": 0, "trace": 1.0, "identity_share": 1.0},
    "memoriser": {"loss": 0.0, "attracted": 1, "attracted_spurious": 0, "trace": 0.0, "identity_share": 0.4},
}
NEAR_IDENTITY = {"loss": 1e-5, "attracted": 0.02, "attracted_spurious": 0.02, "trace": 0.99, "identity_share": 0.99}


def result_of(table: pd.DataFrame) -> Result:
    return Result(Path(), {"parameters": {"band": list(BANDS)}}, {"members": table}, {})


def shares(rng: Generator, mean: float, size: int, spread: float = 1.0) -> np.ndarray:
    """Shares with this mean, of `size` settings by SEEDS: (size, SEEDS). The larger `spread`, the fewer are near 0 or 1."""
    common, alone = rng.random((1, SEEDS)), rng.random((size, SEEDS))
    chance = np.where(rng.random((size, SEEDS)) < 0.5, common, alone)
    drawn: np.ndarray = special.betaincinv(mean * spread, (1 - mean) * spread, chance)
    return drawn


def rows(settings: pd.DataFrame, **values: np.ndarray | float) -> pd.DataFrame:
    """A row per setting and seed, with these columns: (settings, SEEDS) each, or one number."""
    table = settings.merge(pd.DataFrame({"seed": range(SEEDS)}), how="cross")
    flat: dict[str, Any] = {name: np.ravel(one) if isinstance(one, np.ndarray) else one for name, one in values.items()}
    usual: dict[str, Any] = {
        "data": "digits",
        "init": USUAL_INIT,
        "width": 9,
        "attracted": 1.0,
        "trace": 0.2,
        "identity_share": 0.5,
    }
    return table.assign(**usual | {"status": "converged", "member": table.seed} | flat)


def orbits(rng: Generator, *, ours: float = 0.9, mlp: tuple[float, float] = (0.05, 0.55)) -> pd.DataFrame:
    """Where orbits end: `ours` is the mean share off the images of each of the paper's nets, `mlp` the MLP's by count."""
    tables = []
    for count, theirs in zip(COUNTS, mlp, strict=True):
        settings = pd.DataFrame({"count": count, "hidden": 3, "band": BANDS})
        for net in ("mlp", *PAPERS_NETS):
            mean = theirs if net == "mlp" else ours
            loss = np.array(BANDS)[:, None] * np.where(rng.random((len(BANDS), SEEDS)) < MISSED, 1.5, 0.9)
            drawn = shares(rng, mean, len(BANDS))
            tables.append(rows(settings.assign(net=net), loss=loss, attracted_spurious=drawn))
    return pd.concat(tables, ignore_index=True)


def losses(rng: Generator, *, cnn: float = 0.85, transformer: float = 0.85, level: float = 1e-4) -> pd.DataFrame:
    """Losses after the whole budget: `cnn` and `transformer` are the chances that the MLP's is the larger one.

    Losses are log-normal, and one network in twenty collapses."""
    tables = []
    for count in COUNTS:
        settings = pd.DataFrame({"count": [count], "hidden": 3, "band": WHOLE_BUDGET})
        centre, collapsed = rng.normal(0, 1, SEEDS), rng.random(SEEDS) < MISSED
        own = np.log(level) + centre
        tables.append(rows(settings.assign(net="mlp"), loss=np.where(collapsed, 0.07, np.exp(own))))
        for net, chance in (("cnn", cnn), ("transformer", transformer)):
            larger = rng.random(SEEDS) < chance
            apart = np.where(larger, -1, 1) * rng.exponential(1, SEEDS)
            collapses = np.where(larger, False, rng.random(SEEDS) < MISSED)
            loss = np.where(collapses, 0.08, np.exp(own + apart))
            loss = np.where(collapsed, np.where(larger, np.exp(own), 0.08), loss)
            tables.append(rows(settings.assign(net=net), loss=loss))
    return pd.concat(tables, ignore_index=True)


def single(rng: Generator, *, mlp: float = 0.1, cnn: float = 0.85) -> pd.DataFrame:
    """Nets of one example at four depths: the mean identity shares of MLPs and CNNs."""
    settings = pd.DataFrame({"count": 1, "hidden": DEPTHS, "band": WHOLE_BUDGET})
    size = len(DEPTHS)
    tables = []
    for net, mean in (("mlp", mlp), ("cnn", cnn)):
        loss = np.where(rng.random((size, SEEDS)) < MISSED, 10 * FITTED_LOSS, 0.1 * FITTED_LOSS)
        tables.append(rows(settings.assign(net=net), loss=loss, identity_share=shares(rng, mean, size)))
    return pd.concat(tables, ignore_index=True)


def replaced(make: MakeTable, control: Mapping[str, float], nets: tuple[str, ...], rng: Generator) -> pd.DataFrame:
    """The table with a control in the place of these nets."""
    table = make(rng)
    for name, value in control.items():
        if name in table:
            table.loc[table.net.isin(nets), name] = value
    return table


def controls(make: MakeTable, *nets: str) -> dict[str, MakeTable]:
    return {f"control: {name}": partial(replaced, make, values, nets) for name, values in CONTROLS.items()}


# In the place of the paper's nets beside trained MLPs (C15), or of all networks: C24 and S2 speak of MLPs, too. In the place
# of CNNs and Transformers alone the identity fits better than MLPs, by identity.
ELSEWHERE: dict[str, MakeTable] = controls(orbits, *PAPERS_NETS) | {
    "control: near identity": partial(replaced, orbits, NEAR_IDENTITY, PAPERS_NETS)
}
FITTING: dict[str, MakeTable] = controls(losses, "mlp", "cnn", "transformer") | {
    "control: identity beside MLPs": partial(replaced, losses, CONTROLS["identity"], ("cnn", "transformer"))
}
ALONE: dict[str, MakeTable] = controls(single, "mlp", "cnn")


def makers(
    true: MakeTable, false: MakeTable, threshold: MakeTable, beside: Makers[pd.DataFrame] | None = None
) -> Makers[pd.DataFrame]:
    return {"true": true, "false": false, "threshold": threshold, **(beside or {})}


def of(make: Callable[..., pd.DataFrame], **values: float | tuple[float, float]) -> MakeTable:
    return partial(make, **values)


LOW, BETWEEN, HIGH = (0.02, 0.02), (0.65, 0.75), (0.8, 0.8)  # shares of MLPs by count
MAKERS = {
    ("C15", "level"): makers(orbits, of(orbits, ours=0.4, mlp=LOW), of(orbits, ours=0.5, mlp=LOW), ELSEWHERE),
    ("C15", "difference"): makers(
        of(orbits, ours=0.95, mlp=(0.05, 0.8)), of(orbits, mlp=HIGH), of(orbits, mlp=BETWEEN)
    ),
    ("C24", "cnn"): makers(losses, of(losses, cnn=0.3), of(losses, cnn=0.5), FITTING),
    ("C24", "transformer"): makers(losses, of(losses, transformer=0.3), of(losses, transformer=0.5)),
    ("S2", "mlp"): makers(single, of(single, mlp=0.7), of(single, mlp=0.5), ALONE),
    ("S2", "cnn"): makers(single, of(single, cnn=0.3), of(single, cnn=0.5)),
}
