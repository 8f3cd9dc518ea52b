"""Trainings that tell causes apart: twenty rows alone, other seeds, and one control changed at a time."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
import yaml

from netwright.core.controls import Controls, Schedule
from netwright.core.errors import TrainingError
from netwright.data.prepared import Prepared
from netwright.diagnose.evidence import RangeTest, Trial
from netwright.diagnose.interval import of_mean
from netwright.measure.range_test import member_losses
from netwright.measure.rows import errors_of
from netwright.train.population import Population, fit_population

FEW, REPEATS, FEW_EPOCHS = 20, 25, 20
SEEDS = (101, 102, 103)
NARROW = 64
LOOSER = 100.0


@dataclass(frozen=True)
class Tried:
    """The trials, and the histories of the same training under other seeds."""

    trials: tuple[Trial, ...]
    seed_history: pl.DataFrame


def overfit_loss(prepared: Prepared, controls: Controls, rate: float) -> np.ndarray:
    """Return the loss on 20 training rows (seeds,) after 500 steps on them alone, no regularizer, best of three rates."""
    few = min(FEW, len(prepared.train))
    places = np.tile(np.random.default_rng(0).permutation(len(prepared.train))[:few], REPEATS)
    free: Any = {
        "learning_rate": rate,
        "epochs": FEW_EPOCHS,
        "batch_size": few,
        "schedule": Schedule(kind="constant"),
        "clip_norm": None,
        "clip_value": None,
        "tolerance": None,
    }
    plain = controls.replace(
        optimization=controls.optimization.replace(**free),
        regularization=controls.regularization.replace(
            l1=0.0, l2=0.0, weight_decay=0.0, dropout=0.0, label_smoothing=0.0, early_stopping=None
        ),
    )
    rates = [rate * factor for factor in (0.3, 1.0, 10.0)]
    members = [_set(plain, {"optimization.learning_rate": r}) for _ in SEEDS for r in rates]
    try:
        population = fit_population(
            prepared,
            members,
            seeds=[seed for seed in SEEDS for _ in rates],
            rows=np.broadcast_to(places, (len(members), len(places))),
        )
    except TrainingError:
        return np.full(len(SEEDS), np.inf)
    last = (
        population.history.filter(pl.col("epoch") == FEW_EPOCHS - 1).sort("member")["train_loss"].to_numpy()
    )
    ends = np.where(np.isfinite(last), last, np.inf).reshape(len(SEEDS), len(rates))
    return ends.min(axis=1)


def try_changes(
    prepared: Prepared,
    controls: Controls,
    test: RangeTest | None,
    *,
    epochs: int | None = None,
    rows: np.ndarray | None = None,
) -> Tried | None:
    """Train the run as it is and with one control changed, paired by seed; None when it cannot be trained as it is.

    Changes in numbers share one program; a wider network, tried where the layers are narrow, is a second one.
    """
    if epochs is not None:
        controls = _set(controls, {"optimization.epochs": epochs})
    changes = _changes(controls, test)
    members = [controls, *(_set(controls, change) for change in changes)]
    population = _train(prepared, [member for member in members for _ in SEEDS], rows)
    if population is None:
        return None
    train, dev = _ends(population, "train"), _ends(population, "dev")
    trials = [_trial(change, train[0], train[i], dev[0], dev[i]) for i, change in enumerate(changes, 1)]
    wide = _wider(controls)
    if wide is not None:
        wider = _train(prepared, [_set(controls, wide)] * len(SEEDS), rows)
        if wider is not None:
            trials.append(_trial(wide, train[0], _ends(wider, "train")[0], dev[0], _ends(wider, "dev")[0]))
    known = tuple(trial for trial in trials if trial is not None)
    return Tried(known, population.history.filter(pl.col("member") < len(SEEDS)))


def _train(prepared: Prepared, members: list[Controls], rows: np.ndarray | None) -> Population | None:
    places = None if rows is None else np.broadcast_to(rows, (len(members), len(rows)))
    seeds = list(SEEDS) * (len(members) // len(SEEDS))
    try:
        return fit_population(prepared, members, seeds=seeds, rows=places)
    except TrainingError:
        return None


def _ends(population: Population, split: str) -> np.ndarray:
    """Return (changes, seeds): mean training loss, or mean error on dev rows."""
    if split == "train":
        values = member_losses(population)
    else:
        prepared = population.prepared
        assert prepared.dev is not None, "trials are judged on dev rows"
        outputs = population.outputs("dev")
        errors = errors_of(prepared, np.nan_to_num(outputs), prepared.dev).mean(axis=1)
        broken = ~np.isfinite(outputs).reshape(len(outputs), -1).all(axis=1)
        values = np.where(broken, np.inf, errors)
    return values.reshape(-1, len(SEEDS))


def _trial(
    change: dict[str, Any], train: np.ndarray, train_after: np.ndarray, dev: np.ndarray, dev_after: np.ndarray
) -> Trial | None:
    if not all(np.isfinite(a).all() for a in (train, train_after, dev, dev_after)):
        return None
    return Trial(
        control=next(iter(change)),
        settings=change,
        train=of_mean(train - train_after),
        dev=of_mean(dev - dev_after),
        train_before=float(train.mean()),
        dev_before=float(dev.mean()),
    )


def _changes(controls: Controls, test: RangeTest | None) -> list[dict[str, Any]]:
    """Return each restraint in force, taken away; and the best rate."""
    regularization, changes = controls.regularization, []
    for name in ("dropout", "l1", "l2", "weight_decay", "label_smoothing"):
        if float(getattr(regularization, name)) > 0:
            changes.append({f"regularization.{name}": 0.0})
    if controls.optimization.clip_norm is not None:
        changes.append({"optimization.clip_norm": LOOSER * controls.optimization.clip_norm})
    if test is not None and not 0.5 < test.best / float(controls.optimization.learning_rate) < 2:
        changes.append({"optimization.learning_rate": test.best})
    return changes


def _wider(controls: Controls) -> dict[str, Any] | None:
    hidden = controls.architecture.hidden
    if not hidden or max(int(width) for width in hidden) > NARROW:
        return None
    return {"architecture.hidden": [max(32, 4 * int(width)) for width in hidden]}


def _set(controls: Controls, settings: dict[str, Any]) -> Controls:
    for name, value in settings.items():
        controls = controls.with_setting(f"{name}={yaml.safe_dump(value, default_flow_style=True)}")
    return controls
