"""A train-dev set for a run that has none: networks trained without a slice of the training rows."""

import numpy as np

from netwright.measure.rows import errors_of, finite
from netwright.measure.subject import Subject
from netwright.measure.subsets import random_subset
from netwright.train.population import fit_population

SHARE = 0.15
MEMBERS = 3


def left_out(subject: Subject) -> tuple[np.ndarray, np.ndarray]:
    """Train three networks, each without a random slice of the training rows.

    Returns:
      the error of each row of the slices by the network that never saw it, and the dev error of each row, averaged
      over the networks.

    Raises:
      TrainingError: a training diverges.
    """
    prepared = subject.prepared
    rows = len(prepared.train)
    kept = rows - max(1, round(SHARE * rows))
    chosen = [random_subset(prepared, kept, np.random.default_rng((kept, seed))) for seed in range(MEMBERS)]
    population = fit_population(
        prepared, subject.run.controls, seeds=list(range(MEMBERS)), rows=np.stack(chosen)
    )
    train = finite(errors_of(prepared, population.outputs("train"), prepared.train))
    slices = [np.delete(errors, places) for errors, places in zip(train, chosen, strict=True)]
    outputs = np.stack([member.predictor.outputs_of(subject.dev.x) for member in population])
    return np.concatenate(slices), finite(errors_of(prepared, outputs, subject.dev))
