"""Who is still there: workers of one study tell by a pulse in its storage."""

import os
import secrets
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

from optuna.study import Study

PULSE = 5.0
"""Seconds between two beats."""
PATIENCE = 60.0
"""Seconds without a beat after which a worker on another machine counts as dead."""
LEFT = -1


class Presence:
    """This worker's pulse, and what is known of the others'.

    A beat is a number that grows, and others watch with their own clocks that it does: clocks need not agree. A worker
    of this machine is dead as soon as its process is.

    Attributes:
      name: of this worker, "host:process:…".
    """

    def __init__(self, study: Study, clock: Callable[[], float] = time.monotonic) -> None:
        self.name = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        self._study, self._clock = study, clock
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True, name="netwright-pulse")
        self._seen: dict[str, tuple[Any, float]] = {}

    def __enter__(self) -> "Presence":
        self._study.set_user_attr(_key(self.name), 0)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        self._study.set_user_attr(_key(self.name), LEFT)

    def lives(self, worker: str | None) -> bool:
        """Return whether a worker of this name may still be at work."""
        if worker is None or worker == self.name:
            return worker is not None
        beat = self._study.user_attrs.get(_key(worker), LEFT)
        host, process, _ = worker.rsplit(":", 2)
        if beat == LEFT or (host == socket.gethostname() and not _exists(int(process))):
            return False
        before, since = self._seen.get(worker, (None, 0.0))
        if beat != before:
            before, since = self._seen[worker] = (beat, self._clock())
        return self._clock() - since < PATIENCE

    def _beat(self) -> None:
        beats = 0
        while not self._over.wait(PULSE):
            beats += 1
            try:
                self._study.set_user_attr(_key(self.name), beats)
            except Exception:
                # A storage that is away for a moment stops no training; one that stays away is told of by the queue.
                continue


def _key(worker: str) -> str:
    return f"worker {worker}"


def _exists(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
