import json
from datetime import date, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netwright.core.controls import DataControls
from netwright.core.errors import DataError
from netwright.data.column_encoders import Levels
from netwright.data.encoder import Encoder
from netwright.data.schema import Column
from netwright.data.table import Table

FRAME = pl.DataFrame(
    {
        "age": [20.0, 30.0, 40.0, None, 50.0, 1000.0],
        "job": ["a", "b", "a", "b", None, "z"],
        "member": [True, False, True, False, True, False],
        "since": [
            date(2024, 1, 1),
            date(2024, 1, 11),
            None,
            date(2024, 2, 1),
            date(2024, 3, 1),
            date(1999, 1, 1),
        ],
    }
)
TRAIN = np.arange(5)


def fit(frame, rows=None, *, embeddings=True, **controls):
    table = Table.of_columns(frame.get_columns(), "table", {})
    rows = np.arange(len(frame)) if rows is None else rows
    return table.fit(rows, DataControls(**controls), embeddings=embeddings, left_out=None)


def test_each_kind_of_column_is_encoded_as_its_definition_says():
    encoder = fit(FRAME, TRAIN)
    assert encoder.feature_names == [
        *("age", "age missing", "job=a", "job=b", "job=(missing)", "member"),
        *("since year", "since month", "since day of week", "since day of year", "since elapsed days"),
        "since missing",
    ]
    x = encoder.transform(FRAME)
    age = np.array([20.0, 30, 40, 35, 50, 1000])
    known = np.array([20.0, 30, 40, 50])
    np.testing.assert_allclose(x[:, 0], (age - known.mean()) / known.std(), rtol=1e-6)
    assert x[:, 1].tolist() == [0, 0, 0, 1, 0, 0]
    assert x[:, 2:5].tolist() == [[1, 0, 0], [0, 1, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 0]]
    assert x[:, 5].tolist() == [1, 0, 1, 0, 1, 0]
    days = np.array([0.0, 10, 31, 60])
    np.testing.assert_allclose(x[[0, 1, 3, 4], 10], (days - days.mean()) / days.std(), rtol=1e-5)
    assert x[:, 11].tolist() == [0, 0, 1, 0, 0, 0]


def test_date_parts_are_those_of_the_calendar():
    frame = pl.DataFrame({"t": [datetime(2024, 2, 29, 12), datetime(2023, 12, 31)]})
    x = fit(frame, normalize="none").transform(frame)
    assert x.tolist() == [[2024, 2, 4, 60, 19782.5], [2023, 12, 7, 365, 19722]]


def test_many_levels_become_codes_in_the_last_columns():
    levels = [f"level {i:02}" for i in range(20)]
    frame = pl.DataFrame({"city": levels * 10, "age": np.arange(200.0) % 7})
    encoder = fit(frame)
    assert encoder.feature_names == ["age", "city"]
    assert encoder.embeddings == ((1, 21),)
    assert encoder.transform(frame)[:20, 1].tolist() == list(range(1, 21))
    assert fit(frame, embeddings=False).embeddings == ()
    assert fit(frame, embeddings=False).n_in == 21
    assert fit(frame, categories="onehot").n_in == 21
    unseen = pl.DataFrame({"city": ["level 99", None], "age": [1.0, 2.0]})
    assert encoder.transform(unseen)[:, 1].tolist() == [0, 0]


def test_few_levels_are_embedded_when_asked():
    frame = pl.DataFrame({"job": ["a", "b", "c"] * 10})
    assert fit(frame).embeddings == ()
    assert fit(frame, categories="embedding").embeddings == ((0, 4),)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.sampled_from(["a", " a ", "A", "b", "?", " NA", "", "never", "1", "1.0", None]), max_size=40),
    st.booleans(),
)
def test_a_code_depends_on_its_own_cell_alone(cells, rare):
    train = pl.Series("job", ["a"] * 5 + ["b"] * 5 + ["1"] * 5 + ["x"] * rare + [None] * 3)
    levels = Levels.fit(Column("job", "categorical"), train, 2)
    series = pl.Series("job", cells, dtype=pl.String)
    each = [levels.codes(series[[place]], "data")[0] for place in range(len(cells))]
    np.testing.assert_array_equal(levels.codes(series, "data"), each)
    coded = series.cast(pl.Categorical)
    np.testing.assert_array_equal(levels.codes(coded, "data"), each)
    known = {"a": 2, " a ": 2, "b": 3, "1": 1, **dict.fromkeys(("?", " NA", "", None), 4)}
    assert each == [known.get(cell, 0) for cell in cells]


