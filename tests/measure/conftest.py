"""Two small problems, and one run of each, trained once."""

import numpy as np
import pytest

import netwright as nw


def classes(rows, seed=0):
    """Two classes with a bend between them, 10 % of the labels flipped: the Bayes error is 0.1."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(rows, 2)).astype(np.float32)
    y = X[:, 1] > np.sin(2 * X[:, 0])
    return X, np.where(rng.random(rows) < 0.1, ~y, y).astype(int)


@pytest.fixture(scope="session")
def make_classes():
    return classes


@pytest.fixture(scope="session")
def bent():
    return nw.Dataset.from_arrays(*classes(2000), name="bent")


@pytest.fixture(scope="session")
def line():
    """A line with noise of variance 4."""
    rng = np.random.default_rng(1)
    X = rng.normal(size=(400, 3)).astype(np.float32)
    return nw.Dataset.from_arrays(X, 5 * X[:, 0] + 2 * rng.normal(size=400), name="line")


@pytest.fixture(scope="session")
def controls():
    return nw.Controls(
        architecture=nw.Architecture(hidden=(32,)),
        optimization=nw.Optimization(rule="adam", learning_rate=0.02, batch_size=64, epochs=20),
        regularization=nw.Regularization(dropout=0.0, weight_decay=0.0),
    )


@pytest.fixture(scope="session")
def run(bent, controls):
    return nw.fit(bent, controls, progress=False)


@pytest.fixture(scope="session")
def line_run(line, controls):
    return nw.fit(line, controls, progress=False)
