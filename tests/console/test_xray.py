"""``netwright xray``: a row a layer, of the run's own rows or of a file."""

import json

import polars as pl
import pytest

import netwright as nw


def test_a_row_a_layer(say, run):
    result = say("xray", run, "--rows", 5)
    assert result.exit_code == 0, result.stderr
    lines = result.stdout.splitlines()
    assert "its training rows, 5 rows" in lines[0]
    assert [line.split()[0] for line in lines[1:5]] == ["layer", "hidden.0.linear", "output", "cost"]
    assert "5×8" in lines[2]


def test_json_is_the_x_ray(say, run):
    told = json.loads(say("xray", run, "--json").stdout)
    expected = nw.load(run).xray()
    assert told["cost"] == pytest.approx(expected.cost)
    assert [layer["layer"] for layer in told["layers"]] == ["hidden.0.linear", "output"]
    assert told["layers"][1]["|dZ|"] == pytest.approx(expected.rows[1]["|dZ|"])
    assert len(told["prediction"]) == 32


def test_rows_of_a_file(say, run, customers, tmp_path):
    told = json.loads(say("xray", run, customers, "--rows", 7, "--json").stdout)
    trained = nw.load(run)
    proba = trained.predict_proba(pl.read_csv(customers).drop("income"))[:7, 1]
    assert [p for (p,) in told["prediction"]] == pytest.approx(proba.tolist(), rel=1e-5)
    result = say("xray", run, tmp_path / "none.csv")
    assert result.exit_code == 1
    assert "none.csv" in result.stderr
