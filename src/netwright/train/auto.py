"""Controls chosen for the data: every ``"auto"`` becomes a value, by rules small enough to read."""

import math
from dataclasses import dataclass

from netwright.core import catalog
from netwright.core.controls import Controls, EarlyStopping, Schedule
from netwright.core.errors import ControlError

LOSS_OF_TASK = {"binary": "bce", "multiclass": "cce", "regression": "mse"}
METRIC_OF_TASK = {"binary": "accuracy", "multiclass": "accuracy", "regression": "r2"}


@dataclass(frozen=True)
class Facts:
    """What the rules look at: training rows, input columns, the task, and whether there are dev rows."""

    rows: int
    columns: int
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
    shallow = kind == "logistic"
    hidden = _hidden(facts) if architecture.hidden == "auto" else architecture.hidden
    if stopping == "auto":
        stopping = EarlyStopping(patience=max(10, int(epochs) // 4)) if facts.has_dev else None
    loss = LOSS_OF_TASK[facts.task] if controls.loss == "auto" else controls.loss
    _check_loss(loss, facts.task, smoothing=regularization.label_smoothing > 0)
    return controls.replace(
        loss=loss,
        architecture=architecture.replace(kind=kind, hidden=() if shallow else hidden),
        optimization=optimization.replace(
            rule=rule,
            learning_rate=_learning_rate(rule)
            if optimization.learning_rate == "auto"
            else optimization.learning_rate,
            schedule=Schedule(kind="cosine") if optimization.schedule == "auto" else optimization.schedule,
            batch_size=_batch_size(facts) if optimization.batch_size == "auto" else optimization.batch_size,
            epochs=epochs,
            precision="float32" if optimization.precision == "auto" else optimization.precision,
        ),
        regularization=regularization.replace(
            weight_decay=_weight_decay(rule)
            if regularization.weight_decay == "auto"
            else regularization.weight_decay,
            dropout=_dropout(shallow) if regularization.dropout == "auto" else regularization.dropout,
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
    return (128, 64) if facts.rows < 10_000 else (256, 128)


def _batch_size(facts: Facts) -> int:
    """About fifty steps an epoch, within 16 … 256 rows, a power of two."""
    return int(2 ** min(8, max(4, round(math.log2(max(1, facts.rows / 50))))))


def _epochs(facts: Facts) -> int:
    """Enough for some thousands of steps on a small table, fewer passes over a large one."""
    steps = -(-facts.rows // _batch_size(facts))
    return min(200, max(12, 10_000 // steps))


def _learning_rate(rule: str) -> float:
    return {"sgd": 0.1, "momentum": 0.1, "nesterov": 0.1}.get(rule, 1e-3)


def _weight_decay(rule: str) -> float:
    return 0.01 if rule == "adamw" else 0.0


def _dropout(shallow: bool) -> float:
    return 0.0 if shallow else 0.1
