"""A worker: takes trials of a study from its storage, trains them and tells what became of them, until none is left."""

import math
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import optuna
from optuna.trial import Trial

from netwright.core import catalog
from netwright.core.controls import Controls
from netwright.core.errors import ControlError
from netwright.data.dataset import Dataset
from netwright.train.run import Run
from netwright.tune.queue import Queue
from netwright.tune.race import Race
from netwright.tune.rounds import in_rounds
from netwright.tune.runner import Runner, nothing
from netwright.tune.search._search import Bracket, Search
from netwright.tune.space import Point, Space
from netwright.tune.storage import open_storage
from netwright.tune.trials import Asked, Outcome, seed_of

Best = tuple[int, Run]
"""A trial's number and its network."""


@dataclass(frozen=True)
class Work:
    """All that a worker needs to know; it can be sent to another process.

    Attributes:
      dataset, controls, space, search, cv, seed: of the study.
      rounds: how many trials each has, from coarse to fine; epochs: of a trial that is trained to its end.
      storage: its URL; study: the name in it; blocks: how many trials a worker takes at once.
      deadline: the time (of ``time.time``) beyond which no block is begun, or None.
    """

    dataset: Dataset
    controls: Controls
    space: Space
    search: str
    rounds: tuple[int, ...]
    epochs: int
    cv: int | None
    seed: int
    storage: str
    study: str
    blocks: tuple[int, ...]
    deadline: float | None = None


def work(work: Work, progress: Callable[[], None] | None = None) -> Best | None:
    """Train until no trial is left or the time is up; return the best network trained here.

    Args:
      work: what to do.
      progress: called after every population.

    Raises:
      RunError: the storage cannot be used.
      Interrupted: Ctrl-C or SIGTERM; the trials under way stay as they are, to be taken again.
    """
    search: Search = catalog.load("tune.search", work.search)
    with open_storage(work.storage) as storage, quiet():
        study = optuna.load_study(
            study_name=work.study,
            storage=storage,
            sampler=in_rounds(search, work.space, work.seed, list(work.rounds)),
        )
        with Queue(study, storage, work.blocks) as queue:
            return _Worker(work, study, queue, progress or nothing).run(search)


class _Worker:
    """A worker at work.

    Attributes:
      taken: the trials of the block under way, by number.
      longest: seconds that a block has taken.
    """

    def __init__(self, work: Work, study: optuna.Study, queue: Queue, progress: Callable[[], None]) -> None:
        self.work, self.study, self.queue, self.progress = work, study, queue, progress
        self.runner = Runner(work.dataset, work.cv, work.seed)
        self.taken: dict[int, Trial] = {}
        self.longest = 0.0

    def run(self, search: Search) -> Best | None:
        while self._time_left(self.longest) and (trials := self.queue.take()):
            begun = time.time()
            self.taken = {trial.number: trial for trial in trials}
            asked = [self._asked(trial.number, self.work.space.suggest(trial)) for trial in trials]
            if search.brackets is None:
                self.runner.train(asked, self._tell, self.progress)
            else:
                self._race(search.brackets(sum(self.work.rounds), self.work.epochs))
            self.longest = max(self.longest, time.time() - begun)
        return self.runner.best

    # ------------------------------------------------------------------------------------------ the parts

    def _race(self, brackets: Sequence[Bracket]) -> None:
        """Race the brackets that the block is of; of a block taken again, some trials may be over."""
        members = [bracket.rungs[0][0] for bracket in brackets]
        ranges = [range(end - size, end) for end, size in zip(accumulate(members), members, strict=True)]
        mine = [
            place for place, numbers in enumerate(ranges) if any(number in self.taken for number in numbers)
        ]
        numbers = {number for place in mine for number in ranges[place]}
        asked = [
            self._asked(trial.number, trial.params, trial.intermediate_values, trial.state.is_finished())
            for trial in self.study.get_trials(deepcopy=False)
            if trial.number in numbers
        ]
        race = Race(self.runner, asked, [brackets[place] for place in mine], self._report, self._tell)
        race.run(self._go_on)
        self.progress()

    def _go_on(self) -> bool:
        self.progress()
        return self._time_left(0.0)

    def _asked(
        self, number: int, point: Point, rungs: Mapping[int, float] | None = None, over: bool = False
    ) -> Asked:
        try:
            controls: Controls | str = self.work.space.controls(self.work.controls, point)
        except ControlError as error:
            controls = str(error)
        return Asked(number, controls, seed_of(self.work.seed, number), dict(rungs or {}), over)

    def _report(self, number: int, epochs: int, value: float) -> None:
        self.taken[number].report(value, epochs)

    def _tell(self, outcome: Outcome) -> None:
        value = outcome.value if outcome.state == "complete" else None
        attributes = outcome.attributes | ({"reason": outcome.reason} if outcome.reason else {})
        self.queue.tell(self.taken[outcome.number], outcome.state, value, _plain(attributes))

    def _time_left(self, needed: float) -> bool:
        deadline = self.work.deadline
        return deadline is None or not self.taken or time.time() + needed <= deadline


@contextmanager
def quiet() -> Generator[None]:
    """Let Optuna tell of nothing but trouble within the block."""
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        yield
    finally:
        optuna.logging.set_verbosity(before)


def _plain(value: Any) -> Any:
    """Return a value as JSON can say it: no number that is not finite."""
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
