"""How much training was done: examples × epochs, the unit in which searches are compared."""

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass
class Compute:
    """A count of examples that passed through training, each time anew; a member of a population counts alone."""

    examples: int = 0


_counters: ContextVar[tuple[Compute, ...]] = ContextVar("compute", default=())


@contextmanager
def counted() -> Generator[Compute, None, None]:
    """Count all training within the block, also that of measurements; blocks may lie within each other."""
    counter = Compute()
    token = _counters.set((*_counters.get(), counter))
    try:
        yield counter
    finally:
        _counters.reset(token)


def count(examples: int) -> None:
    """Note that so many examples were trained on."""
    for counter in _counters.get():
        counter.examples += examples
