"""IDX files, the format of MNIST: an array of bytes behind a short head (LeCun, Cortes & Burges, 1998)."""

import gzip
import math
from pathlib import Path
from typing import Any

import numpy as np

from netwright.core.errors import DataError

DTYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
PARTS = {"train": "", "t10k": "_test", "test": "_test", "dev": "_dev", "val": "_dev"}


def is_idx(path: Path) -> bool:
    """Return whether a file's name is that of an IDX file, such as ``train-images-idx3-ubyte.gz``."""
    name = path.name.lower().removesuffix(".gz")
    return name.endswith(("-ubyte", ".idx")) or "-idx" in name or ".idx" in name


def read_idx(path: Path) -> np.ndarray:
    """Return the array of an IDX file, compressed by gzip or not.

    Raises:
      DataError: the file is no IDX file, or its length is not what its head says.
    """
    try:
        with gzip.open(path) if path.suffix == ".gz" else open(path, "rb") as file:
            content = file.read()
    except (OSError, EOFError) as error:
        raise DataError(f"{path}: cannot be read ({error})") from None
    if len(content) < 4 or content[:2] != b"\0\0" or content[2] not in DTYPES:
        raise DataError(f"{path}: is no IDX file (it begins with {content[:4].hex(' ') or 'nothing'})")
    dtype, dimensions = np.dtype(DTYPES[content[2]]), content[3]
    head = 4 + 4 * dimensions
    shape = tuple(np.frombuffer(content[4:head], ">i4").tolist())
    expected = head + math.prod(shape) * dtype.itemsize
    if len(shape) != dimensions or len(content) != expected:
        raise DataError(f"{path}: has {len(content)} bytes, its head says {expected}; fetch it again")
    return (
        np.frombuffer(content, dtype, offset=head).reshape(shape).astype(dtype.newbyteorder("="), copy=False)
    )


def idx_arrays(path: Path) -> dict[str, Any]:
    """Return X and y of a file of images with its labels beside it, or of a folder with parts (train, t10k).

    Raises:
      DataError: labels are missing, or a file is damaged.
    """
    files = [path] if path.is_file() else sorted(child for child in path.iterdir() if is_idx(child))
    images = [file for file in files if "images" in file.name]
    if not images:
        raise DataError(f"{path}: expected a file of images, such as train-images-idx3-ubyte.gz")
    found: dict[str, Any] = {}
    for file in images:
        labels = file.with_name(file.name.replace("images", "labels").replace("idx3", "idx1"))
        if not labels.is_file():
            raise DataError(f"{file}: its labels {labels.name} are not beside it")
        part = "" if path.is_file() else PARTS.get(file.name.partition("-")[0], "")
        if f"X{part}" in found:
            raise DataError(
                f"{path}: {file.name} is a second file of the same part; expected train and t10k files"
            )
        found |= {f"X{part}": read_idx(file), f"y{part}": read_idx(labels)}
    return found
