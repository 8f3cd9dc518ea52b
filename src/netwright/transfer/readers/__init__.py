"""Readers of weight files that others wrote: named arrays, and nothing that executes.

Each reader is a file with a function of its name, from a path to arrays by name. It takes no size, name or place on
trust: what does not add up is refused with a :class:`~netwright.core.errors.BackboneError`, before memory is taken
for it.
"""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netwright.core import catalog
from netwright.core.errors import BackboneError

SUFFIXES = {
    ".safetensors": "safetensors",
    ".bin": "torch_pickle",
    ".pth": "torch_pickle",
    ".pt": "torch_pickle",
    ".h5": "keras_h5",
}
"""The reader of each ending."""


def read(path: Path) -> dict[str, NDArray[Any]]:
    """Return the arrays of a weight file by name; its ending says which reader reads it.

    Raises:
      BackboneError: the file is missing, damaged or unsafe, or its ending is none of a weight file's.
    """
    if path.suffix not in SUFFIXES:
        raise BackboneError(
            f"{path}: found the ending '{path.suffix}', expected one of {', '.join(SUFFIXES)}"
        )
    reader = catalog.load("transfer.readers", SUFFIXES[path.suffix])
    try:
        return reader(path)
    except OSError as error:
        raise BackboneError(f"{path}: cannot be read ({error.strerror or error})") from None
    except BackboneError as error:
        raise BackboneError(f"{path}: {error}") from None


def widened(name: str, array: NDArray[Any]) -> NDArray[np.float32]:
    """Return an array of a weight file as float32, which holds each number of the narrower types exactly.

    Raises:
      BackboneError: it holds other than float32, float16 or bfloat16, or a number that is not finite.
    """
    if array.dtype.name not in ("float32", "float16", "bfloat16"):
        raise BackboneError(f"tensor '{name}' is {array.dtype}, expected float32, float16 or bfloat16")
    found = np.ascontiguousarray(array, np.float32)
    if not np.isfinite(found).all():
        raise BackboneError(f"tensor '{name}' holds a number that is not finite; the file is damaged")
    return found
