"""Several targets of one table: what each is, which rows lack it, and the way into numbers and back."""

import numpy as np
import polars as pl
import pytest

import netwright as nw
from netwright.core.controls import DataControls
from netwright.core.errors import ControlError, DataError
from netwright.data.targets_encoder import TargetsEncoder, target_encoder_of

ROWS = 60


@pytest.fixture(scope="module")
def frame():
    """Two classes, three classes and numbers; some rows lack one or two, row 5 all of them."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=ROWS)
    income = ["high" if v > 0 else "low" for v in x]
    status = [["a", "b", "c"][i % 3] for i in range(ROWS)]
    hours = [float(40 + 10 * v) for v in x]
    gaps = {3: (0,), 4: (1,), 5: (0, 1, 2), 6: (0, 2)}
    for row, lacks in gaps.items():
        for which in lacks:
            (income, status, hours)[which][row] = None
    return pl.DataFrame(
        {"x": x, "z": rng.normal(size=ROWS), "income": income, "status": status, "hours": hours}
    )


@pytest.fixture(scope="module")
def ds(frame):
    return nw.read(frame, target=["income", "status", "hours"], name="people")


def test_each_target_has_the_task_that_its_values_ask_for(ds):
    assert (ds.task, ds.labels.names) == ("multitask", ["income", "status", "hours"])
    assert [part.task for part in ds.labels.parts] == ["binary", "multiclass", "regression"]
    assert len(ds) == ROWS - 1
    assert ds.notes == ("1 rows without a target were left out",)
    assert ds.schema.used == ["x", "z"]
    for line in ("income, binary, 2 classes", "status, multiclass, 3 classes", "missing in 2 rows"):
        assert line in ds.schema.target


def test_missing_labels_stay_missing_and_come_back_as_they_were(ds, frame):
    kept = frame.filter(pl.Series(range(ROWS)) != 5)
    labels = ds.labels.labels(np.arange(len(ds)))
    assert labels["income"].tolist() == kept["income"].to_list()
    assert labels["status"].tolist() == kept["status"].to_list()
    hours = kept["hours"].to_list()
    np.testing.assert_array_equal(labels["hours"], [np.nan if v is None else v for v in hours])


def test_the_encoder_standardizes_each_regression_on_its_own_known_training_rows(ds):
    prepared = ds.prepare(DataControls(), embeddings=True)
    encoder = prepared.target
    assert isinstance(encoder, TargetsEncoder)
    assert encoder.n_out == 5
    assert encoder.heads == (("income", 1), ("status", 3), ("hours", 1))
    y = prepared.train.y
    assert y.dtype == np.float32
    assert y.shape == (len(prepared.train), 3)
    hours = y[:, 2][~np.isnan(y[:, 2])].astype(np.float64)
    assert hours.mean() == pytest.approx(0, abs=1e-6)
    assert hours.std() == pytest.approx(1, abs=1e-6)
    again = target_encoder_of(encoder.to_json())
    labels = ds.labels.labels(prepared.train_rows)
    np.testing.assert_array_equal(again.encode(labels), y)
    np.testing.assert_array_equal(again.encode(pl.DataFrame(labels, strict=False)), y)


def test_splits_are_stratified_by_the_first_target_with_classes(ds):
    splits = ds.splits(DataControls())
    codes = ds.labels.values[:, 0]
    whole = np.nanmean(codes)
    assert np.nanmean(codes[splits.train]) == pytest.approx(whole, abs=0.02)
    assert sorted(np.concatenate([splits.train, splits.dev, splits.test])) == list(range(len(ds)))


def test_the_fingerprint_tells_targets_and_labels_apart(frame, ds):
    same = nw.read(frame, target=["income", "status", "hours"], name="other name")
    fewer = nw.read(frame, target=["income", "status"], drop=["hours"])
    assert same.fingerprint == ds.fingerprint
    assert fewer.fingerprint != ds.fingerprint


def test_arrays_by_name_are_several_targets(frame):
    X = frame.select("x", "z").to_numpy()
    rows = np.arange(ROWS) != 5
    y = {"hours": frame["hours"].to_numpy()[rows], "grade": np.where(X[rows, 0] > 0, 1.0, 2.0)}
    y["grade"][2] = np.nan
    made = nw.Dataset.from_arrays(
        X[rows], y, X_dev=X[:4], y_dev={"hours": np.arange(4.0), "grade": [1, 2, 1, 2]}
    )
    assert made.task == "multitask"
    assert made.labels.parts[1].classes == [1, 2]  # the gap made floats of them
    assert len(made.given["dev"]) == 4
    assert made.labels.labels(np.array([1, 2]))["grade"].tolist()[1] is None


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"target": ["income", "income"]}, DataError, "expected each column once"),
        ({"target": ["income", "hour"]}, DataError, "no column 'hour'"),
        ({"target": ["income", "hours"], "task": "binary"}, DataError, "goes with one target, found 2"),
    ],
)
def test_what_cannot_be_read_is_told(frame, change, error, words):
    with pytest.raises(error, match=words):
        nw.read(frame, **change)


def test_a_target_without_any_value_is_told(frame):
    empty = frame.with_columns(pl.lit(None, pl.Float64).alias("hours"))
    with pytest.raises(DataError, match="target 'hours' is missing in all 60"):
        nw.read(empty, target=["income", "hours"])


def test_unknown_labels_and_missing_targets_are_told(ds):
    encoder = ds.prepare(DataControls(), embeddings=True).target
    with pytest.raises(DataError, match="target 'status': label 'd' in row 2"):
        encoder.encode({"income": ["low", "low"], "status": ["a", "d"], "hours": [1.0, 2.0]})
    with pytest.raises(DataError, match="expected the targets income, status, hours"):
        encoder.encode({"income": ["low"], "status": ["a"]})


def test_class_weights_go_with_one_target(ds):
    with pytest.raises(ControlError, match=r"data\.class_weight: found 'balanced' for 3 targets"):
        _ = ds.prepare(DataControls(class_weight="balanced"), embeddings=True).train
