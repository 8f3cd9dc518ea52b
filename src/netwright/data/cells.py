"""Single cells: which are missing, which are numbers, and how large a number may be."""

from typing import Any

LARGEST = 3.4028234663852886e38  # of float32, in which networks compute


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
