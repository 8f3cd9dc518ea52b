"""Augmentation: what each does to a batch, and that it is a pure function of seed and step."""

import os
import signal

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import netwright as nw
from netwright.core.errors import ControlError
from netwright.core.keys import key
from netwright.core.layout import Layout
from netwright.losses import cce
from netwright.train.augment import Mixed, flipped, hidden, mixed, shifted
from netwright.train.auto import Facts, resolve
from netwright.train.interrupt import Interrupted
from netwright.train.objective import losses_of
from netwright.train.population import fit_population

GENERATOR = np.random.default_rng(0)
X = GENERATOR.normal(size=(400, 5, 4, 2)).astype(np.float32)
KEY = key(0, "test")
EVERYTHING = {"flip": "both", "crop": 1, "cutout": 2, "mixup": 0.4}


@pytest.mark.parametrize(("flip", "axis"), [("horizontal", 2), ("vertical", 1)])
def test_half_of_the_images_are_mirrored(flip, axis):
    found = np.asarray(flipped(KEY, X, flip))
    same = (found == X).all(axis=(1, 2, 3))
    np.testing.assert_array_equal(found[~same], np.flip(X, axis)[~same])
    assert 160 < same.sum() < 240


def test_both_ways_are_independent():
    found = np.asarray(flipped(KEY, X, "both"))
    forms = [X, np.flip(X, 1), np.flip(X, 2), np.flip(X, (1, 2))]
    counts = [int((found == form).all(axis=(1, 2, 3)).sum()) for form in forms]
    assert sum(counts) == 400
    assert min(counts) > 60


def test_images_move_by_at_most_so_many_pixels_and_repeat_their_edge():
    found = np.asarray(shifted(KEY, X, jnp.float32(2)))
    padded = np.pad(X, ((0, 0), (2, 2), (2, 2), (0, 0)), mode="edge")
    moves = [
        (padded[:, a : a + 5, b : b + 4] == found).all(axis=(1, 2, 3)) for a in range(5) for b in range(5)
    ]
    counts = np.array([move.sum() for move in moves])
    assert counts.sum() == 400
    assert counts.min() > 3
    np.testing.assert_array_equal(shifted(KEY, X, jnp.float32(0)), X)


def test_a_square_is_hidden_anywhere():
    found = np.asarray(hidden(KEY, X, jnp.float32(3)))
    gone = (found == 0).all(axis=3)
    np.testing.assert_array_equal(found[~gone], X[~gone])
    sides = np.stack([gone.any(axis=2).sum(axis=1), gone.any(axis=1).sum(axis=1)])
    np.testing.assert_array_equal(gone.sum(axis=(1, 2)), sides.prod(axis=0))
    assert (sides.min(), sides.max()) == (2, 3)  # an edge cuts one row or column off the square
    np.testing.assert_array_equal(hidden(KEY, X, jnp.float32(0)), X)


def test_rows_are_mixed_with_rows_of_weight_and_the_larger_share_is_their_own():
    y = np.arange(400, dtype=np.int32)
    weight = np.where(np.arange(400) % 3 == 0, 0, 1).astype(np.float32)
    x, targets = mixed(KEY, X, y, weight, jnp.float32(1))
    share, other = np.asarray(targets.share), np.asarray(targets.other)
    np.testing.assert_array_equal(targets.own, y)
    assert weight[other].min() == 1
    wide = share[:, None, None, None]
    np.testing.assert_allclose(x, wide * X + (1 - wide) * X[other], rtol=1e-6, atol=1e-6)
    assert 0.5 <= share.min() < 0.52 < 0.98 < share.max() <= 1
    assert share.mean() == pytest.approx(0.75, abs=0.03)  # the mean of max(λ, 1 − λ) when λ is uniform


def test_every_row_of_a_full_batch_is_the_other_of_one():
    targets = mixed(KEY, X, np.arange(400), np.ones(400, np.float32), jnp.float32(1))[1]
    np.testing.assert_array_equal(np.sort(targets.other), np.arange(400))


def test_without_alpha_nothing_is_mixed():
    x, targets = mixed(KEY, X, np.arange(400), np.ones(400, np.float32), jnp.float32(0))
    np.testing.assert_array_equal(x, X)
    np.testing.assert_array_equal(targets.share, 1)


