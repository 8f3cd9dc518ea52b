"""A run's file gives onnxruntime the features as they are, and gets what the run predicts."""

import datetime as dt
import json

import numpy as np
import polars as pl
import pytest
from tokenizers import Tokenizer
from typer.testing import CliRunner

import netwright as nw
from netwright.console.app import app
from netwright.core.errors import ControlError, RunError
from netwright.data.text.tokenizer import encode
from netwright.export.columns import date_parts
from netwright.export.graph import Graph

TOLERANCE = 1e-5


def controls(*settings, **groups):
    base = nw.Controls(optimization=nw.Optimization(epochs=2, batch_size=32), **groups)
    for setting in settings:
        base = base.with_setting(setting)
    return base


def customers(rows=200):
    """Numbers with gaps, true and false, days, a few levels, many levels with rare ones, and a target."""
    draw = np.random.default_rng(0)
    age = draw.integers(18, 80, rows).astype(float)
    many = [f"z{code}" for code in draw.integers(0, 40, rows)]
    return pl.DataFrame(
        {
            "age": pl.Series([None if i % 9 == 4 else value for i, value in enumerate(age)]),
            "income": draw.normal(5e6, 20, rows),
            "member": pl.Series([None if i % 11 == 5 else bool(i % 3) for i in range(rows)]),
            "since": pl.Series(
                [dt.date(1897, 2, 27) + dt.timedelta(days=int(n)) for n in draw.integers(0, 60_000, rows)]
            ),
            "city": pl.Series([None if i % 8 == 3 else ("Rome", "Oslo", "Lima")[i % 3] for i in range(rows)]),
            "zone": many,
            "buys": np.where(age + draw.normal(0, 5, rows) > 45, "yes", "no"),
            "spends": 3 * age + draw.normal(0, 5, rows) + 1e4,
            "tier": np.array(["a", "b", "c", "d"])[(age // 21).astype(int)],
        }
    )


def fed(frame, opened):
    """The inputs of a table's model: days as numbers, texts as they are, NaN and "" where a cell is missing."""
    found = {}
    for given in opened.get_inputs():
        series = frame[given.name]
        if series.dtype == pl.Date:
            series = series.cast(pl.Int32)
        if series.dtype == pl.String:
            found[given.name] = series.fill_null("").to_numpy().astype(object)
        else:
            found[given.name] = series.cast(pl.Float64).fill_null(float("nan")).to_numpy().copy()
    return found


@pytest.mark.parametrize(
    ("target", "settings"),
    [
        ("buys", ["architecture.kind=mlp", "architecture.hidden=[8]", "architecture.batch_norm=true"]),
        ("buys", ["architecture.kind=logistic", "loss=hinge", "data.normalize=minmax"]),
        ("tier", ["architecture.kind=logistic", "data.missing_indicator=false"]),
        ("spends", ["architecture.kind=mlp", "architecture.hidden=[8]"]),
    ],
)
def test_a_table(session, tmp_path, target, settings):
    table = customers()
    frame = table.drop({"buys", "spends", "tier"} - {target})
    frame.write_parquet(tmp_path / "customers.parquet")
    run = nw.fit(nw.read(tmp_path / "customers.parquet", target=target), controls(*settings))
    opened = session(run.export(tmp_path / "model.onnx"))
    # A level and a day that training never saw, and spellings of missing.
    new = frame.head(50).with_columns(
        pl.Series("city", ["Paris", "NaN", "n/A", *frame["city"].head(47)]),
        pl.Series("since", [dt.date(2024, 2, 29), dt.date(1900, 12, 31), *frame["since"].head(48)]),
    )
    found = dict(
        zip([out.name for out in opened.get_outputs()], opened.run(None, fed(new, opened)), strict=True)
    )
    if target == "spends":
        np.testing.assert_allclose(found["value"], run.predict(new), rtol=TOLERANCE)
        return
    assert found["label"].tolist() == run.predict(new).tolist()
    if "loss=hinge" in settings:
        np.testing.assert_allclose(found["scores"], run.predictor.outputs(new), atol=TOLERANCE)
    else:
        np.testing.assert_allclose(found["probabilities"], run.predict_proba(new), atol=TOLERANCE)
        facts = opened.get_modelmeta().custom_metadata_map
        assert json.loads(facts["classes"]) == run.classes


def test_dates_are_taken_apart_as_the_calendar_does(session):
    days = np.arange(-40_000, 60_000, 37.0)
    graph = Graph()
    names = ("year", "month", "day of week", "day of year")
    for name, value in zip(names, date_parts(graph, graph.input("days", "double")), strict=False):
        graph.output(name, "double", value)
    found = session(graph.model("dates", {})).run(None, {"days": days + 0.75})
    dates = pl.Series(days).cast(pl.Int32).cast(pl.Date).dt
    for part, expected in zip(
        found, (dates.year(), dates.month(), dates.weekday(), dates.ordinal_day()), strict=True
    ):
        assert part.tolist() == expected.to_list()


def test_an_array_with_gaps(session, tmp_path):
    draw = np.random.default_rng(1)
    X = draw.normal(3, 5, (120, 4))
    X[::7, 2] = np.nan
    X[:, 1] = 1.0
    y = (X[:, 0] > 3).astype(int)
    run = nw.fit(nw.Dataset.from_arrays(X, y), controls("architecture.kind=logistic"))
    opened = session(run.export(tmp_path / "model.onnx"))
    label, probabilities = opened.run(None, {"x": X[:20]})
    assert label.tolist() == run.predict(X[:20]).tolist()
    np.testing.assert_allclose(probabilities, run.predict_proba(X[:20]), atol=TOLERANCE)


def test_images(session, tmp_path):
    draw = np.random.default_rng(2)
    X = draw.integers(0, 256, (60, 8, 8, 3), dtype=np.uint8)
    run = nw.fit(
        nw.Dataset.from_arrays(X, (X[..., 0].mean((1, 2)) > 128).astype(int)),
        controls("architecture.kind=cnn", "architecture.hidden=[4]", "optimization.precision=float32"),
    )
    opened = session(run.export(tmp_path / "model.onnx"))
    (given,) = opened.get_inputs()
    _, probabilities = opened.run(None, {given.name: X[:9]})
    np.testing.assert_allclose(probabilities, run.predict_proba(X[:9]), atol=TOLERANCE)


def test_sequences_of_several_lengths_with_gaps(session, tmp_path):
    draw = np.random.default_rng(3)
    X = [draw.normal(2, 3, (length, 2)) for length in draw.integers(2, 7, 60)]
    X[0][0] = X[1][1, 0] = np.nan
    y = np.array([np.nanmean(x[:, 0]) > 2 for x in X]).astype(int)
    run = nw.fit(nw.Dataset.from_arrays(X, y), controls("architecture.kind=gru", "architecture.hidden=[4]"))
    opened = session(run.export(tmp_path / "model.onnx"))
    longest = run.predictor.encoder.length
    padded = np.full((9, longest, 2), np.nan)
    for row, x in enumerate(X[:9]):
        padded[row, : len(x)] = x[:longest]
    lengths = np.array([len(x) for x in X[:9]])
    _, probabilities = opened.run(None, {"sequence": padded, "length": lengths})
    np.testing.assert_allclose(probabilities, run.predict_proba(X[:9]), atol=TOLERANCE)


def test_texts_beside_other_columns(session, tmp_path):
    draw = np.random.default_rng(4)
    words = np.array(["good", "bad", "film", "plot", "the", "a"])
    texts = [" ".join(draw.choice(words, draw.integers(3, 9))) for _ in range(80)]
    frame = pl.DataFrame(
        {"review": texts, "stars": draw.normal(size=80), "liked": ["good" in text for text in texts]}
    )
    frame.write_parquet(tmp_path / "reviews.parquet")
    ds = nw.read(tmp_path / "reviews.parquet", target="liked", text="review")
    run = nw.fit(ds, controls("architecture.hidden=[4]"))
    opened = session(run.export(tmp_path / "model.onnx"))
    tokenizer = Tokenizer.from_str(opened.get_modelmeta().custom_metadata_map["tokenizer"])
    (length,) = {given.shape[1] for given in opened.get_inputs() if given.name == "review"}
    new = frame.head(9)
    codes = encode(tokenizer, new["review"].to_list(), length).astype(np.int64)
    label, probabilities = opened.run(None, {"review": codes, "stars": new["stars"].to_numpy()})
    assert label.tolist() == run.predict(new.drop("liked")).tolist()
    np.testing.assert_allclose(probabilities, run.predict_proba(new.drop("liked")), atol=TOLERANCE)


def test_several_inputs_by_name(session, tmp_path):
    draw = np.random.default_rng(5)
    X = {"photo": draw.integers(0, 256, (60, 8, 8), dtype=np.uint8), "facts": draw.normal(size=(60, 3))}
    run = nw.fit(
        nw.Dataset.from_arrays(X, (X["facts"][:, 0] > 0).astype(int)), controls("architecture.hidden=[4]")
    )
    opened = session(run.export(tmp_path / "model.onnx"))
    few = {"photo.image": X["photo"][:7, ..., None], "facts.x": X["facts"][:7]}
    _, probabilities = opened.run(None, few)
    expected = run.predict_proba({name: values[:7] for name, values in X.items()})
    np.testing.assert_allclose(probabilities, expected, atol=TOLERANCE)


def test_calibrated_probabilities(session, tmp_path, blobs):
    run = nw.fit(blobs, controls("architecture.kind=logistic"))
    assert run.calibrate() != 1
    X = np.random.default_rng(6).normal(size=(8, 3))
    _, probabilities = session(run.export(tmp_path / "model.onnx")).run(None, {"x": X})
    np.testing.assert_allclose(probabilities, run.predict_proba(X), atol=TOLERANCE)


def test_the_command(session, tmp_path, blobs):
    nw.fit(blobs, controls("architecture.kind=logistic"), out=tmp_path / "run")
    result = CliRunner().invoke(app, ["export", str(tmp_path / "run"), "--format", "onnx"])
    assert (result.exit_code, result.stdout.strip()) == (0, str(tmp_path / "run" / "model.onnx"))
    said = CliRunner().invoke(
        app, ["export", str(tmp_path / "run"), "-o", str(tmp_path / "m.onnx"), "--json"]
    )
    told = json.loads(said.stdout)
    assert (told["format"], told["bytes"]) == ("onnx", (tmp_path / "m.onnx").stat().st_size)
    X = np.zeros((2, 3))
    label, _ = session(tmp_path / "m.onnx").run(None, {"x": X})
    assert label.tolist() == nw.load(tmp_path / "run").predict(X).tolist()


def test_what_is_refused(tmp_path, blobs, monkeypatch):
    run = nw.fit(blobs, controls("architecture.kind=logistic"))
    with pytest.raises(ControlError, match=r"ends in \.onnx"):
        run.export(tmp_path / "model.pt")
    monkeypatch.setattr("netwright.core.extras.find_spec", lambda module: None)
    with pytest.raises(RunError, match=r'pip install "netwright\[export\]"'):
        run.export(tmp_path / "model.onnx")
    assert not (tmp_path / "model.onnx").exists()
