"""AR-4 on real rows: Adult's income, hours and marital status; the price and cut of diamonds."""

from pathlib import Path

import polars as pl
import pytest

import netwright as nw
from netwright.data import examples

ADULT = Path(examples.__file__).parent / "tables" / "adult.csv.gz"


def short(epochs, weighting="fixed"):
    return nw.Controls(
        optimization=nw.Optimization(
            epochs=epochs, batch_size=64, learning_rate=3e-3, targets=nw.Targets(weighting=weighting)
        ),
        architecture=nw.Architecture(hidden=(32,)),
    )


def test_adult_learns_income_hours_and_marital_status_together():
    frame = pl.read_csv(ADULT, n_rows=6000, infer_schema_length=None)
    # Half of the incomes are taken away: the other targets of these rows still teach the trunk.
    half = pl.when(pl.int_range(len(frame)) % 2 == 0).then(pl.col("income-per-year")).alias("income-per-year")
    targets = ["income-per-year", "hours-per-week", "marital-status"]
    # A husband is married: the column that gives the status away goes.
    ds = nw.read(frame.with_columns(half), target=targets, drop=["relationship"], name="adult")
    assert [part.task for part in ds.labels.parts] == ["binary", "regression", "multiclass"]
    run = nw.fit(ds, short(10, "uncertainty"))
    dev = run.evaluate("dev")
    married = ds.labels.parts[2].classes.index("Married-civ-spouse")
    share = (ds.labels.values[:, 2] == married).mean()
    assert dev["accuracy.income-per-year"] > 0.79  # 76 % earn at most 50K
    assert dev["accuracy.marital-status"] > share + 0.08
    assert dev["r2.hours-per-week"] > 0.05


def test_diamonds_learn_price_and_cut_together():
    path = examples.asset_folder() / "diamonds.parquet"
    if not path.exists():
        pytest.skip("the diamonds are not there: python scripts/assets.py diamonds")
    frame = pl.read_parquet(path).sample(2500, seed=0)
    ds = nw.read(frame, target=["price", "cut"], drop=["rownames"], name="diamonds")
    assert [part.task for part in ds.labels.parts] == ["regression", "multiclass"]
    dev = nw.fit(ds, short(15)).evaluate("dev")
    ideal = (frame["cut"] == "Ideal").mean()
    assert dev["r2.price"] > 0.9
    assert dev["accuracy.cut"] > ideal + 0.1
