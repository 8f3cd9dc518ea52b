"""One small structure with everything in it, compiled once and shared by the tests of the room."""

import numpy as np
import pytest

import netwright as nw


@pytest.fixture(scope="session")
def controls():
    """Batch normalization, dropout, L2, Adam with a schedule, early stopping that keeps the best weights."""
    return nw.Controls(
        architecture=nw.Architecture(hidden=(6, 4), batch_norm=True),
        optimization=nw.Optimization(
            rule="adam",
            options={"beta1": 0.8},
            learning_rate=0.02,
            schedule=nw.Schedule(kind="step_decay", factor=0.5, every=3),
            batch_size=16,
            epochs=5,
        ),
        regularization=nw.Regularization(
            l2=0.01, dropout=0.2, early_stopping=nw.EarlyStopping(patience=4), weight_decay=0.0
        ),
    )


@pytest.fixture(scope="session")
def run(blobs, controls):
    return nw.fit(blobs, controls, seed=1)


def weights(run):
    """A run's parameters and other state as NumPy, by name."""
    predictor = run.predictor
    return {name: np.asarray(a) for name, a in {**predictor.params, **predictor.rest}.items()}


def same(one, other):
    """Require two runs to be equal bit for bit: weights, history (but for the seconds) and trace."""
    a, b = weights(one), weights(other)
    assert a.keys() == b.keys()
    for name in a:
        np.testing.assert_array_equal(a[name], b[name], err_msg=name)
    assert one.history.drop("seconds").equals(other.history.drop("seconds"), null_equal=True)
    assert one.trace.equals(other.trace)


@pytest.fixture(scope="session")
def identical():
    return same


@pytest.fixture(scope="session")
def weights_of():
    return weights


@pytest.fixture
def small_chunks(monkeypatch):
    """Chunks of a given number of steps, instead of as many as fit into a quarter of a second."""

    def use(steps):
        class Fixed:
            def __init__(self, limit, clock):
                self.steps = steps

            def start(self):
                pass

            def finish(self, steps):
                pass

        monkeypatch.setattr("netwright.train.loop.Pace", Fixed)

    return use
