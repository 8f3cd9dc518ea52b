"""``netwright evaluate``: the test set is opened and counted; other data are read as training's were."""

import json

import polars as pl
import pytest
from scipy.stats import binomtest

import netwright as nw
from netwright.console.scores import wilson


def test_the_test_set_is_opened_and_counted(say, run):
    expected = nw.load(run).evaluate("dev")
    before = nw.load(run).record.get("test_openings", 0)
    result = say("evaluate", run)
    assert result.exit_code == 0
    assert "on the test set, 18 rows" in result.stdout
    told = json.loads(say("evaluate", run, "--json").stdout)
    assert told["test_openings"] == before + 2
    assert told["data"] == "test"
    assert told["metrics"].keys() == expected.keys()
    assert f"opened {before + 3} times" in say("evaluate", run).stdout


def test_other_data_are_read_as_training_read_them(say, run, customers):
    told = json.loads(say("evaluate", run, customers, "--json").stdout)
    expected = nw.load(run).evaluate(nw.read(customers, "income"))
    assert told["metrics"] == pytest.approx(expected)
    assert told["intervals_95"]["accuracy"] == pytest.approx(wilson(expected["accuracy"], 120))
    assert told["test_openings"] is None


def test_another_target(say, run, customers, tmp_path):
    file = tmp_path / "renamed.csv"
    pl.read_csv(customers).rename({"income": "earns"}).write_csv(file)
    result = say("evaluate", run, file)
    assert result.exit_code == 1
    assert "no column 'income'" in result.stderr
    renamed = json.loads(say("evaluate", run, file, "--target", "earns", "--json").stdout)
    assert renamed["metrics"] == json.loads(say("evaluate", run, customers, "--json").stdout)["metrics"]


def test_weighted_rows_have_no_interval(say, quick, customers, tmp_path):
    """Wilson's interval counts rows that weigh the same, as rows without the weights' column do."""
    file, out = tmp_path / "weighted.csv", tmp_path / "run"
    pl.read_csv(customers).with_columns(pl.int_range(1, 121).alias("w")).write_csv(file)
    say("fit", file, "--target", "income", "--weight", "w", "--out", out, "--quiet", *quick)
    for data in ((), (file,)):
        assert json.loads(say("evaluate", out, *data, "--json").stdout)["intervals_95"] == {}
        assert "95 %" not in say("evaluate", out, *data).stdout
    assert "accuracy" in json.loads(say("evaluate", out, customers, "--json").stdout)["intervals_95"]


def test_a_row_is_named_by_its_place_in_the_file(say, run, customers, tmp_path):
    """Rows without a label are no part of what is judged, but they count."""
    rows = pl.read_csv(customers).with_columns(
        pl.when(pl.int_range(pl.len()) < 50).then(None).otherwise(pl.col("income")).alias("income")
    )
    for column, cell, said in (("age", "old", "found 'old'"), ("income", "medium", "label 'medium'")):
        file = tmp_path / f"{column}.csv"
        cells = rows[column].cast(pl.String)
        rows.with_columns(cells.set(pl.int_range(len(rows), eager=True) == 70, cell)).write_csv(file)
        for command in ("evaluate", "xray"):
            result = say(command, run, file)
            assert result.exit_code == 1
            assert f"{file}: {said} in row 71 (counted from 1)" in result.stderr


def test_no_run(say, tmp_path):
    result = say("evaluate", tmp_path / "none")
    assert result.exit_code == 1
    assert "no run here" in result.stderr


@pytest.mark.parametrize(("right", "rows"), [(0, 5), (3, 10), (27, 27), (4200, 4884)])
def test_wilson_is_scipys(right, rows):
    expected = binomtest(right, rows).proportion_ci(method="wilson")
    assert wilson(right / rows, rows) == pytest.approx((expected.low, expected.high), abs=1e-12)
