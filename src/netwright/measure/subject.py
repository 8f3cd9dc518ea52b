"""The subject of a diagnosis: a run, the rows that its error is explained on, and the errors themselves."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from netwright.data.arrays import Arrays
from netwright.data.dataset import Dataset
from netwright.data.prepared import Prepared
from netwright.measure.rows import dev_of, metric_of, run_errors
from netwright.train.run import Run


@dataclass(frozen=True)
class Subject:
    """What is diagnosed.

    Attributes:
      run: the trained network; prepared: its data.
      dev: the rows whose error is explained.
      alike: rows like the training rows that were never trained on, or None.
      elsewhere: whether the dev rows may come from another distribution than the training rows.
    """

    run: Run
    prepared: Prepared
    dev: Arrays
    alike: Arrays | None
    elsewhere: bool

    @classmethod
    def of(cls, run: Run, data: "Dataset | tuple[Any, Any] | None") -> "Subject":
        """Return the subject: the run's own dev rows, or other data, against which its dev rows stand for training.

        Raises:
          DataError: there are no dev rows, or the other data do not fit the run.
        """
        prepared = run.prepared
        dev = dev_of(prepared)
        if data is None:
            elsewhere = "dev" in prepared.given or prepared.controls.split == "time"
            return cls(run, prepared, dev, prepared.train_dev, elsewhere)
        if isinstance(data, Dataset):
            data = data.features.content, data.labels.labels(np.arange(len(data)))
        X, y = data
        x = prepared.encoder.transform(X, source="diagnose")
        codes = prepared.target.encode(y, source="diagnose")
        other = Arrays(x, codes, np.ones(len(codes), np.float32))
        return cls(run, prepared, other, dev, elsewhere=True)

    @property
    def metric(self) -> Any:
        """ "error" or "mse"."""
        return metric_of(self.prepared.task)

    @property
    def retrainable(self) -> bool:
        """Whether the network can be trained again from the record: nothing in it is the user's own."""
        controls = self.run.controls
        own = "custom" in (controls.loss, controls.optimization.rule)
        return self.run.record["model"] is not None and not own

    @cached_property
    def train_errors(self) -> np.ndarray:
        """The error of each training row (m,)."""
        return run_errors(self.run, self.prepared.train)

    @cached_property
    def dev_errors(self) -> np.ndarray:
        """The error of each dev row (m,)."""
        return run_errors(self.run, self.dev)

    @cached_property
    def alike_errors(self) -> np.ndarray | None:
        """The error of each row alike (m,), or None."""
        return None if self.alike is None else run_errors(self.run, self.alike)
