"""The faults: what is planted, where, which checks name it, and which controls mend it."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import polars as pl
from flax import nnx

import netwright as nw
from benchmarks._faults_data import BINARY, CALIBRATION, CLASSES, NUMBERS, REPORT, SETS, Rows
from netwright.core.errors import TrainingError

Change = Callable[[Rows, np.random.Generator], Rows]


@dataclass(frozen=True)
class Plant:
    """One fault.

    Attributes:
      controls: those that mend it; the first prescription must name one of them.
      checks: those that name it.
      settings: controls that plant it; rows: a change of the data that plants it; sets: where.
      own_model: trains a module that mixes rows.
    """

    controls: tuple[str, ...]
    checks: tuple[str, ...]
    settings: tuple[str, ...] = ()
    rows: Change | None = None
    sets: tuple[str, ...] = tuple(SETS)
    own_model: bool = False


@dataclass(frozen=True)
class Setup:
    """One training: a data set, controls, and the fault in it if any."""

    name: str
    dataset: str
    plant: Plant | None
    settings: tuple[str, ...] = field(default=())

    @property
    def id(self) -> str:
        return f"{self.name}/{self.dataset}"

    @property
    def all_settings(self) -> tuple[str, ...]:
        """What is changed of the base: for the data set, for the set-up, and by the fault."""
        epochs = EPOCHS.get(self.dataset)
        of_set = () if epochs is None else (f"optimization.epochs={epochs}",)
        return (*of_set, *self.settings, *(self.plant.settings if self.plant else ()))

    def train(self) -> tuple[nw.Run, nw.Dataset]:
        """Train, and return the run even when it broke."""
        rng = np.random.default_rng(sum(map(ord, self.id)))
        rows = SETS[self.dataset]()
        if self.plant is not None and self.plant.rows is not None:
            rows = self.plant.rows(rows, rng)
        dataset = rows.dataset(self.id)
        controls = BASE
        for setting in self.all_settings:
            controls = controls.with_setting(setting)
        own: dict[str, Any] = {}
        if self.plant is not None and self.plant.own_model:
            prepared = dataset.prepare(controls.data, embeddings=False)
            own["model"] = RowsMixed(prepared.encoder.n_in, prepared.target.n_out)
        seed = int(rng.integers(1000))
        try:
            return nw.train.fit(dataset, controls, seed=seed, **own), dataset
        except TrainingError as error:
            if error.run is None:
                raise
            return error.run, dataset


class RowsMixed(nnx.Module):
    """A network whose author took a mean over the wrong axis."""

    def __init__(self, n_in: int, n_out: int) -> None:
        rngs = nnx.Rngs(0)
        self.hidden, self.output = nnx.Linear(n_in, 32, rngs=rngs), nnx.Linear(32, n_out, rngs=rngs)

    def __call__(self, x: jax.Array) -> jax.Array:
        a = jax.nn.relu(self.hidden(x))
        return self.output(a - jnp.mean(a, axis=0, keepdims=True))


BASE = nw.Controls(
    architecture=nw.Architecture(hidden=(32, 32)),
    optimization=nw.Optimization(rule="adamw", learning_rate=0.01, epochs=40, batch_size=32),
    regularization=nw.Regularization(
        dropout=0.1, weight_decay=0.01, early_stopping=nw.EarlyStopping(patience=40)
    ),
)
EPOCHS = {"iris": 200, "wine": 200, "diabetes": 100, "breast_cancer": 80}
EPOCHS |= {"penguins": 100, "olive": 60, "wages": 70, "pima": 70}
"""Small sets get more epochs, so that every healthy training takes some 800 steps."""
SGD = ("optimization.rule=sgd", "regularization.weight_decay=0")


def _noisy(rows: Rows, rng: np.random.Generator) -> Rows:
    labels, y = np.unique(rows.y), rows.y.copy()
    for i in rng.permutation(len(y))[: len(y) // 5]:
        y[i] = rng.choice(labels[labels != y[i]])
    return replace(rows, y=y)


def _leak(rows: Rows, rng: np.random.Generator) -> Rows:
    codes = np.unique(rows.y, return_inverse=True)[1].astype(np.float32)
    column = codes + 0.01 * rng.normal(size=len(codes)).astype(np.float32)
    if isinstance(rows.X, pl.DataFrame):
        return replace(rows, X=rows.X.with_columns(pl.Series("paid_back", column)))
    return replace(rows, X=np.column_stack([rows.X, column.astype(rows.X.dtype)]))


def _repeat(rows: Rows, rng: np.random.Generator) -> Rows:
    count = len(rows.y)
    return rows.take(np.concatenate([np.arange(count), rng.permutation(count)[: count // 3]]))


def _shift_dev(rows: Rows, rng: np.random.Generator) -> Rows:
    rows, dev = rows.cut(0.3, rng)
    X = np.array(dev.X, np.float32)
    moved = rng.permutation(X.shape[1])[: max(1, X.shape[1] // 3)]
    X[:, moved] += 1.5 * X[:, moved].std(axis=0)
    return replace(rows, dev=(X, dev.y))


def _unscaled(rows: Rows, rng: np.random.Generator) -> Rows:
    scales = 10 ** rng.uniform(1, 4, rows.X.shape[1])
    return replace(rows, X=(rows.X * scales).astype(np.float32))


def _few(rows: Rows, rng: np.random.Generator) -> Rows:
    rest, few = rows.cut(40 / len(rows.y), rng)
    return replace(few, dev=(rest.X, rest.y))


def _sort(rows: Rows, rng: np.random.Generator) -> Rows:
    rows, dev = rows.cut(0.2, rng)
    return replace(rows.take(np.argsort(rows.y, kind="stable")), dev=(dev.X, dev.y))


def _imbalance(rows: Rows, rng: np.random.Generator) -> Rows:
    rare = np.unique(rows.y)[-1]
    others, few = np.flatnonzero(rows.y != rare), np.flatnonzero(rows.y == rare)
    few = rng.permutation(few)[: max(6, len(others) // 50)]
    return rows.take(np.sort(np.concatenate([others, few])))


def _misalign(rows: Rows, rng: np.random.Generator) -> Rows:
    return replace(rows, y=rng.permutation(rows.y))


def _raw_target(rows: Rows, rng: np.random.Generator) -> Rows:
    return replace(rows, y=5000 + 1000 * rows.y)


def _skewed(rows: Rows, rng: np.random.Generator) -> Rows:
    z = (rows.y - rows.y.mean()) / rows.y.std()
    return replace(rows, y=np.exp(z + 1.2 * rng.normal(size=len(z))))


SETS_A_FAULT = 4
INIT, RATE = "initialization.kernel", "optimization.learning_rate"
REGULARIZERS = (
    *(f"regularization.{name}" for name in ("dropout", "l1", "l2", "weight_decay", "early_stopping")),
    "regularization.label_smoothing",
)
ARRAYS = tuple(name for name in SETS if name not in ("adult", "credit"))
HARD = (
    *("digits", "adult", "diabetes", "gaussians", "xor", "friedman"),
    *("fashion", "credit", "wages", "twonorm", "rings", "friedman_2"),
)
CURVED = tuple(name for name in SETS if name not in ("gaussians", "twonorm"))
"""Where the best answer is linear, a strong penalty does no harm."""
OVERLAP = (
    *("adult", "diabetes", "gaussians", "friedman"),
    *("credit", "wages", "twonorm", "friedman_2"),
)
HEAVY = {
    "adult": "<=50K",
    "gaussians": "0",
    "xor": "0",
    "pima": "No",
    "credit": "bad",
    "twonorm": "0",
    "rings": "0",
}
"""Data set of classes that overlap → the one made heavy. Where none overlap (breast_cancer), every row keeps its class
whatever the classes weigh: that is no fault."""
NARROW = (
    *("digits", "wine", "iris", "xor", "friedman"),
    *("fashion", "olive", "penguins", "rings", "friedman_2"),
)
"""What one unit cannot tell apart."""
PLAIN = (*("digits", "wine", "diabetes", "gaussians"), *("fashion", "olive", "wages", "twonorm"))
RATE_CHECKS = ("CK-33", "CK-10", "CK-11", "CK-14", "CK-16")

PLANTS: dict[str, Plant] = {
    "rate_100_times": Plant((RATE,), RATE_CHECKS, ("optimization.learning_rate=1.0",)),
    "rate_hundredth": Plant((RATE,), ("CK-33", "CK-11", "CK-18"), ("optimization.learning_rate=0.0001",)),
    "rate_breaks": Plant((RATE,), RATE_CHECKS, (*SGD, "optimization.learning_rate=10000")),
    "zero_init": Plant((INIT,), ("CK-5",), ("initialization.kernel=zeros",)),
    "huge_init": Plant(
        (INIT,), ("CK-1", "CK-6"), ("initialization.kernel=normal", "initialization.scale=3.0")
    ),
    "tiny_init": Plant(
        (INIT,), ("CK-6", "CK-7"), ("initialization.kernel=normal", "initialization.scale=0.0001")
    ),
    "deep_sigmoid": Plant(
        (INIT, "architecture.batch_norm", "architecture.activation"),
        ("CK-7",),
        ("architecture.hidden=[32,32,32,32,32,32]", "architecture.activation=sigmoid"),
    ),
    "dead_relu": Plant(
        (INIT, "initialization.bias", "architecture.activation", RATE),
        ("CK-12",),
        ("initialization.bias=-10",),
    ),
    "raw_inputs": Plant(("data.normalize",), ("CK-32",), ("data.normalize=none",), _unscaled, ARRAYS),
    "raw_target": Plant(
        ("data.normalize_target",), ("CK-32", "CK-1"), ("data.normalize_target=false",), _raw_target, NUMBERS
    ),
    "noisy_labels": Plant(("labels",), ("CK-27",), (), _noisy, CLASSES),
    "leaked_column": Plant(("data",), ("CK-26",), (), _leak),
    "duplicates": Plant(("data",), ("CK-26",), (), _repeat),
    "shifted_dev": Plant(("data",), ("CK-24",), (), _shift_dev, ARRAYS),
    "dropout": Plant(("regularization.dropout",), ("CK-22",), ("regularization.dropout=0.95",), None, CURVED),
    "l1": Plant(("regularization.l1",), ("CK-22",), ("regularization.l1=1.0",), None, CURVED),
    "l2": Plant(("regularization.l2",), ("CK-22",), ("regularization.l2=3.0",), None, CURVED),
    "weight_decay": Plant(
        ("regularization.weight_decay",), ("CK-22",), ("regularization.weight_decay=100",), None, CURVED
    ),
    "tiny_data": Plant(("data", *REGULARIZERS), ("CK-35", "CK-23", "CK-20", "CK-21"), (), _few, HARD),
    "tiny_model": Plant(
        ("architecture.hidden",),
        ("CK-22", "CK-2"),
        ("architecture.hidden=[1]",),
        None,
        NARROW,
    ),
    "batch_norm_of_2": Plant(
        ("optimization.batch_size", "architecture.batch_norm"),
        ("CK-29",),
        ("architecture.batch_norm=true", "optimization.batch_size=2", "optimization.epochs=10"),
    ),
    "saturated_tanh": Plant(
        (INIT, "architecture.batch_norm"),
        ("CK-13", "CK-6"),
        ("architecture.activation=tanh", "initialization.kernel=normal", "initialization.scale=2.0"),
    ),
    "sorted_rows": Plant(("data.shuffle",), ("CK-31",), ("data.shuffle=false",), _sort),
    "imbalance": Plant(("data.class_weight",), ("CK-28",), (), _imbalance, BINARY),
    "class_weight": Plant(("data.class_weight",), ("CK-34",), (), None, tuple(HEAVY)),
    "skewed_mae": Plant(("loss",), ("CK-34",), ("loss=mae",), _skewed, NUMBERS),
    "clip_tight": Plant(
        ("optimization.clip_norm",),
        ("CK-9", "CK-22"),
        (*SGD, "optimization.learning_rate=0.1", "optimization.clip_norm=0.001"),
    ),
    "few_epochs": Plant(("optimization.epochs",), ("CK-18",), ("optimization.epochs=2",)),
    "no_regularizer": Plant(
        ("data", *REGULARIZERS),
        ("CK-20", "CK-21", "CK-23"),
        (
            "regularization.dropout=0",
            "regularization.weight_decay=0",
            "regularization.early_stopping=null",
            "architecture.hidden=[128,128]",
            "optimization.epochs=150",
            "optimization.learning_rate=0.001",
        ),
        None,
        OVERLAP,
    ),
    "mixed_rows": Plant(("model",), ("CK-4",), (), None, PLAIN, True),
    "misaligned_rows": Plant(("data", "labels"), ("CK-3",), (), _misalign),
}

HEALTHY: dict[str, tuple[str, ...]] = {
    "base": (),
    "longer": ("optimization.epochs=200", "optimization.learning_rate=0.003"),
    "tanh": ("architecture.activation=tanh", "architecture.hidden=[32]"),
    "batch_norm": ("architecture.batch_norm=true", "regularization.dropout=0"),
    "momentum": (
        "optimization.rule=momentum",
        "optimization.learning_rate=0.1",
        "regularization.weight_decay=0",
    ),
    "again": ("data.split_seed=1",),
}


def _rotated(sets: tuple[str, ...], by: int) -> list[str]:
    """Return some sets of each half, others for each fault, so that every set sees every kind of fault."""
    halves = [[name for name in sets if name in half] for half in (CALIBRATION, REPORT)]
    return [
        half[(by * SETS_A_FAULT + i) % len(half)]
        for half in halves
        for i in range(min(SETS_A_FAULT, len(half)))
    ]


def _of_set(name: str, dataset: str) -> tuple[str, ...]:
    return (f"data.class_weight={{'{HEAVY[dataset]}': 30}}",) if name == "class_weight" else ()


def setups() -> list[Setup]:
    """Return all trainings: each fault in each of its data sets, and healthy ones."""
    found = [
        Setup(name, dataset, plant, _of_set(name, dataset))
        for i, (name, plant) in enumerate(PLANTS.items())
        for dataset in _rotated(plant.sets, i)
    ]
    found += [
        Setup(f"healthy_{name}", dataset, None, settings)
        for name, settings in HEALTHY.items()
        for dataset in SETS
    ]
    return found
