"""Trials: what is asked of a training, and what it tells."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

import jax

from netwright.core.controls import Controls
from netwright.core.keys import key

State = Literal["complete", "pruned", "fail"]


@dataclass(frozen=True)
class Asked:
    """A trial to be trained.

    Attributes:
      number: in its study; controls: to train with, or why they are refused.
      rungs: the values it is known to have had, by epochs; over: whether nothing more becomes of it: in a race that
        was stopped and goes on.
    """

    number: int
    controls: Controls | str
    seed: int
    rungs: dict[int, float] = field(default_factory=dict)
    over: bool = False


@dataclass(frozen=True)
class Outcome:
    """What became of a trial.

    Attributes:
      state: "complete", "pruned" (it left a race at a rung) or "fail".
      value: error of the rows that decide, the mean over folds if there are any; NaN of a failed trial.
      reason: why it failed.
      attributes: seed, epochs, compute (examples × epochs), seconds, dev, train, dev_loss, curve, rung.
    """

    number: int
    state: State
    value: float
    reason: str = ""
    attributes: dict[str, Any] = field(default_factory=dict)


Tell = Callable[[Outcome], None]
"""Hears of a trial as soon as nothing more will become of it."""


def seed_of(seed: int, number: int) -> int:
    """Return the seed of a study's trial, a function of both numbers alone."""
    return int(jax.random.bits(jax.random.fold_in(key(seed, "trial"), number)))
