import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from netwright.core.controls import DataControls
from netwright.core.errors import DataError
from netwright.data.encoder import Encoder
from netwright.data.matrix import Matrix

GENERATOR = np.random.default_rng(0)
X = GENERATOR.normal(3, 20, (300, 5)) * [1, 10, 1e-3, 1e6, 1]
TRAIN = np.arange(0, 300, 2)


def fit(values, rows=TRAIN, **controls):
    return Matrix(values, "X").fit(rows, DataControls(**controls), embeddings=True, left_out=None)


@pytest.mark.parametrize(
    ("normalize", "reference"), [("standard", StandardScaler()), ("minmax", MinMaxScaler())]
)
def test_scaling_equals_scikit_learns_fitted_on_the_training_rows(normalize, reference):
    found = fit(X, normalize=normalize).transform(X)
    expected = reference.fit(X[TRAIN]).transform(X)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-6)


def test_none_leaves_the_numbers_alone():
    np.testing.assert_array_equal(fit(X, normalize="none").transform(X), X.astype(np.float32))


def test_missing_numbers_take_the_training_median_and_an_indicator():
    gaps = X.copy()
    gaps[::3, 1] = np.nan
    encoder = fit(gaps)
    filled = SimpleImputer(strategy="median").fit(gaps[TRAIN]).transform(gaps)
    known = gaps[TRAIN, 1][~np.isnan(gaps[TRAIN, 1])]
    found = encoder.transform(gaps)
    assert encoder.feature_names == ["x0", "x1", "x2", "x3", "x4", "x1 missing"]
    np.testing.assert_allclose(found[:, 1], (filled[:, 1] - known.mean()) / known.std(), rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(found[:, 5], np.isnan(gaps[:, 1]))
    assert fit(gaps, missing_indicator=False).n_in == 5


def test_a_gap_that_training_never_had_takes_the_mean():
    encoder = fit(X)
    assert encoder.transform(np.full((1, 5), np.nan)).tolist() == [[0.0] * 5]


def test_a_column_that_does_not_vary_in_training_is_safe():
    values = X.copy()
    values[:, 0] = 0.1 + 0.2
    values[TRAIN, 1] = np.nan
    found = fit(values).transform(values)
    assert np.isfinite(found).all()
    assert np.abs(found[:, 0]).max() < 1e-6


def test_images_have_one_mean_and_one_deviation():
    images = GENERATOR.integers(0, 255, (50, 6, 6, 1)).astype(np.uint8)
    rows = np.arange(30)
    found = fit(images, rows).transform(images)
    train = images[rows].astype(np.float64)
    assert found.shape == images.shape
    np.testing.assert_allclose(found, (images - train.mean()) / train.std(), rtol=1e-5, atol=1e-6)
    small = fit(images, rows, normalize="minmax").transform(images[rows])
    assert (small.min(), small.max()) == (0, 1)


@settings(deadline=None, max_examples=40)
@given(
    hnp.arrays(
        np.float64,
        st.tuples(st.integers(2, 30), st.integers(1, 4)),
        elements=st.floats(-1e9, 1e9).map(lambda value: round(value, 6)) | st.just(float("nan")),
    ),
    st.sampled_from(["standard", "minmax", "none"]),
)
def test_an_encoder_read_back_from_json_transforms_identically(values, normalize):
    encoder = fit(values, np.arange(len(values) // 2 + 1), normalize=normalize)
    again = Encoder.from_json(json.loads(json.dumps(encoder.to_json())))
    np.testing.assert_array_equal(encoder.transform(values), again.transform(values))
    assert np.isfinite(encoder.transform(values)).all()
    assert (again.shape, again.feature_names) == (encoder.shape, encoder.feature_names)


def test_rows_select_and_blocks_do_not_show():
    tall = GENERATOR.normal(size=(40_000, 2))
    encoder = fit(tall, np.arange(1000))
    rows = GENERATOR.permutation(40_000)[:20_000]
    np.testing.assert_array_equal(encoder.transform(tall, rows=rows), encoder.transform(tall[rows]))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (np.array([[1.0, np.inf]]), r"found inf in row 1 \(counted from 1\), column 2; expected finite"),
        (np.array([["1", "b"]]), r"found 'b' in row 1 \(counted from 1\), column 2"),
        (np.array([[1 + 2j]]), "found complex128 values, expected numbers"),
        (np.arange(3.0), r"found shape \(3,\), expected rows × columns"),
        (np.ones((3, 0)), r"found shape \(3, 0\), expected at least one column"),
        ([[1.0], [1.0, 2.0]], "rows have unequal lengths"),
    ],
)
def test_arrays_that_are_refused(values, message):
    with pytest.raises(DataError, match=f"X: {message}"):
        Matrix(values, "X")


def test_another_width_than_in_training():
    with pytest.raises(DataError, match="new: found 4 columns, expected 5 columns as in training"):
        fit(X).transform(X[:, :4], source="new")


def test_an_unknown_encoder_is_refused():
    with pytest.raises(DataError, match="found encoder 'pickle', expected one of image, "):
        Encoder.from_json({"encoder": "pickle"})
