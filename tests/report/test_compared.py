"""The page of a comparison: what it says, and that what it shows is data."""

import json

import pytest

from netwright.report.compared.curves import curves
from netwright.report.compared.rates import rates
from netwright.report.compared.report import report
from netwright.report.compared.tables import scored
from netwright.report.compared.verdict import headline
from netwright.report.document import finite


@pytest.fixture(scope="module")
def compared(hand_made):
    return hand_made.comparison()


def test_the_verdict_names_the_best_and_what_is_not_told_from_it(compared):
    said = headline(compared)
    assert said.startswith("Of 8 alternatives adam has the lowest dev error, 12.")
    near = said.partition("Not told from it")[2]
    for entry in compared.entries[1:]:
        apart = entry.minus(compared.best)
        assert (entry.name in near) == (apart is not None and not apart.clear), entry.name


def test_the_table_has_the_numbers_of_the_frame(compared):
    heads, rows = scored(compared)
    assert heads[:3] == ("alternative", "rate", "dev error")
    assert all(len(row) == len(heads) for row in rows)
    first, last = rows[0], rows[-1]
    row = compared.frame.to_dicts()[0]
    assert (
        first[2]
        == f"{100 * row['error']:.1f}\xa0% [{100 * row['low']:.1f}\xa0%, {100 * row['high']:.1f}\xa0%]"
    )
    assert first[4] == f"{row['steps']:,}"
    assert last[0] == "wild"
    assert "3 of 3 diverged" in last[2]
    assert last[4] == "never"


def test_charts_hold_a_median_and_a_band_over_seeds(compared):
    for plot in curves(compared):
        band, line = plot.spec["layer"]
        json.dumps(finite(plot.spec), allow_nan=False)
        (data,) = plot.spec["datasets"].values() if "datasets" in plot.spec else (band["data"]["values"],)
        adam = [row for row in data if row["series"] == "adam"]
        assert [row["epoch"] for row in adam] == list(range(1, 13))
        assert all(row["low"] <= row["middle"] <= row["high"] for row in adam)
        assert any(row["low"] < row["high"] for row in adam)
        assert not any(row["series"] == "wild" for row in data), "what is not finite is not drawn"
        assert line["mark"]["type"] == "line"


def test_rates_are_told_with_those_that_work(compared):
    plot, table = rates(compared)
    assert len(table.rows) == 7, "sgd's rate was given"
    assert "sgd" not in [row[0] for row in table.rows]
    search = compared.best.search
    assert table.rows[0][1] == f"{search.best:g}"
    json.dumps(finite(plot.spec), allow_nan=False)


def test_the_page_is_whole_and_names_are_text(compared, tmp_path):
    path = report(compared, tmp_path / "comparison.html")
    text = path.read_text()
    assert path.stat().st_size < 3_000_000
    assert "<img src=x" not in text
    assert "<b>and</b>" not in text
    assert "by hand &lt;b&gt;and&lt;/b&gt; fairly" in text
