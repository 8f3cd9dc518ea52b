"""How many steps to dispatch at once: enough to hide the host, few enough to hear Ctrl-C."""

from collections.abc import Callable

TARGET_SECONDS = 0.25
GROWTH = 8


class Pace:
    """Sizes chunks so that one takes about a quarter of a second. The numbers trained do not depend on it."""

    def __init__(self, limit: int, clock: Callable[[], float]) -> None:
        self.steps = min(32, limit)
        self.limit = limit
        self.clock = clock
        self._started = clock()

    def start(self) -> None:
        """Note the beginning of a chunk."""
        self._started = self.clock()

    def finish(self, steps: int) -> None:
        """Note that a chunk of ``steps`` steps is done, and adapt."""
        seconds = max(self.clock() - self._started, 1e-6)
        ideal = int(steps * TARGET_SECONDS / seconds)
        self.steps = max(1, min(ideal, self.steps * GROWTH, self.limit))
