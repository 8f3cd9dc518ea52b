"""netwright through its public functions; seconds are those of the epochs in a run's history."""

import os

import numpy as np

import netwright as nw
from benchmarks._training import Learner, Training


def network(task: Training) -> Learner:
    return _network(task, "float32")


def mixed(task: Training) -> Learner:
    return _network(task, "mixed")


def pure(task: Training) -> Learner:
    """Without the native kernels."""
    os.environ["NETWRIGHT_NATIVE"] = "0"
    return _network(task, "float32")


def pure_mixed(task: Training) -> Learner:
    os.environ["NETWRIGHT_NATIVE"] = "0"
    return _network(task, "mixed")


def _network(task: Training, precision: str) -> Learner:
    inputs, _ = task.data
    dataset = as_dataset(task)
    run = None

    def train(epochs: int) -> float:
        nonlocal run
        run = nw.fit(dataset, controls(task, epochs, precision), seed=0, progress=False)
        return float(run.history["seconds"].sum())

    def probabilities() -> np.ndarray:
        given = run.predict_proba(inputs)
        return given[:, 1] if task.binary else given

    return Learner(train, probabilities)


def population(task: Training) -> Learner:
    return _population(task, order_seed=None)


def population_shared(task: Training) -> Learner:
    return _population(task, order_seed=0)


def _population(task: Training, order_seed: int | None) -> Learner:
    inputs, _ = task.data
    dataset = as_dataset(task)
    runs = []

    def train(epochs: int) -> float:
        nonlocal runs
        members = [controls(task, epochs, "float32")] * task.members
        runs = nw.train.fit_population(dataset, members, seeds=range(task.members), order_seed=order_seed)
        return float(runs[0].history["seconds"].sum())

    return Learner(train, lambda: np.stack([run.predict_proba(inputs) for run in runs]))


def as_dataset(task: Training) -> nw.Dataset:
    return nw.Dataset.from_arrays(*task.data, task="binary" if task.binary else "multiclass")


def controls(task: Training, epochs: int, precision: str) -> nw.Controls:
    return nw.Controls(
        architecture=nw.Architecture(
            kind="logistic" if task.binary else task.kind, hidden=task.widths[1:-1], **task.options
        ),
        optimization=nw.Optimization(
            rule=task.rule,
            learning_rate=task.learning_rate,
            schedule="constant",
            batch_size=task.batch,
            epochs=epochs,
            precision=precision,
        ),
        regularization=nw.Regularization(weight_decay=0.0, dropout=0.0, early_stopping=None),
        data=nw.DataControls(normalize="none", dev_fraction=0.0, test_fraction=0.0),
    )
