"""The plan of a training program: what is static, and apart from it the numbers that are not.

Changing a number in :data:`Hyper` compiles nothing; changing the :class:`Plan` compiles a new program.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import jax
import jax.numpy as jnp
import numpy as np
import optax

from netwright.core import catalog
from netwright.core.controls import Controls, EarlyStopping, Schedule
from netwright.core.errors import ControlError
from netwright.core.names import listed, nearest
from netwright.models._output import head_of
from netwright.nn.skeleton import Skeleton
from netwright.optim.groups import ParameterGroup, grouped
from netwright.train.block import BLOCK_ROWS
from netwright.train.goals import Goal
from netwright.train.rate import rate_function, schedule_numbers
from netwright.train.trained import EVERYTHING, Trained, rates_of, trained

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
      task: "binary", "multiclass", "regression" or "multitask".
      loss, metric: names of the loss and of the metric that history carries, or the user's own loss function.
      rule: the update rule.
      schedule: name of the schedule; warmup: whether a warm-up precedes it.
      batch_size: rows B of a mini-batch.
      l1, l2, decay, clip_norm, clip_value, smoothing, crop, cutout, mixup: which of these take part.
      flip: "none", "horizontal", "vertical" or "both".
      keep: which weights a run ends with: the best by dev loss, those at the stop, or simply the last.
      probe_every: steps between two probes; 0: none.
      trained: which parameters learn.
      goals: those of several targets, none of one; weighting: how their losses are weighed.
      judge: the place of the target whose dev loss alone decides, or None.
      block: rows that are judged at once.
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
    trained: Trained
    goals: tuple[Goal, ...] = ()
    weighting: str = "fixed"
    judge: int | None = None
    block: int = BLOCK_ROWS


def make_plan(
    controls: Controls,
    skeleton: Skeleton,
    *,
    task: str,
    metric: str,
    rows: int,
    loss: Any = None,
    rule: Any = None,
    goals: tuple[Goal, ...] = (),
    block: int = BLOCK_ROWS,
) -> Plan:
    """Return the plan for resolved controls (no "auto" left), ``rows`` training rows and ``block`` judged at once.

    Raises:
      ControlError: an option of the rule or a parameter of the schedule is unknown, missing or out of range; or
        several targets are to be weighed by the gradients of shared layers, and share none.
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
        trained=trained(controls, skeleton, own_rule=rule is not None),
        goals=goals,
        weighting=optimization.targets.weighting if goals else "fixed",
        judge=_judge_of(stopping, goals),
        block=block,
    )
    _check_weighting(plan)
    # Schedules and rules check plain numbers; traced ones have no value yet.
    numbers = jax.tree.map(float, hyper_of(controls, rows=rows))
    rule_of(plan, numbers)
    return plan


def _judge_of(stopping: Any, goals: tuple[Goal, ...]) -> int | None:
    name = stopping.target if isinstance(stopping, EarlyStopping) else None
    return None if name is None else [goal.name for goal in goals].index(name)


def _check_weighting(plan: Plan) -> None:
    learning = [name for name in plan.skeleton.names if name not in plan.trained.frozen]
    shared = any(head_of(name) is None for name in learning)
    if catalog.load("optim.weightings", plan.weighting).needs_gram and not shared:
        raise ControlError(
            f"optimization.targets.weighting: '{plan.weighting}' weighs gradients of shared layers, there are none; "
            "use a network with hidden layers, or weighting=fixed"
        )


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
        "rates": rates_of(optimization),
        "targets": {"weights": dict(optimization.targets.weights), "alpha": optimization.targets.alpha},
        "unfreeze": {pattern: np.ceil(e * per_epoch) for pattern, e in optimization.unfreeze.items()},
    }
    return _float32(numbers) | {"seed": np.uint32(seed)}


def learning_rate_of(plan: Plan, hyper: Hyper) -> Callable[[Any], jax.Array]:
    """Return the function step → rate; works on traced numbers."""
    warmup_steps = hyper["warmup"] if plan.warmup else None
    return rate_function(plan.schedule, hyper["schedule"], hyper["learning_rate"], warmup_steps)


def groups_of(plan: Plan, hyper: Hyper) -> list[ParameterGroup]:
    """Return the groups of parameters that learn at rates or from steps of their own; none when all are alike."""
    factors, starts = {EVERYTHING: 1.0, **hyper["rates"]}, {EVERYTHING: 0.0, **hyper["unfreeze"]}
    steps = {pattern: jnp.asarray(start).astype(jnp.int32) for pattern, start in starts.items()}
    return [ParameterGroup(names, factors[rate], steps[start]) for rate, start, names in plan.trained.groups]


def rule_of(plan: Plan, hyper: Hyper) -> optax.GradientTransformation:
    """Return the rule that moves the parameters that learn."""
    schedule, groups = learning_rate_of(plan, hyper), groups_of(plan, hyper)
    if not groups:
        return plan.rule.build(schedule, hyper["rule"])
    return grouped(lambda own: plan.rule.build(own, hyper["rule"]), schedule, groups)


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
