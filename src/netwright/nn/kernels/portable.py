"""Plain forms of the kernels, for programs that another runtime is to read.

The formulations that are fastest here (foreign functions, halved batches, Winograd's tiles) say little elsewhere: a
model that is exported is traced within :func:`portable_kernels`, where a convolution is one convolution.
"""

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar

_portable: ContextVar[bool] = ContextVar("portable", default=False)


@contextmanager
def portable_kernels() -> Generator[None]:
    """Within the block, what is traced is made of plain operations only."""
    token = _portable.set(True)
    try:
        yield
    finally:
        _portable.reset(token)


def portable() -> bool:
    """Tell whether plain operations are asked for."""
    return _portable.get()
