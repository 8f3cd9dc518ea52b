"""What training eats: one split as three NumPy arrays."""

import math
import tempfile
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from netwright.core.memory import host_memory


@dataclass(frozen=True)
class Arrays:
    """One split, encoded.

    Attributes:
      x: float32 (m, …), one row an example.
      y: int32 (m,) class codes, or float32 (m,) regression targets; of several targets float32 (m, T), a column
        of either for each, NaN where a row lacks one.
      weight: float32 (m,), the weight of each example in the cost.
    """

    x: NDArray[np.float32]
    y: NDArray[np.int32] | NDArray[np.float32]
    weight: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.x)


ALIGNMENT = 64
"""Bytes. ``jax.device_put`` copies what begins anywhere else."""


def shared_empty(shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Return an uninitialized float32 array that a CPU device of JAX uses in place, without a copy.

    One beyond a half of the memory lies in an unnamed temporary file; it is streamed from there.
    """
    count = math.prod(shape)
    if 4 * count > host_memory() // 2:
        with tempfile.TemporaryFile() as file:  # the mapping keeps the file
            return np.memmap(file, np.float32, mode="w+", shape=shape)
    memory = np.empty(count + ALIGNMENT // 4, np.float32)
    start = -memory.ctypes.data % ALIGNMENT // 4
    return memory[start : start + count].reshape(shape)
