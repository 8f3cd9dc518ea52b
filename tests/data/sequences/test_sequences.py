"""Sequences of several lengths: what is read of them, and that what stands in the padding says nothing."""

import json

import jax.numpy as jnp
import numpy as np
import polars as pl
import pytest

import netwright as nw
from netwright.core.errors import DataError
from netwright.core.layout import Layout
from netwright.data.encoder import Encoder
from netwright.data.sequences.sequence_encoder import filled

GENERATOR = np.random.default_rng(0)
LENGTHS = [3, 5, 2, 4] * 10
PARTS = [GENERATOR.normal(5, 3, (length, 2)) for length in LENGTHS]
Y = np.arange(40) % 2
EVERYTHING = {"dev_fraction": 0, "test_fraction": 0}


def prepared(X, y=Y, **controls):
    return nw.Dataset.from_arrays(X, y).prepare(nw.DataControls(**controls), embeddings=True)


def test_channels_are_standardized_over_steps_that_exist_and_padding_is_zero():
    ready = prepared(PARTS, **EVERYTHING)
    assert ready.encoder.layout == Layout("sequence", (5, 3), masked=True)
    x, mask = ready.train.x[..., :2], ready.train.x[..., 2]
    np.testing.assert_array_equal(mask.sum(axis=1), LENGTHS)
    assert (np.diff(mask, axis=1) <= 0).all()
    assert not x[mask == 0].any()
    real = np.concatenate(PARTS)
    expected = (PARTS[1] - real.mean(0)) / real.std(0)
    np.testing.assert_allclose(x[1], expected, rtol=1e-5, atol=1e-6)


def test_held_out_sequences_leave_no_trace_in_the_statistics():
    other = [1e6 * part for part in PARTS[:4]]
    alone = prepared(PARTS, **EVERYTHING).encoder
    ds = nw.Dataset.from_arrays(PARTS, Y, X_test=[*other, np.zeros((50, 2))], y_test=[0, 1, 0, 1, 0])
    beside = ds.prepare(nw.DataControls(dev_fraction=0), embeddings=True)
    assert beside.encoder.to_json() == alone.to_json()
    assert beside.test.x.shape == (5, 5, 3)


@pytest.mark.parametrize("kind", ["gru", "lstm", "transformer"])
def test_more_padding_changes_no_prediction(kind):
    controls = nw.Controls(
        architecture={"kind": kind, "hidden": [8]}, optimization={"epochs": 2}, data={"length": 5}
    )
    ds = nw.Dataset.from_arrays(PARTS, Y)
    run = nw.fit(ds, controls, progress=False)
    x = np.asarray(run.predictor.encoder.transform(PARTS[:8]))
    loud = np.where(x[..., 2:] == 0, np.float32(1e3), x)
    loud[..., 2] = x[..., 2]
    np.testing.assert_allclose(run.model(jnp.asarray(loud)), run.model(jnp.asarray(x)), rtol=1e-5, atol=1e-6)


def test_equal_lengths_have_no_mask_and_refuse_shorter_ones():
    block = np.stack([part[:2] for part in PARTS]).astype(np.float32)
    encoder = prepared(block, **EVERYTHING).encoder
    assert encoder.layout == Layout("sequence", (2, 2))
    np.testing.assert_allclose(encoder.transform(PARTS), encoder.transform(block), rtol=1e-5, atol=1e-6)
    with pytest.raises(DataError, match=r"row 2 \(counted from 1\) has 1 steps, expected 2"):
        encoder.transform([PARTS[0], PARTS[1][:1]])


def test_gaps_repeat_the_last_known_number_or_take_the_mean():
    nan = np.nan
    steps = np.array([[nan, 1.0], [2.0, nan], [nan, nan], [4.0, 3.0]])
    expected = [[7, 1], [2, 1], [2, 1], [4, 3]]
    np.testing.assert_array_equal(filled(steps, np.array([7.0, 8.0])), expected)
    holed = [part.copy() for part in PARTS]
    holed[0][0, 0] = nan
    assert prepared(holed, **EVERYTHING).train.x[0, 0, 0] == pytest.approx(0, abs=1e-6)


def test_length_cuts_and_the_encoder_survives_json():
    encoder = prepared(PARTS, **EVERYTHING, length=3).encoder
    assert encoder.shape == (3, 3)
    again = Encoder.from_json(json.loads(json.dumps(encoder.to_json())))
    assert again.layout == encoder.layout
    np.testing.assert_array_equal(again.transform(PARTS), encoder.transform(PARTS))
    ds = nw.Dataset.from_arrays([np.zeros((1100, 1)), np.ones((2, 1))] * 20, Y)
    assert ds.features.notes() == (
        "20 sequences have more than 1,024 steps; the first 1,024 are read (data.length)",
    )
    assert ds.prepare(nw.DataControls(), embeddings=True).encoder.shape == (1024, 2)


def test_lists_arrays_and_one_channel_are_sequences_and_tables_stay_tables():
    assert prepared([part[:, 0] for part in PARTS], **EVERYTHING).encoder.shape == (5, 2)
    assert prepared([part.tolist() for part in PARTS], **EVERYTHING).encoder.shape == (5, 3)
    assert prepared(np.array(PARTS, object), **EVERYTHING).encoder.shape == (5, 3)
    assert prepared([list(part[0]) for part in PARTS], **EVERYTHING).encoder.layout.kind == "table"
    with pytest.raises(DataError, match="rows have unequal lengths"):
        nw.Dataset.from_arrays([[1, 2], [3]], [0, 1])


@pytest.mark.parametrize(
    ("X", "match"),
    [
        (
            [*PARTS[:3], np.zeros((2, 3))],
            r"the sequence in row 4 \(counted from 1\) has 3 channels, expected 2",
        ),
        ([*PARTS[:3], np.zeros((0, 2))], r"row 4 \(counted from 1\) has the shape \(0, 2\)"),
        (
            [*PARTS[:3], [["a", "b"]]],
            r"the sequence in row 4 .* holds .*expected steps × channels of numbers",
        ),
        ([*PARTS[:3], np.array([[1.0, np.inf]])], "found inf in row 4 .*, step 1, channel 'c1'"),
    ],
)
def test_bad_sequences_are_refused_by_their_place(X, match):
    with pytest.raises(DataError, match=match) as error:
        nw.Dataset.from_arrays(X, Y[: len(X)])
    assert len(str(error.value).splitlines()) <= 2


def test_fingerprints_and_splits_follow_the_content():
    one, same = nw.Dataset.from_arrays(PARTS, Y), nw.Dataset.from_arrays(list(PARTS), Y)
    other = nw.Dataset.from_arrays([*PARTS[:-1], PARTS[-1] + 1], Y)
    assert one.fingerprint == same.fingerprint != other.fingerprint
    assert [len(part) for part in (one.train, one.dev, one.test)] == [28, 6, 6]
    np.testing.assert_array_equal(one.dev.features[0], PARTS[one.dev.rows[0]])
    assert isinstance(one.features.content.keys, pl.DataFrame)
