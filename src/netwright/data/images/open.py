"""From a path that holds images or arrays to a data set."""

from pathlib import Path
from typing import Any

import numpy as np

from netwright.data.dataset import Dataset
from netwright.data.images.array_files import npy_arrays, npz_arrays, npz_features, read_npy
from netwright.data.images.decode import ENDINGS
from netwright.data.images.folder import labelled, read_folder, unlabelled
from netwright.data.images.idx import idx_arrays, is_idx, read_idx


def holds_arrays(path: Path) -> bool:
    """Return whether the path is a folder, or an IDX, NPZ or NPY file: what has its labels, and no columns."""
    return path.is_dir() or path.suffix.lower() in (".npz", ".npy") or (path.is_file() and is_idx(path))


def is_image(path: Path) -> bool:
    """Return whether the path is an image file, by its ending."""
    return path.suffix.lower() in ENDINGS


def open_path(path: Path, *, task: str | None, name: str, skip_corrupt: bool) -> Dataset:
    """Read a folder of images, IDX files, an NPZ archive or an NPY file with its labels.

    Raises:
      DataError: it cannot be read or learned from; the message names the file.
    """
    if _is_folder_of_images(path):
        return read_folder(path, task=task, name=name, skip_corrupt=skip_corrupt)
    return Dataset.from_arrays(**_arrays(path), task=task, name=name)


def labelled_of(path: Path, *, skip_corrupt: bool) -> tuple[Any, Any]:
    """Return features and labels as they are, to judge a run by: one class is enough.

    Raises:
      DataError: it cannot be read; the message names the file.
    """
    if _is_folder_of_images(path):
        images, found, _ = labelled(path, skip_corrupt=skip_corrupt)
        return images, np.array([item.label for item in found])
    arrays = _arrays(path)
    return arrays["X"], arrays["y"]


def features_of(path: Path, *, skip_corrupt: bool) -> Any:
    """Return features without labels: the images of a file or a folder, or the array of a file.

    Raises:
      DataError: it cannot be read; the message names the file.
    """
    if path.suffix.lower() == ".npz":
        return npz_features(path)
    if path.suffix.lower() == ".npy":
        return read_npy(path)
    if path.is_file() and is_idx(path):
        return read_idx(path)
    return unlabelled(path, skip_corrupt=skip_corrupt)


def _is_folder_of_images(path: Path) -> bool:
    return path.is_dir() and not any(is_idx(child) for child in path.iterdir() if child.is_file())


def _arrays(path: Path) -> dict[str, Any]:
    return {".npz": npz_arrays, ".npy": npy_arrays}.get(path.suffix.lower(), idx_arrays)(path)
