"""``run.diagnose()``: within its time, kept in the folder, honest about what was not measured."""

import json
import time
from importlib import import_module

import numpy as np
import pytest
from flax import nnx

import netwright as nw
from netwright.core.duration import seconds_of
from netwright.core.errors import ControlError, RunError, TrainingError
from netwright.measure.optimization import optimization
from netwright.measure.rows import finite
from netwright.measure.subject import Subject

TERMS = ["bayes", "optimization", "approximation", "estimation", "shift", "dev overfit"]


@pytest.fixture(scope="module")
def whole(run):
    return run.diagnose(budget="5m", checks=False)


def test_a_quick_diagnosis_trains_nothing(run, monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError("trained")

    for room in ("learning_curve", "bias_variance", "optimization", "approximation", "left_out"):
        monkeypatch.setattr(f"netwright.measure.{room}.fit_population", refuse)
    found = run.diagnose(quick=True, checks=False)
    assert [term.name for term in found.budget.terms] == TERMS
    assert found.budget["optimization"].verdict == "not measured"
    assert found.budget["optimization"].method == "time"
    assert found.budget["bayes"].interval.high < 0.3
    assert found.budget["shift"].verdict == "by construction"
    assert "optimization (time)" in str(found)
    assert run.record.get("test_openings", 0) == 0


def test_with_time_every_term_is_measured(whole):
    budget = whole.budget
    assert [term.name for term in budget.terms if term.interval is None] == ["dev overfit"]
    assert "trainings of 40 epochs from new weights" in budget["optimization"].method
    assert "four times the width" in budget["approximation"].method
    assert "refits on resamples" in budget["estimation"].method
    assert whole.figures.keys() == {"bayes", "optimization", "learning_curve", "bias_variance"}
    assert whole.figures["learning_curve"]["sizes"] == (43, 87, 175, 350, 700, 1400)
    low, high = budget["bayes"].interval.low or 0.0, budget["bayes"].interval.high
    assert low <= 0.1 <= high
    assert whole.prescription.reason


def test_the_recipe_adds_up_where_no_curve_identifies_the_terms(run):
    """Bayes + avoidable bias + variance is the dev error, when no end is cut off at 0."""
    budget = run.diagnose(quick=True, checks=False).budget
    if budget["approximation"].interval.estimate > 0:
        names = ("bayes", "approximation", "estimation")
        total = sum(budget[name].interval.estimate for name in names)
        assert total == pytest.approx(budget.errors["dev"].estimate)
    gap = budget.errors["dev"].estimate - budget.errors["train"].estimate
    assert budget["estimation"].interval.estimate == pytest.approx(gap)


def test_it_is_kept_in_the_runs_folder(bent, controls, tmp_path):
    run = nw.fit(bent, controls, progress=False, out=tmp_path / "run")
    found = run.diagnose(quick=True, checks=False)
    kept = json.loads((tmp_path / "run" / "diagnosis.json").read_text())
    assert nw.Diagnosis.from_json(kept) == nw.Diagnosis.from_json(found.to_json())


def test_the_test_set_is_opened_only_when_asked(bent, controls):
    run = nw.fit(bent, controls, progress=False)
    found = run.diagnose(quick=True, checks=False, open_test=True)
    assert run.record["test_openings"] == 1
    assert found.budget["dev overfit"].verdict == "measured"
    assert found.budget.errors["test"].estimate == pytest.approx(1 - run.evaluate("test")["accuracy"])
    gap = found.budget.errors["test"].estimate - found.budget.errors["dev"].estimate
    assert found.budget["dev overfit"].interval.estimate == pytest.approx(gap)


def test_other_rows_that_are_labelled_otherwise_are_a_shift(run, make_classes):
    X, y = make_classes(400, seed=9)
    moved = run.diagnose((X[:, ::-1].copy(), y), quick=True, checks=False).budget
    assert moved["shift"].interval.low > 0.1
    assert "train_dev" in moved.errors
    assert moved["estimation"].interval.high < moved["shift"].interval.low
    assert moved.largest.name == "shift"
    same = run.diagnose((X, y), quick=True, checks=False).budget
    assert same["shift"].interval.low < 0.05


def test_a_train_dev_split_is_used(bent, controls):
    run = nw.fit(bent, controls.with_setting("data.train_dev_fraction=0.2"), progress=False)
    budget = run.diagnose(quick=True, checks=False).budget
    assert budget["shift"].verdict == "measured"
    gap = budget.errors["dev"].estimate - budget.errors["train_dev"].estimate
    assert budget["shift"].interval.estimate == pytest.approx(gap)


def test_dev_rows_given_from_outside_may_be_shifted(make_classes, controls):
    X, y = make_classes(500)
    X_dev, y_dev = make_classes(200, seed=3)
    ds = nw.Dataset.from_arrays(X, y, X_dev=X_dev + 2, y_dev=y_dev)
    run = nw.fit(ds, controls, progress=False)
    assert Subject.of(run, None).elsewhere
    assert Subject.of(run, None).shift().shifted
    quick = run.diagnose(quick=True, checks=False).budget
    assert quick["shift"].verdict == "not measured"


def test_regression_is_told_in_the_targets_units(line_run):
    budget = line_run.diagnose(quick=True, checks=False).budget
    assert budget.metric == "mse"
    assert 2 < budget.errors["dev"].estimate < 12
    assert budget["bayes"].interval.high > 3


def test_a_module_of_ones_own_is_diagnosed_as_far_as_it_goes(bent):
    class Own(nnx.Module):
        def __init__(self, rngs):
            self.layer = nnx.Linear(2, 1, rngs=rngs)

        def __call__(self, x):
            return self.layer(x)

    controls = nw.Controls(optimization=nw.Optimization(epochs=2))
    run = nw.fit(bent, controls, model=Own(nnx.Rngs(0)), progress=False)
    found = run.diagnose(budget=60, checks=False)
    assert found.budget["optimization"].method == "the module, rule or loss is your own"
    assert found.budget["estimation"].interval is not None


def test_the_time_is_kept(run):
    begun = time.monotonic()
    found = run.diagnose(budget=1, checks=False)
    assert found.budget["optimization"].method == "time"
    assert found.seconds == pytest.approx(time.monotonic() - begun, abs=1)


def test_no_test_rows_to_open(bent, controls):
    run = nw.fit(bent, controls.with_setting("data.test_fraction=0"), progress=False)
    with pytest.raises(RunError, match="no test rows"):
        run.diagnose(quick=True, checks=False, open_test=True)


@pytest.mark.parametrize(
    ("text", "seconds"), [("90", 90), ("45s", 45), ("2m", 120), ("1h30m", 5400), (7, 7), ("1.5m", 90)]
)
def test_durations(text, seconds):
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["", "soon", "2 days", "-3", 0, "m", float("inf"), float("nan")])
def test_what_is_no_duration_is_refused(text):
    with pytest.raises(ControlError, match="expected a time"):
        seconds_of(text)


