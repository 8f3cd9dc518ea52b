import pickle
import subprocess
import sys

import jax.numpy as jnp
import numpy as np
import pandas as pd
import polars as pl
import pytest

import netwright as nw
from netwright.core.errors import ControlError, DataError

GENERATOR = np.random.default_rng(0)
X = GENERATOR.normal(size=(120, 3))
Y = np.arange(120) % 3


def prepared(ds, **controls):
    return ds.prepare(nw.DataControls(**controls), embeddings=False)


@pytest.mark.parametrize(
    "make", [np.asarray, jnp.asarray, pd.DataFrame, lambda x: pl.DataFrame(x.copy()), list]
)
def test_every_kind_of_array_gives_the_same_numbers(make):
    X32 = X.astype(np.float32)
    expected = prepared(nw.Dataset.from_arrays(X32, Y)).train
    found = prepared(
        nw.Dataset.from_arrays(make(X32), make(Y) if make is not pd.DataFrame else pd.Series(Y))
    ).train
    np.testing.assert_allclose(found.x, expected.x, atol=1e-6)
    np.testing.assert_array_equal(found.y, expected.y)


def test_the_parts_are_stratified_and_their_arrays_typed():
    ds = nw.Dataset.from_arrays(X, Y)
    assert (ds.task, len(ds.train), len(ds.dev), len(ds.test)) == ("multiclass", 84, 18, 18)
    arrays = prepared(ds)
    for part, split in ((arrays.train, ds.train), (arrays.dev, ds.dev), (arrays.test, ds.test)):
        assert (part.x.dtype, part.y.dtype, part.weight.dtype) == (np.float32, np.int32, np.float32)
        assert len(part) == len(part.y) == len(part.weight) == len(split)
        np.testing.assert_array_equal(part.y, split.target)
        np.testing.assert_array_equal(np.bincount(part.y), [len(part) // 3] * 3)
        np.testing.assert_array_equal(split.features, X[split.rows])


def test_given_parts_are_honoured():
    ds = nw.Dataset.from_arrays(X[:80], Y[:80], X_test=X[80:], y_test=Y[80:])
    splits = ds.splits(nw.DataControls())
    np.testing.assert_array_equal(splits.test, np.arange(80, 120))
    assert (len(splits.train), len(splits.dev)) == (68, 12)
    both = nw.Dataset.from_arrays(X[:80], Y[:80], X[80:100], Y[80:100], X[100:], Y[100:])
    assert [len(part) for part in (both.train, both.dev, both.test)] == [80, 20, 20]
    np.testing.assert_array_equal(prepared(both).train.x.mean(0).round(5), [0, 0, 0])


def test_given_parts_of_tables_are_read_like_the_training_part():
    frame = pd.DataFrame({"a": ["u", "v"] * 30, "b": range(0, 120, 2)})
    other = pd.DataFrame({"a": ["w"], "b": [1]})
    ds = nw.Dataset.from_arrays(frame, [0, 1] * 30, X_dev=other, y_dev=[1])
    assert prepared(ds, normalize="none", test_fraction=0).dev.x.tolist() == [[0, 0, 1]]
    with pytest.raises(DataError, match="X_dev: found columns b, a; expected a, b as in X"):
        nw.Dataset.from_arrays(frame, [0, 1] * 30, X_dev=other[["b", "a"]], y_dev=[1])


def test_nothing_held_out_when_no_fraction_asks_for_it():
    arrays = prepared(nw.Dataset.from_arrays(X, Y), dev_fraction=0, test_fraction=0)
    assert (len(arrays.train), arrays.dev, arrays.test) == (120, None, None)


def test_groups_and_times_split_by_their_column():
    frame = pl.DataFrame({"who": [f"p{i % 12}" for i in range(120)], "day": range(5, 125), "x": X[:, 0]})
    ds = nw.Dataset.from_arrays(frame, Y)
    controls = nw.DataControls(split="group", split_column="who")
    splits = ds.splits(controls)
    who = frame["who"].to_numpy()
    assert not set(who[splits.train]) & set(who[splits.test])
    assert ds.prepare(controls, embeddings=False).encoder.feature_names == ["day", "x"]
    late = ds.splits(nw.DataControls(split="time", split_column="day"))
    np.testing.assert_array_equal(late.test, np.arange(102, 120))
    by_array = nw.Dataset.from_arrays(np.column_stack([Y, X]), Y)
    arrays = by_array.prepare(nw.DataControls(split="group", split_column="x0"), embeddings=False)
    assert arrays.encoder.feature_names == ["x1", "x2", "x3"]
    with pytest.raises(ControlError, match=r"data.split_column: expected the column that holds the group"):
        ds.splits(nw.DataControls(split="group"))
    with pytest.raises(DataError, match="no column 'whom'; did you mean 'who'"):
        ds.splits(nw.DataControls(split="group", split_column="whom"))


def test_sample_weights_reach_every_part():
    weight = np.arange(1.0, 121.0)
    ds = nw.Dataset.from_arrays(X, Y, sample_weight=weight)
    arrays = prepared(ds)
    rows = ds.train.rows
    np.testing.assert_allclose(arrays.train.weight, weight[rows] / weight[rows].mean(), rtol=1e-6)
    np.testing.assert_array_equal(arrays.dev.weight, weight[ds.dev.rows])


def test_the_fingerprint_follows_the_content_and_nothing_else():
    code = (
        "import numpy as np, netwright as nw;"
        "print(nw.Dataset.from_arrays(np.arange(60.).reshape(20, 3), np.arange(20) % 2, name='x').fingerprint)"
    )
    elsewhere = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    values, labels = np.arange(60.0).reshape(20, 3), np.arange(20) % 2
    here = nw.Dataset.from_arrays(np.asfortranarray(values), labels).fingerprint
    assert elsewhere.strip() == here
    changed = values.copy()
    changed[7, 1] += 1e-9
    assert nw.Dataset.from_arrays(changed, labels).fingerprint != here
    assert nw.Dataset.from_arrays(values, 1 - labels).fingerprint != here
    assert nw.Dataset.from_arrays(values.astype(np.float32), labels).fingerprint != here


def test_a_column_of_labels_and_object_cells_are_accepted():
    cells = np.array([["a", 1.5], ["b", None]] * 20, object)
    ds = nw.Dataset.from_arrays(cells, np.array([["u"], ["v"]] * 20))
    assert ds.labels.classes == ["u", "v"]
    assert [column.kind for column in ds.schema.columns] == ["categorical", "numeric"]


def test_mixed_cells_of_a_pandas_column_are_read_as_text():
    frame = pd.DataFrame({"a": pd.Series([1, "x", None, 2.5] * 10, dtype=object), "b": [1.0, 2, 3, 4] * 10})
    ds = nw.Dataset.from_arrays(frame, pd.Series(["u", "v"] * 20))
    assert ds.train.features["a"].unique().sort().to_list() == [None, "1", "2.5", "x"]
    with pytest.raises(DataError, match="target 'y' is nan in row 2"):
        nw.Dataset.from_arrays(frame, pd.Series([1, None] * 20, dtype="Int64"))


def test_feature_names_name_the_columns():
    ds = nw.Dataset.from_arrays(X, Y, feature_names=["a", "b", "c"])
    assert ds.schema.used == prepared(ds).encoder.feature_names == ["a", "b", "c"]
    with pytest.raises(DataError, match="feature_names: found 2 names, expected 3"):
        nw.Dataset.from_arrays(X, Y, feature_names=["a", "b"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"y": Y[:-1]}, "found 120 rows of X and 119 of y"),
        ({"X": X[:0], "y": Y[:0]}, "found 0 rows"),
        ({"y": np.stack([Y, Y], 1)}, r"y: found shape \(120, 2\), expected one value a row"),
        ({"X_dev": X}, "X_dev and y_dev: found one of them, expected both or neither"),
        ({"X_dev": X[:, :2], "y_dev": Y}, r"X_dev: found shape \(120, 2\), expected \(rows, 3\) as in X"),
        (
            {"task": "clasification"},
            "task 'clasification' is not known. Known: binary, multiclass, regression",
        ),
        ({"sample_weight": [1.0]}, "sample_weight: found 1 weights for 120 rows"),
        ({"y": np.where(Y == 0, np.nan, Y)}, r"target 'y' is nan in row 1 \(counted from 1\)"),
    ],
)
def test_arguments_that_are_refused(arguments, message):
    with pytest.raises(DataError, match=message):
        nw.Dataset.from_arrays(**({"X": X, "y": Y} | arguments))


