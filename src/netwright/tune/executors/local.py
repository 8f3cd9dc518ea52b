"""This process alone: the trials of a block are populations, which use the whole machine."""

from collections.abc import Callable

from netwright.core.errors import ControlError
from netwright.tune.worker import Best, Work, work


def local(task: Work, workers: int | None, progress: Callable[[], None]) -> Best | None:
    """Work at a study until nothing is left, and return the best network.

    Raises:
      ControlError: there are to be several workers.
    """
    if workers not in (None, 1):
        raise ControlError(
            f"workers: found {workers}, the executor 'local' is one process; use executor=processes"
        )
    return work(task, progress)
