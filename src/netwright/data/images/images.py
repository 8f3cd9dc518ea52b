"""Features that are images."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from netwright.core.controls import DataControls
from netwright.core.errors import DataError
from netwright.data.blocks import blocks
from netwright.data.images.encoder import ImageEncoder, fit_images, image_size
from netwright.data.images.given import checked_images
from netwright.data.images.pixels import Bytes, Pixels
from netwright.data.images.resize import resized
from netwright.data.places import instead
from netwright.data.schema import Column


class Images:
    """Images.

    Attributes:
      pixels: the images themselves.
      names: of their files, or None when they came as an array.
      about: further columns of the table that named the files; they are no features.
    """

    def __init__(
        self, pixels: Pixels, names: Sequence[str] | None = None, about: pl.DataFrame | None = None
    ) -> None:
        self.pixels, self.names, self.about = pixels, names, about

    @classmethod
    def of_arrays(cls, parts: Mapping[str, Any]) -> "Images":
        """Take arrays of bytes, all of one shape, one after another; ``parts`` says what each is called."""
        arrays = {source: checked_images(X, source) for source, X in parts.items()}
        example = arrays["X"].shape[1:]
        for source, array in arrays.items():
            if array.shape[1:] != example:
                raise DataError(
                    f"{source}: found images of shape {array.shape[1:]}, expected {example} as in X"
                )
        return cls(Pixels.of_array(np.concatenate(list(arrays.values())) if len(arrays) > 1 else arrays["X"]))

    @property
    def content(self) -> "Images":
        """What the encoder transforms."""
        return self

    def __len__(self) -> int:
        return len(self.pixels)

    def take(self, rows: NDArray[np.int64]) -> "Images | Bytes":
        """Return some rows: an array (n, H, W, C) when the images are of one size."""
        if self.pixels.whole is not None:
            return self.pixels.whole[rows]
        return Images(self.pixels.take(rows))

    def alike(self) -> Bytes:
        """Return all images (m, H, W, C) in the size that most of them have, to look at."""
        size = image_size(self.pixels.shapes, DataControls())
        return resized(self.pixels, np.arange(len(self)), size, int(self.pixels.shapes[:, 2].max()))

    def column(self, name: str) -> NDArray[Any]:
        """Return one of the further columns, to split by."""
        known = [] if self.about is None else self.about.columns
        if self.about is None or name not in known:
            raise DataError(f"data.split_column: no column '{name}' beside the images{instead(name, known)}")
        values = self.about[name]
        if values.null_count():
            raise DataError(
                f"data.split_column: '{name}' is missing in {values.null_count()} rows; drop them"
            )
        return values.to_numpy()

    def times(self, name: str) -> NDArray[Any]:
        """Return one of the further columns, to order the rows by."""
        return self.column(name)

    def columns(self) -> tuple[Column, ...]:
        """Return what the images are, and the further columns, which are no features."""
        heights, widths, channels = self.pixels.shapes.T
        colors = {(1, 1): "gray", (3, 3): "color"}.get((channels.min(), channels.max()), "gray and color")
        low, high = f"{heights.min()}×{widths.min()}", f"{heights.max()}×{widths.max()}"
        sizes = low if low == high else f"{low} … {high}"
        others = [] if self.about is None else self.about.columns
        return (
            Column("image", "image", values=f"{sizes} pixels, {colors}"),
            *(Column(name, "text", used=False, note="beside the images") for name in others),
        )

    def digest(self, update: Callable[[Any], None]) -> None:
        """Feed the content to a hash."""
        update(np.ascontiguousarray(self.pixels.shapes).data)
        flat = self.pixels.flat
        for block in blocks(-(-len(flat) // 1024)):
            update(flat[block.start * 1024 : block.stop * 1024].data)

    def fit(
        self, rows: NDArray[np.int64], controls: DataControls, *, embeddings: bool, left_out: str | None
    ) -> ImageEncoder:
        """Fit the encoder on the training rows."""
        del embeddings, left_out  # images have neither levels nor columns
        return fit_images(self.pixels, rows, controls)
