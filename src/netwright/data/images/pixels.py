"""Pixels: many uint8 images, of one size or of many, in one flat buffer that may lie in a file."""

import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from netwright.core.memory import host_memory

Bytes = NDArray[np.uint8]


@dataclass(frozen=True)
class Pixels:
    """Images one after another.

    Attributes:
      flat: uint8, the pixels of all images, each (H, W, C) raveled.
      shapes: int64 (m, 3), height, width and channels of each image; channels are 1 (gray) or 3 (RGB).
    """

    flat: Bytes
    shapes: NDArray[np.int64]

    @classmethod
    def of_array(cls, images: Bytes) -> "Pixels":
        """Take an array (m, H, W, C) as it is, without a copy."""
        shapes = np.broadcast_to(np.array(images.shape[1:], np.int64), (len(images), 3))
        return cls(np.ascontiguousarray(images).reshape(-1), shapes)

    @classmethod
    def of_images(cls, images: Iterable[Bytes]) -> "Pixels":
        """Collect images (H, W, C) one by one: in memory up to an eighth of it, else in an unnamed file."""
        shapes: list[tuple[int, ...]] = []

        def flat() -> Iterator[Bytes]:
            for image in images:
                shapes.append(image.shape)
                yield np.ascontiguousarray(image).reshape(-1)

        joined = _joined(flat(), host_memory() // 8)
        return cls(joined, np.array(shapes, np.int64).reshape(-1, 3))

    def __len__(self) -> int:
        return len(self.shapes)

    def __getitem__(self, row: int) -> Bytes:
        """Return one image (H, W, C)."""
        start = self._starts[row]
        shape = self.shapes[row]
        return self.flat[start : start + shape.prod()].reshape(shape)

    @cached_property
    def _starts(self) -> NDArray[np.int64]:
        sizes = self.shapes.prod(axis=1)
        return np.cumsum(sizes) - sizes

    @cached_property
    def whole(self) -> Bytes | None:
        """All images as one array (m, H, W, C), or None when their shapes differ."""
        if len(self) == 0 or (self.shapes != self.shapes[0]).any():
            return None
        return self.flat.reshape(len(self), *self.shapes[0])

    def take(self, rows: NDArray[np.int64]) -> "Pixels":
        """Return some of the images."""
        if self.whole is not None:
            return Pixels.of_array(self.whole[rows])
        return Pixels.of_images(self[row] for row in rows.tolist())


def _joined(parts: Iterator[Bytes], most: int) -> Bytes:
    """Return the parts one after another: in memory up to ``most`` bytes, else mapped from an unnamed file."""
    held: list[Bytes] = []
    size = 0
    for part in parts:
        held.append(part)
        size += part.nbytes
        if size > most:
            with tempfile.TemporaryFile() as file:  # the mapping keeps it
                for each in chain(held, parts):
                    file.write(each.data)
                file.flush()
                return np.memmap(file, np.uint8, mode="r")
    return np.concatenate(held) if held else np.zeros(0, np.uint8)
