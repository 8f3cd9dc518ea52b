"""How many rows one forward pass takes at once, where nothing else limits them."""

import math

BLOCK_ROWS = 8192
LEAST_BLOCK = 64
"""A few rows are padded to this many: matrix products of one row round otherwise than those of many."""
NUMBERS = 2**22
"""Numbers of a block of images or sequences: their maps are some tens of times as large."""


def block_rows(shape: tuple[int, ...]) -> int:
    """Return the rows of a block of examples of this shape: 8192, or for images and sequences fewer.

    A power of two from 64 on: 4096 of 28 × 28 pixels, 1024 of 32 × 32 in color.
    """
    if len(shape) < 2:
        return BLOCK_ROWS
    fitting = max(1, NUMBERS // math.prod(shape))
    return min(BLOCK_ROWS, max(LEAST_BLOCK, 1 << (fitting.bit_length() - 1)))
