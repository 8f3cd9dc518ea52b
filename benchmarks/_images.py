"""The work of the comparisons on images: the training of ``_training`` with places in front of the channels."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from benchmarks._training import Training


@dataclass(frozen=True)
class ImageTraining(Training):
    """A comparison on images (side, side, channels); ``widths`` runs from the channels to the classes."""

    side: int = 32

    @cached_property
    def data(self) -> tuple[np.ndarray, np.ndarray]:
        """Images X (m, H, W, C) float32 and classes y (m,) int32 drawn from a linear teacher of a quarter of them."""
        rng = np.random.default_rng(0)
        shape = (self.side, self.side, self.widths[0])
        inputs = rng.standard_normal((self.rows, *shape), dtype=np.float32)
        part = inputs[:, : self.side // 2, : self.side // 2].reshape(self.rows, -1)
        teacher = rng.standard_normal((part.shape[1], self.widths[-1]), dtype=np.float32)
        return inputs, (part @ teacher).argmax(axis=1).astype(np.int32)


IMAGE_SIDES = {
    "netwright": "netwright:network",
    "netwright mixed": "netwright:mixed",
    "netwright, pure JAX kernels": "netwright:pure",
    "netwright mixed, pure JAX kernels": "netwright:pure_mixed",
    "JAX by hand": "jax:network",
    "PyTorch eager": "pytorch:eager",
    "PyTorch eager, MKL unlocked": "pytorch_unlocked:eager",
    "PyTorch compiled": "pytorch:compiled",
    "PyTorch bf16 autocast": "pytorch:autocast",
    "PyTorch bf16 autocast compiled": "pytorch:autocast_compiled",
    "Keras 3 (JAX)": "keras:network",
}


def images(
    name: str,
    title: str,
    kind: str,
    side: int,
    widths: tuple[int, ...],
    options: Mapping[str, Any],
    rows: int,
) -> ImageTraining:
    """Return the comparison of one network on images, batches of 64."""
    return ImageTraining(
        name=name,
        title=f"{title}, batch 64, Adam",
        widths=widths,
        batch=64,
        rows=rows,
        sides=IMAGE_SIDES,
        kind=kind,
        options=options,
        side=side,
    )
