"""The runner: batches of trials trained as populations, one a structure; all to their end, or raced over rungs."""

from collections.abc import Callable, Sequence

import numpy as np

from netwright.core.controls import Controls
from netwright.core.errors import ControlError, DataError
from netwright.data.dataset import Dataset
from netwright.measure.trial import structure
from netwright.train.population import Population
from netwright.train.pretrained import prepare
from netwright.train.run import Run
from netwright.tune.folds import Folds, folds_of
from netwright.tune.group import Entrant, Group
from netwright.tune.trials import Asked, Outcome, Tell
from netwright.tune.width import width_of


def nothing() -> None:
    """Do nothing: what nobody wants to hear of."""


class Runner:
    """Trains trials and judges them by the dev rows, or by folds of the training rows; test rows are never looked at.

    Attributes:
      best: number and run of the best trial trained here, without folds.
    """

    def __init__(self, dataset: Dataset, cv: int | None, seed: int) -> None:
        self.dataset, self.cv, self.seed = dataset, cv, seed
        self.best: tuple[int, Run] | None = None
        self._best_rank = (np.inf, np.inf, 0)

    def train(self, asked: Sequence[Asked], tell: Tell, progress: Callable[[], None] = nothing) -> None:
        """Train every trial to its end; ``progress`` is called after every structure."""
        for group in self.groups(asked, tell):
            self.advance(group, group.entrants, group.cohort.epochs, width_of(len(group.entrants)))
            for entrant in group.entrants:
                tell(outcome_of(entrant))
            progress()

    def groups(self, asked: Sequence[Asked], tell: Tell) -> list[Group]:
        """Return the trials by structure; those whose controls cannot be trained are told of as failed."""
        by_structure: dict[str, list[Asked]] = {}
        for one in asked:
            if isinstance(one.controls, Controls):
                by_structure.setdefault(structure(one.controls), []).append(one)
            else:
                tell(refused(one, one.controls))
        groups: list[Group] = []
        for several in by_structure.values():
            groups.extend(self._groups(several, tell))
        return groups

    def advance(self, group: Group, entrants: Sequence[Entrant], epochs: int, width: int) -> None:
        """Train those of a group that have not ended to so many epochs, ``width`` trials side by side if they fit."""
        width = min(width, group.most)
        for begun in sorted({each.epochs for each in entrants}):
            waiting = [each for each in entrants if each.epochs == begun and not each.ended]
            for start in range(0, len(waiting), width):
                some = waiting[start : start + width]
                population = group.train(some, epochs, width)
                if population is not None and self.cv is None:
                    self._keep_best(population, some)

    # ------------------------------------------------------------------------------------------ the parts

    def _groups(self, asked: list[Asked], tell: Tell) -> list[Group]:
        try:
            return [self._group(asked)]
        except (ControlError, DataError) as error:
            if len(asked) == 1:
                tell(refused(asked[0], str(error)))
                return []
        # One of them contradicts the data; the others are trained without it.
        fit = [one for one in asked if self._groups([one], tell)]
        return [self._group(fit)] if fit else []

    def _group(self, asked: list[Asked]) -> Group:
        controls = [one.controls for one in asked if isinstance(one.controls, Controls)]
        numbers, seeds = [one.number for one in asked], [one.seed for one in asked]
        return Group(self.dataset, controls, seeds, numbers, self._folds(controls[0]))

    def _folds(self, controls: Controls) -> Folds | None:
        if self.cv is None:
            return None
        return folds_of(prepare(self.dataset, controls), self.cv, self.seed)

    def _keep_best(self, population: Population, entrants: Sequence[Entrant]) -> None:
        ended = [
            (rank_of(each), place) for place, each in enumerate(entrants) if each.ended and not each.reason
        ]
        if ended and min(ended)[0] < self._best_rank:
            self._best_rank, place = min(ended)
            self.best = entrants[place].number, population[place]


def rank_of(entrant: Entrant) -> tuple[float, float, int]:
    """Return what the better of two trials has less of: error, then dev loss, then its number."""
    loss = entrant.attributes["dev_loss"]
    return entrant.value, np.inf if loss is None else loss, entrant.number


def outcome_of(entrant: Entrant) -> Outcome:
    """Return what became of a trial that ended."""
    state = "fail" if entrant.reason else "complete"
    return Outcome(entrant.number, state, entrant.value, entrant.reason, entrant.attributes)


def refused(asked: Asked, reason: str) -> Outcome:
    """Return what became of a trial whose controls cannot be trained."""
    return Outcome(asked.number, "fail", float("nan"), reason, {"seed": asked.seed})
