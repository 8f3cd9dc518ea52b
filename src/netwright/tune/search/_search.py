"""What a search is."""

from collections.abc import Callable
from dataclasses import dataclass

from optuna.samplers import BaseSampler

from netwright.tune.space import Space


@dataclass(frozen=True)
class Bracket:
    """Trials that start together, of which the better ones go on from rung to rung.

    Attributes:
      rungs: (members, epochs) of each: so many members are trained until they have had so many epochs in all. Epochs
        grow from rung to rung, members never do.
    """

    rungs: tuple[tuple[int, int], ...]


def every_trial(space: Space, trials: int) -> int:
    """Return how many trials there are: as many as asked."""
    del space  # has as many points as one likes
    return trials


@dataclass(frozen=True)
class Search:
    """A way to choose the points of a study, of which the value is minimized.

    A point depends on the seed, the trial's number and, if adaptive, on the trials that are finished or at work when it
    is asked: a study that was stopped and a new sampler go on as the old would have.

    Attributes:
      sampler: (space, seed, trials) → the Optuna sampler of a study of so many trials.
      adaptive: whether points depend on other trials.
      count: (space, trials) → how many trials there are if so many are asked.
      brackets: (trials, epochs) → the brackets that share the trials out, in order; None: all are trained to the end.
    """

    sampler: Callable[[Space, int, int], BaseSampler]
    adaptive: bool = False
    count: Callable[[Space, int], int] = every_trial
    brackets: Callable[[int, int], list[Bracket]] | None = None
