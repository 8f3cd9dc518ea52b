import numpy as np
import pytest

import netwright as nw
from netwright.train.block import BLOCK_ROWS
from netwright.train.feed import Rows, Streamed
from netwright.train.job import Job
from netwright.train.own import Own
from netwright.train.population import fit_population

ROW = 3 * 4
"""Bytes of a row of three float32."""


@pytest.mark.parametrize("batches", [0, 1, 2, 3, 4])
def test_streamed_equals_resident_bit_for_bit(batches, blobs, controls, run, identical):
    """72 rows in five batches of 16, in chunks of one to four batches; the last chunk is padded.

    A quarter of the budget is one chunk.
    """
    budget = 4 * batches * 16 * ROW
    assert budget < 72 * ROW or batches > 1
    streamed = nw.fit(blobs, controls, seed=1, budget=min(budget, 72 * ROW - 1))
    identical(streamed, run)


def test_chunks_have_the_size_asked_for(blobs, controls):
    feed = Job(blobs, controls, 1, Own(), 71 * ROW).training.feed
    assert feed.chunk_steps == 1
    sizes = [(chunk.steps, chunk.data.x.shape) for chunk in feed.epoch(0, 2)]
    assert sizes == [(1, (16, 3))] * 3


def test_resuming_within_an_epoch_streams_the_same_batches(blobs, controls):
    job = Job(blobs, controls, 1, Own(), 71 * ROW)
    feed = job.training.feed
    feed.chunk_steps = 2

    def batches(first):
        rows = []
        for chunk in feed.epoch(3, first):
            x, order = np.asarray(chunk.data.x), np.asarray(chunk.order)
            rows += [x[order[i * 16 : (i + 1) * 16]] for i in range(chunk.steps)]
        return rows

    whole = batches(0)
    assert len(whole) == 5
    for first in range(1, 5):
        np.testing.assert_array_equal(np.concatenate(batches(first)), np.concatenate(whole[first:]))


DICE = np.random.default_rng(5)
HALVES = np.stack([DICE.permutation(72)[:36] for _ in range(3)])
DOUBLED = DICE.integers(0, 3, size=(3, 72)).astype(np.float32)


@pytest.mark.parametrize("batches", [0, 1, 6])
@pytest.mark.parametrize(
    "given",
    [{}, {"order_seed": 9}, {"order_seed": 9, "weights": DOUBLED}, {"weights": DOUBLED}, {"rows": HALVES}],
    ids=["own order", "one order", "one order, own weights", "own order and weights", "own rows"],
)
def test_a_streamed_population_equals_a_resident_one(
    given, batches, blobs, controls, identical, weights_of, monkeypatch
):
    """Members that visit rows of their own get copies of them in each chunk.

    Weights of their own lie otherwise in a chunk, and XLA may sum otherwise: they are equal to rounding, so no batch
    normalization, below which Adam would blow rounding up to whole steps.
    """
    controls = controls.with_setting("optimization.epochs=2").with_setting("architecture.batch_norm=false")
    resident = fit_population(blobs, controls, seeds=[1, 2, 3], **given)
    monkeypatch.setattr("netwright.train.cohort.device_budget", lambda: min(batches * 16 * ROW, 71 * ROW))
    streamed = fit_population(blobs, controls, seeds=[1, 2, 3], **given)
    assert isinstance(streamed.training.feed, Streamed)
    for one, other in zip(streamed, resident, strict=True):
        if "weights" in given:
            for name, expected in weights_of(other).items():
                np.testing.assert_allclose(
                    weights_of(one)[name], expected, rtol=1e-5, atol=1e-6, err_msg=name
                )
        else:
            identical(one, other)


@pytest.fixture(scope="module")
def many_dev_rows():
    """Dev rows beyond one block, and not a multiple of it."""
    generator = np.random.default_rng(3)
    X = generator.normal(size=(BLOCK_ROWS * 2 + 777, 3)).astype(np.float32)
    y = (X[:, 0] > 0).astype(int)
    return nw.Dataset.from_arrays(X[:64], y[:64], X_dev=X, y_dev=y, X_test=X[:9], y_test=y[:9])


def test_dev_rows_beyond_the_budget_give_the_same_losses(many_dev_rows, controls, identical):
    resident, streamed = (nw.fit(many_dev_rows, controls, seed=1, budget=b) for b in (None, 0))
    identical(streamed, resident)
    assert streamed.evaluate("dev")["loss"] == streamed.history["dev_loss"].min()


def test_blocks_hold_every_row_once(many_dev_rows, controls):
    dev = many_dev_rows.prepare(controls.data, embeddings=True).dev
    blocks = list(Rows(dev, 0, BLOCK_ROWS).blocks())
    assert [block.x.shape[0] for block in blocks] == [BLOCK_ROWS] * 3
    weights = [np.ones(BLOCK_ROWS) if block.weight is None else np.asarray(block.weight) for block in blocks]
    counted = np.concatenate([np.asarray(b.x)[w > 0] for b, w in zip(blocks, weights, strict=True)])
    np.testing.assert_array_equal(counted, dev.x)
    assert len(list(Rows(dev, dev.x.nbytes, BLOCK_ROWS).blocks())) == 1
