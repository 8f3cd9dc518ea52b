"""What training eats: one split as three NumPy arrays."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Arrays:
    """One split, encoded.

    Attributes:
      x: float32 (m, …), one row an example.
      y: int32 (m,) class codes, or float32 (m,) regression targets.
      weight: float32 (m,), the weight of each example in the cost.
    """

    x: NDArray[np.float32]
    y: NDArray[np.int32] | NDArray[np.float32]
    weight: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.x)
