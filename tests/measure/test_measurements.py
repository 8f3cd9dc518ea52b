"""Each term's own measurement, on runs with that trouble planted."""

import numpy as np
import pytest

import netwright as nw
from netwright.diagnose.interval import Interval
from netwright.measure.approximation import widened, wider
from netwright.measure.clock import Clock
from netwright.measure.left_out import left_out
from netwright.measure.limit import _plain, hidden_activations
from netwright.measure.optimization import Optimization, Tried, candidates, optimization
from netwright.measure.rows import run_errors
from netwright.measure.subject import Subject


def test_errors_are_those_of_evaluate(run, line_run):
    assert run_errors(run, run.prepared.dev).mean() == pytest.approx(1 - run.evaluate("dev")["accuracy"])
    rmse = line_run.evaluate("dev")["rmse"]
    assert run_errors(line_run, line_run.prepared.dev).mean() == pytest.approx(rmse**2, rel=1e-5)


def test_sample_weights_count_in_the_errors_and_class_weights_do_not(controls, make_classes):
    X, y = make_classes(300)
    weight = np.where(np.arange(300) % 3, 1.0, 5.0)
    ds = nw.Dataset.from_arrays(X, y, sample_weight=weight)
    run = nw.fit(
        ds, controls.with_setting("optimization.epochs=2").with_setting("data.class_weight=balanced")
    )
    prepared = run.prepared
    for part, rows in (("dev", prepared.dev), ("train", prepared.train)):
        split = getattr(ds.splits(run.controls.data), part)
        wrong = run.predict(X[split]) != y[split]
        expected = np.average(wrong, weights=weight[split])
        assert run_errors(run, rows).mean() == pytest.approx(expected, rel=1e-6)


def test_rows_for_the_bayes_error_are_a_plain_sample_of_what_their_weights_stand_for(make_classes):
    X, y = make_classes(3000)
    weight = np.where(X[:, 0] > 0, 3.0, 1.0)
    prepared = nw.Dataset.from_arrays(X, y, sample_weight=weight).prepare(nw.Controls().data, embeddings=True)
    kept = prepared.train.x[_plain(prepared, prepared.train, np.random.default_rng(0)), 0]
    full = prepared.train.x[:, 0]
    heavy = kept > full[np.isclose(prepared.train.weight, prepared.train.weight.min())].max()
    # Heavy rows are all kept, a third of the light ones: three quarters of those kept are heavy.
    assert abs(heavy.mean() - 0.75) < 3 * np.sqrt(0.75 * 0.25 / len(kept))


def test_a_rate_too_small_is_an_optimization_term(bent, controls):
    slow = nw.fit(bent, controls.with_setting("optimization.learning_rate=0.0002"), progress=False)
    found = optimization(Subject.of(slow, None), 30, start=False)
    term = found.term()
    assert term.verdict == "lower bound"
    assert term.interval.confidence == 0.9
    assert term.interval.estimate > 0
    assert found.best.train_gain.low > 0
    assert found.remedy().term == "optimization"
    assert found.remedy().settings in ({"optimization.learning_rate": 0.0006}, {"optimization.epochs": 40})
    assert len(found.to_json()) == 3


def test_a_penalty_too_strong_is_an_optimization_term(bent, controls):
    held = nw.fit(bent, controls.with_setting("regularization.l2=0.2"), progress=False)
    found = optimization(Subject.of(held, None), 12, start=True)
    assert found.term().interval.low > 0
    assert found.remedy().settings == {"regularization.l2": 0.0}


def test_fitting_noise_is_no_optimization_term(run):
    """What lowers the training error alone does not count, however far it lowers it."""
    one = candidates(run.controls, 5)[0]
    by_heart = Tried(one, 0.0, 0.2, Interval(0.08, 0.1, 0.12), Interval(-0.05, -0.03, -0.01))
    assert by_heart.gain == Interval(0.0, 0.0, 0.0)
    real = Tried(one, 0.05, 0.1, Interval(0.04, 0.05, 0.06), Interval(0.01, 0.03, 0.08))
    assert real.gain == Interval(0.01, 0.03, 0.06)
    both = Optimization((by_heart, real), "two trainings")
    assert both.best is real
    assert "lowest training error of all was 0" in both.term().method


def test_candidates_differ_in_numbers_only(run):
    found = candidates(run.controls.with_setting("regularization.dropout=0.3"), 5)
    assert [list(one.settings) for one in found] == [
        ["optimization.epochs"],
        ["optimization.learning_rate"],
        ["optimization.learning_rate"],
        ["regularization.dropout"],
    ]
    assert {one.controls.optimization.epochs for one in found} == {5}


def test_a_network_too_small_gains_from_width(bent, controls):
    narrow = nw.fit(bent, controls.replace(architecture=nw.Architecture(kind="logistic")), progress=False)
    assert wider(narrow.controls).architecture.hidden == (64,)
    assert widened(Subject.of(narrow, None)).low > 0.02
    assert wider(controls).architecture.hidden == (128,)


def test_slices_left_out_stand_for_train_dev(run):
    subject = Subject.of(run, None)
    slices, dev = left_out(subject)
    assert len(slices) == 3 * round(0.15 * 1400)
    assert dev.shape == (3, 300)
    assert abs(slices.mean() - dev.mean()) < 0.1


def test_hidden_activations_are_what_the_output_layer_reads(run):
    x = run.prepared.dev.x[:20]
    a = hidden_activations(run, x)
    assert a.shape == (20, 32)
    z = a @ np.asarray(run.predictor.params["output.kernel"]) + np.asarray(
        run.predictor.params["output.bias"]
    )
    np.testing.assert_allclose(z[:, 0], run.predictor.outputs_of(x), rtol=1e-4, atol=1e-5)


def test_the_clock_learns_that_the_machine_is_busy():
    times = iter([0.0, 10.0, 30.0, 30.0])
    clock = Clock(100.0, compile=2.0, visit=1e-3, now=lambda: next(times))
    cost = clock.cost(5, 100, 10)
    assert cost == pytest.approx(1.5 * 2 + 1.3 * 5)
    with clock.training(10.0):
        pass
    assert clock.cost(5, 100, 10) == pytest.approx(2 * cost)
    assert clock.left == 70.0
