"""What the report is made from: a run, its dev rows as the network sees them, and its diagnosis."""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from netwright.core.errors import DataError, RunError
from netwright.diagnose.diagnosis import Diagnosis
from netwright.diagnose.gain import Gain
from netwright.train.run import Run

LEAST_PROBABILITY = 1e-12


@dataclass(frozen=True)
class Judged:
    """The dev rows and what the network says of them.

    Attributes:
      rows: (m,) their numbers in the data, from 0.
      truth, said: (m,) class codes, or values in the target's units.
      probabilities: (m, K), or None for regression and for a loss that gives no probabilities.
      losses: (m,) −log p(truth), or 1 for wrong where there are no probabilities, or |said − truth|.
    """

    rows: np.ndarray
    truth: np.ndarray
    said: np.ndarray
    probabilities: np.ndarray | None
    losses: np.ndarray

    @property
    def wrong(self) -> np.ndarray:
        """Which rows were predicted as another class."""
        return self.said != self.truth


class Material:
    """A run with everything that stands in its folder; what is not there is None or empty."""

    def __init__(self, run: Run, diagnosis: Diagnosis | None = None) -> None:
        self.run, self.record = run, run.record
        self.task, self.classes = run.predictor.task, run.classes
        self.history: pl.DataFrame = run.history
        self.trace: pl.DataFrame = run.trace
        # Through JSON, so that figures are plain numbers wherever the diagnosis came from.
        fields = self._stored("diagnosis.json") if diagnosis is None else diagnosis.to_json()
        self.diagnosis = _read(fields) if fields else None
        gained = self._stored("gain.json")
        self.gain = _gain(gained) if gained else None
        self.improvement: dict[str, Any] = self._stored("improvement.json") or self._improvement()

    @property
    def name(self) -> str:
        """The name of the data."""
        return str(self.record["data"]["name"])

    @property
    def metric(self) -> str:
        """ "error" (a share) or "mse"."""
        return "mse" if self.task == "regression" else "error"

    def figure(self, name: str) -> Any:
        """Return numbers that the diagnosis measured for a picture, or None."""
        return None if self.diagnosis is None else self.diagnosis.figures.get(name)

    @cached_property
    def absent(self) -> str:
        """Why there are no dev rows to show, or "" when there are."""
        try:
            dev = self.run.prepared.dev
        except (DataError, RunError) as error:
            return str(error)
        if dev is None:
            return "the split left no dev rows (data.dev_fraction)"
        return "" if np.isfinite(self._outputs).all() else "the network's outputs on them are not finite"

    @cached_property
    def _outputs(self) -> np.ndarray:
        """The raw outputs for the dev rows."""
        dev = self.run.prepared.dev
        assert dev is not None, "absent says that there are dev rows"
        return self.run.predictor.outputs_of(dev.x)

    @cached_property
    def judged(self) -> Judged | None:
        """The dev rows, or None when there are none; rows of weight 0 are left out. The test set stays closed."""
        if self.absent:
            return None
        prepared, predictor = self.run.prepared, self.run.predictor
        dev = prepared.dev
        assert dev is not None, "absent says that there are dev rows"
        seen = dev.weight > 0
        rows, outputs = prepared.splits.dev[seen], self._outputs[seen]
        if self.task == "regression":
            truth, said = predictor.target.decode_values(dev.y[seen]), predictor.target.decode_values(outputs)
            return Judged(rows, truth, said, None, np.abs(said - truth))
        truth, said = dev.y[seen].astype(np.int64), predictor.codes(outputs)
        if predictor.loss == "hinge":
            return Judged(rows, truth, said, None, (said != truth).astype(np.float64))
        probabilities = predictor.probabilities(outputs)
        right = probabilities[np.arange(len(truth)), truth]
        return Judged(rows, truth, said, probabilities, -np.log(np.maximum(right, LEAST_PROBABILITY)))

    def _improvement(self) -> dict[str, Any]:
        """Return the story that this run is a part of: it lies in the folder around the run's own."""
        if self.run.path is None:
            return {}
        path = self.run.path.resolve()
        story = self._stored("improvement.json", path.parent)
        return story if path.name in (story.get("runs") or {}).values() else {}

    def _stored(self, name: str, folder: Path | None = None) -> dict[str, Any]:
        path = folder or self.run.path
        if path is None or not (path / name).is_file():
            return {}
        try:
            fields = json.loads((path / name).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise RunError(f"{path / name}: cannot be read ({error}); remove it or measure again") from None
        if not isinstance(fields, dict):
            raise RunError(f"{path / name}: damaged (expected an object); remove it or measure again")
        return fields


def _gain(fields: dict[str, Any]) -> Gain:
    try:
        return Gain.from_json(fields)
    except (KeyError, TypeError, ValueError) as error:
        raise RunError(f"gain.json: damaged ({error}); measure again: netwright report RUN --gain") from None


def _read(fields: dict[str, Any]) -> Diagnosis:
    try:
        return Diagnosis.from_json(fields)
    except (KeyError, TypeError, ValueError) as error:
        raise RunError(f"diagnosis.json: damaged ({error}); measure again: netwright diagnose RUN") from None
