"""Rows in blocks: temporaries never grow with the table, and each call has enough rows to be worth making."""

from collections.abc import Iterator

ROWS = 1 << 16


def blocks(count: int) -> Iterator[slice]:
    """Yield slices that cover ``range(count)``."""
    for start in range(0, count, ROWS):
        yield slice(start, min(start + ROWS, count))
