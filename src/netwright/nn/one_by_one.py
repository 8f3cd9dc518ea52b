"""Whether layers may compute several operations as one."""

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar

_asked: ContextVar[bool] = ContextVar("one_by_one", default=False)


@contextmanager
def one_by_one() -> Generator[None]:
    """Within the block, every layer computes what it is written as, for those who look at what comes between."""
    token = _asked.set(True)
    try:
        yield
    finally:
        _asked.reset(token)


def asked_one_by_one() -> bool:
    """Tell whether such a block is open."""
    return _asked.get()
