"""Images of many sizes into one."""

import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from netwright.data.images.pixels import Bytes, Pixels

LUMA = np.array([0.299, 0.587, 0.114])
"""Weights of red, green and blue in gray (ITU-R BT.601)."""


def resized(pixels: Pixels, rows: NDArray[np.int64], size: tuple[int, int], channels: int) -> Bytes:
    """Return images (n, H, W, C) of one size; each is stretched to it, so that nothing is cut off.

    Gray gets three equal channels where color is expected, color its luma where gray is.
    """
    whole = pixels.whole
    if whole is not None and whole.shape[1:] == (*size, channels):
        return whole[rows]
    out = np.empty((len(rows), *size, channels), np.uint8)

    def write(place: int) -> None:
        out[place] = one(pixels[int(rows[place])], size, channels)

    with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:
        list(pool.map(write, range(len(rows)), chunksize=64))
    return out


def one(image: Bytes, size: tuple[int, int], channels: int) -> Bytes:
    """Return one image (H, W, C) in another size, averaging where it becomes smaller."""
    if image.shape[2] == 3 and channels == 1:
        image = np.rint(image @ LUMA).astype(np.uint8)[:, :, None]
    if image.shape[:2] != size:
        gray = image.shape[2] == 1
        shrunk = Image.fromarray(image[:, :, 0] if gray else image).resize(
            (size[1], size[0]), Image.Resampling.BILINEAR
        )
        image = np.asarray(shrunk).reshape(*size, image.shape[2])
    return np.broadcast_to(image, (*size, channels))
