"""The callback that tells MLflow."""

import time
from importlib import import_module
from typing import Any

from netwright.core.extras import needed
from netwright.train.events import Callback, EpochDone, Finish, Start
from netwright.train.trackers._numbers import numbers, settings

MOST_PARAMS = 100
"""MLflow takes so many at once."""


class MLflow(Callback):
    """Logs the controls as parameters, and the numbers of each epoch at its step as metrics.

    A run that is interrupted stays RUNNING there; give its ``run_id`` when it is resumed, and it goes on.

    Args:
      uri: a tracking server, or a database such as sqlite:///mlflow.db; by default what ``MLFLOW_TRACKING_URI`` says.
      experiment: its name there; it is made if it does not exist.
      name: of the run; by default MLflow invents one.
      run_id: goes on with a run that was begun before.

    Attributes:
      run_id: of the run, once training has begun.

    Raises:
      RunError: MLflow is not installed.
    """

    def __init__(
        self,
        uri: str | None = None,
        *,
        experiment: str = "netwright",
        name: str | None = None,
        run_id: str | None = None,
    ) -> None:
        needed("mlflow", "MLflow", "track")
        self.uri, self.experiment, self.name, self.run_id = uri, experiment, name, run_id

    def on_start(self, event: Start) -> None:
        """Begin the run, or go on with it, and log the controls."""
        mlflow: Any = import_module("mlflow")
        self._entities: Any = mlflow.entities
        self._client: Any = mlflow.MlflowClient(tracking_uri=self.uri)
        if self.run_id is None:
            self.run_id = self._client.create_run(self._experiment(), run_name=self.name).info.run_id
        told = settings(event.record.get("controls", {}))
        params = [self._entities.Param(name, value) for name, value in told.items()]
        for start in range(0, len(params), MOST_PARAMS):
            self._client.log_batch(self.run_id, params=params[start : start + MOST_PARAMS])

    def on_epoch(self, event: EpochDone) -> None:
        """Log the epoch's numbers."""
        now, step = round(time.time() * 1000), event.record["step"]
        metrics = [
            self._entities.Metric(name, value, now, step) for name, value in numbers(event.record).items()
        ]
        self._client.log_batch(self.run_id, metrics=metrics)

    def on_finish(self, event: Finish) -> None:
        """Say why training ended, and end the run."""
        self._client.set_tag(self.run_id, "reason", event.reason)
        self._client.set_terminated(self.run_id)

    def _experiment(self) -> str:
        found = self._client.get_experiment_by_name(self.experiment)
        return self._client.create_experiment(self.experiment) if found is None else found.experiment_id
