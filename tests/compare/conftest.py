"""One small comparison that all tests of the room look at."""

import numpy as np
import pytest

import netwright as nw


def small(epochs=6, **changes):
    return nw.Controls(
        architecture=nw.Architecture(hidden=(8,)),
        optimization=nw.Optimization(epochs=epochs, batch_size=32, **changes),
    )


@pytest.fixture(scope="session")
def controls():
    return small


@pytest.fixture(scope="session")
def table() -> nw.Dataset:
    """300 × 5, two classes that a line does not part."""
    draw = np.random.default_rng(0)
    X = draw.normal(size=(300, 5)).astype(np.float32)
    y = (X[:, 0] * X[:, 1] + 0.3 * draw.normal(size=300) > 0).astype(int)
    return nw.Dataset.from_arrays(X, y, name="toy")


@pytest.fixture(scope="session")
def plain_and_averaged(table) -> nw.Comparison:
    """SGD, and momentum with β = 0, which is SGD; each chooses from four rates, one of which diverges."""
    wanted = ["optimization.rule=sgd", "optimization.rule=momentum;optimization.options={beta: 0.0}"]
    return nw.compare(table, wanted, small(), seeds=3, rates=(0.01, 0.1, 1.0, 1e12))
