"""The optimization term: what longer training, other rates or no regularizer reach that the run did not."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from netwright.core.controls import Controls, EarlyStopping
from netwright.core.errors import TrainingError
from netwright.diagnose.budget import Term
from netwright.diagnose.finding import Prescription
from netwright.diagnose.interval import Interval, of_paired
from netwright.measure.rows import errors_of
from netwright.measure.subject import Subject
from netwright.train.population import Population, fit_population
from netwright.train.setup import Weights

RATES = (3.0, 1 / 3)
CANDIDATES = 4


@dataclass(frozen=True)
class Candidate:
    """One other training.

    Attributes:
      name: what it does otherwise; settings: the control that says so.
      controls: of the training.
    """

    name: str
    settings: dict[str, Any]
    controls: Controls


@dataclass(frozen=True)
class Tried:
    """What a candidate reached.

    Attributes:
      train, dev: its errors; train_gain, dev_gain: the run's error minus its own, paired by rows.
      gain: what both agree on: the smaller of the two, end by end.
    """

    candidate: Candidate
    train: float
    dev: float
    train_gain: Interval
    dev_gain: Interval

    @property
    def gain(self) -> Interval:
        """The smaller of both gains, end by end, and at least 0."""
        a, b = self.train_gain, self.dev_gain
        low, middle, high = (
            min(x or 0.0, y or 0.0) for x, y in ((a.low, b.low), (a.estimate, b.estimate), (a.high, b.high))
        )
        return Interval(low, middle, high, a.confidence).at_least(0.0)


@dataclass(frozen=True)
class Optimization:
    """The best of all trainings tried: ``tried`` holds each, ``how`` says how they were trained."""

    tried: tuple[Tried, ...]
    how: str

    @property
    def best(self) -> Tried:
        """The training that gained most on both training and dev rows."""
        return max(
            self.tried, key=lambda tried: (tried.gain.estimate or 0.0, tried.train_gain.estimate or 0.0)
        )

    def term(self) -> Term:
        """Return DG-2: a lower bound, for yet other trainings may reach more."""
        best = self.best
        lowest = min(tried.train for tried in self.tried)
        method = (
            f"{self.how}: {best.candidate.name} lowers the training error by {best.train_gain} and the dev error by "
            f"{best.dev_gain}; the smaller counts. Intervals hold for all {len(self.tried)} at once. The lowest "
            f"training error of all was {lowest:.4g}"
        )
        return Term(
            "DG-2",
            "optimization",
            best.gain,
            "lower bound",
            method,
            "what lowers the training error alone fits noise",
        )

    def remedy(self) -> Prescription:
        """Return the control in which the best training differs from the run."""
        best = self.best.candidate
        reason = f"{best.name} reaches a lower error on training and dev rows"
        return Prescription(next(iter(best.settings)), best.settings, reason, term="optimization")

    def to_json(self) -> list[dict[str, Any]]:
        """Return one row a training."""
        return [
            {"name": t.candidate.name, "train": t.train, "dev": t.dev, "settings": t.candidate.settings}
            for t in self.tried
        ]


def candidates(controls: Controls, epochs: int) -> list[Candidate]:
    """Return the trainings to try, ``epochs`` long: as the run, at other rates, without any regularizer."""
    optimization = controls.optimization
    stopping = EarlyStopping(patience=max(1, epochs))
    longer = controls.replace(
        optimization=optimization.replace(epochs=epochs),
        regularization=controls.regularization.replace(early_stopping=stopping),
    )
    found = [Candidate("longer training", {"optimization.epochs": 2 * int(optimization.epochs)}, longer)]
    for factor in RATES:
        rate = float(f"{float(optimization.learning_rate) * factor:.3g}")
        at_rate = longer.replace(optimization=longer.optimization.replace(learning_rate=rate))
        found.append(Candidate(f"a learning rate of {rate:g}", {"optimization.learning_rate": rate}, at_rate))
    names = ("l1", "l2", "weight_decay", "dropout", "label_smoothing")
    active = {name: 0.0 for name in names if getattr(controls.regularization, name)}
    if active:
        free = longer.replace(regularization=longer.regularization.replace(**active))
        settings = {f"regularization.{name}": 0.0 for name in active}
        found.append(Candidate("no regularizer", settings, free))
    return found


def optimization(subject: Subject, epochs: int, *, start: bool, confidence: float = 0.9) -> Optimization:
    """Train the candidates, as one population, for ``epochs`` epochs.

    A gap in training error alone would call every classifier that stops before it has learned the noise by heart
    badly optimized. So a training counts for as much as it lowers both the training error and the dev error.
    Ends are paired by rows and hold for all candidates at once, at the confidence asked for (Bonferroni): so they also
    hold for the best of them, which the same rows have chosen.

    Args:
      subject: the run and its rows.
      start: go on from the run's weights, or begin anew from its seed.

    Raises:
      TrainingError: all candidates diverge; one that does not is enough.
    """
    run, prepared = subject.run, subject.prepared
    tries = candidates(run.controls, epochs)
    weights = Weights(run.predictor.params, run.predictor.rest) if start else None
    population = fit_population(
        prepared,
        [candidate.controls for candidate in tries],
        seeds=[run.seed] * len(tries),
        order_seed=run.seed,
        start=weights,
    )
    level = 1 - (1 - confidence) / len(tries)
    train = errors_of(prepared, population.outputs("train"), prepared.train)
    dev = errors_of(prepared, _outputs(population, subject), subject.dev)
    tried = [
        Tried(
            candidate,
            float(train[i].mean()),
            float(dev[i].mean()),
            replace(of_paired(subject.train_errors - train[i], level), confidence=confidence),
            replace(of_paired(subject.dev_errors - dev[i], level), confidence=confidence),
        )
        for i, candidate in enumerate(tries)
        if np.isfinite(train[i]).all() and np.isfinite(dev[i]).all()
    ]
    if not tried:
        raise TrainingError("every other training diverged; lower optimization.learning_rate")
    begun = "from the run's weights on" if start else "from new weights"
    return Optimization(tuple(tried), f"{len(tries)} trainings of {epochs} epochs {begun}")


def _outputs(population: Population, subject: Subject) -> np.ndarray:
    if subject.dev is subject.prepared.dev:
        return population.outputs("dev")
    return np.stack([member.predictor.outputs_of(subject.dev.x) for member in population])
