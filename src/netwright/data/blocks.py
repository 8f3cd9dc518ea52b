"""Rows in blocks: temporaries stay in the cache and never grow with the table."""

from collections.abc import Iterator

ROWS = 1 << 14


def blocks(count: int) -> Iterator[slice]:
    """Yield slices that cover ``range(count)``."""
    for start in range(0, count, ROWS):
        yield slice(start, min(start + ROWS, count))
