"""How many rows one forward pass takes at once, where nothing else limits them."""

from netwright.core.layout import Layout

BLOCK_ROWS = 8192
LEAST_BLOCK = 64
"""A few rows are padded to this many: matrix products of one row round otherwise than those of many."""
NUMBERS = 2**22
"""Numbers of a block of images or sequences: their maps are some tens of times as large."""
WIDTH = 256
"""Numbers that a token of a text counts for: a network makes a vector of each."""


def block_rows(layout: Layout) -> int:
    """Return the rows of a block of examples of this layout: 8192 of a table, fewer of what has larger maps.

    A power of two from 64 on: 4096 images of 28 × 28 pixels, 1024 of 32 × 32 in color, 256 texts of 50 tokens.
    """
    if not _has_maps(layout):
        return BLOCK_ROWS
    fitting = max(1, NUMBERS // _numbers(layout))
    return min(BLOCK_ROWS, max(LEAST_BLOCK, 1 << (fitting.bit_length() - 1)))


def _has_maps(layout: Layout) -> bool:
    return layout.kind == "text" or len(layout.shape) > 1 or any(map(_has_maps, layout.parts))


def _numbers(layout: Layout) -> int:
    if layout.kind == "several":
        return sum(map(_numbers, layout.parts))
    return layout.size * (WIDTH if layout.kind == "text" else 1)