def test_the_loss_is_that_of_the_mixed_label(tiles, controls):
    plan = nw.fit(tiles, controls.with_setting("optimization.epochs=1")).program[0].plan
    outputs = jnp.asarray(GENERATOR.normal(size=(9, 3)), jnp.float32)
    own, other = (jnp.asarray(GENERATOR.integers(0, 3, 9), jnp.int32) for _ in range(2))
    share = jnp.asarray(GENERATOR.uniform(0.5, 1, 9), jnp.float32)
    found = losses_of(plan, {}, outputs, Mixed(own, other, share))
    label = share[:, None] * jax.nn.one_hot(own, 3) + (1 - share)[:, None] * jax.nn.one_hot(other, 3)
    np.testing.assert_allclose(found, cce(outputs, label), rtol=1e-5)


@pytest.fixture(scope="module")
def tiles():
    """103 images 5 × 4 of three classes."""
    y = np.arange(103) % 3
    images = GENERATOR.integers(0, 120, (103, 5, 4)) + 40 * y[:, None, None]
    return nw.Dataset.from_arrays(images.astype(np.uint8), y, name="tiles", task="multiclass")


@pytest.fixture(scope="module")
def controls():
    return nw.Controls(
        architecture=nw.Architecture(kind="cnn", hidden=(3,), head=()),
        optimization=nw.Optimization(batch_size=16, epochs=4),
        regularization=nw.Regularization(**EVERYTHING),
    )


@pytest.fixture(scope="module")
def run(tiles, controls):
    return nw.fit(tiles, controls, seed=1)


def test_the_seed_and_the_step_decide(tiles, controls, run, identical):
    identical(nw.fit(tiles, controls, seed=1), run)
    plain = nw.Regularization(crop=0)
    assert (
        nw.fit(tiles, controls.replace(regularization=plain), seed=1).history["train_loss"][0]
        != (run.history["train_loss"][0])
    )


def test_streamed_images_are_resident_ones_bit_for_bit(tiles, controls, run, identical):
    identical(nw.fit(tiles, controls, seed=1, budget=71 * 5 * 4 * 4), run)


class StopAt:
    def on_epoch(self, event):
        if event.epoch == 1:
            os.kill(os.getpid(), signal.SIGINT)


def test_a_resumed_run_sees_what_the_whole_one_saw(tiles, controls, run, identical, tmp_path):
    with pytest.raises(Interrupted):
        nw.fit(tiles, controls, seed=1, out=tmp_path / "run", callbacks=[StopAt()])
    identical(nw.resume(tmp_path / "run", dataset=tiles), run)


def test_members_see_images_of_their_own(tiles, controls, run):
    population = fit_population(tiles, controls, seeds=[0, 1])
    np.testing.assert_allclose(population[1].history["train_loss"], run.history["train_loss"], rtol=1e-4)
    one_order = fit_population(tiles, controls, seeds=[0, 1], order_seed=0)
    assert one_order[0].history["train_loss"][0] != one_order[1].history["train_loss"][0]


def test_members_may_differ_in_the_numbers(tiles, controls):
    wanted = [controls.with_setting(f"regularization.{name}=0") for name in ("crop", "cutout", "mixup")]
    population = fit_population(tiles, wanted, seeds=[1, 1, 1])
    alone = nw.fit(tiles, wanted[2], seed=1)
    np.testing.assert_allclose(population[2].history["train_loss"], alone.history["train_loss"], rtol=1e-4)


def refused(words, layout, **regularization):
    facts = Facts(rows=500, layout=layout, task="binary", dev_rows=100)
    with pytest.raises(ControlError, match=words):
        resolve(nw.Controls(regularization=nw.Regularization(**regularization)), facts)


def test_what_cannot_be_augmented_is_refused():
    table = Layout("table", (7,))
    refused("regularization.flip: is for images, the data has examples of kind 'table'", table, flip="both")
    refused(r"regularization\.crop: is for images.*set it to 0", table, crop=2)
    refused(r"regularization\.cutout: is for images", Layout("sequence", (9, 2)), cutout=2)
    refused(r"cutout: found 6 pixels, expected less than the side, 6", Layout("image", (6, 8, 1)), cutout=6)
    refused("mixup: codes cannot be mixed", Layout("table", (7,), embeddings=((6, 20),)), mixup=1.0)
    refused("mixup: text cannot be mixed", Layout("text", (7,), vocabulary=9), mixup=1.0)
    refused("mixup: steps of unlike length", Layout("sequence", (7, 3), masked=True), mixup=1.0)


def test_numbers_of_a_table_can_be_mixed(blobs):
    wanted = nw.Regularization(mixup=0.2)
    run = nw.fit(blobs, nw.Controls(optimization=nw.Optimization(epochs=2), regularization=wanted))
    assert np.isfinite(run.history["train_loss"].to_numpy()).all()
