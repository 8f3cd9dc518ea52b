"""From a path that holds images or arrays to a data set."""

from pathlib import Path

from netwright.data.dataset import Dataset
from netwright.data.images.array_files import npy_arrays, npz_arrays
from netwright.data.images.folder import read_folder
from netwright.data.images.idx import idx_arrays, is_idx


def holds_arrays(path: Path) -> bool:
    """Return whether the path is one of this file's: a folder, IDX, NPZ or NPY."""
    return path.is_dir() or path.suffix.lower() in (".npz", ".npy") or (path.is_file() and is_idx(path))


def open_path(path: Path, *, task: str | None, name: str, skip_corrupt: bool) -> Dataset:
    """Read a folder of images, IDX files, an NPZ archive or an NPY file with its labels.

    Raises:
      DataError: it cannot be read or learned from; the message names the file.
    """
    if path.is_dir() and not any(is_idx(child) for child in path.iterdir() if child.is_file()):
        return read_folder(path, task=task, name=name, skip_corrupt=skip_corrupt)
    ending = path.suffix.lower()
    arrays = {".npz": npz_arrays, ".npy": npy_arrays}.get(ending, idx_arrays)(path)
    return Dataset.from_arrays(**arrays, task=task, name=name)
