"""Single cells: which are missing, which are numbers, and how large a number may be."""

from typing import Any

import numpy as np

LARGEST = np.finfo(np.float32).max  # networks compute in float32


def is_missing(cell: Any) -> bool:
    """Return whether a cell is None, NaN, NaT or pandas' NA."""
    return cell is None or type(cell).__name__ == "NAType" or (isinstance(cell, float) and cell != cell)


def is_number(cell: Any) -> bool:
    """Return whether a cell is a number, or text that spells one."""
    try:
        float(cell)
    except (ValueError, TypeError):
        return False
    return True
