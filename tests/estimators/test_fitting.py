"""Fitting: what an estimator learns, and what it knows afterwards."""

from typing import Any

import numpy as np
import polars as pl
import pytest
from sklearn.datasets import load_breast_cancer, load_wine
from sklearn.model_selection import train_test_split

import netwright as nw
from netwright.core.errors import RunError
from netwright.estimators import NetClassifier, NetRegressor
from netwright.estimators._inputs import Rows

generator = np.random.default_rng(0)
X = generator.normal(size=(90, 3))
y = (X[:, 0] > 0).astype(int)
quick = {"hidden": 8, "epochs": 3, "random_state": 0}


def test_learns_classes() -> None:
    features, labels = load_wine(return_X_y=True)
    parts = train_test_split(features, labels, stratify=labels, random_state=0)
    model = NetClassifier(random_state=0).fit(parts[0], parts[2])
    assert model.score(parts[1], parts[3]) > 0.95
    probabilities = model.predict_proba(parts[1])
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    np.testing.assert_array_equal(model.predict(parts[1]), probabilities.argmax(axis=1))
    np.testing.assert_allclose(np.exp(model.predict_log_proba(parts[1])), probabilities)


def test_learns_numbers_in_their_own_units() -> None:
    target = 1000 + 50 * X @ np.array([1.0, -2.0, 0.5])
    numbers = {"learning_rate": 0.02, "dropout": 0.0, "weight_decay": 0.0}
    model = NetRegressor(hidden=8, epochs=100, **numbers, random_state=0).fit(X, target)
    assert model.score(X, target) > 0.98


def test_fits_as_fit_does() -> None:
    features, labels = load_breast_cancer(return_X_y=True)
    controls = nw.Controls(
        optimization=nw.Optimization(epochs=2),
        data=nw.DataControls(test_fraction=0.0, dev_fraction=0.2, split_seed=3),
    )
    run = nw.fit(nw.Dataset.from_arrays(features, labels), controls, seed=3)
    model = NetClassifier(epochs=2, dev_fraction=0.2, random_state=3).fit(features, labels)
    np.testing.assert_array_equal(model.predict_proba(features), run.predict_proba(features))


def test_labels_of_any_kind() -> None:
    for labels in (np.where(y == 1, "yes", "no"), np.where(y == 1, True, False), np.where(y == 1, 7, -2)):
        model = NetClassifier(**quick).fit(X, labels)
        np.testing.assert_array_equal(model.classes_, np.unique(labels))
        assert model.predict(X).dtype == labels.dtype
        assert model.run_.classes == model.classes_.tolist()
    objects = np.where(y == 1, "yes", "no").astype(object)
    assert set(NetClassifier(**quick).fit(X, objects).predict(X)) <= {"yes", "no"}


def test_what_is_known_afterwards() -> None:
    model = NetClassifier(**quick, early_stopping=True).fit(X, y)
    assert model.n_iter_ == len(model.loss_curve_) == len(model.history_) == 3
    assert model.loss_ == model.loss_curve_[-1] == model.history_["train_loss"][-1]
    assert model.validation_scores_ == model.history_["dev_accuracy"].to_list()
    assert [c.shape for c in model.coefs_] == [(3, 8), (8, 1)]
    assert [b.shape for b in model.intercepts_] == [(8,), (1,)]
    encoder = model.run_.predictor.encoder.to_json()
    standardized = (X - encoder["center"]) / encoder["scale"]
    hidden = np.maximum(standardized @ model.coefs_[0] + model.intercepts_[0], 0)
    logit = (hidden @ model.coefs_[1] + model.intercepts_[1])[:, 0]
    np.testing.assert_allclose(model.predict_proba(X)[:, 1], 1 / (1 + np.exp(-logit)), rtol=1e-5)


def test_the_run_judges_other_data_and_says_that_its_own_is_gone() -> None:
    model = NetClassifier(**quick).fit(X, y)
    assert model.run_.evaluate(nw.Dataset.from_arrays(X, y))["accuracy"] == pytest.approx(model.score(X, y))
    with pytest.raises(RunError, match="does not keep its training data"):
        model.run_.evaluate("dev")


def test_random_state() -> None:
    def weights(state: object) -> np.ndarray:
        return NetClassifier(**{**quick, "random_state": state}).fit(X, y).coefs_[0]

    np.testing.assert_array_equal(weights(4), weights(4))
    np.testing.assert_array_equal(weights(np.random.RandomState(4)), weights(np.random.RandomState(4)))
    np.random.seed(1)
    first = weights(None)
    assert not np.array_equal(first, weights(None))
    np.random.seed(1)
    np.testing.assert_array_equal(first, weights(None))


@pytest.mark.parametrize(
    ("rows", "parameters", "dev"),
    [
        (199, {}, 0),
        (200, {}, 30),
        (200, {"early_stopping": False}, 0),
        (60, {"early_stopping": True}, 9),
        (60, {"dev_fraction": 0.5}, 30),
        (200, {"dev_fraction": 0.0}, 0),
        (60, {"controls": nw.Controls()}, 9),
    ],
)
def test_how_many_rows_are_held_out(rows: int, parameters: dict[str, Any], dev: int) -> None:
    data = Rows(np.zeros((rows, 1)), np.arange(rows) % 2, None)
    controls = NetClassifier(**parameters)._controls(data)
    assert controls.data.test_fraction == 0
    assert round(rows * controls.data.dev_fraction) == dev


def test_dev_rows_are_held_out() -> None:
    model = NetClassifier(**quick, dev_fraction=0.2).fit(X, y)
    assert model.run_.record["rows"] == {"train": 72, "train_dev": 0, "dev": 18, "test": 0}
    assert NetClassifier(**quick).fit(X, y).validation_scores_ is None


def test_a_class_with_one_row_holds_nothing_out() -> None:
    data = Rows(np.zeros((300, 1)), np.r_[2, np.arange(299) % 2], None)
    assert NetClassifier()._controls(data).data.dev_fraction == 0


def test_verbose_prints_a_line_an_epoch(capsys: pytest.CaptureFixture[str]) -> None:
    NetRegressor(**quick, dev_fraction=0.2, verbose=True).fit(X, X[:, 0])
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines] == ["epoch 1", "epoch 2", "epoch 3"]
    assert "train_loss" in lines[0]
    assert "dev_r2" in lines[0]


def test_history_is_polars() -> None:
    assert isinstance(NetRegressor(**quick).fit(X, X[:, 0]).history_, pl.DataFrame)