def test_rare_levels_share_a_column_with_unseen_ones():
    frame = pl.DataFrame({"job": ["a"] * 990 + ["b"] * 1000 + ["x"] * 6 + ["y"] * 4})
    encoder = fit(frame, rare_level=10)
    assert encoder.feature_names == ["job=(rare)", "job=a", "job=b"]
    assert encoder.transform(pl.DataFrame({"job": ["x", "never", "b"]})).tolist() == [
        [1, 0, 0],
        [1, 0, 0],
        [0, 0, 1],
    ]
    assert fit(frame, rare_level=1).n_in == 4


def test_a_small_table_keeps_its_levels():
    frame = pl.DataFrame({"job": ["a"] * 50 + ["b"] * 48 + ["c"] * 2})
    assert fit(frame, rare_level=10).feature_names == ["job=a", "job=b", "job=c"]


def test_one_hot_is_bounded():
    frame = pl.DataFrame({"code": [f"c{i:04}" for i in range(1000)] * 2 + ["c0000"]})
    encoder = fit(frame, embeddings=False, rare_level=1)
    assert encoder.n_in == 257
    assert encoder.feature_names[:2] == ["code=(rare)", "code=c0000"]


cells = st.lists(
    st.tuples(
        st.none() | st.floats(-1e6, 1e6).map(lambda value: round(value, 6)),
        st.none() | st.sampled_from(["red", "green", "blue", "ünïcode", "a,b"]),
        st.none() | st.booleans(),
    ),
    min_size=4,
    max_size=40,
)


