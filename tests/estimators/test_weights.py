"""Sample weights and class weights."""

import numpy as np
import pytest

from netwright.estimators import NetClassifier, NetRegressor

generator = np.random.default_rng(0)
X = generator.normal(size=(40, 3))
y = (X[:, 0] > 0).astype(int)
quick = {"hidden": 8, "epochs": 3, "random_state": 0}


@pytest.mark.parametrize("kind", [NetClassifier, NetRegressor])
def test_a_weight_is_so_many_copies_to_the_last_bit(kind: type[NetClassifier | NetRegressor]) -> None:
    X, y = generator.normal(size=(12, 3)), np.arange(12) % 2
    weight = np.array([0, 1, 2, 3, 1, 0, 2, 1, 4, 1, 2, 3])
    order = generator.permutation(12)
    weighted = kind(**quick).fit(X[order], y[order], sample_weight=weight[order])
    copied = kind(**quick).fit(X.repeat(weight, axis=0), y.repeat(weight))
    np.testing.assert_array_equal(weighted.predict(X), copied.predict(X))
    np.testing.assert_array_equal(weighted.coefs_[0], copied.coefs_[0])


def test_a_frame_counts_copies_too() -> None:
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame({"a": np.arange(8.0), "b": pd.Categorical(list("uvuvuvuv"))})
    weight, labels = np.array([1, 2, 0, 1, 3, 1, 1, 2]), np.array([0, 1, 0, 0, 1, 1, 0, 1])
    copies = np.repeat(np.arange(8), weight)
    weighted = NetClassifier(**quick).fit(frame, labels, sample_weight=weight)
    copied = NetClassifier(**quick).fit(frame.iloc[copies], labels[copies])
    np.testing.assert_array_equal(weighted.predict_proba(frame), copied.predict_proba(frame))


def test_zero_takes_a_row_out_of_a_large_table() -> None:
    X, y = generator.normal(size=(120, 3)), np.arange(120) % 2
    weight = (np.arange(120) % 4 > 0).astype(float)
    weighted = NetClassifier(**quick).fit(X, y, sample_weight=weight)
    without = NetClassifier(**quick).fit(X[weight > 0], y[weight > 0])
    np.testing.assert_array_equal(weighted.predict_proba(X), without.predict_proba(X))


def test_a_class_without_weight_is_not_there() -> None:
    labels = np.arange(40) % 3
    model = NetClassifier(**quick).fit(X, labels, sample_weight=(labels != 1).astype(float))
    np.testing.assert_array_equal(model.classes_, [0, 2])


def test_class_weights_are_sample_weights() -> None:
    by_class = NetClassifier(**quick, class_weight={0: 3.0, 1: 1.0}).fit(X, y)
    by_row = NetClassifier(**quick).fit(X, y, sample_weight=np.where(y == 0, 3.0, 1.0))
    np.testing.assert_array_equal(by_class.coefs_[0], by_row.coefs_[0])


def test_balanced_classes_weigh_the_same() -> None:
    rare = (np.arange(40) % 10 == 0).astype(int)
    model = NetClassifier(
        hidden=(), class_weight="balanced", learning_rate=0.1, weight_decay=0.0, epochs=300, random_state=0
    )
    probabilities = model.fit(X, rare).predict_proba(X)[:, 1]
    # At the minimum of a logistic regression's cost the mean of the probabilities is the share of the class.
    assert np.average(probabilities, weights=np.where(rare == 1, 10, 10 / 9)) == pytest.approx(0.5, abs=1e-3)


@pytest.mark.parametrize(
    ("weight", "message"),
    [
        (np.ones(39), r"found shape \(39,\), expected \(40,\)"),
        (np.ones((40, 2)), r"found shape \(40, 2\)"),
        (np.r_[-1.0, np.ones(39)], "found -1, expected weights of at least zero"),
        (np.r_[np.nan, np.ones(39)], "contains NaN"),
        (np.zeros(40), "every weight is zero"),
    ],
)
def test_wrong_weights_are_refused(weight: np.ndarray, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        NetClassifier(**quick).fit(X, y, sample_weight=weight)
