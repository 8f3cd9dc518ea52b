"""Trials: trainings side by side, with the error of every row."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import jax.numpy as jnp
import numpy as np

from netwright.core import catalog
from netwright.core.controls import Controls
from netwright.core.errors import TrainingError
from netwright.data.arrays import Arrays
from netwright.data.dataset import Dataset
from netwright.data.prepared import Prepared
from netwright.measure.rows import dev_of, errors_of
from netwright.train.population import fit_population
from netwright.train.predictor import Predictor
from netwright.train.run import Run

NUMBERS = {
    "optimization": ("learning_rate", "clip_norm", "clip_value"),
    "regularization": ("l1", "l2", "weight_decay", "dropout", "label_smoothing", "crop", "cutout", "mixup"),
}
"""The controls in which members of one population may differ; so they may in the numbers of the rule, of the
schedule and of early stopping."""
Rank = tuple[float, float]
"""What the better of two models has less of: dev error, then dev loss."""


@dataclass(frozen=True)
class Trial:
    """One training, judged on frozen weights in evaluation mode.

    Attributes:
      controls, seed: what was trained.
      train, dev: (m,) each row's share in the error, as :func:`netwright.measure.rows.errors_of` has it.
      train_loss, dev_loss: (m,) each row's share in the loss, weighted as in training.
      outputs: raw outputs of the dev rows; rank_of: returns the rank that other outputs of theirs would have.
      run: returns the trained model.
    """

    controls: Controls
    seed: int
    train: np.ndarray
    dev: np.ndarray
    train_loss: np.ndarray
    dev_loss: np.ndarray
    outputs: np.ndarray
    rank_of: Callable[[np.ndarray], Rank]
    run: Callable[[], Run]

    @property
    def finite(self) -> bool:
        """Whether the training gave numbers at all."""
        return bool(np.isfinite(self.train_loss).all() and np.isfinite(self.dev_loss).all())

    @property
    def rank(self) -> Rank:
        """Its rank; a diverged one is the last."""
        return (float(self.dev.mean()), float(self.dev_loss.mean())) if self.finite else (np.inf, np.inf)


def train_trials(dataset: Dataset, wanted: Sequence[tuple[Controls, int]]) -> list[Trial]:
    """Train every (controls, seed) and return the trials in the same order.

    Those of one structure are trained as one compiled population; equal seeds give equal weights at the start,
    equal dropout and an equal order of the rows, in one population or in two.

    Raises:
      DataError: there are no dev rows to judge by.
    """
    groups: dict[str, list[int]] = {}
    for place, (controls, _) in enumerate(wanted):
        groups.setdefault(structure(controls), []).append(place)
    found: dict[int, Trial] = {}
    for places in groups.values():
        trials = _population(dataset, [wanted[place] for place in places])
        found |= dict(zip(places, trials, strict=True))
    return [found[place] for place in range(len(wanted))]


def structure(controls: Controls) -> str:
    """Return a text that is equal for controls which differ in traced numbers only."""
    fields = controls.model_dump(mode="json")
    for group, names in NUMBERS.items():
        for name in names:
            del fields[group][name]
    optimization, stopping = fields["optimization"], fields["regularization"]["early_stopping"]
    optimization["options"] = _present(optimization["options"])
    if isinstance(optimization["schedule"], dict):
        optimization["schedule"] = _present(optimization["schedule"])
    if isinstance(stopping, dict):
        del stopping["patience"], stopping["min_delta"]
    return json.dumps(fields, sort_keys=True)


def _present(numbers: dict[str, Any]) -> dict[str, Any]:
    """Return which numbers there are, and which of them are 0; words stay."""
    return {name: value if isinstance(value, str) else bool(value) for name, value in numbers.items()}


def judge(run: Run, seed: int) -> Trial:
    """Return a trained run as a trial; with one seed given it stands for the training of that seed."""
    prepared, predictor = run.prepared, run.predictor
    dev = dev_of(prepared)
    outputs = [predictor.outputs_of(arrays.x) for arrays in (prepared.train, dev)]
    return _trial(run.controls, seed, predictor, prepared, outputs, lambda: run)


def _population(dataset: Dataset, wanted: list[tuple[Controls, int]]) -> list[Trial]:
    try:
        population = fit_population(
            dataset, [controls for controls, _ in wanted], seeds=[seed for _, seed in wanted]
        )
    except TrainingError:
        return [_diverged(controls, seed) for controls, seed in wanted]
    prepared, predictor = population.prepared, population[0].predictor
    dev = dev_of(prepared)
    outputs = [population.outputs("train"), population.outputs("dev")]
    assert len(outputs[1][0]) == len(dev)
    return [
        _trial(
            controls,
            seed,
            predictor,
            prepared,
            [each[member] for each in outputs],
            partial(population.__getitem__, member),
        )
        for member, (controls, seed) in enumerate(wanted)
    ]


def _trial(
    controls: Controls,
    seed: int,
    predictor: Predictor,
    prepared: Prepared,
    outputs: list[np.ndarray],
    run: Callable[[], Run],
) -> Trial:
    def judged(given: np.ndarray, arrays: Arrays) -> tuple[np.ndarray, np.ndarray]:
        return errors_of(prepared, given, arrays), _losses(predictor.loss, given, arrays)

    def rank_of(given: np.ndarray) -> Rank:
        errors, losses = judged(given, dev)
        return float(errors.mean()), float(losses.mean())

    dev = dev_of(prepared)
    train, train_loss = judged(outputs[0], prepared.train)
    dev_errors, dev_loss = judged(outputs[1], dev)
    return Trial(controls, seed, train, dev_errors, train_loss, dev_loss, outputs[1], rank_of, run)


def _losses(loss: Any, outputs: np.ndarray, arrays: Arrays) -> np.ndarray:
    dtype = jnp.int32 if outputs.ndim == 2 else jnp.float32
    rows = catalog.load("losses", loss)(jnp.asarray(outputs), jnp.asarray(arrays.y, dtype))
    return _weighted(np.asarray(rows, np.float64), arrays)


def _weighted(rows: np.ndarray, arrays: Arrays) -> np.ndarray:
    return rows * (arrays.weight / arrays.weight.mean())


def _diverged(controls: Controls, seed: int) -> Trial:
    nothing = np.full(1, np.inf)

    def run() -> Run:
        raise TrainingError(f"seed {seed}: the loss ceased to be finite; lower optimization.learning_rate")

    return Trial(controls, seed, nothing, nothing, nothing, nothing, nothing, lambda _: (np.inf, np.inf), run)
