"""What executors of several workers share."""

import os
from collections.abc import Callable, Generator
from contextlib import contextmanager

import optuna
from optuna.trial import TrialState

from netwright.tune.storage import open_storage
from netwright.tune.worker import Work, quiet

LOOK = 0.5
"""Seconds between two looks at the workers."""
DEATHS = 3
"""How often a worker may be killed before the study is given up: something in it may kill them all."""
ENDED = (TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL)


def cores() -> list[int]:
    """Return the processor cores that this process may use."""
    return (
        sorted(os.sched_getaffinity(0))
        if hasattr(os, "sched_getaffinity")
        else list(range(os.cpu_count() or 1))
    )


def share_of(worker: int, workers: int) -> set[int]:
    """Return a worker's share of the cores: on the same ones they would be in each other's way."""
    all_cores = cores()
    return set(all_cores[worker::workers] or [all_cores[worker % len(all_cores)]])


def keep_to(own: set[int]) -> None:
    """Let this process use only these cores; JAX, not started yet, makes a thread for each."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, own)


@contextmanager
def watched(task: Work, progress: Callable[[], None]) -> Generator[Callable[[], None]]:
    """Yield a function that looks at the study, and calls ``progress`` when more trials have ended."""
    with open_storage(task.storage) as storage, quiet():
        study = optuna.load_study(study_name=task.study, storage=storage)
        ended = 0

        def look() -> None:
            nonlocal ended
            now = len(study.get_trials(deepcopy=False, states=ENDED))
            if now > ended:
                ended = now
                progress()

        yield look
