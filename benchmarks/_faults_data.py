"""The data sets that faults are planted in: arrays or a frame, small enough to train in a second.

Thresholds are set by looking at the calibration sets; figures are reported on the others, which are of the same
kinds, one for one: real and synthetic, arrays and a table, binary, many classes and regression.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl

import netwright as nw
from netwright.core.errors import DataError
from netwright.data.examples import FASHION_MNIST, asset_folder
from netwright.data.images.idx import idx_arrays


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


def _small_table(name: str) -> pl.DataFrame:
    path = asset_folder() / "small_tables" / f"{name}.parquet"
    if not path.exists():
        raise DataError(f"{path} is not there; fetch it with: python scripts/assets.py small_tables")
    return pl.read_parquet(path).drop("rownames")


def _columns(frame: pl.DataFrame, names: tuple[str, ...], target: str, task: str) -> Rows:
    frame = frame.select(*names, target).drop_nulls()
    return Rows(frame.select(names).to_numpy().astype(np.float32), frame[target].to_numpy(), task)


def _fashion() -> Rows:
    """1,200 pictures of clothes, each 4 × 4 pixels made one: 49 columns."""
    arrays = idx_arrays(FASHION_MNIST)
    chosen = np.sort(np.random.default_rng(0).permutation(len(arrays["X"]))[:1200])
    X = arrays["X"][chosen].reshape(-1, 7, 4, 7, 4).astype(np.float32).mean(axis=(2, 4))
    return Rows(X.reshape(-1, 49), arrays["y"][chosen], "multiclass")


def _pima() -> Rows:
    """Which Pima women have diabetes: both parts that Ripley (1996) made."""
    frame = pl.concat([_small_table("Pima.tr"), _small_table("Pima.te")])
    return _columns(frame, ("npreg", "glu", "bp", "skin", "bmi", "ped", "age"), "type", "binary")


def _olive() -> Rows:
    """Which of three regions of Italy an oil is from, by eight fatty acids."""
    frame = _small_table("olive")
    return _columns(frame, tuple(frame.columns[2:]), "region", "multiclass")


def _penguins() -> Rows:
    measured = ("bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g")
    return _columns(_small_table("penguins"), measured, "species", "multiclass")


def _wages() -> Rows:
    """The logarithm of the hourly wage of 526 people in 1976."""
    of_work = ("educ", "exper", "tenure")
    of_person = ("nonwhite", "female", "married", "numdep", "smsa", "northcen", "south")
    return _columns(_small_table("wage1"), (*of_work, *of_person), "lwage", "regression")


def _credit() -> Rows:
    """Which of 2,000 loans went bad: numbers, categories and gaps."""
    frame = _small_table("credit_data").sample(2000, seed=0)
    return Rows(frame.drop("Status"), frame["Status"].to_numpy(), "binary")


def _twonorm() -> Rows:
    """Breiman's (1996) twonorm in 20 dimensions, its means 2.2 apart: a Bayes error of Φ(−1.1) = 13.6 %."""
    rng = np.random.default_rng(4)
    y = np.arange(1200) % 2
    X = rng.normal(size=(1200, 20)) + (2.2 / np.sqrt(20)) * y[:, None]
    return Rows(X.astype(np.float32), y, "binary")


def _rings() -> Rows:
    """Two rings of radius 1 and 2, each 0.3 wide, with two columns of noise: a Bayes error of Φ(−5/3) = 4.8 %."""
    rng = np.random.default_rng(5)
    y = rng.integers(0, 2, 1200)
    radius, angle = 1 + y + 0.3 * rng.normal(size=1200), rng.uniform(0, 2 * np.pi, 1200)
    X = np.column_stack([radius * np.cos(angle), radius * np.sin(angle), rng.normal(size=(1200, 2))])
    return Rows(X.astype(np.float32), y, "binary")


def _friedman_2() -> Rows:
    """Friedman's (1991) second function: the impedance of a circuit, noise of standard deviation 125."""
    rng = np.random.default_rng(6)
    X = rng.uniform((0, 40 * np.pi, 0, 1), (100, 560 * np.pi, 1, 11), size=(1000, 4))
    y = np.hypot(X[:, 0], X[:, 1] * X[:, 2] - 1 / (X[:, 1] * X[:, 3]))
    return Rows(X.astype(np.float32), y + 125 * rng.normal(size=1000), "regression")


Sets = dict[str, Callable[[], Rows]]

CALIBRATION: Sets = {
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
REPORT: Sets = {
    "fashion": _fashion,
    "pima": _pima,
    "olive": _olive,
    "penguins": _penguins,
    "wages": _wages,
    "credit": _credit,
    "twonorm": _twonorm,
    "rings": _rings,
    "friedman_2": _friedman_2,
}
SETS = CALIBRATION | REPORT
NUMBERS = ("diabetes", "friedman", "wages", "friedman_2")
CLASSES = tuple(name for name in SETS if name not in NUMBERS)
BINARY = ("breast_cancer", "adult", "gaussians", "xor", "pima", "credit", "twonorm", "rings")
