"""The error budget of a run, measured in order of value for as long as the clock allows."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from netwright.core.controls import EarlyStopping
from netwright.core.errors import DataError, TrainingError
from netwright.diagnose import terms
from netwright.diagnose.bayes.records import BayesEstimate
from netwright.diagnose.budget import Budget, Term
from netwright.diagnose.finding import Prescription
from netwright.diagnose.interval import Interval, of_values
from netwright.diagnose.learning_curve import LearningCurve, fit_curve
from netwright.diagnose.shift.report import ShiftReport
from netwright.measure.approximation import times_wider, widened
from netwright.measure.bias_variance import bias_variance
from netwright.measure.clock import Clock, epochs_of, patience_of
from netwright.measure.learning_curve import LEAST_ROWS, losses_by_size
from netwright.measure.left_out import MEMBERS, SHARE, left_out
from netwright.measure.limit import limit
from netwright.measure.optimization import CANDIDATES, Optimization, optimization
from netwright.measure.rows import run_errors
from netwright.measure.subject import Subject

SEEDS, SIZES = 5, 5
PARTS = (2, 4, 8, 16)
"""The largest subset of the learning curve is one of these parts of the training rows."""
WARM_EPOCHS = 3
"""Going on from the run's weights for fewer epochs than this would show nothing."""
REFITS = 5
TIME = "time"


