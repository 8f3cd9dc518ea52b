"""The plan of a study: what was asked for, checked against the data before anything is trained."""

from dataclasses import dataclass
from typing import Any

from netwright.core import catalog
from netwright.core.controls import Controls
from netwright.core.errors import ControlError, DataError
from netwright.core.keys import checked_seed
from netwright.data.dataset import Dataset
from netwright.data.prepared import Prepared
from netwright.measure.rows import metric_of
from netwright.train.auto import resolve
from netwright.train.job import facts_of
from netwright.train.pretrained import prepare
from netwright.tune.folds import folds_of
from netwright.tune.rounds import rounds_of
from netwright.tune.search._search import Search
from netwright.tune.space import Space
from netwright.tune.width import MOST

BATCH = 16
"""Trials that are asked for at once where later ones learn from them, or where several workers share them."""
EPOCHS = "optimization.epochs"


@dataclass(frozen=True)
class Plan:
    """A study to be made.

    Attributes:
      controls: that all trials have in common; in a race their epochs are settled.
      rounds: how many trials each has, from coarse to fine.
      epochs: of a trial that is trained to its end.
      prepared: the data under these controls, kept so that it is not prepared again for every batch.
    """

    dataset: Dataset
    space: Space
    search: str
    rounds: tuple[int, ...]
    cv: int | None
    controls: Controls
    seed: int
    epochs: int
    prepared: Prepared

    @property
    def trials(self) -> int:
        """How many there will be."""
        return sum(self.rounds)

    @property
    def metric(self) -> Any:
        """ "error" or "mse"."""
        return metric_of(self.dataset.task)

    @property
    def races(self) -> bool:
        """Whether trials leave at rungs."""
        return self._search.brackets is not None

    def blocks(self, *, alone: bool) -> tuple[int, ...]:
        """Return how many trials a worker takes at once: a batch, a bracket, or all that can go side by side."""
        if self._search.brackets is not None:
            brackets = self._search.brackets(self.trials, self.epochs)
            return (self.trials,) if alone else tuple(bracket.rungs[0][0] for bracket in brackets)
        size = MOST if alone and not self._search.adaptive else BATCH
        return tuple(min(size, trials - begin) for trials in self.rounds for begin in range(0, trials, size))

    def asked(self) -> dict[str, Any]:
        """Return by name what must be equal for a study to go on."""
        return {
            "data": self.dataset.fingerprint,
            "controls": self.controls.model_dump_json(),
            "space": self.space.to_json(),
            "search": self.search,
            "seed": self.seed,
            "cv": self.cv,
            "metric": self.metric,
            "refine": len(self.rounds) - 1,
        } | ({"trials": self.trials} if self.races or self.search == "grid" or len(self.rounds) > 1 else {})

    @property
    def _search(self) -> Search:
        return catalog.load("tune.search", self.search)


def plan_of(
    dataset: Dataset,
    space: Space | None,
    search: str,
    *,
    trials: int,
    cv: int | None,
    controls: Controls | None,
    seed: int,
    refine: int = 0,
) -> Plan:
    """Return the plan of a study.

    Raises:
      ControlError: the search is unknown, a number out of range, or the space contradicts the controls or the search.
      DataError: there are no rows to decide.
    """
    catalog.check("tune.search", search, "search")
    if trials < 1:
        raise ControlError(f"trials: found {trials}, expected at least 1")
    controls = controls or Controls()
    prepared = prepare(dataset, controls)
    if cv is None:
        _check_dev(prepared)
    else:
        folds_of(prepared, cv, seed)
    wanted: Space = Space.default(dataset, controls) if space is None else space
    epochs = int(resolve(controls, facts_of(prepared)).optimization.epochs)
    found: Search = catalog.load("tune.search", search)
    if found.brackets is not None:
        if EPOCHS in wanted.dimensions:
            raise ControlError(
                f"space: '{EPOCHS}' is what {search} spends on trials; set it, or choose another search"
            )
        controls = controls.replace(optimization=controls.optimization.replace(epochs=epochs))
    rounds = tuple(rounds_of(found, wanted, trials, refine))
    return Plan(dataset, wanted, search, rounds, cv, controls, checked_seed(seed), epochs, prepared)


def _check_dev(prepared: Prepared) -> None:
    if prepared.dev is None:
        raise DataError(
            f"{prepared.source}: there are no dev rows to decide; set data.dev_fraction above 0, or ask for folds (cv)"
        )
