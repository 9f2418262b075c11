"""MLflow: a run in the experiment `landscape`, of the server that MLFLOW_TRACKING_URI names, or in logs/mlflow."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Mapping
from typing import Any, ClassVar, final

from landscape.trackers.tracker import FAILED, FINISHED, STOPPED, Tracker, finite

EXPERIMENT = "landscape"  # if MLFLOW_EXPERIMENT_NAME names no other
STATES = {FINISHED: "FINISHED", FAILED: "FAILED", STOPPED: "KILLED"}
# A server that does not answer holds the run up: MLflow would try for minutes.
PATIENCE = {"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1", "MLFLOW_HTTP_REQUEST_TIMEOUT": "10"}
_REFUSED = re.compile(r"[^\w\-. /]")  # in names


@final
class MLflow(Tracker):
    """A run of MLflow. The global state of the package is left as it is."""

    name: ClassVar[str] = "mlflow"
    client: Any
    run_id: str

    def start(self) -> None:
        for name, value in PATIENCE.items():
            os.environ.setdefault(name, value)
        address = os.environ.get("MLFLOW_TRACKING_URI")
        if not address:
            # Without a server, files are the only store of mlflow-skinny. MLflow asks for this consent to them.
            os.environ.setdefault("MLFLOW_ALLOW_FILE_STORE", "true")
            self.logs.mkdir(parents=True, exist_ok=True)
        from mlflow import MlflowClient

        self.place = address or str(self.out / self.logs.name / self.name)
        self.client = MlflowClient(tracking_uri=address or (self.logs / self.name).as_uri())
        self.run_id = self.client.create_run(self._experiment(), run_name=self.folder.name).info.run_id
        for name, text in self.settings().items():
            self.client.log_param(self.run_id, _named(name), text)

    def write(self, values: Mapping[str, float], step: int) -> None:
        from mlflow.entities import Metric

        now = int(1000 * time.time())
        metrics = [Metric(_named(name), value, now, step) for name, value in finite(values).items()]
        self.client.log_batch(self.run_id, metrics=metrics)

    def end(self, state: str, texts: Mapping[str, str]) -> None:
        for name, text in texts.items():
            self.client.set_tag(self.run_id, _named(name), text)
        self.client.set_terminated(self.run_id, STATES[state])

    def _experiment(self) -> str:
        name = os.environ.get("MLFLOW_EXPERIMENT_NAME", EXPERIMENT)
        there = self.client.get_experiment_by_name(name)
        return str(there.experiment_id if there else self.client.create_experiment(name))


def _named(name: str) -> str:
    """A name as MLflow takes it: 'loss/hidden=6' becomes 'loss/hidden_6'."""
    return _REFUSED.sub("_", name)