@dataclass
class Measurements:
    """What was measured of a subject so far; each measurement is skipped when the clock does not allow it.

    Attributes:
      subject: the run and its rows; clock: the time there is; trains: whether to train at all.
    """

    subject: Subject
    clock: Clock
    trains: bool
    bayes: BayesEstimate | None = None
    optimization: Optimization | None = None
    curve: LearningCurve | None = None
    wider: Interval | None = None
    variance: Any = None
    apart: tuple[np.ndarray, np.ndarray] | None = None
    test: np.ndarray | None = None
    reasons: dict[str, str] = field(default_factory=dict)

    def estimate_bayes(self) -> None:
        """Estimate the Bayes error, where the rows are enough for that."""
        try:
            self.bayes = limit(self.subject, quick=not self.trains)
        except DataError as error:
            self.reasons["bayes"] = str(error)

    def open_test(self) -> None:
        """Judge the test rows, and record that they were opened."""
        self.test = run_errors(self.subject.run, self.subject.run.rows("test"))

    def train_without_slices(self) -> None:
        """Train networks that leave slices of the training rows out, when dev may be of another distribution."""
        subject = self.subject
        if not subject.elsewhere or subject.alike is not None:
            return
        rows = round((1 - SHARE) * len(subject.prepared.train))
        cost = self.clock.cost(MEMBERS, rows, epochs_of(subject.run))
        if self._allowed("shift", cost):
            with self._training("shift", cost):
                self.apart = left_out(subject)

    def detect_shift(self) -> ShiftReport | None:
        """Compare the dev rows with training rows, when they may come from elsewhere and there is time."""
        if not self.subject.elsewhere or not self.trains or self.clock.left <= 0:
            return None
        return self.subject.shift()

    def try_other_trainings(self, share: float) -> None:
        """Train the candidates of the optimization term within a share of what is left: anew, or from the weights."""
        subject, clock = self.subject, self.clock
        rows, allowed = len(subject.prepared.train), share * clock.left
        whole = 2 * int(subject.run.controls.optimization.epochs)
        fits = max(0, min(whole, clock.epochs_within(allowed, CANDIDATES, rows)))
        cost = clock.cost(CANDIDATES, rows, fits)
        if self._allowed("optimization", cost if fits >= WARM_EPOCHS else np.inf):
            with self._training("optimization", cost):
                self.optimization = optimization(subject, fits, start=fits < whole)

    def measure_curve(self, share: float) -> None:
        """Measure the learning curve below the run's own size, as high as a share of what is left allows."""
        subject, clock = self.subject, self.clock
        rows, members = len(subject.prepared.train), SEEDS * SIZES
        costs = {part: clock.cost(members, rows // part, epochs_of(subject.run)) for part in PARTS}
        fits = [
            part
            for part, cost in costs.items()
            if cost <= share * clock.left and rows // part >= LEAST_ROWS * 2**SIZES
        ]
        if not self._allowed("learning curve", 0.0 if fits else np.inf):
            return
        sizes = [rows // fits[0] // 2**halvings for halvings in reversed(range(SIZES))]
        with self._training("learning curve", costs[fits[0]]):
            losses = losses_by_size(subject.prepared, self._sooner(), sizes, SEEDS)
            if subject.dev is subject.prepared.dev:
                sizes, losses = [*sizes, rows], [*losses, subject.dev_errors[None]]
            self.curve = fit_curve(sizes, losses, metric=subject.metric)

    def refit(self) -> None:
        """Train on resamples."""
        subject = self.subject
        cost = self.clock.cost(REFITS, len(subject.prepared.train), epochs_of(subject.run))
        if self._allowed("refits", cost):
            with self._training("refits", cost):
                self.variance = bias_variance(subject.prepared, self._sooner(), members=REFITS)

    def widen(self) -> None:
        """Train a wider network."""
        subject = self.subject
        work = times_wider(subject.run.controls) * epochs_of(subject.run)
        cost = self.clock.cost(1, len(subject.prepared.train), work)
        if self._allowed("width", cost):
            with self._training("width", cost):
                self.wider = widened(subject)

    # ------------------------------------------------------------------------------------------- the answer

    def budget(self) -> Budget:
        """Return the budget as far as it is measured."""
        subject = self.subject
        errors = {"train": of_values(subject.train_errors), "dev": of_values(subject.dev_errors)}
        alike, where = self._alike()
        if alike is not None:
            errors["train_dev"] = of_values(alike)
        if self.test is not None:
            errors["test"] = of_values(self.test)
        bayes = self._missing("DG-1") if self.bayes is None else terms.bayes(self.bayes)
        optimization = self._missing("DG-2") if self.optimization is None else self.optimization.term()
        held_out = subject.dev_errors if alike is None else alike
        variance = None if self.variance is None else self.variance.variance
        return Budget(
            subject.metric,
            errors,
            (
                bayes,
                optimization,
                terms.approximation(bayes, errors["train"], optimization, self.curve, self.wider),
                terms.estimation(
                    subject.train_errors,
                    held_out,
                    self.reasons.get("learning curve", "") if self.curve is None else self.curve,
                    variance,
                    where=where,
                ),
                self._shift(alike, where),
                self._dev_overfit(),
            ),
        )

    def figures(self) -> dict[str, Any]:
        """Return the numbers behind the pictures."""
        found = {
            "bayes": self.bayes and terms.bayes_figure(self.bayes),
            "optimization": self.optimization and self.optimization.to_json(),
            "learning_curve": self.curve and self.curve.to_json(),
            "bias_variance": self.variance and self.variance.to_json(),
        }
        return {name: figure for name, figure in found.items() if figure is not None}

    def remedies(self) -> dict[str, Prescription]:
        """Return term → the control that lowers it."""
        return remedies(self.subject, self.optimization)

    def _alike(self) -> tuple[np.ndarray | None, str]:
        if self.subject.alike_errors is not None:
            return self.subject.alike_errors, "train-dev"
        return (
            (None, "dev") if self.apart is None else (self.apart[0], "slices of the training rows left out")
        )

    def _shift(self, alike: np.ndarray | None, where: str) -> Term:
        if not self.subject.elsewhere and self.subject.alike is None:
            return terms.by_construction("DG-5", "dev and training rows were split at random from one table")
        if alike is None:
            return terms.not_measured("DG-5", self.reasons.get("shift", TIME))
        return terms.shift(
            self.subject.dev_errors if self.apart is None else self.apart[1], alike, where=where
        )

    def _dev_overfit(self) -> Term:
        if self.test is None:
            return terms.not_measured("DG-6", "the test set stays closed until asked for")
        openings = self.subject.run.record["test_openings"]
        return terms.dev_overfit(self.test, self.subject.dev_errors, openings)

    def _missing(self, id: str) -> Term:
        return terms.not_measured(id, self.reasons.get(terms.NAMES[id], TIME))

    def _allowed(self, what: str, seconds: float) -> bool:
        if not self.subject.retrainable:
            averaged = "average" in self.subject.run.record
            self.reasons[what] = (
                "the model is an average of networks" if averaged else "the module, rule or loss is your own"
            )
        elif not self.trains or seconds > self.clock.left:
            self.reasons[what] = TIME
        else:
            return True
        return False

    @contextmanager
    def _training(self, what: str, cost: float) -> Generator[None, None, None]:
        """Watch trainings foretold to take ``cost`` seconds; where they diverge, what they were for is not measured."""
        try:
            with self.clock.training(cost):
                yield
        except TrainingError as error:
            self.reasons[what] = str(error)

    def _sooner(self) -> Any:
        """Return the run's controls with a patience no longer than the run's own need: the same weights, sooner."""
        controls = self.subject.run.controls
        stopping = controls.regularization.early_stopping
        if not isinstance(stopping, EarlyStopping):
            return controls
        patience = min(stopping.patience, patience_of(self.subject.run))
        return controls.replace(
            regularization=controls.regularization.replace(early_stopping=stopping.replace(patience=patience))
        )


def remedies(subject: Subject, found: Optimization | None) -> dict[str, Prescription]:
    """Return for each reducible term the control of this run that lowers it."""
    controls = subject.run.controls
    hidden = [2 * int(width) for width in controls.architecture.hidden] or [64]
    dropout = min(0.5, float(controls.regularization.dropout) + 0.2)
    wider: dict[str, Any] = {"architecture.hidden": hidden}
    if controls.architecture.kind == "logistic":
        wider["architecture.kind"] = "mlp"
    regularizer: dict[str, Any] = {"regularization.dropout": round(dropout, 2)}
    if not controls.architecture.hidden:
        regularizer = {"regularization.l2": max(1e-3, 3 * controls.regularization.l2)}
    longer = 2 * int(controls.optimization.epochs)
    return {
        "optimization": Prescription(
            "optimization.epochs", {"optimization.epochs": longer}, "train longer", "optimization"
        )
        if found is None
        else found.remedy(),
        "approximation": Prescription(
            "architecture.hidden",
            wider,
            "the network is too small for what there is to learn",
            "approximation",
        ),
        "estimation": Prescription(
            next(iter(regularizer)),
            regularizer,
            "it learns its training rows better than others: regularize, or add training rows",
            "estimation",
        ),
        "shift": Prescription(
            "data", {}, "dev rows come from elsewhere: train on rows like them, or weigh rows", "shift"
        ),
        "dev overfit": Prescription(
            "data", {}, "the dev rows have been chosen by too often: take new ones", "dev overfit"
        ),
    }