def test_budget_numbers_are_plain(whole):
    def plain(value):
        if isinstance(value, dict):
            return all(map(plain, value.values()))
        if isinstance(value, list):
            return all(map(plain, value))
        return value is None or type(value) in (int, float, str, bool)

    assert plain(whole.to_json())
    assert not any(isinstance(v, np.generic) for v in whole.to_json().values())


def test_few_rows_leave_the_bayes_error_unmeasured_and_nothing_else(controls, make_classes):
    X, y = make_classes(36)
    found = nw.fit(nw.Dataset.from_arrays(X, y), controls, progress=False).diagnose(quick=True)
    assert found.budget["bayes"].verdict == "not measured"
    assert "expected at least 40" in found.budget["bayes"].method
    assert found.budget["estimation"].interval is not None


def test_trainings_that_diverge_leave_their_terms_unmeasured(run, monkeypatch):
    budget = import_module("netwright.measure.budget")

    def diverge(*args, **kwargs):
        raise TrainingError("a training diverged")

    for name in ("optimization", "losses_by_size", "bias_variance", "widened"):
        monkeypatch.setattr(budget, name, diverge)
    found = run.diagnose(budget="5m", checks=False).budget
    assert found["optimization"].verdict == "not measured"
    assert found["optimization"].method == "a training diverged"
    assert "learning curve: not measured (a training diverged)" in found["estimation"].method


def test_a_candidate_that_diverges_is_not_counted(line, controls):
    wild = controls.with_setting("optimization.rule=sgd").with_setting("optimization.learning_rate=0.3")
    run = nw.fit(line, wild.with_setting("optimization.epochs=3"), progress=False)
    found = optimization(Subject.of(run, None), 6, start=False)
    assert "a learning rate of 0.9" not in [tried.candidate.name for tried in found.tried]
    assert found.tried
    assert all(np.isfinite([tried.train, tried.dev]).all() for tried in found.tried)
    with pytest.raises(TrainingError, match="diverged"):
        finite(np.array([1.0, np.nan]))


def test_whole_numbers_given_as_dev_rows_are_no_shift(controls):
    """Encoding rounds: 5 is 5 again only if training and dev rows both went through it."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(500, 3)).astype(np.float32)
    y = np.clip(np.round(5 + X[:, 0] + 0.5 * rng.normal(size=500)), 3, 8)
    data = nw.Dataset.from_arrays(X[:300], y[:300], X[300:], y[300:], task="regression")
    run = nw.fit(data, controls.with_setting("optimization.epochs=1"), progress=False)
    assert not Subject.of(run, None).shift().shifted
