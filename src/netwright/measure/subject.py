"""The subject of a diagnosis: a run, the rows that its error is explained on, and the errors themselves."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from netwright.data.arrays import Arrays
from netwright.data.dataset import Dataset
from netwright.data.frames import as_frame
from netwright.data.images.encoder import ImageEncoder
from netwright.data.prepared import Prepared
from netwright.data.sequences.ragged import Ragged
from netwright.diagnose.shift.detect import detect
from netwright.diagnose.shift.report import ShiftReport
from netwright.measure.rows import dev_of, metric_of, run_errors, truth_of
from netwright.train.run import Run


@dataclass(frozen=True)
class Subject:
    """What is diagnosed.

    Attributes:
      run: the trained network; prepared: its data.
      dev: the rows whose error is explained.
      alike: rows like the training rows that were never trained on, or None.
      features: the dev rows' features as their owner wrote them.
      elsewhere: whether the dev rows may come from another distribution than the training rows.
    """

    run: Run
    prepared: Prepared
    dev: Arrays
    alike: Arrays | None
    features: Any
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
            features = prepared.features.take(prepared.splits.dev)
            return cls(run, prepared, dev, prepared.train_dev, features, elsewhere)
        if isinstance(data, Dataset):
            data = data.features.content, data.labels.labels(np.arange(len(data)))
        X, y = data
        x = prepared.encoder.transform(X, source="diagnose")
        codes = prepared.target.encode(y, source="diagnose")
        other = Arrays(x, codes, np.ones(len(codes), np.float32))
        return cls(run, prepared, other, dev, X, elsewhere=True)

    @property
    def metric(self) -> Any:
        """ "error" or "mse"."""
        return metric_of(self.prepared.task)

    @property
    def retrainable(self) -> bool:
        """Whether the network can be trained again from the record: nothing is the user's own, nor is it an average."""
        controls = self.run.controls
        own = "custom" in (controls.loss, controls.optimization.rule)
        return self.run.record["model"] is not None and not own and "average" not in self.run.record

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

    def shift(self) -> ShiftReport:
        """Say whether the dev rows come from another distribution than the training rows."""
        prepared = self.prepared
        rows = prepared.splits.train
        train, dev = prepared.features.take(rows), self.features
        if isinstance(prepared.encoder, ImageEncoder):
            train, dev = (prepared.encoder.small(images, "diagnose") for images in (train, dev))
        elif isinstance(train, Ragged):
            train, dev = train.summary(), prepared.encoder.opened(dev, "diagnose").summary()
        elif isinstance(train, pl.DataFrame):
            # By the column that the rows were split by they differ, of course.
            columns = [column.name for column in prepared.features.columns() if column.used]
            columns = [name for name in columns if name != prepared.controls.split_column]
            train, dev = train.select(columns), as_frame(dev, "diagnose").select(columns)
        # Both ways through the encoder: numbers that were equal are still so once they have been rounded.
        y_train, y_dev = truth_of(prepared, prepared.train), truth_of(prepared, self.dev)
        return detect(train, dev, y_train=y_train, y_target=y_dev)
