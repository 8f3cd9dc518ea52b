"""Named arrays in a file: safetensors, which executes nothing, checked before anything is allocated."""

import json
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load as load_bytes
from safetensors.numpy import save as save_bytes

from netwright.core import atomic
from netwright.core.errors import RunError

Named = dict[str, np.ndarray]
LARGEST_HEADER = 16 * 2**20


def save(path: Path, tensors: Mapping[str, np.ndarray], metadata: Mapping[str, str] | None = None) -> None:
    """Write arrays and text metadata, atomically."""
    contiguous = {name: np.asarray(array, order="C") for name, array in tensors.items()}
    atomic.write_bytes(path, save_bytes(contiguous, dict(metadata) if metadata else None))


def load(path: Path) -> tuple[Named, dict[str, str]]:
    """Read arrays and metadata.

    Raises:
      RunError: the file is missing, truncated, or not what it claims to be.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise RunError(f"{path}: cannot be read ({error.strerror})") from None
    metadata = _metadata(path, data)
    try:
        return load_bytes(data), metadata
    except (SafetensorError, ValueError, KeyError) as error:
        raise RunError(f"{path}: damaged weights ({error}); restore the file or train again") from None


def check_shapes(
    path: Path, found: Mapping[str, np.ndarray], expected: Mapping[str, tuple[tuple[int, ...], np.dtype]]
) -> None:
    """Refuse arrays whose names, shapes or dtypes are not the expected ones."""
    for name, (shape, dtype) in expected.items():
        if name not in found:
            raise RunError(f"{path}: tensor '{name}' is missing; the file belongs to another model")
        array = found[name]
        if array.shape != shape or array.dtype != dtype:
            raise RunError(
                f"{path}: tensor '{name}' is {array.dtype} {array.shape}, expected {dtype} {shape}; "
                "the file belongs to another model"
            )
    extra = sorted(set(found) - set(expected))
    if extra:
        raise RunError(
            f"{path}: tensor '{extra[0]}' is not part of the model; the file belongs to another one"
        )


def shape_of(array: Any) -> tuple[tuple[int, ...], np.dtype]:
    """Return (shape, dtype) of an array, or of a description of one, as it lies in a file."""
    return tuple(array.shape), np.dtype(array.dtype)


def _metadata(path: Path, data: bytes) -> dict[str, str]:
    if len(data) < 8:
        raise RunError(f"{path}: {len(data)} bytes are no safetensors file; restore the file or train again")
    (length,) = struct.unpack("<Q", data[:8])
    if length > min(LARGEST_HEADER, len(data) - 8):
        raise RunError(
            f"{path}: damaged weights (a header of {length} bytes); restore the file or train again"
        )
    try:
        header = json.loads(data[8 : 8 + length])
    except ValueError:
        raise RunError(
            f"{path}: damaged weights (unreadable header); restore the file or train again"
        ) from None
    metadata = header.get("__metadata__", {}) if isinstance(header, dict) else {}
    return dict(metadata) if isinstance(metadata, dict) else {}
