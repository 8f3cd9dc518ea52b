"""Arrays of numbers: what is accepted, and how columns are scaled."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from netwright.core.errors import DataError
from netwright.data.blocks import blocks
from netwright.data.cells import LARGEST, is_number
from netwright.data.places import CellError, shown


def checked_numbers(features: Any, source: str) -> NDArray[Any]:
    """Return features as an array of numbers (m, …) of at least two dimensions; NaN means missing.

    Raises:
      DataError: text, complex or sparse content, one dimension, no columns, an infinite number.
    """
    if hasattr(features, "toarray"):
        raise DataError(f"{source}: found a sparse matrix, expected a dense one: pass X.toarray()")
    values = as_array(features, source)
    if values.dtype.kind in "OUS":
        values = _read_cells(values, source)
    if values.dtype.kind not in "iufb":
        raise DataError(f"{source}: found {values.dtype} values, expected numbers")
    if values.ndim < 2:
        raise DataError(
            f"{source}: found shape {values.shape}, expected rows × columns: reshape with X.reshape(-1, 1)"
        )
    if 0 in values.shape[1:]:
        raise DataError(f"{source}: found shape {values.shape}, expected at least one column")
    if values.dtype.kind == "f":
        for block in blocks(len(values)):
            _check_finite(values[block], block.start, source)
    return values


def as_array(features: Any, source: str) -> NDArray[Any]:
    """Return lists, NumPy or JAX arrays, and frames, as one array.

    Raises:
      DataError: rows of unequal length, or no rows at all.
    """
    try:
        array = features.to_numpy() if hasattr(features, "to_numpy") else np.asarray(features)
    except ValueError:
        raise DataError(f"{source}: rows have unequal lengths, expected rows × columns") from None
    if array.ndim == 0:
        found = type(features).__name__.lower()
        raise DataError(f"{source}: found {found}, expected rows × columns: an array or a table")
    return array


def _check_finite(values: NDArray[Any], first: int, source: str) -> None:
    large = np.abs(values) > LARGEST
    if large.any():
        row, *place = np.argwhere(large)[0].tolist()
        expected = "expected finite numbers of float32, or NaN for missing"
        raise CellError(source, str(values[(row, *place)]), first + row, _place_name(place), expected)


def _read_cells(values: NDArray[Any], source: str) -> NDArray[np.float64]:
    try:
        return values.astype(np.float64)
    except (ValueError, TypeError):
        (row, *place), cell = next(
            (place, cell) for place, cell in np.ndenumerate(values) if not is_number(cell)
        )
        expected = "expected a number as in training"
        raise CellError(source, shown(cell), row, _place_name(place), expected) from None


def _place_name(place: list[int]) -> str:
    return f"column {place[0] + 1}" if len(place) == 1 else f"position {tuple(place)}"


def standardizer(
    values: NDArray[np.float64], normalize: str
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return (center, scale), each (n,), of the columns of ``values`` (m, n), NaN ignored.

    "standard": mean and standard deviation (of the population); "minmax": minimum and range; "none": 0 and 1.
    The scale of a column that does not vary beyond rounding is 1.
    """
    if normalize == "none" or len(values) == 0:
        return np.zeros(values.shape[1]), np.ones(values.shape[1])
    if normalize == "minmax":
        center = np.fmin.reduce(values, axis=0)
        scale = np.fmax.reduce(values, axis=0) - center
    else:
        count = np.maximum(len(values) - np.isnan(values).sum(axis=0), 1)
        center = np.nansum(values, axis=0) / count
        scale = np.sqrt(np.nansum((values - center) ** 2, axis=0) / count)
    center = np.nan_to_num(center)
    varies = scale > 10 * np.finfo(np.float64).eps * np.abs(center)
    return center, np.where(varies, scale, 1.0)


def median(values: NDArray[np.float64]) -> float:
    """Return the median of the known numbers, 0 when there are none."""
    known = values[~np.isnan(values)]
    return float(np.median(known)) if len(known) else 0.0
