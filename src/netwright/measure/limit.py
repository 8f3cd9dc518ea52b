"""The Bayes error of the rows that a run is judged on, in their inputs and in what the network made of them."""

from typing import Any

import numpy as np
from flax import nnx
from sklearn.ensemble import ExtraTreesRegressor, RandomForestClassifier

from netwright.data.arrays import Arrays
from netwright.data.prepared import Prepared
from netwright.diagnose import bayes
from netwright.diagnose.bayes.records import BayesEstimate
from netwright.measure.rows import sample_weight_of, truth_of
from netwright.measure.subject import Subject
from netwright.measure.words import with_distances
from netwright.train.run import Run

QUICK_ROWS, FULL_ROWS = 1_200, 8_000
"""Rows that the Bayes error is estimated from."""
FEW = 2_000
"""Fewer dev rows than this are joined by training rows."""


def limit(subject: Subject, *, quick: bool, confidence: float = 0.9) -> BayesEstimate:
    """Estimate the Bayes error; the network itself is one of the judged models.

    Dev rows come first, in their inputs and in what the network made of them. Few of them are joined by training rows,
    in their inputs alone: of rows it has seen the network made too much. The dev rows chose the epoch whose weights
    were kept, if the run stopped early: among some dozens of epochs that lowers its dev error by less than the
    interval is wide. Where rows have weights, each is kept with a probability in proportion to its own: those kept are
    a plain sample of what the weights stand for. ``quick`` reads fewer rows, in their inputs alone, and fits one
    model beside the network.
    """
    rows = QUICK_ROWS if quick else FULL_ROWS
    prepared, dev = subject.prepared, subject.dev
    rng = np.random.default_rng(0)
    judged_rows = _plain(prepared, dev, rng)
    chosen = judged_rows[:rows]
    x, y = dev.x[chosen], truth_of(prepared, dev)[chosen]
    features = None
    if not quick and (len(dev) >= FEW or subject.elsewhere):
        features = hidden_activations(subject.run, x)
    elif not subject.elsewhere:
        more = _plain(prepared, prepared.train, rng)[: rows - len(chosen)]
        x = np.concatenate([x, prepared.train.x[more]])
        y = np.concatenate([y, truth_of(prepared, prepared.train)[more]])
    errors = subject.dev_errors[judged_rows]
    if subject.metric == "error":
        errors = errors > 0
    judged: Any = [("the network, dev rows", int(errors.sum()), len(errors))]
    if subject.metric == "mse":
        judged = [("the network, dev rows", errors)]
    return bayes.estimate(
        with_distances(prepared.encoder.layout, x),
        y,
        confidence,
        task=prepared.task,
        models=_one_model(prepared.task) if quick else None,
        judged=judged,
        features=features,
        seed=subject.run.seed,
    )


def _plain(prepared: Prepared, arrays: Arrays, rng: np.random.Generator) -> np.ndarray:
    """Return the places of rows in random order: all, or thinned by their weights."""
    places = rng.permutation(len(arrays))
    weight = sample_weight_of(prepared, arrays)
    return places if weight is None else places[rng.random(len(places)) < weight[places] / weight.max()]


def _one_model(task: str) -> dict[str, Any]:
    if task == "regression":
        return {"extra trees": ExtraTreesRegressor(40, min_samples_leaf=3, random_state=0)}
    return {"random forest": RandomForestClassifier(40, min_samples_leaf=3, random_state=0)}


def hidden_activations(run: Run, x: np.ndarray) -> np.ndarray | None:
    """Return what the output layer is fed (m, d), for one network whose last layer is called ``output``."""
    if run.record["model"] is None or "average" in run.record or not run.controls.architecture.hidden:
        return None
    model: Any = nnx.clone(run.model)
    model.output = lambda a: a
    return np.asarray(model(x), np.float32)
