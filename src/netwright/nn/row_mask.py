"""Which rows of the batch are real: layers that mix rows must leave padding out.

The last mini-batch of an epoch is padded to the common size, and members of a population may leave rows out.
The trainer opens :func:`row_mask` around the forward pass; a layer that mixes rows asks :func:`current_row_mask`.
The mask lives only while the program is traced, so a model keeps the plain signature ``model(batch)``.
"""

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar

import jax

_mask: ContextVar[jax.Array | None] = ContextVar("row_mask", default=None)


@contextmanager
def row_mask(mask: jax.Array | None) -> Generator[None]:
    """Within the block, rows where ``mask`` (m,) is False are padding."""
    token = _mask.set(mask)
    try:
        yield
    finally:
        _mask.reset(token)


def current_row_mask(ndim: int) -> jax.Array | None:
    """Return the mask shaped (m, 1, …) to broadcast over an array of ``ndim`` axes, or None: every row is real."""
    mask = _mask.get()
    return None if mask is None else mask.reshape(mask.shape + (1,) * (ndim - 1))