def test_the_fingerprint_tells_which_rows_came_as_which_part():
    head, tail = (X[:100], Y[:100]), (X[100:], Y[100:])
    whole = nw.Dataset.from_arrays(X, Y)
    as_dev = nw.Dataset.from_arrays(*head, *tail)
    as_test = nw.Dataset.from_arrays(*head, X_test=tail[0], y_test=tail[1])
    assert len({whole.fingerprint, as_dev.fingerprint, as_test.fingerprint}) == 3


def test_times_that_have_no_order():
    days = [f"{1 + i % 9:02}/{1 + i % 7:02}/2024" for i in range(120)]
    ds = nw.Dataset.from_arrays(pl.DataFrame({"day": days, "x": X[:, 0]}), Y)
    with pytest.raises(
        DataError, match=r"'day' is text, '01/01/2024' in row 1 .*; write dates as YYYY-MM-DD"
    ):
        ds.splits(nw.DataControls(split="time", split_column="day"))
    gap = np.where(np.arange(120)[:, None] == 4, np.nan, X)
    with pytest.raises(DataError, match=r"data.split_column: 'x0' is missing in row 5 "):
        nw.Dataset.from_arrays(gap, Y).splits(nw.DataControls(split="time", split_column="x0"))


def test_an_identifier_written_as_text_is_ordered_as_numbers():
    frame = pl.DataFrame({"step": [str(i) for i in range(1, 121)], "x": X[:, 0]})
    splits = nw.Dataset.from_arrays(frame, Y).splits(nw.DataControls(split="time", split_column="step"))
    np.testing.assert_array_equal(splits.test, np.arange(102, 120))


@pytest.mark.parametrize("name", ["iris", "adult", "digits"])
def test_another_process_prepares_the_same(name):
    dataset = nw.example(name)
    here = dataset.prepare(nw.DataControls(), embeddings=True)
    copy = pickle.loads(pickle.dumps(dataset))
    there = copy.prepare(nw.DataControls(), embeddings=True)
    assert copy.fingerprint == dataset.fingerprint
    np.testing.assert_array_equal(there.train.x, here.train.x)
    np.testing.assert_array_equal(there.dev.y, here.dev.y)
