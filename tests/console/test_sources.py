"""Rows to judge by are read as rows to learn from are."""

import polars as pl
import pytest

from netwright.console.sources import to_judge
from netwright.core.errors import DataError

RECORD = {"data": {"origin": {"target": "y", "drop": ["z"], "weight": "w"}}}


def test_rows_without_a_target_are_left_out_and_weights_are_numbers(tmp_path):
    file = tmp_path / "t.parquet"
    frame = pl.DataFrame(
        {"x": [1, 2, 3], "y": [0.5, float("nan"), 2.0], "z": [0, 0, 0], "w": ["1", "2", "3"]}
    )
    frame.write_parquet(file)
    features, targets, weight, _ = to_judge(str(file), RECORD, None, "utf-8")
    assert features.to_dict(as_series=False) == {"x": [1, 3]}
    assert (targets.tolist(), weight.tolist()) == ([0.5, 2.0], [1.0, 3.0])


def test_categories_are_read_as_text_and_spelled_gaps_left_out(tmp_path):
    file = tmp_path / "t.parquet"
    pl.DataFrame({"x": [1, 2, 3], "y": pl.Series([" a", "NA", "b"], dtype=pl.Categorical)}).write_parquet(
        file
    )
    assert to_judge(str(file), RECORD, None, "utf-8")[1].tolist() == ["a", "b"]


def test_weights_that_make_no_sense(tmp_path):
    file = tmp_path / "t.csv"
    file.write_text("x,y,w\n1,a,1\n2,b,-1\n")
    with pytest.raises(DataError, match=r"t.csv: column 'w': found -1.0 in row 2 "):
        to_judge(str(file), RECORD, None, "utf-8")
