"""Controls chosen for the data: every ``"auto"`` becomes a value, by rules small enough to read."""

import math
from dataclasses import dataclass

from netwright.core import catalog
from netwright.core.controls import Auto, Controls, EarlyStopping, Schedule
from netwright.core.errors import ControlError
from netwright.core.layout import Layout

LOSS_OF_TASK = {"binary": "bce", "multiclass": "cce", "regression": "mse"}
SMALL = 5_000
"""Training rows below which variance is the likelier trouble."""
METRIC_OF_TASK = {"binary": "accuracy", "multiclass": "accuracy", "regression": "r2"}


@dataclass(frozen=True)
class Facts:
    """What the rules look at: training rows, what an example is, the task, and whether there are dev rows."""

    rows: int
    layout: Layout
    task: str
    has_dev: bool


def resolve(controls: Controls, facts: Facts) -> Controls:
    """Return the controls with every "auto" replaced.

    Raises:
      ControlError: early stopping was asked for and there are no dev rows; the loss does not suit the task.
    """
    architecture, optimization, regularization = (
        controls.architecture,
        controls.optimization,
        controls.regularization,
    )
    stopping = regularization.early_stopping
    if isinstance(stopping, EarlyStopping) and not facts.has_dev:
        raise ControlError(
            "regularization.early_stopping: there are no dev rows to judge by; set data.dev_fraction above 0 "
            "or regularization.early_stopping=null"
        )
    rule = "adamw" if optimization.rule == "auto" else optimization.rule
    epochs = _epochs(facts) if optimization.epochs == "auto" else optimization.epochs
    kind = "mlp" if architecture.kind == "auto" else architecture.kind
    if kind == "logistic" and architecture.hidden not in ("auto", ()):
        raise ControlError(
            f"architecture.hidden: found {list(architecture.hidden)} with kind=logistic, which has no hidden layer; "
            "use kind=mlp or leave hidden out"
        )
    hidden = _hidden(facts) if architecture.hidden == "auto" else architecture.hidden
    if stopping == "auto":
        stopping = EarlyStopping(patience=_patience(facts, int(epochs))) if facts.has_dev else None
    loss = LOSS_OF_TASK[facts.task] if controls.loss == "auto" else controls.loss
    _check_loss(loss, facts.task, smoothing=regularization.label_smoothing > 0)
    return controls.replace(
        loss=loss,
        architecture=architecture.replace(kind=kind, hidden=() if kind == "logistic" else hidden),
        optimization=optimization.replace(
            rule=rule,
            learning_rate=_learning_rate(facts, rule)
            if optimization.learning_rate == "auto"
            else optimization.learning_rate,
            schedule=_schedule(optimization.schedule),
            batch_size=_batch_size(facts) if optimization.batch_size == "auto" else optimization.batch_size,
            epochs=epochs,
            precision="float32" if optimization.precision == "auto" else optimization.precision,
        ),
        regularization=regularization.replace(
            weight_decay=_weight_decay(rule)
            if regularization.weight_decay == "auto"
            else regularization.weight_decay,
            dropout=_dropout(facts, kind) if regularization.dropout == "auto" else regularization.dropout,
            early_stopping=stopping,
        ),
    )


def _check_loss(loss: str, task: str, *, smoothing: bool) -> None:
    if loss != "custom":
        tasks = catalog.module("losses", loss).TASKS
        if task not in tasks:
            raise ControlError(
                f"loss: '{loss}' is for {' and '.join(tasks)}, the task is {task}; use loss=auto"
            )
    if smoothing and (task == "regression" or loss == "hinge"):
        raise ControlError(
            f"regularization.label_smoothing: needs the labels of a cross-entropy, found the loss '{loss}'; set it to 0"
        )


def _hidden(facts: Facts) -> tuple[int, ...]:
    return (128, 128) if facts.rows < SMALL else (256, 128)


def _batch_size(facts: Facts) -> int:
    """About fifty steps an epoch, within 16 … 256 rows, a power of two."""
    return int(2 ** min(8, max(4, round(math.log2(max(1, facts.rows / 50))))))


def _epochs(facts: Facts) -> int:
    """Enough for some thousands of steps; noise in labels makes long training of a classifier a waste."""
    steps = -(-facts.rows // _batch_size(facts))
    wanted = 9_000 if facts.task == "regression" else 3_000
    return 150 if facts.rows < SMALL else min(150, max(20, wanted // steps))


def _patience(facts: Facts, epochs: int) -> int:
    """All epochs on a small table, where they cost little and the last, slow ones of the schedule help."""
    return epochs if facts.rows < SMALL else max(10, epochs // 2)


def _learning_rate(facts: Facts, rule: str) -> float:
    if rule in ("sgd", "momentum", "nesterov"):
        return 0.1
    return 3e-3 if facts.task == "regression" and facts.rows >= SMALL else 1e-3


def _schedule(schedule: Schedule | Auto) -> Schedule:
    schedule = Schedule() if schedule == "auto" else schedule
    return schedule.replace(kind="cosine") if schedule.kind == "auto" else schedule


def _weight_decay(rule: str) -> float:
    return 0.1 if rule == "adamw" else 0.0


def _dropout(facts: Facts, kind: str) -> float:
    """More for less data; none where much data makes underfitting the greater risk."""
    if kind == "logistic":
        return 0.0
    if facts.task == "regression":
        return 0.3 if facts.rows < SMALL else 0.0
    return 0.2
