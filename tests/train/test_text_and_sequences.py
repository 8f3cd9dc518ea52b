"""Runs on texts and on sequences: saved, loaded, and judged like those on tables."""

import json

import numpy as np
import polars as pl
import pytest

import netwright as nw
from netwright.core.errors import RunError
from netwright.core.layout import Layout
from netwright.train.auto import Facts, resolve
from netwright.train.block import BLOCK_ROWS, block_rows
from netwright.train.job import Job
from netwright.train.own import Own

GENERATOR = np.random.default_rng(0)
WORDS = {"good": ["fine", "warm", "film"], "bad": ["dull", "cold", "film"]}
LABELS = ["good", "bad"] * 40
TEXTS = [" ".join(GENERATOR.choice(WORDS[label], 6)) for label in LABELS]
Y = np.arange(80) % 2
SEQUENCES = [GENERATOR.normal(2.0 * y, 1, (GENERATOR.integers(3, 7), 2)) for y in Y]


@pytest.fixture(scope="module")
def reviews(tmp_path_factory):
    path = tmp_path_factory.mktemp("data") / "reviews.parquet"
    pl.DataFrame({"review": TEXTS, "label": LABELS}).write_parquet(path)
    return path


@pytest.fixture(scope="module")
def texts(reviews, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "texts"
    ds = nw.read(reviews, target="label", text="review")
    return nw.fit(
        ds, nw.Controls(optimization={"epochs": 8, "learning_rate": 0.01}), out=folder, progress=False
    )


def test_texts_are_judged_some_at_a_time(texts, reviews):
    """8,192 texts at once took 29 GB of a MiniLM: each of their tokens is a vector."""
    layout = texts.predictor.encoder.layout
    job = Job(nw.read(reviews, target="label", text="review"), texts.controls, 0, Own(), None)
    assert job.training.program.plan.block == block_rows(layout) < BLOCK_ROWS


def test_a_text_run_learns_and_is_the_same_when_loaded(texts):
    assert texts.controls.architecture.kind == "mlp"
    assert texts.evaluate("test")["accuracy"] == 1
    again = nw.load(texts.path)
    np.testing.assert_array_equal(again.predict_proba(TEXTS[:5]), texts.predict_proba(TEXTS[:5]))
    assert again.predict(["a fine warm film", "cold, dull"]).tolist() == ["good", "bad"]
    assert again.evaluate("dev")["accuracy"] == texts.evaluate("dev")["accuracy"]
    assert sorted(path.name for path in (texts.path / "model").iterdir()) == [
        "config.json",
        "preprocess.json",
        "tokenizer.json",
        "weights.safetensors",
    ]


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (lambda path: path.write_text("{"), "tokenizer.json: damaged"),
        (lambda path: path.unlink(), "tokenizer.json: damaged"),
        (lambda path: path.write_bytes(b" " * (2**26 + 1)), "no vocabulary needs; refused"),
        (
            lambda path: path.write_text(json.dumps(_shorter(json.loads(path.read_text())))),
            "config.json describes other inputs",
        ),
    ],
)
def test_a_damaged_vocabulary_is_refused(texts, tmp_path, change, match):
    texts.save(tmp_path / "copy")
    change(tmp_path / "copy" / "model" / "tokenizer.json")
    with pytest.raises(RunError, match=match):
        nw.load(tmp_path / "copy")


def _shorter(fields):
    fields["model"]["vocab"].popitem()
    return fields


def test_logistic_regression_on_words():
    ds = nw.Dataset.from_arrays(TEXTS, LABELS)
    controls = nw.Controls(
        architecture={"kind": "logistic"}, optimization={"epochs": 10, "learning_rate": 0.02}
    )
    assert nw.fit(ds, controls, progress=False).evaluate("test")["accuracy"] == 1


def test_a_sequence_run_learns_and_is_the_same_when_loaded(tmp_path):
    ds = nw.Dataset.from_arrays(SEQUENCES, Y)
    controls = nw.Controls(architecture={"hidden": [8]}, optimization={"epochs": 12})
    run = nw.fit(ds, controls, out=tmp_path / "run", progress=False)
    assert run.controls.architecture.kind == "gru"
    assert run.evaluate("test")["accuracy"] > 0.9
    again = nw.load(tmp_path / "run")
    np.testing.assert_array_equal(again.predict(SEQUENCES), run.predict(SEQUENCES))
    assert again.evaluate((SEQUENCES, Y))["accuracy"] == run.evaluate((SEQUENCES, Y))["accuracy"]


def test_a_table_in_long_form_is_predicted_a_row_a_sequence(tmp_path):
    rows = [
        {"id": f"s{i}", "t": t, "a": a, "b": b, "y": int(y)}
        for i, (steps, y) in enumerate(zip(SEQUENCES, Y, strict=True))
        for t, (a, b) in enumerate(steps.tolist())
    ]
    path = tmp_path / "log.parquet"
    pl.DataFrame(rows).write_parquet(path)
    ds = nw.read(path, target="y", sequence="id", time="t")
    controls = nw.Controls(architecture={"hidden": [8]}, optimization={"epochs": 2})
    run = nw.fit(ds, controls, out=tmp_path / "run", progress=False)
    again = nw.load(tmp_path / "run")
    found = again.predict_proba(pl.DataFrame(rows).drop("y"))
    assert found.shape == (80, 2)
    np.testing.assert_array_equal(found, run.predict_proba(ds.features.content))
    assert again.evaluate("test") == run.evaluate("test")


@pytest.mark.parametrize(
    ("rows", "batch", "epochs"), [(100, 16, 40), (1_500, 16, 31), (7_400, 64, 25), (10**6, 256, 3)]
)
def test_texts_are_visited_a_few_times(rows, batch, epochs):
    facts = Facts(rows, Layout("text", (50,), vocabulary=999), "binary", dev_rows=100)
    chosen = resolve(nw.Controls(), facts)
    assert (chosen.architecture.kind, chosen.architecture.hidden) == ("mlp", (128,))
    assert (chosen.optimization.batch_size, chosen.optimization.epochs) == (batch, epochs)
    assert chosen.regularization.dropout == 0.5


def test_sequences_get_gates():
    facts = Facts(500, Layout("sequence", (50, 3)), "regression", dev_rows=0)
    chosen = resolve(nw.Controls(), facts)
    assert (chosen.architecture.kind, chosen.architecture.hidden) == ("gru", (128,))
    assert resolve(nw.Controls(architecture={"kind": "transformer"}), facts).architecture.hidden == (64, 64)
