"""The cross-check of the approximation term: does a network of four times the width do better?"""

import numpy as np

from netwright.core.controls import Controls
from netwright.diagnose.interval import Interval, of_mean
from netwright.measure.rows import errors_of, finite
from netwright.measure.subject import Subject
from netwright.train.population import fit_population

FACTOR = 4
FIRST = 64


def wider(controls: Controls) -> Controls:
    """Return the controls with hidden layers four times as wide; one of 64 units where there is none."""
    architecture = controls.architecture
    hidden = [FACTOR * int(width) for width in architecture.hidden] or [FIRST]
    kind = "mlp" if architecture.kind == "logistic" else architecture.kind
    return controls.replace(architecture=architecture.replace(kind=kind, hidden=tuple(hidden)))


def widened(subject: Subject, seeds: int = 1, confidence: float = 0.9) -> Interval:
    """Return how much the dev error falls when the network is widened, paired by rows.

    Raises:
      TrainingError: a training diverges.
    """
    prepared = subject.prepared
    population = fit_population(
        prepared, wider(subject.run.controls), seeds=list(range(seeds)), order_seed=subject.run.seed
    )
    outputs = np.stack([member.predictor.outputs_of(subject.dev.x) for member in population])
    errors = finite(errors_of(prepared, outputs, subject.dev)).mean(axis=0)
    return of_mean(subject.dev_errors - errors, confidence)


def times_wider(controls: Controls) -> float:
    """Return how many times more work a row is, roughly: between two wide layers the square of the factor."""
    return FACTOR * (FACTOR if len(controls.architecture.hidden) > 1 else 1)
