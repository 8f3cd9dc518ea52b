"""CK-30 and the agreement of gradients: what is planted is found, and the cosines are those of plain gradients."""

import json

import jax
import jax.numpy as jnp
import numpy as np
import polars as pl
import pytest

import netwright as nw
from netwright.core.errors import ControlError
from netwright.measure.conflict import SHARED, conflicts
from netwright.train.program import program

ROWS = 300


def controls(epochs=40, **targets):
    return nw.Controls(
        architecture=nw.Architecture(kind="mlp", hidden=(3,), activation="tanh", batch_norm=False),
        optimization=nw.Optimization(
            rule="adam",
            learning_rate=0.03,
            schedule="constant",
            batch_size=32,
            epochs=epochs,
            targets=nw.Targets(**targets),
        ),
        regularization=nw.Regularization(dropout=0.0, weight_decay=0.0),
        data=nw.DataControls(dev_fraction=0.5, test_fraction=0.0),
    )


@pytest.fixture(scope="module")
def X():
    return np.random.default_rng(0).normal(size=(ROWS, 3))


@pytest.fixture(scope="module")
def harm(X):
    """One hard target at a hundred times the weight fills a trunk of three units; the other needs a direction of it."""
    y = {"easy": (X[:, 2] > 0).astype(int), "hard": (X[:, 0] * X[:, 1] > 0).astype(int)}
    data = nw.Dataset.from_arrays(X, y, name="harm")
    return nw.negative_transfer(data, controls(weights={"hard": 1000.0}), seeds=3)


@pytest.fixture(scope="module")
def help_():
    """Of one target of twelve columns most rows are not labelled; the other is nearly the same, and is."""
    rng = np.random.default_rng(1)
    X, X_dev = rng.normal(size=(2, ROWS, 12))
    label, label_dev = X.sum(axis=1) > 0, (X_dev.sum(axis=1) > 0).astype(int)
    few = np.where(rng.random(ROWS) < 0.9, np.nan, label)
    y = {"few": few, "many": (label ^ (rng.random(ROWS) < 0.02)).astype(int)}
    y_dev = {"few": label_dev, "many": label_dev}
    return nw.negative_transfer(nw.Dataset.from_arrays(X, y, X_dev, y_dev, name="help"), controls(), seeds=3)


def test_a_target_that_others_crowd_out_is_found_harmed(harm):
    """CK-30: alone − together lies below 0 with all of its interval."""
    gain = {one.target: one for one in harm.gains}["easy"]
    assert gain.gain.high < 0
    assert gain.verdict == "harmed by the others"
    (finding,) = [one for one in harm.findings if one.status == "found"]
    assert finding.check == "CK-30"
    assert finding.prescription.control == "optimization.targets.weighting"
    assert "negative transfer (CK-30)" in str(harm)


def test_a_target_with_few_labels_gains_by_a_related_one(help_):
    gain = {one.target: one for one in help_.gains}["few"]
    assert gain.gain.low > 0
    assert gain.verdict == "helped by the others"
    assert all(one.status == "healthy" for one in help_.findings)


def test_what_was_found_is_plain_data(harm):
    stored = json.loads(json.dumps(harm.to_json(), allow_nan=False))
    assert [gain["target"] for gain in stored["gains"]] == ["easy", "hard"]
    assert {row["epoch"] for row in stored["conflicts"]} == {4, 20, 40}
    assert {row["layer"] for row in stored["conflicts"]} == {"hidden.0.linear", SHARED}


def test_cosines_are_those_of_the_plain_gradients(X):
    """One batch of all rows: each target's gradient in the shared layer, in float64, by a formula of its own."""
    y = {"number": X @ [1.0, -1.0, 0.5], "kind": (X[:, 0] > 0).astype(int)}
    asked = controls(1).with_setting("optimization.batch_size=full").with_setting("data.normalize=none")
    run = nw.fit(nw.Dataset.from_arrays(X, y), asked, seed=3)
    made, hyper = run.program
    assert made is program(made.plan)
    predictor, train = run.predictor, run.prepared.train
    found = conflicts(made.plan, hyper, predictor.params, predictor.rest, train).filter(
        pl.col("layer") == "hidden.0.linear"
    )

    def cost(shared, target):
        a = jnp.tanh(jnp.asarray(train.x, jnp.float64) @ shared["kernel"] + shared["bias"][None])
        head = {
            part: jnp.asarray(np.asarray(predictor.params[f"output.heads.{target}.{part}"]), jnp.float64)
            for part in shared
        }
        z, t = (a @ head["kernel"])[:, 0] + head["bias"], jnp.asarray(train.y[:, target], jnp.float64)
        losses = jnp.square(t - z) if target == 0 else jnp.logaddexp(0.0, z) - t * z
        return jnp.mean(losses)

    with jax.enable_x64(True):
        shared = {
            part: jnp.asarray(np.asarray(predictor.params[f"hidden.0.linear.{part}"]), jnp.float64)
            for part in ("kernel", "bias")
        }
        slopes = [jax.grad(cost)(shared, target) for target in (0, 1)]
        first, second = (np.concatenate([np.ravel(s[part]) for part in shared]) for s in slopes)
    cosine = first @ second / (np.linalg.norm(first) * np.linalg.norm(second))
    row = found.to_dicts()[0]
    assert (row["first"], row["second"]) == ("number", "kind")
    assert row["cosine"] == pytest.approx(cosine, abs=1e-4)
    assert row["conflict"] == float(cosine < 0)
    assert row["ratio"] == pytest.approx(np.linalg.norm(first) / np.linalg.norm(second), rel=1e-3)


def test_one_target_or_one_seed_is_refused(blobs, X):
    with pytest.raises(ControlError, match="found 1 target and 5 seeds"):
        nw.negative_transfer(blobs)
    y = {"a": X[:, 0], "b": X[:, 1]}
    with pytest.raises(ControlError, match="found 2 target and 1 seeds"):
        nw.negative_transfer(nw.Dataset.from_arrays(X, y), seeds=1)
