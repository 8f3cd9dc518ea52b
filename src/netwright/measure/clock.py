"""The clock of a diagnosis: what is left of its time, and what a training would take of it."""

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np

from netwright.train.run import Run

OVERHEAD = 1.5
"""A population's first epoch and its forward pass are other programs than the run's: so much longer to compile."""
CROWDING = 1.3
"""A member of a population costs so much more than a model alone, on a CPU; on a GPU far less."""


@dataclass
class Clock:
    """Time to spend.

    Attributes:
      seconds: in all; start: when it began.
      compile: seconds that the run's first epoch took beyond the others: mostly its compilation.
      visit: seconds a row and epoch.
      slowness: how many times longer trainings have taken than foretold, on a machine busier than at the fit.
    """

    seconds: float
    compile: float
    visit: float
    slowness: float = 1.0
    now: Callable[[], float] = time.monotonic
    start: float = field(init=False)

    def __post_init__(self) -> None:
        self.start = self.now()

    @classmethod
    def of(cls, run: Run, seconds: float) -> "Clock":
        """Return a clock that knows from the run's record what training costs."""
        taken = run.history["seconds"].to_numpy()
        later = float(np.median(taken[1:])) if len(taken) > 1 else float(taken[0])
        return cls(seconds, max(1.0, float(taken[0]) - later), later / max(1, run.record["rows"]["train"]))

    @property
    def spent(self) -> float:
        """Seconds since the start."""
        return self.now() - self.start

    @property
    def left(self) -> float:
        """Seconds left; below 0 when overdrawn."""
        return self.seconds - self.spent

    def cost(self, members: int, rows: int, epochs: float) -> float:
        """Return the seconds that a population would take, its compilation included."""
        return self.slowness * (OVERHEAD * self.compile + CROWDING * members * rows * epochs * self.visit)

    def epochs_within(self, seconds: float, members: int, rows: int) -> int:
        """Return how many epochs a population can train in so many seconds."""
        compiled = seconds / self.slowness - OVERHEAD * self.compile
        return int(compiled / (CROWDING * members * rows * self.visit))

    @contextmanager
    def training(self, cost: float) -> Generator[None, None, None]:
        """Watch a training that was foretold to take ``cost`` seconds, and learn from what it took."""
        begun = self.now()
        yield
        self.slowness *= max(1.0, (self.now() - begun) / cost)


def epochs_of(run: Run) -> int:
    """Return the epochs that a training like the run's is expected to take, by the epoch whose weights it kept."""
    epochs = int(run.controls.optimization.epochs)
    best = run.record.get("best_epoch")
    return epochs if best is None else min(epochs, 2 * (best + 1 + patience_of(run)))


def patience_of(run: Run) -> int:
    """Return a patience that suits the run: half as many epochs again as it needed, at least 3."""
    return max(3, (run.record.get("best_epoch") or 0) // 2 + 3)
