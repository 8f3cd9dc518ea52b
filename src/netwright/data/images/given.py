"""Pixels of whatever a user gives: an array, a file, a folder."""

from pathlib import Path
from typing import Any

import numpy as np

from netwright.core.errors import DataError
from netwright.data.images.pixels import Bytes, Pixels


def pixels_of(features: Any, source: str) -> Pixels:
    """Return the pixels of images, of an array, or of an image file or a folder of them.

    Raises:
      DataError: the array is of another shape or holds other numbers than bytes; a file cannot be read.
    """
    if isinstance(features, str | Path):
        from netwright.data.images.folder import unlabelled  # Pillow is needed for files only

        return unlabelled(Path(features)).pixels
    pixels = getattr(features, "pixels", features)
    return pixels if isinstance(pixels, Pixels) else Pixels.of_array(checked_images(features, source))


def is_images(array: Any) -> bool:
    """Return whether an array is one of images: bytes (m, H, W) or (m, H, W, C)."""
    return getattr(array, "dtype", None) == np.uint8 and array.ndim in (3, 4)


def checked_images(features: Any, source: str) -> Bytes:
    """Return images (m, H, W, C) of bytes (m, H, W), or (m, H, W, C) with 1 channel (gray) or 3 (red, green, blue).

    Raises:
      DataError: the array has another shape, or holds other numbers.
    """
    array = np.asarray(features)
    if not is_images(array):
        raise DataError(
            f"{source}: found {array.dtype} of shape {array.shape}, expected images as in training: "
            "uint8 (rows, height, width) or (rows, height, width, channels)"
        )
    array = array[..., None] if array.ndim == 3 else array
    if array.shape[3] not in (1, 3):
        mend = "; the channels come last: X.transpose(0, 2, 3, 1)" if array.shape[1] in (1, 3) else ""
        raise DataError(f"{source}: found images of {array.shape[3]} channels, expected 1 or 3{mend}")
    if 0 in array.shape[1:]:
        raise DataError(f"{source}: found images of shape {array.shape[1:]}, expected at least one pixel")
    return array
