"""A group: trials of one structure, trained side by side."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from netwright.core.controls import Controls
from netwright.core.errors import TrainingError
from netwright.data.dataset import Dataset
from netwright.measure.rows import dev_of
from netwright.train.cohort import Cohort
from netwright.train.population import Population, train_members
from netwright.train.snapshot import Snapshot
from netwright.tune.folds import Folds
from netwright.tune.judge import Score, scores_of
from netwright.tune.width import fitting


@dataclass
class Entrant:
    """A trial under way: one network, or one a fold.

    Attributes:
      number: in its study; place: of its first network in its group.
      epochs: trained so far; ended: whether none of its networks trains on.
      states: where its networks go on; nothing before the first epoch and after the last.
      value: error of the rows that decide, NaN when it failed; reason: why it did.
      attributes: what else is told of the trial.
    """

    number: int
    place: int
    epochs: int = 0
    ended: bool = False
    states: list[Snapshot] = field(default_factory=list)
    value: float = np.nan
    reason: str = ""
    attributes: dict[str, Any] = field(default_factory=dict)


class Group:
    """Trials of one structure.

    Args:
      controls, seeds, numbers: one a trial.
      folds: of the training rows; without them the dev rows decide.

    Attributes:
      most: how many trials fit into memory side by side.

    Raises:
      ControlError: the controls of one contradict each other or the data.
      DataError: there are no rows to decide.
    """

    def __init__(
        self,
        dataset: Dataset,
        controls: Sequence[Controls],
        seeds: Sequence[int],
        numbers: Sequence[int],
        folds: Folds | None,
    ) -> None:
        self.folds, self.networks = folds, 1 if folds is None else len(folds)
        self.cohort = Cohort(
            dataset,
            [each for each in controls for _ in range(self.networks)],
            seeds=[seed for seed in seeds for _ in range(self.networks)],
            rows=None if folds is None else np.tile(folds.learn, (len(seeds), 1)),
        )
        if folds is None:
            dev_of(self.cohort.prepared)
        self.most = max(1, fitting(self.cohort) // self.networks)
        self.entrants = [
            Entrant(number, place * self.networks, attributes={"seed": seed})
            for place, (number, seed) in enumerate(zip(numbers, seeds, strict=True))
        ]

    def train(self, entrants: Sequence[Entrant], epochs: int, width: int) -> Population | None:
        """Train entrants that are as far as each other to so many epochs, in one population of ``width`` trials.

        Places left empty train one of them once more: another width would be another program to compile. Returns the
        population, or None when all diverged.
        """
        begun = time.monotonic()
        filled = [*entrants, *[entrants[0]] * (width - len(entrants))]
        members = [each.place + fold for each in filled for fold in range(self.networks)]
        states = [state for each in filled for state in each.states]
        try:
            population = train_members(self.cohort, members, states=states or None, epochs=epochs)
        except TrainingError:
            for each in entrants:
                self._fail(each, "the loss ceased to be finite")
            return None
        scores = scores_of(population, self.folds)
        last = epochs >= self.cohort.epochs
        states = [] if last else population.states()
        seconds = (time.monotonic() - begun) / len(entrants)
        for place, each in enumerate(entrants):
            own = slice(place * self.networks, (place + 1) * self.networks)
            each.epochs, each.states, each.ended = epochs, states[own], last
            self._judge(each, scores[own], seconds)
        return population

    def _judge(self, entrant: Entrant, scores: list[Score], seconds: float) -> None:
        epochs = [score.epochs for score in scores]
        losses = [score.dev_loss for score in scores if score.dev_loss is not None]
        curves = [score.curve for score in scores if len(score.curve) == max(epochs)]
        entrant.value = float(np.mean([score.dev for score in scores]))
        entrant.attributes |= {
            "epochs": max(epochs),
            "compute": sum(epochs) * self.cohort.visited,
            "seconds": entrant.attributes.get("seconds", 0.0) + seconds,
            "dev": entrant.value,
            "train": float(np.mean([score.train for score in scores])),
            "dev_loss": float(np.mean(losses)) if losses else None,
            "curve": [round(float(value), 6) for value in np.mean(curves, axis=0)] if curves else [],
        }
        if len(scores) > 1:
            entrant.attributes["folds"] = [score.dev for score in scores]
        diverged = [score.diverged for score in scores if score.diverged is not None]
        if diverged:
            self._fail(entrant, f"the loss ceased to be finite in epoch {min(diverged) + 1}")
        elif all(score.stopped for score in scores):
            entrant.ended, entrant.states = True, []

    def _fail(self, entrant: Entrant, reason: str) -> None:
        rate = self.cohort.controls[entrant.place].optimization.learning_rate
        entrant.reason = f"{reason}; the learning rate was {rate:.3g}"
        entrant.value, entrant.ended, entrant.states = np.nan, True, []
