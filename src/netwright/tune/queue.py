"""The queue of a study: its trials, handed out to workers in blocks, none twice and none lost."""

import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import accumulate
from typing import Any, Literal

from optuna.exceptions import UpdateFinishedTrialError
from optuna.storages import RDBStorage
from optuna.study import Study
from optuna.trial import FrozenTrial, Trial, TrialState

from netwright.tune.presence import Presence
from netwright.tune.storage import alone

STATES = {"complete": TrialState.COMPLETE, "pruned": TrialState.PRUNED, "fail": TrialState.FAIL}
POLL = 0.5
"""Seconds between two looks at whether others have ended or died."""


class Queue:
    """The trials 0, 1, 2, … of a study in blocks of given sizes, each at work at one worker.

    A worker is another process, perhaps on another machine, with a queue of the same blocks on the same storage. What a
    worker that died had at work is handed out again: the same trials, of the same numbers and with the points that they
    have got already. One worker alone gets the blocks in order, each after it has told of the one before; when it is
    stopped and another goes on, that one gets what it would have got.

    Use it as a context: outside of it, this worker counts as dead.

    Args:
      study: of the storage; its trials are all asked here.
      storage: where it is.
      blocks: how many trials each has. More blocks, or a larger last one, make an ended study go on.
    """

    def __init__(self, study: Study, storage: RDBStorage, blocks: Sequence[int]) -> None:
        self._study, self._storage = study, storage
        ends = list(accumulate(blocks))
        self._blocks = [range(end - size, end) for end, size in zip(ends, blocks, strict=True)]
        self._presence = Presence(study)

    def __enter__(self) -> "Queue":
        self._presence.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._presence.__exit__()

    def take(self) -> list[Trial]:
        """Return the trials of a block that wait for a worker; wait while others are at work; [] when all are ended.

        Some may have been at work before: they have params and intermediate values.
        """
        while True:
            with alone(self._storage.engine, self._study.study_name):
                trials = self._study.get_trials(deepcopy=False)
                owners = self._study.user_attrs
                at_work = False
                for place, block in enumerate(self._blocks):
                    there = [trials[number] for number in block if number < len(trials)]
                    waiting = [trial for trial in there if trial.state == TrialState.RUNNING]
                    if len(there) == len(block) and not waiting:
                        continue
                    if (
                        self._presence.lives(owners.get(_key(place)))
                        and owners[_key(place)] != self._presence.name
                    ):
                        at_work = True
                        continue
                    self._study.set_user_attr(_key(place), self._presence.name)
                    return [self._again(trial) for trial in waiting] + [
                        self._study.ask() for _ in range(len(block) - len(there))
                    ]
            if not at_work:
                return []
            time.sleep(POLL)

    def tell(
        self,
        trial: Trial,
        state: Literal["complete", "pruned", "fail"],
        value: float | None,
        attributes: Mapping[str, Any],
    ) -> None:
        """Write what became of a trial; nothing if another worker has, who took this one for dead.

        Args:
          trial: as taken.
          state: how it ended.
          value: of a complete one; one that was pruned has the last that was reported.
          attributes: what else is known of it, by name: anything that JSON can write.
        """
        with suppress(UpdateFinishedTrialError):
            for name, what in attributes.items():
                trial.set_user_attr(name, what)
            values = value if state == "complete" else None
            self._study.tell(trial.number, values, state=STATES[state], skip_if_finished=True)

    def _again(self, trial: FrozenTrial) -> Trial:
        study = self._storage.get_study_id_from_name(self._study.study_name)
        return Trial(self._study, self._storage.get_trial_id_from_study_id_trial_number(study, trial.number))


def _key(block: int) -> str:
    return f"block {block}"
