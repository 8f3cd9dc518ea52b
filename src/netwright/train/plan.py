"""The plan of a training program: what is static, and apart from it the numbers that are not.

Changing a number in :data:`Hyper` compiles nothing; changing the :class:`Plan` compiles a new program.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import jax
import numpy as np
import optax

from netwright.core import catalog
from netwright.core.controls import Controls, EarlyStopping, Schedule
from netwright.core.errors import ControlError
from netwright.core.names import listed, nearest
from netwright.nn.skeleton import Skeleton
from netwright.train.rate import rate_function, schedule_numbers

Hyper = dict[str, Any]
"""The traced hyperparameters: scalars, and under "rule" and "schedule" dictionaries of scalars."""


@dataclass(frozen=True)
class Rule:
    """An update rule by name with its options of words, or a user's own Optax transformation."""

    name: str
    words: tuple[tuple[str, str], ...] = ()
    custom: optax.GradientTransformation | None = None

    def build(self, learning_rate: Any, options: dict[str, Any]) -> optax.GradientTransformation:
        """Return the Optax transformation for a schedule and traced options."""
        if self.custom is not None:
            return self.custom
        return catalog.load("optim.rules", self.name)(learning_rate, **options, **dict(self.words))


@dataclass(frozen=True)
class Plan:
    """Everything static about a training program; equal plans share one compiled program.

    Attributes:
      skeleton: the model's static part.
      task: "binary", "multiclass" or "regression".
      loss, metric: names of the loss and of the metric that history carries, or the user's own loss function.
      rule: the update rule.
      schedule: name of the schedule; warmup: whether a warm-up precedes it.
      batch_size: rows B of a mini-batch.
      l1, l2, decay, clip_norm, clip_value, smoothing, crop, cutout, mixup: which of these take part.
      flip: "none", "horizontal", "vertical" or "both".
      keep: which weights a run ends with: the best by dev loss, those at the stop, or simply the last.
      probe_every: steps between two probes; 0: none.
    """

    skeleton: Skeleton
    task: str
    loss: Any
    metric: str
    rule: Rule
    schedule: str
    warmup: bool
    batch_size: int
    l1: bool
    l2: bool
    decay: bool
    clip_norm: bool
    clip_value: bool
    smoothing: bool
    flip: str
    crop: bool
    cutout: bool
    mixup: bool
    keep: Literal["best", "stop", "last"]
    probe_every: int


