"""The work of the tuning comparison: 64 configurations of an MLP on rows that all sides get encoded alike."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any, NamedTuple

import numpy as np

import netwright as nw

LEARNING_RATES = (3e-4, 1e-3, 3e-3, 1e-2)
WEIGHT_DECAYS = (1e-4, 1e-1)
DROPOUTS = (0.0, 0.3)
HIDDEN = ((32,), (64,), (128,), (64, 64))
BATCH = 64


class Configuration(NamedTuple):
    """One point of the grid: AdamW at a constant rate, ReLU, dropout after each hidden layer."""

    learning_rate: float
    weight_decay: float
    dropout: float
    hidden: tuple[int, ...]


@dataclass(frozen=True)
class Work:
    """A data set with its epochs; the whole grid, or every n-th configuration of it.

    ``rows`` limits the training rows, ``every`` thins the grid: both are for trying the benchmark.
    """

    dataset: str
    epochs: int
    rows: int | None = None
    every: int = 1

    @cached_property
    def data(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """x (m, d) float32 and y (m,) class numbers to train on, x and y to judge by: standardized, one-hot."""
        prepared = nw.example(self.dataset).prepare(nw.DataControls(), embeddings=False)
        train, dev = prepared.train, prepared.dev
        assert dev is not None
        chosen = slice(self.rows)
        return train.x[chosen], train.y[chosen].astype(np.int64), dev.x[:], dev.y.astype(np.int64)

    @property
    def classes(self) -> int:
        return int(self.data[1].max()) + 1

    @property
    def grid(self) -> dict[str, list[Any]]:
        """The values of each hyperparameter."""
        return {
            "learning_rate": list(LEARNING_RATES),
            "weight_decay": list(WEIGHT_DECAYS),
            "dropout": list(DROPOUTS),
            "hidden": list(HIDDEN[:: self.every]),
        }

    def configurations(self) -> Iterator[Configuration]:
        """Every point of the grid."""
        return (Configuration(*values) for values in product(*self.grid.values()))


WORKS = {"digits": Work("digits", epochs=30), "adult": Work("adult", epochs=10)}
TRIED = {
    "digits": Work("digits", epochs=2, rows=256, every=2),
    "adult": Work("adult", epochs=1, rows=256, every=2),
}
"""Small settings, to see that every side works: ``TRY=1 python -m benchmarks tuning``."""
