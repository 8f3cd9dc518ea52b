"""Flat parameters: what they mean as controls, and what happens to wrong ones."""

from typing import Any

import numpy as np
import pytest
from sklearn.base import clone

import netwright as nw
from netwright.core.errors import ControlError
from netwright.estimators import NetClassifier, NetRegressor
from netwright.estimators._parameters import PLACES, controls_of

VALUES = {
    "hidden": (7, 3),
    "activation": "tanh",
    "batch_norm": True,
    "kernel_initializer": "he_uniform",
    "rule": "rmsprop",
    "rule_options": {"beta": 0.8},
    "learning_rate": 0.03,
    "schedule": "constant",
    "batch_size": 8,
    "epochs": 3,
    "clip_norm": 1.5,
    "tolerance": 0.01,
    "precision": "mixed",
    "l1": 0.1,
    "l2": 0.2,
    "weight_decay": 0.3,
    "dropout": 0.4,
    "label_smoothing": 0.05,
    "normalize": "minmax",
    "shuffle": False,
    "dev_fraction": 0.25,
}


def meant(estimator: Any) -> nw.Controls:
    return controls_of(estimator.get_params())


@pytest.mark.parametrize("name", PLACES)
def test_a_parameter_sets_its_control_and_no_other(name: str) -> None:
    group, field = PLACES[name]
    controls = meant(NetClassifier(**{name: VALUES[name]}))
    expected = getattr(nw.Controls(), group).replace(**{field: VALUES[name]})
    assert controls == nw.Controls().replace(**{group: expected})
    assert controls != nw.Controls()


def test_every_parameter_is_named_by_both_estimators() -> None:
    shared = set(PLACES) - {"label_smoothing"}
    assert set(PLACES) <= set(NetClassifier().get_params())
    assert shared <= set(NetRegressor().get_params())
    assert set(NetClassifier().get_params()) - set(NetRegressor().get_params()) == {
        "label_smoothing",
        "class_weight",
    }


def test_a_parameter_replaces_what_the_controls_say_and_auto_keeps_it() -> None:
    controls = nw.Controls(
        optimization=nw.Optimization(learning_rate=0.5, epochs=9), regularization=nw.Regularization(l2=0.1)
    )
    found = meant(NetRegressor(controls=controls, epochs=2, l2=0.0))
    assert found.optimization == nw.Optimization(learning_rate=0.5, epochs=2)
    assert found.regularization.l2 == 0.0


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({}, "auto"),
        ({"early_stopping": False}, None),
        ({"early_stopping": True}, nw.EarlyStopping()),
        ({"patience": 3}, nw.EarlyStopping(patience=3)),
        ({"early_stopping": False, "patience": 3}, None),
    ],
)
def test_early_stopping(parameters: dict[str, Any], expected: Any) -> None:
    assert meant(NetClassifier(**parameters)).regularization.early_stopping == expected


def test_numbers_of_numpy_mean_the_same() -> None:
    found = meant(
        NetClassifier(hidden=np.array([4, 2]), epochs=np.int64(3), l2=np.float32(0.5), patience=np.int32(4))
    )
    assert found == meant(NetClassifier(hidden=(4, 2), epochs=3, l2=0.5, patience=4))
    assert meant(NetClassifier(hidden=np.int64(5))).architecture.hidden == (5,)


def test_constructing_stores_and_fitting_validates() -> None:
    model = NetClassifier(rule="adamm")
    assert clone(model).rule == "adamm"
    with pytest.raises(ControlError, match="did you mean 'adam'"):
        model.fit([[0.0], [1.0]], [0, 1])


def test_hinge_has_no_probabilities() -> None:
    assert hasattr(NetClassifier(), "predict_proba")
    assert not hasattr(NetClassifier(loss="hinge"), "predict_proba")
    assert not hasattr(NetClassifier(controls=nw.Controls(loss="hinge")), "predict_log_proba")
