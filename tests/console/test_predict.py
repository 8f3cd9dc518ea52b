"""``netwright predict``: rows stay aligned, probabilities are the run's, wrong words are named."""

import io
import json

import numpy as np
import polars as pl
import pytest

import netwright as nw
from netwright.data.files import read_rows


def test_every_row_in_order_with_its_identifier_and_probabilities(say, run, customers):
    rows = pl.read_csv(customers).reverse()
    file = customers.with_name("reversed.csv")
    rows.drop("income").write_csv(file)
    result = say("predict", run, file)
    table = pl.read_csv(io.StringIO(result.stdout))
    assert table.columns == ["customer_id", "prediction", "p_high", "p_low"]
    assert table["customer_id"].to_list() == rows["customer_id"].to_list()
    trained = nw.load(run)
    np.testing.assert_allclose(
        table.select("p_high", "p_low"), trained.predict_proba(read_rows(file)), rtol=1e-12
    )
    assert table["prediction"].to_list() == trained.predict(read_rows(file)).tolist()


def test_rows_are_numbered_from_1_without_an_identifier(say, run, customers):
    file = customers.with_name("anonymous.csv")
    pl.read_csv(customers).drop("customer_id", "country").write_csv(file)
    table = pl.read_csv(io.StringIO(say("predict", run, file).stdout))
    assert table["row"].to_list() == list(range(1, 121))


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_files_by_ending(say, run, customers, tmp_path, suffix):
    file = tmp_path / f"p{suffix}"
    result = say("predict", run, customers, "-o", file)
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "")
    table = pl.read_csv(file) if suffix == ".csv" else pl.read_parquet(file)
    assert table.shape == (120, 4)
    np.testing.assert_allclose(table["p_high"] + table["p_low"], 1)


def test_json_is_one_object_with_the_rows(say, run, customers, tmp_path):
    told = json.loads(say("predict", run, customers, "--json").stdout)
    table = pl.read_csv(io.StringIO(say("predict", run, customers).stdout))
    assert (told["run"], told["data"]) == (str(run), str(customers))
    assert told["rows"] == table.to_dicts()
    result = say("predict", run, customers, "--json", "-o", tmp_path / "p.csv")
    assert result.exit_code == 2
    assert "--json" in result.stderr


def test_threshold(say, run, customers):
    def lows(*words):
        return pl.read_csv(io.StringIO(say("predict", run, customers, *words).stdout))

    strict = lows("--threshold", "0.9")
    assert ((strict["p_low"] > 0.9) == (strict["prediction"] == "low")).all()
    assert ((lows()["p_low"] > 0.5) == (lows()["prediction"] == "low")).all()


def test_an_example_of_arrays(say, tmp_path):
    out = tmp_path / "diabetes"
    say("fit", "diabetes", "--out", out, "--quiet", "--set", "optimization.epochs=1")
    result = say("predict", out, "diabetes")
    table = pl.read_csv(io.StringIO(result.stdout))
    assert table.columns == ["row", "prediction"]
    assert len(table) == 442
    result = say("predict", out, "diabetes", "--threshold", "0.3")
    assert result.exit_code == 2
    assert "expected a run with two classes" in result.stderr


@pytest.mark.parametrize("words", [["-o", "x.xlsx"], ["--threshold", "2"], ["--threshold", "no"]])
def test_wrong_words_are_2(say, run, customers, words):
    result = say("predict", run, customers, *words)
    assert result.exit_code == 2
    assert words[0].lstrip("-") in result.stderr


def test_bad_data_is_1(say, run, customers, tmp_path):
    short = tmp_path / "short.csv"
    pl.read_csv(customers).drop("city").write_csv(short)
    result = say("predict", run, short)
    assert result.exit_code == 1
    assert result.stderr.startswith(f"netwright: {short}: column 'city' is missing")
    result = say("predict", tmp_path, customers)
    assert result.exit_code == 1
    assert "no run here" in result.stderr
    result = say("predict", run, customers, "-o", tmp_path / "no" / "folder.csv")
    assert result.exit_code == 1
    assert str(tmp_path / "no" / "folder.csv") in result.stderr


def test_a_large_table_is_read_and_written_in_blocks(say, run, customers, tmp_path, monkeypatch):
    whole = pl.read_csv(io.StringIO(say("predict", run, customers).stdout))
    monkeypatch.setattr("netwright.data.stream.ROWS", 50)
    for name in ("p.csv", "p.parquet"):
        assert say("predict", run, customers, "-o", tmp_path / name).exit_code == 0
        table = pl.read_csv(tmp_path / name) if name == "p.csv" else pl.read_parquet(tmp_path / name)
        assert table.drop("p_high", "p_low").equals(whole.drop("p_high", "p_low"))
        np.testing.assert_allclose(
            table.select("p_high", "p_low"), whole.select("p_high", "p_low"), rtol=1e-6
        )
    anonymous = tmp_path / "anonymous.csv"
    pl.read_csv(customers).drop("customer_id").write_csv(anonymous)
    table = pl.read_csv(io.StringIO(say("predict", run, anonymous).stdout))
    assert table["row"].to_list() == list(range(1, 121))


def test_an_error_in_a_late_block_names_the_row_of_the_file_and_leaves_nothing(
    say, run, customers, tmp_path, monkeypatch
):
    monkeypatch.setattr("netwright.data.stream.ROWS", 50)
    bad = tmp_path / "bad.csv"
    lines = customers.read_text().splitlines()
    lines[101] = "C0100,old,Rome,EU,high"
    bad.write_text("\n".join(lines))
    result = say("predict", run, bad, "-o", tmp_path / "p.csv")
    assert result.exit_code == 1
    assert "found 'old' in row 101 (counted from 1), column 'age'" in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["bad.csv"]
