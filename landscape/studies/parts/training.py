"""How a study trains, from its parameters."""

from __future__ import annotations

from typing import Any

from landscape.parameters import Parameters
from landscape.training import FitSpec

NAMES = (  # of parameters of studies that are settings of training, by the names that FitSpec has
    "steps", "lr", "batch", "schedule", "objective", "strength", "precision", "keep", "loss", "optimizer", "momentum",
    "weight_decay",
)  # fmt: skip


def fit_spec(given: Parameters, **settings: Any) -> FitSpec:
    """How a study with these parameters trains. `settings` replace what it sweeps, and add what it has no parameter for.

    A batch of 0 is all points."""
    own = {name: getattr(given, name) for name in NAMES if name not in settings and hasattr(given, name)}
    if own.get("batch") == 0:
        own["batch"] = None
    return FitSpec(**own, **settings)
