import json

import jax.numpy as jnp
import numpy as np
import polars as pl
import pytest
from flax import nnx
from safetensors.numpy import load_file

import netwright as nw
from netwright.core.errors import TrainingError
from netwright.data.table_encoder import TableEncoder
from netwright.train import failure


@pytest.fixture(scope="module")
def wild(controls):
    controls = controls.with_setting("optimization.rule=sgd").with_setting("optimization.options={}")
    return controls.with_setting("optimization.learning_rate=1e30")


def test_a_rate_far_too_large(blobs, wild, tmp_path, weights_of):
    with pytest.raises(TrainingError) as caught:
        nw.fit(blobs, wild, out=tmp_path / "run")
    text = str(caught.value)
    assert "\n" not in text
    assert "step " in text
    assert "is not finite" in text
    assert str(tmp_path / "run") in text
    assert "optimization.learning_rate (now 1e+30)" in text
    run = caught.value.run
    assert run.status == "failed"
    loaded = nw.load(tmp_path / "run")
    assert loaded.status == "failed"
    kept = weights_of(loaded)
    assert all(np.isfinite(a).all() for a in kept.values())
    for name, a in weights_of(run).items():
        np.testing.assert_array_equal(a, kept[name])
    assert len(loaded.predict(blobs.features.content)) == 103


class Clock(nnx.Module):
    """Its output is a parameter that grows by 1 a step, under descent at rate 1 along a loss of −output."""

    def __init__(self, start):
        self.clock = nnx.Param(jnp.float32(start))

    def __call__(self, x):
        return jnp.full((x.shape[0], 1), self.clock[...])


def nan_from_zero_on(outputs, targets):
    return jnp.where(outputs < 0, -outputs, jnp.float32(np.nan))


@pytest.fixture(scope="module")
def ticking(wild):
    """The clock's controls, without dev rows: 88 rows make six steps an epoch."""
    controls = wild.with_setting("optimization.learning_rate=1").with_setting(
        "optimization.schedule=constant"
    )
    controls = controls.with_setting("data.dev_fraction=0")
    return controls.with_setting("regularization.early_stopping=null")


@pytest.mark.parametrize("planted", [0, 3, 6, 17])
def test_a_planted_nan_is_found_at_exactly_its_step(planted, blobs, ticking):
    """The loss of the user's own becomes NaN at one step: 17 lies in the third epoch, long after the snapshot
    that the replay begins with.
    """
    said = rf"^step {planted} \(epoch {planted // 6}\): the loss is not"
    with pytest.raises(TrainingError, match=said) as caught:
        nw.fit(blobs, ticking, model=Clock(-planted), loss=nan_from_zero_on)
    kept = caught.value.run
    assert float(kept.predictor.params["clock"]) == 0
    assert kept.history.height == planted // 6


def test_far_behind_the_snapshot_the_way_is_replayed_as_it_was_trained(blobs, ticking, monkeypatch):
    monkeypatch.setattr(failure, "LOOKED_AT", 2)
    with pytest.raises(TrainingError, match=r"^step 18 \(epoch 3\): the loss is not"):
        nw.fit(blobs, ticking, model=Clock(-18), loss=nan_from_zero_on)


def test_a_dev_loss_that_is_not_finite_is_told_apart(blobs, ticking):
    """After the five steps of an epoch on 72 rows the clock stands at 0, where the loss is NaN."""
    controls = ticking.with_setting("data.dev_fraction=0.15")
    with pytest.raises(TrainingError, match=r"^epoch 0: the dev loss is not finite, the training loss is"):
        nw.fit(blobs, controls, model=Clock(-5), loss=nan_from_zero_on)


class Overflowing(nnx.Module):
    def __init__(self):
        self.linear = nnx.Linear(3, 1, rngs=nnx.Rngs(0))

    def __call__(self, x):
        return jnp.exp(100 + jnp.abs(self.linear(x)))


def test_the_first_bad_operation_is_named(blobs, wild):
    said = r"^step 0 \(epoch 0\): a of linear is not finite: overflow in the activation: z reaches \d"
    with pytest.raises(TrainingError, match=said):
        nw.fit(blobs, wild, model=Overflowing())


def steep(outputs, targets):
    return -4 * outputs


def root(outputs, targets):
    return jnp.sqrt(outputs)


@pytest.mark.parametrize(
    ("loss", "named"), [(steep, "the updated weights of clock"), (root, "the gradient of the output")]
)
def test_a_finite_loss_may_hide_a_gradient_or_a_step_that_is_not(loss, named, blobs, wild):
    """3e38 · 4 overflows in the update; √z has an infinite slope at 0. The loss is finite both times."""
    controls = wild.with_setting("optimization.learning_rate=3e38")
    with pytest.raises(TrainingError, match=rf"^step 0 \(epoch 0\): {named} is not finite"):
        nw.fit(blobs, controls, model=Clock(0), loss=loss)


# ---------------------------------------------------------------------------------- the batch and the cause


@pytest.fixture
def infinite(monkeypatch, tmp_path):
    """A table of which the encoder makes one infinite number, in row 17 of the column "size"."""
    transform = TableEncoder.transform

    def planted(self, features, *, rows=None, source="data"):
        x = transform(self, features, rows=rows, source=source)
        x[np.asarray(rows) == 17, 1] = np.inf
        return x

    monkeypatch.setattr(TableEncoder, "transform", planted)
    age = np.arange(40.0)
    pl.DataFrame({"age": age, "size": age % 7, "label": age > 20}).write_parquet(tmp_path / "t.parquet")
    return nw.read(tmp_path / "t.parquet", "label")


@pytest.mark.parametrize("budget", [None, 200], ids=["resident", "streamed"])
def test_an_infinite_number_is_named_by_its_row_and_column(budget, infinite, wild, tmp_path):
    """The data's own checks let none through; what slips by is found all the same, with its batch."""
    for setting in ("data.normalize=none", "data.test_fraction=0", "data.dev_fraction=0"):
        wild = wild.with_setting(setting)
    with pytest.raises(TrainingError) as caught:
        nw.train.fit(
            infinite,
            wild.with_setting("regularization.early_stopping=null"),
            out=tmp_path / "run",
            budget=budget,
        )
    text = str(caught.value)
    assert "the input is not finite: row 18 (counted from 1), column 'size' is inf" in text
    assert str(tmp_path / "run" / "failure" / "batch.safetensors") in text
    record = json.loads((tmp_path / "run" / "run.json").read_text())["failure"]
    assert record["operation"] == "the input"
    batch = load_file(tmp_path / "run" / "failure" / "batch.safetensors")
    assert batch["rows"].tolist() == record["rows"]
    assert np.isinf(batch["x"][record["rows"].index(17), 1])
    np.testing.assert_array_equal(batch["x"][:, 0], batch["rows"])
    np.testing.assert_array_equal(batch["y"], batch["rows"] > 20)


def test_a_rate_too_large_is_named_as_the_cause(blobs, wild):
    controls = wild.with_setting("architecture.batch_norm=false").with_setting("regularization.l2=0")
    with pytest.raises(TrainingError) as caught:
        nw.fit(blobs, controls)
    failure = caught.value.failure
    assert failure.step > 0
    assert failure.operation == "z of hidden.1.linear"
    assert "learning rate too large: the step before moved the weights of" in failure.cause
    assert caught.value.run.record["failure"] == failure.to_json()
