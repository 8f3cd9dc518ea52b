"""The goals of a training on several targets: one for each, with its task, its loss and its metric."""

from dataclasses import dataclass

from netwright.data.target_encoder import TargetEncoder
from netwright.data.targets_encoder import TargetsEncoder

LOSS_OF_TASK = {"binary": "bce", "multiclass": "cce", "regression": "mse"}
METRIC_OF_TASK = {
    "binary": "accuracy",
    "multiclass": "accuracy",
    "regression": "r2",
    "multitask": "loss",  # the goals have metrics of their own
}


@dataclass(frozen=True)
class Goal:
    """One target of several.

    Attributes:
      name: of the target; task: "binary", "multiclass" or "regression".
      loss, metric: names of the task's loss and metric.
      start, stop: the columns of the model's outputs that are its own.
    """

    name: str
    task: str
    loss: str
    metric: str
    start: int
    stop: int


def goals_of(target: TargetEncoder | TargetsEncoder) -> tuple[Goal, ...]:
    """Return the goals of several targets; none of one target, whose goal is the training's."""
    goals: list[Goal] = []
    if isinstance(target, TargetsEncoder):
        start = 0
        for name, part in target.parts.items():
            stop, task = start + part.n_out, part.task
            goals.append(Goal(name, task, LOSS_OF_TASK[task], METRIC_OF_TASK[task], start, stop))
            start = stop
    return tuple(goals)
