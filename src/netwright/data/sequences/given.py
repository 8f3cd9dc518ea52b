"""What counts as sequences among arrays; nothing is imported that a table or an image does not need."""

from typing import Any

import numpy as np


def is_sequences(X: Any) -> bool:
    """Return whether X is a float array (m, T, C), or a list of arrays of steps; images are no sequences."""
    if hasattr(X, "lengths"):  # they are sequences already, as a data set holds them
        return True
    if not isinstance(X, list | tuple) and getattr(X, "ndim", 0) != 1:
        return getattr(X, "ndim", 0) == 3 and np.dtype(X.dtype).kind == "f"
    if len(X) == 0:
        return False
    first: Any = X[0]
    if np.ndim(first) == 2 if not isinstance(first, list) else _depth(first) == 2:
        return getattr(first, "dtype", None) != np.uint8
    return getattr(first, "ndim", 0) == 1 and len({len(part) for part in X if np.ndim(part) == 1}) > 1


def _depth(cells: Any) -> int:
    return 1 + _depth(cells[0]) if isinstance(cells, list) and cells else 0
