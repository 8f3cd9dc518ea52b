"""What every remedy works on: encoded training rows, encoded target rows, and the trainings that do nothing."""

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from netwright.core.controls import Controls
from netwright.data.arrays import Arrays
from netwright.data.dataset import Dataset
from netwright.data.prepared import Prepared
from netwright.train.auto import resolve
from netwright.train.job import facts_of
from netwright.train.population import fit_population
from netwright.train.predictor import Predictor


class Trained(NamedTuple):
    """What a remedy returns: a predictor for each seed, and what a user should know of how it was made."""

    predictors: list[Predictor]
    note: str


@dataclass(frozen=True)
class Study:
    """One data set, one unlabelled target, and the seeds that all trainings share.

    Attributes:
      prepared: the training data, categories one-hot; target: (m, n_in) the target rows, encoded as those are.
      controls: resolved; no "auto" is left.
      seeds: one a training.
    """

    prepared: Prepared
    target: np.ndarray
    controls: Controls
    seeds: tuple[int, ...]

    @classmethod
    def of(cls, dataset: Dataset, target: Any, controls: Controls | None, seeds: Sequence[int]) -> "Study":
        """Split and encode the data set, and encode the target rows by the encoder fitted on its training rows."""
        controls = controls or Controls()
        prepared = dataset.prepare(controls.data, embeddings=False)
        encoded = prepared.encoder.transform(target, source="target")
        return cls(prepared, encoded, resolve(controls, facts_of(prepared)), tuple(seeds))

    @cached_property
    def untreated(self) -> list[Predictor]:
        """The trainings that do nothing about the shift."""
        return self.train(self.prepared)

    def train(self, prepared: Prepared) -> list[Predictor]:
        """Train one model a seed, as one population, on ``prepared``."""
        return [run.predictor for run in fit_population(prepared, self.controls, seeds=self.seeds)]

    def train_weighted(self, train: np.ndarray, dev: np.ndarray | None) -> list[Predictor]:
        """Train with further weights of the training rows, and of the dev rows that choose the epoch."""
        return self.train(
            self.changed(lambda rows, w: Arrays(rows.x, rows.y, _scaled(rows.weight * w)), train, dev)
        )

    def changed(self, change: Any, train: np.ndarray, dev: np.ndarray | None) -> Prepared:
        """Return the data with ``change(rows, array)`` in place of the training and the dev rows."""
        other = copy(self.prepared)
        # The parts are cached properties: what stands in their place is what they give.
        vars(other)["train"] = change(self.prepared.train, train)
        if self.prepared.dev is not None:
            vars(other)["dev"] = change(self.prepared.dev, dev)
        return other


def effective_size(weights: np.ndarray) -> float:
    """Return Kish's effective sample size ``(Σw)² / Σw²``: how many equal rows would be as noisy."""
    return float(weights.sum() ** 2 / (weights**2).sum())


def _scaled(weights: np.ndarray) -> np.ndarray:
    return (weights / weights.mean()).astype(np.float32)
