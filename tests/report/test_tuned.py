"""The page of a study: what it says, and that what it shows is data."""

import json
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from netwright.report.document import finite
from netwright.report.tuned.curves import curves
from netwright.report.tuned.effort import effort
from netwright.report.tuned.gap import gaps
from netwright.report.tuned.parallel import parallel
from netwright.report.tuned.report import page
from netwright.report.tuned.sensitivity import importances, profiles
from netwright.report.tuned.trials import failures, leaders, trials
from netwright.report.tuned.tuning import Tuning
from netwright.report.tuned.verdict import headline

FAMILIES = (leaders, importances, profiles, gaps, parallel, curves, effort, failures, trials)


@pytest.fixture(scope="module")
def tuned(hand_made):
    return hand_made.tuning()


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.__name__)
@pytest.mark.parametrize("count", [60, 9, 3, 1])
def test_charts_are_plain_data_with_their_numbers_in_words(hand_made, family, count):
    for block in family(hand_made.tuning(count)):
        if block.kind == "plot":
            json.dumps(finite(block.spec), allow_nan=False)
            assert block.spec["width"] == "container"
            assert block.summary.endswith(".")
        if block.kind == "table":
            assert all(len(row) == len(block.columns) for row in block.rows)
            assert all(isinstance(cell, str) for row in block.rows for cell in row)


def test_the_verdict_is_the_best_whole_trial_and_what_matters(tuned):
    whole = tuned.trials.filter(state="COMPLETE").sort("value")
    said = headline(tuned)
    assert f"number {whole['number'][0]} is the best" in said
    assert f"{100 * whole['value'][0]:.1f}\xa0%" in said
    assert "What matters most is learning_rate" in said
    assert said.endswith("3 trials failed.")


def test_a_study_without_a_number_says_so(tuned):
    nothing = tuned.trials.with_columns(value=pl.lit(None, pl.Float64), state=pl.lit("FAIL"))
    bare = Tuning(replace(tuned.study, trials=nothing))
    assert headline(bare) == "None of 60 trials gave a number; the table below says why."
    assert "Failed trials" in page(bare)


def test_the_gap_between_train_and_dev_is_drawn_along_every_strength(tuned):
    """The training error was made to rise from 0.2 to 0.8 of the dev error with the dropout."""
    (plot,) = gaps(tuned)
    assert plot.title == "Train and dev error along dropout"
    (rows,) = plot.spec["datasets"].values() if "datasets" in plot.spec else ([],)
    ends = {
        series: [row["middle"] for row in rows if row["series"] == series][:: len(rows) // 2 - 1]
        for series in ("train", "dev")
    }
    gap = np.subtract(ends["dev"], ends["train"])
    assert gap[0] > 1.5 * gap[1] > 0


def test_effort_adds_up_and_the_best_so_far_never_rises(tuned):
    plot, table = effort(tuned)
    lines = [
        row for data in plot.spec["datasets"].values() for row in data if "best" in row and "value" not in row
    ]
    best = [row["best"] for row in sorted(lines, key=lambda row: row["spent"])]
    assert np.all(np.diff(best) <= 0)
    assert best[-1] == tuned.trials["value"].min()
    assert f"{tuned.trials['compute'].sum():,} examples × epochs in 60 trials" in plot.summary
    assert sum(int(row[1]) for row in table.rows) == 60


def test_every_trial_with_a_value_is_a_line_across_the_axes(tuned):
    (plot,) = parallel(tuned)
    rows = [row for data in plot.spec["datasets"].values() for row in data if "trial" in row]
    assert {row["trial"] for row in rows} == {row["number"] for row in tuned.rows}
    assert all(0 <= row["share"] <= 1 for row in rows)
    rules = dict(tuned.trials.select("number", "optimization.rule").iter_rows())
    with_beta = {row["trial"] for row in rows if row["axis"] == "options.beta1"}
    assert with_beta == {row["number"] for row in tuned.rows if rules[row["number"]] == "adam"}


def test_failed_trials_are_listed_with_their_reason(tuned):
    (table,) = failures(tuned)
    assert [row[0] for row in table.rows] == ["7", "27", "47"]
    assert all("ceased to be finite" in row[2] for row in table.rows)


def test_the_page_is_whole_and_names_are_text(tuned):
    text = page(tuned)
    assert len(text.encode()) < 3_000_000
    assert "<img src=x" not in text
