import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import netwright as nw
from netwright.core.errors import DataError

ROWS = 60


def table(**columns):
    base = {
        "age": [str(20 + i % 7) for i in range(ROWS)],
        "job": ["clerk", " cook", "?"] * (ROWS // 3),
        "income": ["low", "high"] * (ROWS // 2),
    }
    return pl.DataFrame(base | columns)


def write(tmp_path, frame, name="table.csv"):
    path = tmp_path / name
    frame.write_csv(path)
    return path


def test_a_csv_file_becomes_a_data_set_with_a_printed_schema(tmp_path):
    ds = nw.read(write(tmp_path, table(constant="x", row=range(ROWS))), target="income")
    assert (ds.name, ds.task, len(ds)) == ("table", "binary", ROWS)
    assert ds.schema.used == ["age", "job"]
    assert ds.schema.left_out == ["constant", "row"]
    printed = str(ds.schema)
    for text in (
        "table: 60 rows, 2 of 4 columns used",
        "categorical  20",
        "2 levels: ",
        "left out: every cell is 'x'",
    ):
        assert text in printed
    assert "target: income, binary, 2 classes: high 50.0%, low 50.0%" in printed
    assert "<td>job</td>" in ds.schema._repr_html_()
    assert ds.train.features["job"].unique().sort().to_list() == [None, "clerk", "cook"]
    assert set(ds.train.target) == {"low", "high"}


def test_every_kind_of_table_encodes_alike(tmp_path):
    frame = pl.DataFrame({"a": [1.5, None, 3.0] * 20, "b": ["x", "y", None] * 20, "y": [0, 1] * 30})
    frame.write_parquet(tmp_path / "t.parquet")
    frame.write_ndjson(tmp_path / "t.jsonl")
    frame.write_ipc(tmp_path / "t.feather")
    write(tmp_path, frame, "t.csv")
    sources = [tmp_path / name for name in ("t.parquet", "t.jsonl", "t.feather", "t.csv")]
    sources += [frame, frame.lazy(), frame.to_arrow(), frame.to_pandas()]
    found = [
        nw.read(source, target="y").prepare(nw.DataControls(), embeddings=False).train for source in sources
    ]
    for arrays in found[1:]:
        np.testing.assert_array_equal(arrays.x, found[0].x)
        np.testing.assert_array_equal(arrays.y, found[0].y)


def test_pandas_types_are_understood():
    frame = pd.DataFrame(
        {
            "level": pd.Categorical(["a", "b"] * 30),
            "count": pd.array([1, None, 3] * 20, dtype="Int64"),
            "text": pd.array(["u", "v", None] * 20, dtype="string"),
            "flag": pd.array([True, None, False] * 20, dtype="boolean"),
            "day": pd.date_range("2024-01-01", periods=60),
            "y": [0.5, 1.5, 2.25] * 20,
        }
    )
    ds = nw.read(frame, "y", name="frame")
    kinds = {column.name: column.kind for column in ds.schema.columns}
    expected = {
        "level": "categorical",
        "count": "numeric",
        "text": "categorical",
        "flag": "boolean",
        "day": "date",
    }
    assert kinds == expected
    assert ds.task == "regression"


def test_the_user_chooses_kinds_and_columns(tmp_path):
    path = write(tmp_path, table(row=range(ROWS), zip=[f"{i % 3}" for i in range(ROWS)], w=[1.0, 3.0] * 30))
    ds = nw.read(path, "income", categorical=["zip"], numeric=["row"], drop=["age"], weight="w")
    assert {c.name: c.kind for c in ds.schema.columns} == {
        "job": "categorical",
        "row": "numeric",
        "zip": "categorical",
    }
    assert set(ds.prepare(nw.DataControls(), embeddings=False).train.weight.round(3)) == {0.5, 1.5}


def test_a_file_to_predict_may_hold_the_target_and_left_out_columns(tmp_path):
    path = write(tmp_path, table(constant="x"))
    encoder = nw.read(path, "income", drop=["age"]).prepare(nw.DataControls(), embeddings=False).encoder
    assert encoder.transform(table(constant="x")).shape == (ROWS, encoder.n_in)
    assert encoder.transform(table().select("job")).shape == (ROWS, encoder.n_in)


def test_rows_without_a_target_are_left_out_and_said_so(tmp_path):
    ds = nw.read(write(tmp_path, table(income=["low", "high", "?", ""] * 15)), "income")
    assert len(ds) == 30
    assert ds.schema.notes == ("30 rows without a target were left out",)


@pytest.mark.parametrize("options", [{"text": "income"}, {"weight": "income"}, {"image": "income"}])
def test_a_target_is_no_feature(tmp_path, options):
    with pytest.raises(DataError, match="column 'income' is a target; it cannot be read as a feature, too"):
        nw.read(write(tmp_path, table()), "income", **options)


def test_texts_alone_say_how_to_learn_from_them(tmp_path):
    cells = [f"a review of film {i}, which nobody else has seen" for i in range(ROWS)]
    path = write(tmp_path, table(review=cells).select("review", "income"))
    with pytest.raises(
        DataError, match=r"'review' is text\. To learn from texts: text='review', --text review"
    ):
        nw.read(path, "income")


def test_labels_such_as_none_and_minus_are_labels(tmp_path):
    assert nw.read(write(tmp_path, table(income=["none", "mild"] * 30)), "income").labels.classes == [
        "mild",
        "none",
    ]
    assert nw.read(write(tmp_path, table(income=["+", "-"] * 30)), "income").labels.classes == ["+", "-"]


@pytest.mark.parametrize(
    ("labels", "classes"),
    [
        (["1", "0"], [0, 1]),
        (["True", "false"], [False, True]),
        (["1.5", "2"], [1.5, 2.0]),
        (["01", "10"], ["01", "10"]),
    ],
)
def test_labels_take_their_type_from_their_spelling(tmp_path, labels, classes):
    assert nw.read(write(tmp_path, table(income=labels * 30)), "income").labels.classes == classes


def test_a_data_set_is_the_same_in_parts_of_memory():
    frame = pl.DataFrame({"a": ["x", "yy", None] * 20, "b": range(60), "y": [0, 1] * 30})
    chunked = pl.concat([frame[:7], frame[7:]], rechunk=False)
    assert nw.read(frame, "y").fingerprint == nw.read(chunked, "y").fingerprint
    assert nw.read(pa.table(frame.to_arrow()), "y").fingerprint == nw.read(frame, "y").fingerprint
    other = frame.with_columns(pl.Series("a", ["xy", "y", None] * 20))
    assert nw.read(frame, "y").fingerprint != nw.read(other, "y").fingerprint


def test_a_stray_text_names_its_line(tmp_path):
    ages = [str(i % 50) for i in range(98)] + ["old", "n0ne"]
    frame = pl.DataFrame({"age": ages, "job": ["x", "y"] * 50, "y": [0, 1] * 50})
    with pytest.raises(
        DataError, match="found 'old' in line 100, column 'age', where nearly all cells are numbers"
    ):
        nw.read(write(tmp_path, frame), "y")
    gaps = frame.with_columns(pl.Series("y", [None, None] + [0, 1] * 49))
    with pytest.raises(DataError, match="found 'old' in line 100, column 'age'"):
        nw.read(write(tmp_path, gaps), "y")
    with pytest.raises(DataError, match=r"found 'old' in row 99 \(counted from 1\), column 'age'"):
        nw.read(gaps, "y")


def test_duplicate_column_names_of_a_frame():
    frame = pd.DataFrame([[1, 2, 0], [3, 4, 1]], columns=["a", "a", "y"])
    with pytest.raises(DataError, match="frame: column name 'a' occurs 2 times"):
        nw.read(frame, "y", name="frame")


def test_no_target_named(tmp_path):
    with pytest.raises(DataError, match=r"which column is the target .--target.\? Columns: age, job, income"):
        nw.read(write(tmp_path, table()))


@pytest.mark.parametrize("option", ["categorical", "numeric", "drop"])
def test_a_chosen_column_must_exist(tmp_path, option):
    with pytest.raises(DataError, match="no column 'agee'; did you mean 'age'"):
        nw.read(write(tmp_path, table()), "income", **{option: ["agee"]})


def test_no_feature_is_left(tmp_path):
    frame = pl.DataFrame({"constant": ["x"] * 20, "y": [0, 1] * 10})
    with pytest.raises(DataError, match="no column is left to learn from; 'constant' is constant"):
        nw.read(write(tmp_path, frame), "y")
