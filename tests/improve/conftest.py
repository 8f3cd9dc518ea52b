"""Small data on which a small network overfits, and controls that train in a moment."""

import numpy as np
import pytest

import netwright as nw
from netwright.diagnose.finding import Prescription


@pytest.fixture(scope="session")
def noisy() -> nw.Dataset:
    """200 × 8, two classes, of which the labels follow one column and much noise."""
    generator = np.random.default_rng(0)
    X = generator.normal(size=(200, 8)).astype(np.float32)
    y = (X[:, 0] + generator.normal(size=200) > 0).astype(np.int64)
    return nw.Dataset.from_arrays(X, y, name="noisy")


@pytest.fixture(scope="session")
def short() -> nw.Controls:
    """A small network that learns its 100 rows by heart; dropout is on, so that its rate is a number like others."""
    return nw.Controls(
        architecture=nw.Architecture(hidden=(16,)),
        optimization=nw.Optimization(epochs=80, batch_size=32, learning_rate=0.03),
        regularization=nw.Regularization(dropout=0.1, early_stopping=None),
        data=nw.DataControls(dev_fraction=0.3, test_fraction=0.2),
    )


@pytest.fixture(scope="session")
def prescribed():
    """A prescription by its settings."""
    return lambda term="", **settings: Prescription(
        ", ".join(settings), {name.replace("__", "."): value for name, value in settings.items()}, "", term
    )
