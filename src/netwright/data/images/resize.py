"""Images of many sizes into one."""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from netwright.data.images.pixels import Bytes, Pixels

LUMA = np.array([0.299, 0.587, 0.114])
"""Weights of red, green and blue in gray (ITU-R BT.601)."""

INTERPOLATIONS = {"bilinear": Image.Resampling.BILINEAR, "bicubic": Image.Resampling.BICUBIC}


@dataclass(frozen=True)
class Fit:
    """How an image of another size is brought to the one asked for.

    Attributes:
      crop: None: the image is stretched, so that nothing is cut off. Else the part, up to 1, of the largest window
        of the asked-for proportions in its middle: that window is kept.
      interpolation: "bilinear" or "bicubic"; both average where the image becomes smaller.
    """

    crop: float | None = None
    interpolation: str = "bilinear"


STRETCHED = Fit()


def resized(
    pixels: Pixels, rows: NDArray[np.int64], size: tuple[int, int], channels: int, fit: Fit = STRETCHED
) -> Bytes:
    """Return images (n, H, W, C) of one size.

    Gray gets three equal channels where color is expected, color its luma where gray is.
    """
    whole = pixels.whole
    if whole is not None and whole.shape[1:] == (*size, channels) and fit.crop is None:
        return whole[rows]
    out = np.empty((len(rows), *size, channels), np.uint8)

    def write(place: int) -> None:
        out[place] = one(pixels[int(rows[place])], size, channels, fit)

    with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:
        list(pool.map(write, range(len(rows)), chunksize=64))
    return out


def one(image: Bytes, size: tuple[int, int], channels: int, fit: Fit = STRETCHED) -> Bytes:
    """Return one image (H, W, C) in another size, averaging where it becomes smaller."""
    if image.shape[2] == 3 and channels == 1:
        image = np.rint(image @ LUMA).astype(np.uint8)[:, :, None]
    if image.shape[:2] != size or fit.crop is not None:
        gray = image.shape[2] == 1
        shrunk = Image.fromarray(image[:, :, 0] if gray else image).resize(
            (size[1], size[0]), INTERPOLATIONS[fit.interpolation], box=_window(image.shape, size, fit.crop)
        )
        image = np.asarray(shrunk).reshape(*size, image.shape[2])
    return np.broadcast_to(image, (*size, channels))


def _window(
    shape: tuple[int, ...], size: tuple[int, int], crop: float | None
) -> tuple[float, float, float, float] | None:
    """Return left, top, right and bottom of what is kept."""
    if crop is None:
        return None
    pixels = crop * min(shape[0] / size[0], shape[1] / size[1])  # of the image for one of the result
    height, width = pixels * size[0], pixels * size[1]
    left, top = (shape[1] - width) / 2, (shape[0] - height) / 2
    return left, top, left + width, top + height
