"""A study: what was searched, what was tried, and what was found."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import polars as pl

from netwright.core import lazy
from netwright.core.controls import Controls
from netwright.core.errors import TrainingError
from netwright.train.run import Run
from netwright.tune.space import Space

if TYPE_CHECKING:
    from netwright.tune.sensitivity import Sensitivity

WHOLE = "COMPLETE"


@dataclass
class Study:
    """What :func:`netwright.tune` returns.

    Attributes:
      name: of the data; metric: "error" (share of rows predicted wrongly) or "mse" (in the target's units), of the dev
        rows, or of the rows that folds left out; search: how the space was searched.
      space: what was searched; controls: what all trials have in common; seed: of the study; cv: folds, or None.
      trials: a row a trial: number, state (COMPLETE, PRUNED, FAIL, RUNNING), value, its hyperparameters, epochs,
        compute (examples × epochs), seconds, dev, train, dev_loss, rung, seed, reason (of a failed one), curve (error
        of the dev rows by epoch).
      points: the hyperparameters of each trial, without those that a condition leaves out.
      asked: how many trials there will be; reason: why it ended, "" while it goes on.
      path: its folder, or None; storage: the URL of its trials, without a password.
    """

    name: str
    metric: Literal["error", "mse"]
    search: str
    space: Space
    controls: Controls
    seed: int
    cv: int | None
    trials: pl.DataFrame
    points: list[dict[str, Any]]
    asked: int
    reason: str = ""
    path: Path | None = None
    storage: str | None = None
    run: Run | None = None

    report = lazy.Method("netwright.report.tuned.report:report")
    """See :func:`netwright.report.tuned.report.report`."""

    @property
    def best(self) -> Run:
        """The network of the best trial; with folds one of its controls, trained on all training rows.

        Raises:
          TrainingError: no trial has a value yet.
        """
        if self.run is None:
            raise self._nothing()
        return self.run

    @property
    def best_number(self) -> int:
        """The number of the best trial: the lowest value, then the lowest dev loss, of those trained to their end.

        While no trial is, those that were trained longest count.

        Raises:
          TrainingError: no trial has a value.
        """
        ranked = self.ranked
        if ranked.is_empty():
            raise self._nothing()
        return ranked["number"][0]

    @property
    def ranked(self) -> pl.DataFrame:
        """The trials that can be the best, from the best on."""
        found = self.trials.filter(pl.col("value").is_finite())
        whole = found.filter(pl.col("state") == WHOLE)
        if not whole.is_empty():
            return whole.sort("value", "dev_loss", "number", nulls_last=True)
        return found.sort("epochs", "value", "number", descending=[True, False, False], nulls_last=True)

    @property
    def best_value(self) -> float:
        """The value of the best trial."""
        return self.trials["value"][self.best_number]

    @property
    def best_point(self) -> dict[str, Any]:
        """The hyperparameters of the best trial."""
        return self.points[self.best_number]

    @property
    def best_controls(self) -> Controls:
        """The controls of the best trial."""
        return self.space.controls(self.controls, self.best_point)

    def sensitivity(self) -> "Sensitivity":
        """Say how much each hyperparameter matters, and how the error follows it."""
        from netwright.tune.sensitivity import sensitivity  # start-up cost: Optuna and scikit-learn

        return sensitivity(self.points, self.trials["value"].to_list(), self.space)

    @property
    def ended(self) -> int:
        """How many trials nothing more becomes of."""
        return int((self.trials["state"] != "RUNNING").sum())

    @property
    def compute(self) -> int:
        """Examples × epochs trained."""
        return int(self.trials["compute"].sum())

    def to_json(self) -> dict[str, Any]:
        """Return plain dictionaries and lists."""
        none = self.ranked.is_empty()
        return {
            "name": self.name,
            "metric": self.metric,
            "search": self.search,
            "space": self.space.to_json(),
            "seed": self.seed,
            "cv": self.cv,
            "best": None
            if none
            else {
                "number": self.best_number,
                "value": self.best_value,
                "point": self.best_point,
                "controls": self.best_controls.model_dump(mode="json"),
            },
            "reason": self.reason,
            "compute": self.compute,
            "trials": self.trials.to_dicts(),
            "storage": self.storage,
        }

    def __str__(self) -> str:
        states = self.trials["state"].value_counts(sort=True)
        counted = ", ".join(f"{count} {state.lower()}" for state, count in states.iter_rows())
        said = f"{self.name}: {self.search}, {len(self.trials)} trials ({counted})"
        if self.ranked.is_empty():
            return said
        best = ", ".join(f"{name}={value}" for name, value in self.best_point.items())
        return f"{said}\nbest: trial {self.best_number}, {self.metric} {self.best_value:.4g}: {best}"

    def _nothing(self) -> TrainingError:
        failed = self.trials.filter(pl.col("state") == "FAIL")
        why = f"; trial {failed['number'][0]}: {failed['reason'][0]}" if len(failed) else ""
        return TrainingError(f"{self.name}: no trial has a value{why}")
