"""Weights & Biases: a run in the project `landscape`, online or, with WANDB_MODE=offline, in logs/wandb."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, ClassVar, final

from landscape.trackers.tracker import FINISHED, Tracker, finite

PROJECT = "landscape"  # if WANDB_PROJECT names no other


@final
class WeightsAndBiases(Tracker):
    """A run of Weights & Biases, which has the settings of its environment variables."""

    name: ClassVar[str] = "wandb"
    run: Any

    def start(self) -> None:
        import wandb

        folder = os.environ.get("WANDB_DIR")
        if folder is None:
            self.logs.mkdir(parents=True, exist_ok=True)
        self.run = wandb.init(
            project=os.environ.get("WANDB_PROJECT", PROJECT),
            name=self.folder.name,
            group=self.folder.name,
            config=self.settings(),
            dir=folder or str(self.logs),
            settings=wandb.Settings(silent=True, console="off"),
        )
        self.place = str(self.run.url) if self.run.settings.mode == "online" else self._local_place()
        # The curves of cells have steps of their own: a step of wandb's counts messages, and never goes back.
        for curves in ("loss", "converged", "final loss"):
            self.run.define_metric(f"{curves}/*", step_metric="steps")
        self.run.define_metric("cells/*", step_metric="cells ended")

    def write(self, values: Mapping[str, float], step: int) -> None:
        known = finite(values)
        axis = "cells ended" if any(name.startswith("cells/") for name in known) else "steps"
        self.run.log({**known, axis: step})

    def end(self, state: str, texts: Mapping[str, str]) -> None:
        self.run.summary.update({"state": state, **texts})
        self.run.finish(0 if state == FINISHED else 1)

    def _local_place(self) -> str:
        return str(self.out / os.path.relpath(os.path.dirname(self.run.dir), self.out.resolve()))
