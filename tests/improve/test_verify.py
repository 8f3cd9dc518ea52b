"""Paired proofs."""

import json
from importlib import import_module

import numpy as np
import pytest

import netwright as nw
from netwright.core.errors import ControlError, DataError
from netwright.diagnose.finding import Prescription
from netwright.improve.verify import verify
from netwright.measure.trial import structure, train_trials


def test_a_change_that_changes_nothing_is_inconclusive(noisy, short, prescribed):
    """On and off are bit for bit the same: same seeds, same order, one population."""
    proof = verify(noisy, short, prescribed(regularization__dropout=0.1))
    assert (proof.verdict, proof.p_better, proof.off) == ("inconclusive", 0.5, proof.on)
    assert all(interval.low == -interval.high < 0 for interval in proof.terms.values())
    assert proof.seeds == (0, 1, 2, 3, 4)


def test_a_rate_that_learns_is_adopted_and_the_way_back_is_dropped(noisy, short, prescribed):
    slow = short.with_setting("optimization.learning_rate=0.000001")
    there = verify(noisy, slow, prescribed("optimization", optimization__learning_rate=0.03))
    assert there.verdict == "adopt"
    assert there.moved is True
    assert there.difference.high < 0
    assert there.terms["train loss"].high < 0
    back = verify(noisy, short, prescribed(optimization__learning_rate=0.000001))
    assert back.verdict == "drop"
    np.testing.assert_allclose([back.off, back.on], [there.on, there.off], atol=1e-9)
    np.testing.assert_allclose(back.difference.estimate, -there.difference.estimate, atol=1e-9)


def test_a_regularizer_closes_the_gap_and_costs_training_loss(noisy, short, prescribed):
    proof = verify(noisy, short, prescribed("estimation", regularization__dropout=0.7))
    assert (proof.verdict, proof.moved) == ("adopt", True)
    assert proof.terms["gap"].high < 0
    assert proof.terms["train loss"].low > 0
    assert not proof.others_stayed
    gap, train = proof.terms["gap"].estimate, proof.terms["train error"].estimate
    np.testing.assert_allclose(gap + train, proof.difference.estimate)


def test_pairs_of_two_structures_are_the_trainings_one_gets_alone(noisy, short):
    other = short.with_setting("optimization.batch_size=64")
    assert structure(other) != structure(short)
    assert structure(short.with_setting("regularization.l2=0.1")) == structure(short)
    trials = train_trials(noisy, [(short, 3), (other, 3), (short, 4)])
    for trial, (controls, seed) in zip(trials, [(short, 3), (other, 3), (short, 4)], strict=True):
        alone = nw.fit(noisy, controls, seed=seed, progress=False).evaluate("dev")
        np.testing.assert_allclose(1 - trial.dev.mean(), alone["accuracy"], atol=1e-9)
        np.testing.assert_allclose(trial.dev_loss.mean(), alone["loss"], rtol=1e-4)


def test_the_errors_of_numbers_are_in_the_targets_units():
    generator = np.random.default_rng(0)
    X = generator.normal(size=(80, 2)).astype(np.float32)
    ds = nw.Dataset.from_arrays(X, 100 * X[:, 0] + 500 + generator.normal(size=80), task="regression")
    controls = nw.Controls(architecture=nw.Architecture(hidden=(4,)), optimization=nw.Optimization(epochs=2))
    (trial,) = train_trials(ds, [(controls, 0)])
    rows = ds.dev
    expected = np.mean((trial.run().predict(rows.features) - rows.target) ** 2)
    np.testing.assert_allclose(trial.dev.mean(), expected, rtol=1e-5)


def test_a_control_that_diverges_is_dropped(noisy, short, prescribed):
    proof = verify(noisy, short, prescribed(optimization__learning_rate=1e30))
    assert (proof.verdict, proof.on, proof.difference.estimate) == ("drop", np.inf, None)
    assert proof.to_json()["on"] is None


def test_what_cannot_be_proven_is_refused(noisy, short, prescribed):
    with pytest.raises(ControlError, match=r"data\.dev_fraction decides which rows"):
        verify(noisy, short, prescribed(data__dev_fraction=0.1))
    with pytest.raises(DataError, match="no dev rows"):
        verify(noisy, short.with_setting("data.dev_fraction=0"), prescribed(regularization__l2=0.1))


def test_a_measurement_prescribed_is_nothing_to_train(noisy, short, monkeypatch):
    monkeypatch.delattr(import_module("netwright.improve.verify"), "train_trials")
    proof = verify(noisy, short, Prescription("measure", reason="more dev rows would tell"))
    assert (proof.verdict, proof.off, proof.on, proof.seeds) == ("nothing to try", None, None, ())
    assert str(proof) == "measure: nothing to try; more dev rows would tell"
    assert json.loads(json.dumps(proof.to_json()))["difference"]["estimate"] is None


def test_it_can_be_read_and_written(noisy, short, prescribed):
    proof = verify(noisy, short, prescribed(regularization__l2=0.1), seeds=range(5, 10))
    assert str(proof).startswith(f"regularization.l2=0.1: {proof.verdict}\n  dev error")
    assert proof.to_json()["prescription"]["settings"] == {"regularization.l2": 0.1}
    assert proof.to_json()["seeds"] == (5, 6, 7, 8, 9)
