"""Several processes of this machine on one storage; others, of other machines, may work at it at the same time."""

import os
import pickle
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from netwright.core.errors import ControlError, RunError
from netwright.tune.executors._workers import DEATHS, LOOK, cores, watched
from netwright.tune.worker import Work

TASK = "task"


def processes(task: Work, workers: int | None, progress: Callable[[], None]) -> None:
    """Work at a study until nothing is left.

    Each worker is a process with its share of the cores. One that is killed is replaced, and its trials are taken
    again; when this process ends, however it does, all of them do.

    Args:
      task: what to do.
      workers: how many; by default one a core, and never more than there are blocks.
      progress: called when trials have ended.

    Raises:
      ControlError: the number of workers is below 1.
      RunError: a worker failed, or workers were killed again and again.
    """
    if workers is not None and workers < 1:
        raise ControlError(f"workers: found {workers}, expected at least 1")
    count = min(workers or len(cores()), len(task.blocks))
    with tempfile.TemporaryDirectory(prefix="netwright-") as folder, watched(task, progress) as look:
        (Path(folder) / TASK).write_bytes(pickle.dumps(task))
        running = [_Worker(Path(folder), place, count) for place in range(count)]
        deaths = 0
        try:
            while running:
                time.sleep(LOOK)
                look()
                for worker in list(running):
                    if worker.ended:
                        worker.stop()
                        running.remove(worker)
                    elif worker.killed:
                        worker.stop()
                        deaths += 1
                        if deaths > DEATHS:
                            raise RunError(
                                f"workers were killed {deaths} times, the last by {worker.killed} (out of memory?); "
                                "its trials are taken again when you go on; use fewer workers"
                            )
                        running[running.index(worker)] = _Worker(Path(folder), worker.place, count)
        finally:
            for worker in running:
                worker.stop()


class _Worker:
    """A process at work.

    Attributes:
      place: which share of the cores it has.
    """

    def __init__(self, folder: Path, place: int, count: int) -> None:
        self.place = place
        self._said = folder / f"said-{place}"
        command = [sys.executable, "-P", "-m", "netwright.tune.executors._process"]
        with open(self._said, "w") as said:
            self._process = subprocess.Popen(
                [*command, str(folder / TASK), str(place), str(count)],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=said,
                env=os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
                start_new_session=True,  # Ctrl-C is for this process, which stops them
            )

    @property
    def ended(self) -> bool:
        """Whether it has done all it can.

        Raises:
          RunError: it failed, as it says.
        """
        code = self._process.poll()
        if code is not None and code > 0:
            lines = self._said.read_text().strip().splitlines()
            raise RunError(lines[-1] if lines else f"a worker ended with exit code {code}")
        return code == 0

    @property
    def killed(self) -> str:
        """The name of the signal that killed it, or ""."""
        code = self._process.poll()
        return signal.Signals(-code).name if code is not None and code < 0 else ""

    def stop(self) -> None:
        """End it, if it has not ended; what it had at work stays in the storage."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()
