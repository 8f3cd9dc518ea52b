"""RF-3: input standardization fitted on training data only. TD-7: input normalization."""

import numpy as np
import polars as pl
from scipy import stats

import netwright as nw


def test_inputs_are_standardized_by_the_moments_of_the_training_rows():
    """RF-3: x' = (x − μ)/σ with μ and σ of the training rows, the same numbers for dev and test."""
    generator = np.random.default_rng(0)
    X = generator.gamma(2.0, 50.0, (500, 4))
    prepared = nw.Dataset.from_arrays(X, X[:, 0]).prepare(nw.DataControls(), embeddings=False)
    rows = prepared.splits
    expected = stats.zmap(X, X[rows.train])
    for part, at in ((prepared.train, rows.train), (prepared.dev, rows.dev), (prepared.test, rows.test)):
        np.testing.assert_allclose(part.x, expected[at], rtol=1e-5, atol=1e-6)
    assert abs(prepared.dev.x.mean()) > 1e-3


def test_held_out_rows_never_reach_the_fit():
    """RF-3: changing every dev and test row, features and targets, leaves both encoders as they were."""
    generator = np.random.default_rng(1)
    frame = pl.DataFrame(
        {
            "size": generator.normal(size=400),
            "colour": generator.choice(["red", "green", "blue"], 400),
            "gap": np.where(generator.random(400) < 0.2, np.nan, generator.normal(size=400)),
            "price": generator.normal(size=400),
        }
    )
    controls = nw.DataControls()
    first = nw.read(frame, "price").prepare(controls, embeddings=False)
    held_out = np.zeros(400, bool)
    held_out[first.splits.dev] = held_out[first.splits.test] = True
    shifted = frame.with_columns(
        pl.when(pl.Series(held_out)).then(pl.col(name) * 100 + 7).otherwise(pl.col(name)).alias(name)
        for name in ("size", "gap", "price")
    ).with_columns(
        pl.when(pl.Series(held_out)).then(pl.lit("violet")).otherwise(pl.col("colour")).alias("colour")
    )
    second = nw.read(shifted, "price").prepare(controls, embeddings=False)
    np.testing.assert_array_equal(first.train.x, second.train.x)
    np.testing.assert_array_equal(first.train.y, second.train.y)
    assert first.target.to_json() == second.target.to_json()
    assert np.abs(second.dev.x[:, 0]).max() > 50


def test_normalization_is_a_control():
    """TD-7: inputs may be standardized, scaled to [0, 1], or left alone."""
    X = np.random.default_rng(2).normal(10, 3, (200, 2))
    ds = nw.Dataset.from_arrays(X, X.sum(1))
    x = {
        kind: ds.prepare(nw.DataControls(normalize=kind), embeddings=False).train.x
        for kind in ("standard", "minmax", "none")
    }
    np.testing.assert_allclose(x["standard"].mean(0), 0, atol=1e-6)
    np.testing.assert_allclose(x["standard"].std(0), 1, rtol=1e-6)
    np.testing.assert_allclose([x["minmax"].min(0), x["minmax"].max(0)], [[0, 0], [1, 1]], atol=1e-7)
    np.testing.assert_array_equal(x["none"], X[ds.train.rows].astype(np.float32))


def test_a_regression_target_is_standardized_and_mapped_back():
    """TD-7: the target's scale is that of the training rows and predictions return to the user's units."""
    y = np.random.default_rng(3).normal(1e4, 250, 200)
    ds = nw.Dataset.from_arrays(y[:, None], y)
    prepared = ds.prepare(nw.DataControls(), embeddings=False)
    train = y[ds.train.rows]
    np.testing.assert_allclose(prepared.train.y, (train - train.mean()) / train.std(), rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(prepared.target.decode_values(prepared.dev.y), y[ds.dev.rows], rtol=1e-6)
