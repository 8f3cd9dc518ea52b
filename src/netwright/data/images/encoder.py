"""The encoder of images: one size, and each channel standardized by the training pixels."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netwright.core.controls import DataControls
from netwright.core.errors import DataError
from netwright.core.layout import Layout
from netwright.data.arrays import shared_empty
from netwright.data.encoder import Encoder
from netwright.data.images.given import pixels_of
from netwright.data.images.pixels import Bytes, Pixels
from netwright.data.images.resize import STRETCHED, Fit, resized

LARGEST_CHOSEN = 128
"""Pixels of the longer side, when the size is left to the data."""
SMALL = 28
AT_A_TIME = 1 << 24  # pixels resized before they are encoded


class ImageEncoder(Encoder):
    """x = (pixel − center) / scale, by channel, of images brought to one size: float32 (m, H, W, C)."""

    def __init__(
        self,
        size: tuple[int, int],
        center: NDArray[np.float64],
        scale: NDArray[np.float64],
        fit: Fit = STRETCHED,
    ) -> None:
        self.size, self.channels, self.fit = size, len(center), fit
        self.center, self.scale = center, scale
        self.layout = Layout("image", (*size, self.channels))
        self.feature_names = []
        values = (np.arange(256)[:, None] - center) / scale
        self._table = np.ascontiguousarray(
            values.T.astype(np.float32)
        )  # (C, 256): a pixel's number for each byte

    def opened(self, features: Any, source: str = "data") -> Pixels:
        """See :meth:`Encoder.opened`: images, an array (m, H, W) or (m, H, W, C) of bytes, a file or a folder."""
        shape = getattr(features, "shape", ())
        if self.channels == 3 and len(shape) == 3 and shape[2] == 3:
            raise DataError(
                f"{source}: found one image of shape {tuple(shape)}, expected several, (m, H, W, 3); give image[None]"
            )
        return pixels_of(features, source)

    def transform(
        self, features: Any, *, rows: NDArray[np.int64] | None = None, source: str = "data"
    ) -> NDArray[np.float32]:
        """See :meth:`Encoder.transform`."""
        pixels = self.opened(features, source)
        rows = np.arange(len(pixels)) if rows is None else rows
        out = shared_empty((len(rows), *self.shape))
        for block in _blocks(len(rows), self.n_in):
            images = resized(pixels, rows[block], self.size, self.channels, self.fit)
            for channel in range(self.channels):
                out[block, ..., channel] = self._table[channel][images[..., channel]]
        return out

    def small(self, features: Any, source: str = "data") -> Bytes:
        """Return images (m, h, w, C) of one size, at most 28 pixels a side: enough to compare two sets of them."""
        pixels = self.opened(features, source)
        shrink = min(1.0, SMALL / max(self.size))
        height, width = (max(1, round(side * shrink)) for side in self.size)
        return resized(pixels, np.arange(len(pixels)), (height, width), self.channels, self.fit)

    def to_json(self) -> dict[str, Any]:
        """See :meth:`Encoder.to_json`."""
        return {
            "encoder": "image",
            "size": list(self.size),
            "center": self.center.tolist(),
            "scale": self.scale.tolist(),
            "crop": self.fit.crop,
            "interpolation": self.fit.interpolation,
        }

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> "ImageEncoder":
        """See :meth:`Encoder.from_json`."""
        height, width = fields["size"]
        # Runs of earlier versions stretched every image.
        fit = Fit(fields.get("crop"), fields.get("interpolation", STRETCHED.interpolation))
        return cls((height, width), np.array(fields["center"]), np.array(fields["scale"]), fit)


def fit_images(pixels: Pixels, rows: NDArray[np.int64], controls: DataControls) -> ImageEncoder:
    """Fit the encoder on training rows.

    Standard: mean and standard deviation of all training pixels of a channel; minmax: least value and range. Both
    come from counts of the 256 values, so they are exact however many pixels there are.
    """
    shapes = pixels.shapes[rows]
    size = image_size(shapes, controls)
    channels = int(shapes[:, 2].max())
    counts = np.zeros((channels, 256), np.int64)
    for block in _blocks(len(rows), size[0] * size[1] * channels):
        images = resized(pixels, rows[block], size, channels)
        for channel in range(channels):
            counts[channel] += np.bincount(images[..., channel].ravel(), minlength=256)
    center, scale = _moments(counts, controls.normalize)
    return ImageEncoder(size, center, np.where(scale > 0, scale, 1.0))


def image_size(shapes: NDArray[np.int64], controls: DataControls) -> tuple[int, int]:
    """Return (height, width): as asked, or what most training images have.

    When no size is shared by a half of them, the median height and width. A longer side above 128 becomes 128, the
    other one in proportion.
    """
    asked = controls.image_size
    if asked != "auto":
        return (asked, asked) if isinstance(asked, int) else asked
    sizes, counts = np.unique(shapes[:, :2], axis=0, return_counts=True)
    common = counts.max() * 2 >= len(shapes)
    height, width = sizes[counts.argmax()] if common else np.median(shapes[:, :2], axis=0)
    shrink = min(1.0, LARGEST_CHOSEN / max(height, width))
    return max(1, round(float(height) * shrink)), max(1, round(float(width) * shrink))


def _moments(counts: NDArray[np.int64], normalize: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    values = np.arange(256)
    if normalize == "none":
        return np.zeros(len(counts)), np.ones(len(counts))
    if normalize == "minmax":
        low = (counts > 0).argmax(axis=1).astype(np.float64)
        return low, 255 - (counts[:, ::-1] > 0).argmax(axis=1) - low
    total = counts.sum(axis=1)
    mean = (counts * values).sum(axis=1) / total
    return mean, np.sqrt((counts * (values - mean[:, None]) ** 2).sum(axis=1) / total)


def _blocks(rows: int, numbers: int) -> Iterator[slice]:
    step = max(1, AT_A_TIME // numbers)
    return (slice(start, min(start + step, rows)) for start in range(0, rows, step))
