"""Texts: what is learned of the words comes from training rows alone, and any text at all can be read."""

import json

import numpy as np
import polars as pl
import pytest

import netwright as nw
from netwright.core.errors import DataError
from netwright.data.encoder import Encoder
from netwright.data.origin import reopen

GOOD, BAD = (
    ("a fine warm film", "fine, fine acting!", "warm and fine"),
    ("dull cold mess", "a dull film", "cold"),
)
TEXTS = [*GOOD, *BAD] * 10
LABELS = ["good"] * 3 + ["bad"] * 3
FRAME = pl.DataFrame({"review": TEXTS, "label": LABELS * 10, "stars": [5.0, 4, 5, 1, 2, 1] * 10})
EVERYTHING = {"dev_fraction": 0, "test_fraction": 0}


def alone(**controls):
    ds = nw.read(FRAME.drop("stars"), target="label", text="review")
    return ds.prepare(nw.DataControls(**(EVERYTHING | controls)), embeddings=True)


def again(encoder):
    fields = json.loads(json.dumps(encoder.to_json()))
    return Encoder.from_json({**fields, "tokenizer": encoder.tokenizer})


def test_words_become_codes_the_frequent_ones_first_and_zero_is_padding():
    ready = alone()
    assert ready.encoder.layout.kind == "text"
    codes = ready.encoder.transform(["fine", "FINE", "fine film", "Fine!"])
    assert (codes[0, 0], codes[1, 0], codes[2, 0]) == (2, 2, 2)
    assert codes[0, 1:].tolist() == [0] * (ready.encoder.shape[0] - 1)
    assert ready.train.x.max() < ready.encoder.layout.vocabulary


def test_the_vocabulary_is_that_of_the_training_rows():
    ds = nw.Dataset.from_arrays(TEXTS, LABELS * 10, X_test=["zebra zebra zebra fine"], y_test=["good"])
    encoder = ds.prepare(nw.DataControls(dev_fraction=0), embeddings=True).encoder
    assert "zebra" not in encoder.tokenizer
    assert encoder.transform(["zebra fine"])[0, :2].tolist() == [1, 2]
    assert encoder.to_json() == alone().encoder.to_json() | {"column": "text"}


def test_any_text_has_codes():
    encoder = alone(length=4).encoder
    found = encoder.transform(["", "   ", "\U0001f600 ünïcode\0", "fine " * 100_000, "[PAD] [UNK]", "日本"])
    assert found.shape == (6, 4)
    assert (found[:, 0] > 0).all()
    assert found[0].tolist() == found[1].tolist() == [1, 0, 0, 0]
    assert found[3].tolist() == [2, 2, 2, 2]


def test_length_and_vocabulary_are_controls():
    ready = alone(length=2, vocabulary=5)
    assert (ready.encoder.shape, ready.encoder.layout.vocabulary) == ((2,), 5)
    assert ready.train.x.max() == 4


def test_the_encoder_survives_json_and_a_damaged_tokenizer_is_refused():
    encoder = alone().encoder
    copy = again(encoder)
    assert copy.layout == encoder.layout
    np.testing.assert_array_equal(copy.transform(TEXTS), encoder.transform(TEXTS))
    with pytest.raises(DataError, match="damaged"):
        Encoder.from_json({**encoder.to_json(), "tokenizer": "{}"})


def test_texts_beside_other_columns_are_several_inputs():
    ds = nw.read(FRAME, target="label", text="review")
    encoder = ds.prepare(nw.DataControls(**EVERYTHING), embeddings=True).encoder
    kinds = [part.kind for part in encoder.layout.parts]
    assert (encoder.layout.kind, kinds) == ("several", ["text", "table"])
    assert encoder.layout.size == sum(part.size for part in encoder.layout.parts)
    np.testing.assert_array_equal(again(encoder).transform(FRAME), encoder.transform(FRAME))
    np.testing.assert_array_equal(encoder.transform(FRAME, rows=np.array([3])), encoder.transform(FRAME)[3:4])
    with pytest.raises(DataError, match="column 'stars' is missing"):
        encoder.transform(FRAME.drop("stars"))


def test_two_columns_of_texts_share_one_vocabulary():
    frame = FRAME.with_columns(title=pl.lit("fine day")).drop("stars")
    ds = nw.read(frame, target="label", text=["review", "title"])
    encoder = ds.prepare(nw.DataControls(**EVERYTHING), embeddings=True).encoder
    review, title = encoder.layout.parts
    assert review.vocabulary == title.vocabulary
    assert title.shape == (2,)


def test_a_column_that_looks_like_text_says_how_to_learn_from_it():
    frame = pl.DataFrame(
        {"n": range(3, 33), "t": [f"some words number {i}" for i in range(30)], "y": [0, 1] * 15}
    )
    (column,) = [column for column in nw.read(frame, target="y").schema.columns if column.name == "t"]
    assert not column.used
    assert column.note == "free text; learn from it with text='t' (--text)"


def test_a_folder_of_texts(tmp_path):
    for label, texts in {"good": GOOD, "bad": BAD}.items():
        (tmp_path / label).mkdir()
        for i, text in enumerate(texts):
            (tmp_path / label / f"{i}.txt").write_text(text)
    ds = nw.read(tmp_path)
    assert (len(ds), ds.task, ds.labels.classes) == (6, "binary", ["bad", "good"])
    assert sorted(ds.features.take(np.arange(6))["text"]) == sorted(GOOD + BAD)
    assert reopen(ds.origin).fingerprint == ds.fingerprint
    (tmp_path / "good" / "3.txt").write_bytes("café".encode("latin-1"))
    with pytest.raises(DataError, match=r"good/3.txt: is not utf-8 \(0xe9 at byte 4\); .*--encoding latin-1"):
        nw.read(tmp_path)
    assert len(nw.read(tmp_path, encoding="latin-1")) == 7


def test_a_folder_with_parts(tmp_path):
    for part in ("train", "test"):
        for label, texts in {"good": GOOD, "bad": BAD}.items():
            (tmp_path / part / label).mkdir(parents=True)
            (tmp_path / part / label / "0.txt").write_text(texts[0])
    assert nw.read(tmp_path).given["test"].tolist() == [0, 1]


@pytest.mark.parametrize(
    ("frame", "options", "match"),
    [
        (FRAME.with_columns(review=pl.lit(" ")), {}, "column 'review' holds no text, every cell is empty"),
        (FRAME, {"text": "stars"}, "column 'stars' holds Float64 values, expected text"),
        (FRAME, {"text": "revew"}, "no column 'revew'; did you mean 'review'"),
    ],
)
def test_bad_columns_are_refused(frame, options, match):
    with pytest.raises(DataError, match=match):
        nw.read(frame, **({"target": "label", "text": "review"} | options))


def test_what_is_no_text_is_refused_at_predict_time():
    encoder = alone().encoder
    for features, match in (
        (pl.DataFrame({"reviews": TEXTS}), "column 'review' is missing; did you mean 'reviews'"),
        ("one text", "found one text, expected a table"),
        ([1.5, 2.5], "holds Float64|no text"),
    ):
        with pytest.raises(DataError, match=match):
            encoder.transform(features)


def test_no_sub_folders(tmp_path):
    (tmp_path / "a.txt").write_text("fine")
    with pytest.raises(DataError, match="expected a sub-folder of"):
        nw.read(tmp_path)
