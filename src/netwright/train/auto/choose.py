"""``resolve``: the controls that a user left to the data."""

from typing import Any, TypeVar

from netwright.core import catalog
from netwright.core.controls import Auto, Controls, EarlyStopping, Group, Schedule
from netwright.core.errors import ControlError
from netwright.train.augment import check_augmentation
from netwright.train.auto.facts import Facts
from netwright.train.auto.image import Image
from netwright.train.auto.pretrained import Features, Finetune
from netwright.train.auto.sequence import Sequence
from netwright.train.auto.several import Several
from netwright.train.auto.table import Table
from netwright.train.auto.targets import shared_out
from netwright.train.auto.text import Text
from netwright.train.goals import LOSS_OF_TASK

G = TypeVar("G", bound=Group)

RULES: dict[str, type[Table]] = {"image": Image, "sequence": Sequence, "several": Several, "text": Text}
"""The rules of each kind of layout; a kind that is not here follows those of a table."""


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
    if isinstance(stopping, EarlyStopping) and not facts.dev_rows:
        raise ControlError(
            "regularization.early_stopping: there are no dev rows to judge by; set data.dev_fraction above 0 "
            "or regularization.early_stopping=null"
        )
    rules_of_kind = RULES.get(facts.layout.kind, Table)
    if architecture.backbone is not None:
        rules_of_kind = Finetune if architecture.transfer == "finetune" else Features
    kind = rules_of_kind.default_kind(facts) if architecture.kind == "auto" else architecture.kind
    if kind == "logistic" and architecture.hidden not in ("auto", ()):
        raise ControlError(
            f"architecture.hidden: found {list(architecture.hidden)} with kind=logistic, which has no hidden layer; "
            "use kind=mlp or leave hidden out"
        )
    rules = rules_of_kind(facts, kind, "adamw" if optimization.rule == "auto" else optimization.rule)
    hidden = rules.hidden() if architecture.hidden == "auto" else architecture.hidden
    epochs = rules.epochs() if optimization.epochs == "auto" else optimization.epochs
    if stopping == "auto":
        stopping = rules.stopping(epochs)
    loss = LOSS_OF_TASK[facts.task] if controls.loss == "auto" and not facts.targets else controls.loss
    targets = shared_out(controls, facts.targets)
    if not facts.targets:
        _check_loss(loss, facts.task, smoothing=regularization.label_smoothing > 0)
    chosen = _chosen(regularization, rules, "weight_decay", "dropout", "crop")
    check_augmentation(chosen, facts.layout)
    return controls.replace(
        loss=loss,
        architecture=_chosen(architecture, rules, "batch_norm", "blocks", "head", "bidirectional").replace(
            kind=kind, hidden=() if kind == "logistic" else hidden
        ),
        optimization=_chosen(optimization, rules, "learning_rate", "batch_size", "precision").replace(
            rule=rules.rule,
            epochs=epochs,
            schedule=_schedule(optimization.schedule, rules.warmup(epochs)),
            rates=rules.rates(architecture) if optimization.rates == "auto" else optimization.rates,
            targets=targets,
        ),
        regularization=chosen.replace(early_stopping=stopping),
    )


def _chosen(group: G, rules: Table, *names: str) -> G:
    """Return the group with each of these fields that says "auto" as the rule of its name says."""
    wanted: dict[str, Any] = {
        name: getattr(rules, name)() for name in names if getattr(group, name) == "auto"
    }
    return group.replace(**wanted)


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


def _schedule(schedule: Schedule | Auto, warmup: float) -> Schedule:
    schedule = Schedule(warmup=warmup) if schedule == "auto" else schedule
    return schedule.replace(kind="cosine") if schedule.kind == "auto" else schedule