@settings(deadline=None, max_examples=60)
@given(
    cells,
    st.booleans(),
    st.sampled_from(["standard", "minmax", "none"]),
    st.sampled_from(["auto", "embedding"]),
)
def test_an_encoder_read_back_from_json_transforms_identically(rows, embeddings, normalize, categories):
    frame = pl.DataFrame(
        {
            "a": [r[0] for r in rows],
            "b": [r[1] for r in rows],
            "c": [r[2] for r in rows],
            "d": range(len(rows)),
        },
        schema={"a": pl.Float64, "b": pl.String, "c": pl.Boolean, "d": pl.Float64},
    )
    frame = frame.select([series for series in frame if series.null_count() < len(frame)])
    half = np.arange(len(rows) // 2)
    encoder = fit(frame, half, embeddings=embeddings, normalize=normalize, categories=categories)
    again = Encoder.from_json(json.loads(json.dumps(encoder.to_json())))
    x = encoder.transform(frame)
    np.testing.assert_array_equal(x, again.transform(frame))
    assert np.isfinite(x).all()
    assert x.shape == (len(rows), encoder.n_in) == (len(rows), len(encoder.feature_names))
    for column, levels in encoder.embeddings:
        assert ((x[:, column] >= 0) & (x[:, column] < levels)).all()


@settings(deadline=None, max_examples=40)
@given(cells, st.randoms(use_true_random=False))
def test_rows_outside_training_never_change_the_encoder(rows, random):
    schema = {"a": pl.Float64, "b": pl.String, "c": pl.Boolean}
    fixed = [(1.0, "red", True), (2.0, "green", False)] * 3
    shuffled = random.sample(rows, len(rows))
    first, second = (pl.DataFrame(fixed + tail, schema=schema, orient="row") for tail in (rows, shuffled))
    train = np.arange(len(fixed))
    assert fit(first, train).to_json()["parts"][0]["center"] == [1.5]
    for a, b in zip(fit(first, train).to_json()["parts"], fit(second, train).to_json()["parts"], strict=True):
        assert {k: v for k, v in a.items() if k != "column"} == {k: v for k, v in b.items() if k != "column"}


def test_text_from_a_file_encodes_like_typed_values():
    text = FRAME.select(pl.all().cast(pl.String).fill_null("?"))
    encoder = fit(FRAME, TRAIN)
    np.testing.assert_array_equal(encoder.transform(text), encoder.transform(FRAME))


def test_a_level_is_one_however_it_is_stored():
    frame = pl.DataFrame({"code": ["1", "2", "3"] * 10})
    table = Table.of_columns(frame.get_columns(), "table", {"code": "categorical"})
    encoder = table.fit(np.arange(30), DataControls(), embeddings=False, left_out=None)
    expected = np.eye(3)
    for values in (["1", "2", "3"], [1, 2, 3], [1.0, 2.0, 3.0]):
        np.testing.assert_array_equal(encoder.transform(pl.DataFrame({"code": values})), expected)


def test_columns_may_come_in_any_order_and_left_out_ones_may_be_absent():
    frame = FRAME.with_columns(pl.lit("same").alias("constant"))
    encoder = fit(frame, TRAIN)
    expected = encoder.transform(frame)
    np.testing.assert_array_equal(encoder.transform(FRAME.select(reversed(FRAME.columns))), expected)


def test_an_array_is_read_by_position():
    encoder = fit(FRAME, TRAIN)
    cells = np.array(FRAME.rows(), object)
    np.testing.assert_array_equal(encoder.transform(cells), encoder.transform(FRAME))
    with pytest.raises(DataError, match="found 3 columns, expected 4 as in training"):
        encoder.transform(cells[:, :3])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"drop": "age"},
            "column 'age' is missing. Expected the columns of training: age, job, member, since",
        ),
        ({"rename": {"age": "agee"}}, "column 'age' is missing; did you mean 'agee'"),
        ({"add": "height"}, "column 'height' was not there in training"),
        (
            {"age": ["1", "2", "old"]},
            r"found 'old' in row 3 \(counted from 1\), column 'age'; expected numbers",
        ),
        ({"age": [date(2024, 1, 1)] * 3}, "column 'age' holds dates, expected numbers as in training"),
        ({"age": [[1], [2], [3]]}, r"column 'age' holds List\(Int64\) values, expected numbers"),
        ({"age": [1.0, 2.0, -np.inf]}, "found -inf in row 3"),
        (
            {"job": [timedelta(days=1)] * 3},
            r"column 'job' holds Duration\(.*\) values, expected text or codes as in training",
        ),
        ({"member": ["true", "maybe", "false"]}, "found 'maybe' in row 2 .* expected true or false"),
        ({"member": [0, 1, 2]}, "found '2' in row 3"),
        ({"since": ["2024-01-01", "01.02.2024", "?"]}, "found '01.02.2024' in row 2 .* expected dates"),
        ({"since": [1, 2, 3]}, "column 'since' holds Int64 values, expected dates"),
        ({"job": [[1], [2], [3]]}, "column 'job' holds .* expected text or codes"),
    ],
)
def test_tables_that_do_not_fit_the_training(change, message):
    frame = FRAME.head(3)
    if "drop" in change:
        frame = frame.drop(change["drop"])
    elif "rename" in change:
        frame = frame.rename(change["rename"])
    elif "add" in change:
        frame = frame.with_columns(pl.lit(1).alias(change["add"]))
    else:
        frame = frame.with_columns(pl.Series(name, values) for name, values in change.items())
    with pytest.raises(DataError, match=f"new.csv: {message}") as error:
        fit(FRAME, TRAIN).transform(frame, source="new.csv")
    assert len(str(error.value).splitlines()) <= 2


def test_rows_in_later_blocks_are_counted_from_the_top():
    frame = pl.DataFrame({"age": ["1"] * 70_000 + ["old"]})
    encoder = fit(pl.DataFrame({"age": [1.0, 2.0]}))
    with pytest.raises(DataError, match="found 'old' in row 70001 "):
        encoder.transform(frame)
