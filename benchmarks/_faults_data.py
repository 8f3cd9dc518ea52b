"""The data sets that faults are planted in: arrays or a frame, small enough to train in a second."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl

import netwright as nw


@dataclass(frozen=True)
class Rows:
    """A data set before it is a :class:`netwright.Dataset`, so that a fault can be planted in it."""

    X: Any
    y: np.ndarray
    task: str
    dev: tuple[Any, np.ndarray] | None = None

    def take(self, rows: np.ndarray) -> "Rows":
        return replace(self, X=self.X[rows], y=self.y[rows])

    def dataset(self, name: str) -> nw.Dataset:
        parts = {} if self.dev is None else {"X_dev": self.dev[0], "y_dev": self.dev[1]}
        return nw.Dataset.from_arrays(self.X, self.y, task=self.task, name=name, **parts)

    def cut(self, share: float, rng: np.random.Generator) -> tuple["Rows", "Rows"]:
        """Cut off a share of the rows at random."""
        order = rng.permutation(len(self.y))
        count = int(share * len(order))
        return self.take(np.sort(order[count:])), self.take(np.sort(order[:count]))


def _example(name: str, rows: int | None = None) -> Rows:
    dataset = nw.example(name)
    chosen = np.arange(len(dataset))
    if rows is not None:
        chosen = np.sort(np.random.default_rng(0).permutation(len(dataset))[:rows])
    X = dataset.features.take(chosen)
    if isinstance(X, pl.DataFrame):
        X = X.select(dataset.schema.used)
    return Rows(X, dataset.labels.labels(chosen), dataset.task)


def _gaussians() -> Rows:
    """Two classes in ten dimensions, 2.5 standard deviations apart: a Bayes error of 10.6 %."""
    rng = np.random.default_rng(1)
    y = np.arange(1200) % 2
    X = rng.normal(size=(1200, 10))
    X[:, 0] += 2.5 * y
    return Rows(X.astype(np.float32), y, "binary")


def _xor() -> Rows:
    """Four unit Gaussians at (±2, ±2), diagonal ones alike, with four columns of noise: a Bayes error of 4.4 %."""
    rng = np.random.default_rng(2)
    corner = rng.integers(0, 2, size=(1200, 2))
    X = rng.normal(size=(1200, 6))
    X[:, :2] += 4 * corner - 2
    return Rows(X.astype(np.float32), corner.sum(axis=1) % 2, "binary")


def _friedman() -> Rows:
    """Friedman (1991), ten columns of which five matter, noise of variance 1."""
    rng = np.random.default_rng(3)
    X = rng.uniform(size=(1000, 10))
    y = 10 * np.sin(np.pi * X[:, 0] * X[:, 1]) + 20 * (X[:, 2] - 0.5) ** 2 + 10 * X[:, 3] + 5 * X[:, 4]
    return Rows(X.astype(np.float32), y + rng.normal(size=1000), "regression")


SETS: dict[str, Callable[[], Rows]] = {
    "digits": lambda: _example("digits"),
    "breast_cancer": lambda: _example("breast_cancer"),
    "wine": lambda: _example("wine"),
    "iris": lambda: _example("iris"),
    "diabetes": lambda: _example("diabetes"),
    "adult": lambda: _example("adult", 2000),
    "gaussians": _gaussians,
    "xor": _xor,
    "friedman": _friedman,
}
CLASSES = tuple(name for name in SETS if name not in ("diabetes", "friedman"))
BINARY = ("breast_cancer", "adult", "gaussians", "xor")
NUMBERS = ("diabetes", "friedman")
