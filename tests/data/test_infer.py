from datetime import date, datetime

import polars as pl
import pytest

from netwright.core.errors import DataError
from netwright.data.infer import infer

ROWS = 200


def text(*cells):
    return pl.Series("column", (list(cells) * ROWS)[:ROWS])


def kind(series):
    return infer(series, "table")[0].kind


@pytest.mark.parametrize(
    ("series", "expected"),
    [
        (text("1", "2", " 3.5 "), "numeric"),
        (text("1e5", "-2", "+.5"), "numeric"),
        (text("1", "2", "?"), "numeric"),
        (text("red", "green"), "categorical"),
        (text("True", "false"), "boolean"),
        (text("yes", "no"), "categorical"),
        (text("01234", "10115", "99999"), "categorical"),
        (text("2024-01-31", "2023-12-01"), "date"),
        (text("31.01.2024", "01.12.2023"), "date"),
        (text("12/31/2024", "01/12/2023"), "date"),
        (text("01/02/2024", "03/04/2023"), "categorical"),
        (text("2024-01-31 10:00:00", "2023-12-01 23:59:59.5"), "date"),
        (text("2024-01-31T10:00:00Z", "2023-12-01T23:59:59Z"), "date"),
        (text("same"), "constant"),
        (text("same", None), "categorical"),
        (pl.Series("column", [f"u{i}" for i in range(ROWS)]), "identifier"),
        (pl.Series("column", [f"the {i} was very good" for i in range(ROWS)]), "text"),
        (pl.Series("column", range(ROWS)), "identifier"),
        (pl.Series("column", [str(i + 1) for i in range(ROWS)]), "identifier"),
        (pl.Series("column", range(1900, 1900 + ROWS)), "numeric"),
        (pl.Series("column", range(10)), "numeric"),
        (pl.Series("column", [(i * 7919) % 104729 for i in range(ROWS)]), "numeric"),
        (pl.Series("patient_id", [(i * 7919) % 104729 for i in range(ROWS)]), "identifier"),
        (pl.Series("PassengerId", [(i * 7919) % 104729 for i in range(ROWS)]), "identifier"),
        (pl.Series("paid", [(i * 7919) % 104729 for i in range(ROWS)]), "numeric"),
        (pl.Series("grid", [(i * 7919) % 104729 for i in range(ROWS)]), "numeric"),
        (pl.Series("patient_id", [1, 2] * (ROWS // 2)), "numeric"),
        (pl.Series("column", [True, False] * 9), "boolean"),
        (pl.Series("column", [date(2024, 1, 1), date(2024, 1, 2)]), "date"),
        (pl.Series("column", [datetime(2024, 1, 1), datetime(2024, 1, 2)]), "date"),
        (pl.Series("column", ["a", "b"] * 9, dtype=pl.Categorical), "categorical"),
        (pl.Series("column", [1.0, float("nan"), 2.0]), "numeric"),
    ],
)
def test_kinds(series, expected):
    assert kind(series) == expected


def test_left_out_columns_say_why():
    for series in (
        text("same"),
        pl.Series("id", range(ROWS)),
        pl.Series("x", [f"u{i}" for i in range(ROWS)]),
    ):
        column = infer(series, "table")[0]
        assert not column.used
        assert column.note


@pytest.mark.parametrize("spelling", ["?", "NA", "n/a", "", "null", "NaN", "None", "-", " ? "])
def test_every_spelling_of_missing_is_missing_in_numbers_and_in_text(spelling):
    column, values = infer(text("1", "2", spelling), "table")
    assert (column.kind, column.missing) == ("numeric", ROWS // 3)
    assert values.to_list()[:3] == [1.0, 2.0, None]
    column, values = infer(text("red", "green", spelling), "table")
    assert (column.kind, column.missing) == ("categorical", ROWS // 3)
    assert values.to_list()[:3] == ["red", "green", None]


def test_one_repeated_spelling_among_numbers_means_missing():
    cells = [str(i * 3) for i in range(98)] + ["unknown", "unknown"]
    column, values = infer(pl.Series("age", cells), "table")
    assert (column.kind, column.missing, column.missing_as) == ("numeric", 2, "unknown")
    assert column.note == "'unknown' means missing"
    assert values.null_count() == 2


def test_several_stray_texts_among_numbers_are_an_error():
    cells = [str(i * 3) for i in range(98)] + ["twelve", "12 years"]
    with pytest.raises(
        DataError, match=r"'twelve' in row 99 \(counted from 1\), column 'age'.*--categorical age"
    ):
        infer(pl.Series("age", cells), "table")


def test_the_user_may_say_the_kind():
    assert infer(text("1", "2"), "table", "categorical")[1].to_list()[:2] == ["1", "2"]
    assert infer(pl.Series("id", range(ROWS)), "table", "numeric")[0].used
    with pytest.raises(DataError, match="found 'red' in row 1"):
        infer(text("red", "1"), "table", "numeric")


@pytest.mark.parametrize(
    ("series", "message"),
    [
        (text("?", None, ""), "column 'column' is missing in every row; leave it out: --drop column"),
        (pl.Series("column", [None, None]), "is missing in every row"),
        (pl.Series("column", [float("nan")] * 3), "is missing in every row"),
        (pl.Series("column", [[1, 2], [3]]), "which no encoder reads; leave it out"),
        (pl.Series("column", [{"a": 1}, {"a": 2}]), "which no encoder reads"),
        (pl.Series("column", [b"a", b"b"]), "which no encoder reads"),
        (pl.Series("column", [1.0, float("inf")]), r"found inf in row 2 \(counted from 1\)"),
        (text("1", "inf"), "found inf in row 2"),
        (text("1", "1e39"), r"found 1e\+39 in row 2"),
    ],
)
def test_columns_that_are_refused(series, message):
    with pytest.raises(DataError, match=f"^table: .*{message}"):
        infer(series, "table")
