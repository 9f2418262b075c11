"""The trackers by their names."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from landscape.choices import check_trackers
from landscape.study import Study
from landscape.trackers.mlflow import MLflow
from landscape.trackers.tensorboard import TensorBoard
from landscape.trackers.tracker import Tracker
from landscape.trackers.wandb import WeightsAndBiases

KINDS: dict[str, type[Tracker]] = {kind.name: kind for kind in (TensorBoard, WeightsAndBiases, MLflow)}


def log_to(name: str, study: Study, out: str | Path) -> Tracker:
    """A log of the run of `study` under `out` in tensorboard, wandb or mlflow, for the `progress` of `run_study`:

        with landscape.log_to("tensorboard", study, "reports") as log:
            landscape.run_study(study, out="reports", progress=["auto", log])

    Local logs go to the folder `logs` under `out`. A log that fails, as without a network, becomes a note, and the run goes on.
    Raises ValueError for another name, and for a package that is not installed."""
    check_trackers([name])
    return KINDS[name](study, Path(out))


def trackers_of(names: Sequence[str], study: Study, out: Path) -> list[Tracker]:
    """A tracker for each of the names, each once. Raises ValueError as `log_to` does."""
    return [log_to(name, study, out) for name in dict.fromkeys(names)]
