"""Fits of equal shapes share their compiled programs."""

from collections.abc import Iterator
from contextlib import contextmanager

import jax
import numpy as np
import pytest
from sklearn.model_selection import cross_val_score

from netwright.estimators import NetClassifier, NetRegressor

EVENT = "/jax/core/compile/backend_compile_duration"
generator = np.random.default_rng(0)
X = generator.normal(size=(90, 4))
y = (X[:, 0] + X[:, 1] > 0).astype(int)


@contextmanager
def compilations() -> Iterator[list[str]]:
    found: list[str] = []

    def hear(event: str, seconds: float, **details: object) -> None:
        if event == EVENT:
            found.append(event)

    jax.monitoring.register_event_duration_secs_listener(hear)
    try:
        yield found
    finally:
        jax.monitoring.unregister_event_duration_listener(hear)


def test_the_first_fit_of_a_shape_is_heard() -> None:
    with compilations() as found:
        NetClassifier(hidden=(3, 5, 2), epochs=2).fit(X, y)
    assert found


@pytest.mark.parametrize("kind", [NetClassifier, NetRegressor])
def test_other_numbers_compile_nothing(kind: type[NetClassifier | NetRegressor]) -> None:
    numbers = {"hidden": 8, "epochs": 2, "l2": 0.1, "dropout": 0.2, "random_state": 0}
    kind(**numbers).fit(X, y).predict(X)
    with compilations() as found:
        other = kind(**{**numbers, "learning_rate": 0.02, "l2": 0.3, "dropout": 0.4, "random_state": 7})
        other.fit(X, y).predict(X)
        kind(**{**numbers, "patience": 3, "weight_decay": 0.2, "epochs": 3}).fit(X[::-1], y[::-1]).predict(X)
    assert found == []


def test_going_on_compiles_nothing() -> None:
    model = NetClassifier(hidden=8, random_state=0).partial_fit(X, y, classes=[0, 1])
    model.partial_fit(X, y)
    with compilations() as found:
        model.partial_fit(X[::-1], y[::-1])
    assert found == []


def test_equal_folds_compile_once() -> None:
    cross_val_score(NetClassifier(hidden=8, epochs=2, random_state=0), X, y, cv=3)
    with compilations() as found:
        cross_val_score(NetClassifier(hidden=8, epochs=2, learning_rate=0.01, random_state=1), X, y, cv=3)
    assert found == []
