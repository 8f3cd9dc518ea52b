"""One population that tells causes apart: other seeds, other rates, one control changed, twenty rows alone.

All of these differ in numbers only, so they are one compiled program and train at the same time.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
import yaml

from netwright.core.controls import Controls
from netwright.core.errors import TrainingError
from netwright.data.prepared import Prepared
from netwright.diagnose.evidence import RangeTest, Trial
from netwright.diagnose.interval import of_mean
from netwright.measure.evidence.network import losses, prior_loss
from netwright.measure.range_test import RATES, end_losses, judged
from netwright.measure.rows import errors_of
from netwright.train.population import Population, fit_population

SEEDS = (101, 102, 103)
FEW, FEW_RATES, FEW_STEPS = 20, (1e-3, 1e-2, 1e-1), 300
NARROW = 16
LOOSE = 1e6
"""A clipping threshold that no gradient reaches."""


@dataclass(frozen=True)
class Sweep:
    """What the population showed; see :class:`~netwright.diagnose.evidence.Evidence` for the fields."""

    range_test: RangeTest | None
    overfit_loss: np.ndarray | None
    trials: tuple[Trial, ...]
    seed_history: pl.DataFrame


def members_of(controls: Controls) -> int:
    """Return how many members a sweep trains."""
    return len(SEEDS) * (1 + len(_changes(controls)) + len(RATES) + len(FEW_RATES))


def sweep(prepared: Prepared, controls: Controls, *, epochs: int, rows: np.ndarray) -> Sweep | None:
    """Train the population for ``epochs`` epochs on the training rows at the places ``rows``.

    None when every member's loss ceases to be finite.
    """
    controls = set_controls(controls, {"optimization.epochs": epochs})
    schedule: Any = controls.optimization.schedule
    if schedule.warmup >= epochs:
        controls = set_controls(controls, {"optimization.schedule.warmup": 0.0})
    changes = _changes(controls)
    free = {name: value for change in changes for name, value in change.items()}
    rate = "optimization.learning_rate"
    kinds = [
        controls,
        *(set_controls(controls, change) for change in changes),
        *(set_controls(controls, {rate: value}) for value in RATES),
        *(set_controls(controls, free | {rate: value}) for value in FEW_RATES),
    ]
    # Twenty rows repeated: an epoch of them takes as many steps as one of all rows.
    few = np.resize(rows[:: max(1, len(rows) // FEW)][:FEW], len(rows))
    places = np.stack([few if i >= len(kinds) - len(FEW_RATES) else rows for i in range(len(kinds))])
    population = _train(prepared, kinds, places)
    if population is None:
        return None
    ends = end_losses(population).reshape(len(kinds), len(SEEDS))
    first = 1 + len(changes)
    by_rate = {float(controls.optimization.learning_rate): ends[0]}
    by_rate = {value: ends[first + i] for i, value in enumerate(RATES)} | by_rate
    rates = np.array(sorted(by_rate))
    try:
        test = judged(
            rates, np.stack([by_rate[r] for r in rates], axis=1), prior_loss(prepared, controls.loss)
        )
    except TrainingError:
        test = None
    ended = _ends(population)
    trials = [_trial(change, ended[0], ended[i]) for i, change in enumerate(changes, 1)]
    if test is not None and test.best in RATES:
        trials.append(_trial({rate: test.best}, ended[0], ended[first + RATES.index(test.best)]))
    trials.append(_wider(prepared, controls, rows, ended[0]))
    steps = epochs * -(-len(rows) // population.plan.batch_size)
    return Sweep(
        range_test=test,
        overfit_loss=ends[-len(FEW_RATES) :].min(axis=0) if steps >= FEW_STEPS else None,
        trials=tuple(trial for trial in trials if trial is not None),
        seed_history=population.history.filter(pl.col("member") < len(SEEDS)),
    )


def set_controls(controls: Controls, settings: dict[str, Any]) -> Controls:
    """Return the controls with settings such as ``{"optimization.epochs": 20}`` applied."""
    for name, value in settings.items():
        controls = controls.with_setting(f"{name}={yaml.safe_dump(value, default_flow_style=True)}")
    return controls


def _train(prepared: Prepared, kinds: list[Controls], places: np.ndarray) -> Population | None:
    try:
        return fit_population(
            prepared,
            [kind for kind in kinds for _ in SEEDS],
            seeds=list(SEEDS) * len(kinds),
            rows=np.repeat(places, len(SEEDS), axis=0),
        )
    except TrainingError:
        return None


@dataclass(frozen=True)
class _End:
    """Where one kind of training ends, over its seeds; infinite where it broke.

    Attributes:
      train: (seeds,) the mean training loss, dev_errors: (seeds,) the mean error on dev rows; dev_losses:
        (seeds, rows), all in evaluation mode.
    """

    train: np.ndarray
    dev_errors: np.ndarray
    dev_losses: np.ndarray


def _ends(population: Population) -> list[_End]:
    """Return where each kind ends."""
    prepared = population.prepared
    assert prepared.dev is not None, "trials are judged on dev rows"
    hyper = {
        name: value[0] for name, value in population.training.hyper.items() if not isinstance(value, dict)
    }
    train, dev = (population.outputs(part) for part in ("train", "dev"))
    broken = ~np.isfinite(dev).reshape(len(dev), -1).all(axis=1)
    errors = np.where(broken, np.inf, errors_of(prepared, np.nan_to_num(dev), prepared.dev).mean(axis=1))
    found = (
        losses(population.plan, hyper, train, prepared.train.y).mean(axis=1),
        errors,
        losses(population.plan, hyper, dev, prepared.dev.y),
    )
    whole = [np.where(np.isfinite(values), values, np.inf) for values in found]
    return [_End(*(v[i : i + len(SEEDS)] for v in whole)) for i in range(0, len(errors), len(SEEDS))]


def _trial(change: dict[str, Any], before: _End, after: _End) -> Trial | None:
    """Return what a change does; None when a training broke."""
    if not all(np.isfinite([end.train, end.dev_errors]).all() for end in (before, after)):
        return None
    return Trial(
        next(iter(change)),
        change,
        train=of_mean(before.train - after.train),
        dev=of_mean(before.dev_errors - after.dev_errors),
        dev_loss=of_mean((before.dev_losses - after.dev_losses).mean(axis=0)),
        train_before=float(before.train.mean()),
        dev_before=float(before.dev_errors.mean()),
    )


def _changes(controls: Controls) -> list[dict[str, Any]]:
    """Return each restraint in force, taken away."""
    regularization = controls.regularization
    changes: list[dict[str, Any]] = [
        {f"regularization.{name}": 0.0}
        for name in ("dropout", "l1", "l2", "weight_decay", "label_smoothing")
        if float(getattr(regularization, name)) > 0
    ]
    if controls.optimization.clip_norm is not None:
        changes.append({"optimization.clip_norm": LOOSE})
    return changes


def _wider(prepared: Prepared, controls: Controls, rows: np.ndarray, before: _End) -> Trial | None:
    """Try narrow layers four times as wide: another structure, so a population of its own."""
    hidden = controls.architecture.hidden
    if not hidden or min(int(width) for width in hidden) > NARROW:
        return None
    change = {"architecture.hidden": [max(32, 4 * int(width)) for width in hidden]}
    population = _train(prepared, [set_controls(controls, change)], rows[None])
    return None if population is None else _trial(change, before, _ends(population)[0])