def make_plan(
    controls: Controls,
    skeleton: Skeleton,
    *,
    task: str,
    metric: str,
    rows: int,
    loss: Any = None,
    rule: Any = None,
) -> Plan:
    """Return the plan for resolved controls (no "auto" left) and ``rows`` training rows.

    Raises:
      ControlError: an option of the rule or a parameter of the schedule is unknown, missing or out of range.
    """
    optimization, regularization = controls.optimization, controls.regularization
    stopping = regularization.early_stopping
    keep = "last"
    if isinstance(stopping, EarlyStopping):
        keep = "best" if stopping.restore_best else "stop"
    elif optimization.tolerance is not None:
        keep = "stop"
    batch_size = _batch_size(controls, rows)
    steps = -(-rows // batch_size) * int(optimization.epochs)
    schedule = _schedule_of(controls)
    plan = Plan(
        skeleton=skeleton,
        task=task,
        loss=loss if loss is not None else controls.loss,
        metric=metric,
        rule=_rule_of(controls, rule),
        schedule=schedule.kind,
        warmup=schedule.warmup > 0,
        batch_size=batch_size,
        l1=regularization.l1 > 0,
        l2=regularization.l2 > 0,
        decay=bool(regularization.weight_decay) and not _takes_decay(optimization.rule),
        clip_norm=optimization.clip_norm is not None,
        clip_value=optimization.clip_value is not None,
        smoothing=regularization.label_smoothing > 0,
        flip=regularization.flip,
        crop=int(regularization.crop) > 0,
        cutout=regularization.cutout > 0,
        mixup=regularization.mixup > 0,
        keep=keep,
        probe_every=_probe_every(steps),
    )
    # Schedules and rules check plain numbers; traced ones have no value yet.
    numbers = jax.tree.map(float, hyper_of(controls, rows=rows))
    plan.rule.build(learning_rate_of(plan, numbers), numbers["rule"])
    return plan


def _probe_every(steps: int) -> int:
    """Return the steps between two probes: 50 to 100 in short trainings, some 125 probes of a longer one."""
    return max(50, min(100, steps // 20), steps // 125)


def hyper_of(controls: Controls, *, rows: int, seed: int = 0) -> Hyper:
    """Return the traced numbers of resolved controls; lengths in epochs become steps.

    ``seed`` is that of the augmentation, which only a training needs.
    """
    optimization, regularization = controls.optimization, controls.regularization
    batch_size = _batch_size(controls, rows)
    per_epoch = -(-rows // batch_size)
    schedule = _schedule_of(controls)
    stopping = regularization.early_stopping
    options: dict[str, Any] = {k: v for k, v in optimization.options.items() if not isinstance(v, str)}
    if _takes_decay(optimization.rule):
        options["weight_decay"] = regularization.weight_decay
    numbers: Hyper = {
        "learning_rate": optimization.learning_rate,
        "rule": options,
        "schedule": schedule_numbers(schedule, int(optimization.epochs), per_epoch),
        "warmup": schedule.warmup * per_epoch,
        "l1": regularization.l1,
        "l2": regularization.l2,
        "weight_decay": regularization.weight_decay,
        "clip_norm": optimization.clip_norm or np.inf,
        "clip_value": optimization.clip_value or np.inf,
        "label_smoothing": regularization.label_smoothing,
        "dropout": regularization.dropout,
        "crop": regularization.crop,
        "cutout": regularization.cutout,
        "mixup": regularization.mixup,
        "tolerance": -1.0 if optimization.tolerance is None else optimization.tolerance,
        "min_delta": stopping.min_delta if isinstance(stopping, EarlyStopping) else 0.0,
        "patience": stopping.patience if isinstance(stopping, EarlyStopping) else np.inf,
    }
    return _float32(numbers) | {"seed": np.uint32(seed)}


def learning_rate_of(plan: Plan, hyper: Hyper) -> Callable[[Any], jax.Array]:
    """Return the function step → rate; works on traced numbers."""
    warmup_steps = hyper["warmup"] if plan.warmup else None
    return rate_function(plan.schedule, hyper["schedule"], hyper["learning_rate"], warmup_steps)


def _batch_size(controls: Controls, rows: int) -> int:
    asked = controls.optimization.batch_size
    return rows if asked == "full" else min(int(asked), rows)


def _schedule_of(controls: Controls) -> Schedule:
    schedule = controls.optimization.schedule
    assert isinstance(schedule, Schedule), "resolved controls have no 'auto'"
    return schedule


def _rule_of(controls: Controls, custom: Any) -> Rule:
    optimization = controls.optimization
    if custom is not None:
        return Rule("custom", custom=custom)
    known = [
        name for name in _rule_parameters(optimization.rule) if name not in ("learning_rate", "weight_decay")
    ]
    for name in optimization.options:
        if name not in known:
            raise ControlError(
                f"optimization.options: {optimization.rule} has no '{name}'{nearest(name, known) or ';'} "
                f"Known: {listed(known) or 'none'}."
            )
    return Rule(
        optimization.rule, tuple((k, v) for k, v in optimization.options.items() if isinstance(v, str))
    )


def _rule_parameters(rule: str) -> list[str]:
    return list(inspect.signature(catalog.load("optim.rules", rule)).parameters)


def _takes_decay(rule: str) -> bool:
    return rule != "custom" and "weight_decay" in _rule_parameters(rule)


def _float32(numbers: Any) -> Any:
    if isinstance(numbers, dict):
        return {name: _float32(value) for name, value in numbers.items()}
    return np.float32(numbers)
