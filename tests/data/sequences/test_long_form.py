import numpy as np
import polars as pl
import pytest

import netwright as nw
from netwright.core.errors import DataError
from netwright.data.origin import reopen

IDS = [f"s{i}" for i in range(20)]


def table(**changes):
    """Twenty sequences of 2 + i % 3 steps, their rows shuffled."""
    rows = [
        {"id": name, "t": step, "a": 10.0 * i + step, "b": step % 2, "who": f"p{i % 5}", "label": "xy"[i % 2]}
        for i, name in enumerate(IDS)
        for step in range(2 + i % 3)
    ]
    frame = pl.DataFrame(rows).sample(fraction=1, shuffle=True, seed=0)
    return frame.with_columns(**changes) if changes else frame


def read(frame, **options):
    options = {"target": "label", "sequence": "id", "time": "t", "drop": ["who"]} | options
    return nw.read(frame, **options)


def test_rows_become_sequences_in_time():
    frame = table()
    ds = read(frame)
    content = ds.features.content
    assert content.channels == ("a", "b")
    assert content.keys["id"].to_list() == frame["id"].unique(maintain_order=True).to_list()
    for name, steps, label in zip(content.keys["id"], content, ds.labels.labels(np.arange(20)), strict=True):
        i = IDS.index(name)
        assert steps.tolist() == [[10 * i + step, step % 2] for step in range(2 + i % 3)]
        assert label == "xy"[i % 2]


def test_files_are_read_alike_and_reopened(tmp_path):
    frame = table()
    frame.write_csv(tmp_path / "log.csv")
    frame.write_parquet(tmp_path / "log.parquet")
    one, other = (read(tmp_path / name) for name in ("log.csv", "log.parquet"))
    np.testing.assert_array_equal(one.features.content.values, other.features.content.values)
    assert reopen(one.origin).fingerprint == one.fingerprint


def test_new_rows_are_encoded_from_a_table_of_the_same_form():
    frame = table()
    ready = read(frame).prepare(nw.DataControls(dev_fraction=0, test_fraction=0), embeddings=True)
    new = frame.filter(pl.col("id").is_in(["s3", "s4"])).drop("label", "who")
    order = [
        read(frame).features.content.keys["id"].to_list().index(name)
        for name in new["id"].unique(maintain_order=True)
    ]
    np.testing.assert_array_equal(ready.encoder.transform(new), ready.train.x[order])
    with pytest.raises(DataError, match="no column 'b'"):
        ready.encoder.transform(new.drop("b"))


def test_splits_by_a_column_that_is_steady_in_a_sequence_and_by_time():
    ds = read(table())
    groups = ds.splits(nw.DataControls(split="group", split_column="who"))
    who = ds.features.content.keys["who"].to_numpy()
    assert not set(who[groups.train]) & set(who[groups.test])
    days = table(t=pl.col("t") + 100 * pl.col("id").str.slice(1).cast(pl.Int64))
    late = read(days).splits(nw.DataControls(split="time", split_column="t"))
    found = read(days).features.content.keys["id"].gather(late.test)
    assert sorted(found) == ["s17", "s18", "s19"]


def test_weights_and_rows_without_a_target():
    frame = table(w=pl.when(pl.col("id") == "s1").then(2.0).otherwise(1.0))
    frame = frame.with_columns(label=pl.when(pl.col("id") == "s2").then(None).otherwise(pl.col("label")))
    ds = read(frame, weight="w")
    assert (len(ds), ds.weight.sum()) == (19, 20)
    assert ds.notes == ("4 rows without a target were left out",)


@pytest.mark.parametrize(
    ("frame", "options", "match"),
    [
        (
            pl.concat([table(), table()[:1]]),
            {},
            r"rows \d+ and \d+ \(counted from 1\) are both 'id' 's\d+' at 't'",
        ),
        (
            table(
                label=pl.when((pl.col("id") == "s1") & (pl.col("t") == 1))
                .then(pl.lit("z"))
                .otherwise("label")
            ),
            {},
            "'label' changes within the sequence 's1'",
        ),
        (
            table(),
            {"drop": []},
            "found 'p.' in row 1 .*column 'who'; the columns of a sequence hold numbers",
        ),
        (table(id=pl.when(pl.col("t") == 1).then(None).otherwise("id")), {}, "column 'id' is missing in row"),
        (table(t=pl.when(pl.col("t") == 1).then(None).otherwise("t")), {}, "column 't' is missing in row"),
        (table(t=pl.col("t").cast(pl.String) + "th"), {}, "'t' is text, .* which has no order in time"),
        (table(), {"sequence": "idd"}, "no column 'idd'; did you mean 'id'"),
        (table(), {"drop": ["who", "a", "b"]}, "no column is left to learn from"),
        (table(), {"sequence": None}, "time= orders the rows of a sequence"),
        (table(), {"text": ["who"]}, "found text= and sequence=, expected one of them"),
    ],
)
def test_bad_tables_are_refused_by_their_place(frame, options, match):
    with pytest.raises(DataError, match=match) as error:
        read(frame, **options)
    assert len(str(error.value).splitlines()) <= 2
    assert len(str(error.value)) < 400
