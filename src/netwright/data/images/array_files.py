"""Arrays in NumPy's own files: ``.npz``, and ``.npy`` with the labels beside it."""

import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from netwright.core.errors import DataError
from netwright.core.names import listed

FEATURES = ("X", "x", "images", "data", "arr_0")
LABELS = ("y", "Y", "labels", "label", "target", "targets", "arr_1")
PARTS = {"": ("", "_train"), "_dev": ("_dev", "_val"), "_test": ("_test",)}
BESIDE = {"X": "y", "x": "y", "images": "labels", "data": "labels"}


def npz_arrays(path: Path) -> dict[str, Any]:
    """Return X and y, and X_dev, y_dev, X_test, y_test where the file has them.

    Features are named X, x, images or data; labels y, labels or target; parts by ``_train``, ``_dev`` or ``_val``,
    and ``_test`` behind, as in ``x_train``.

    Raises:
      DataError: no archive, arrays of Python objects, or no features or labels under these names.
    """
    arrays = _archive(path)
    found: dict[str, Any] = {}
    for part, endings in PARTS.items():
        for kind, names in (("X", FEATURES), ("y", LABELS)):
            present = [name + ending for ending in endings for name in names if name + ending in arrays]
            if present:
                found[f"{kind}{part}"] = arrays[present[0]]
    for name in ("X", "y"):
        if name not in found:
            known = listed(FEATURES if name == "X" else LABELS)
            raise DataError(
                f"{path}: found the arrays {listed(arrays)}, expected one of {known} for {name} (or with _train)"
            )
    return found


def npz_features(path: Path) -> np.ndarray:
    """Return the array X of a file that needs no labels; of a single array, whatever its name.

    Raises:
      DataError: no archive, or several arrays and none of them named so.
    """
    arrays = _archive(path)
    names = list(arrays) if len(arrays) == 1 else [name for name in FEATURES if name in arrays]
    if not names:
        raise DataError(f"{path}: found the arrays {listed(arrays)}, expected one of {listed(FEATURES)}")
    return arrays[names[0]]


def _archive(path: Path) -> dict[str, np.ndarray]:
    try:
        with np.load(path, allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, AttributeError) as error:
        raise DataError(f"{path}: is not a NumPy archive of plain arrays: {str(error)[:120]}") from None


def npy_arrays(path: Path) -> dict[str, Any]:
    """Return X of the file and y of the one beside it: ``X.npy`` and ``y.npy``, ``images.npy`` and ``labels.npy``.

    Raises:
      DataError: the labels are not there, or a file is damaged.
    """
    for features, labels in BESIDE.items():
        if features in path.stem:
            beside = path.with_name(path.name.replace(features, labels, 1))
            if beside.is_file():
                return {"X": read_npy(path), "y": read_npy(beside)}
            raise DataError(f"{path}: its labels {beside.name} are not beside it")
    raise DataError(
        f"{path}: which file has its labels? Name them {listed(f'{a}.npy, {b}.npy' for a, b in BESIDE.items())}"
    )


def read_npy(path: Path) -> np.ndarray:
    """Return the array of a ``.npy`` file; nothing in it is executed.

    Raises:
      DataError: the file is damaged, or holds Python objects.
    """
    try:
        return np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise DataError(f"{path}: is not a NumPy array of plain numbers: {str(error)[:120]}") from None
