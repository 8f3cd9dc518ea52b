"""Training on several targets: what is recorded, predicted, judged, kept and refused."""

import os
import signal

import jax
import numpy as np
import polars as pl
import pytest

import netwright as nw
from netwright.core import catalog
from netwright.core.errors import ControlError
from netwright.train.interrupt import Interrupted
from netwright.train.population import fit_population

WEIGHTINGS = catalog.names("optim.weightings")
ROWS = 90


@pytest.fixture(scope="module")
def ds():
    """Two classes, three classes and numbers, that depend on two columns; a fifth of the labels is missing."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(ROWS, 2))
    frame = pl.DataFrame({"a": X[:, 0], "b": X[:, 1]})
    targets = {
        "sign": np.where(X[:, 0] > 0, "plus", "minus").astype(object),
        "third": np.digitize(X[:, 1], [-0.4, 0.4]).astype(float),
        "sum": 10 * (X[:, 0] + X[:, 1]) + 50,
    }
    for place, values in enumerate(targets.values()):
        values[place::5] = None if values.dtype == object else np.nan
    columns = [pl.Series(name, list(values), strict=False) for name, values in targets.items()]
    frame = frame.with_columns(c.fill_nan(None) if c.dtype.is_float() else c for c in columns)
    return nw.read(frame.with_columns(pl.col("third").cast(pl.Int64)), target=list(targets), name="signs")


def controls(weighting="fixed", *, hidden=(6,), epochs=3, **targets):
    return nw.Controls(
        architecture=nw.Architecture(kind="mlp", hidden=hidden, batch_norm=False),
        optimization=nw.Optimization(
            rule="adam",
            learning_rate=0.03,
            schedule="constant",
            batch_size=16,
            epochs=epochs,
            targets=nw.Targets(weighting=weighting, **targets),
        ),
        regularization=nw.Regularization(
            dropout=0.0, weight_decay=0.0, early_stopping=nw.EarlyStopping(patience=99)
        ),
    )


def with_settings(asked, settings):
    for name, value in settings.items():
        asked = asked.with_setting(f"{name}={value}") if "." in name else asked.replace(**{name: value})
    return asked


@pytest.fixture(scope="module")
def runs(ds):
    """A run under each weighting."""
    return {name: nw.fit(ds, controls(name, weights={"sum": 2.0}), seed=1) for name in WEIGHTINGS}


@pytest.fixture(scope="module")
def run(runs):
    return runs["fixed"]


@pytest.mark.parametrize("weighting", WEIGHTINGS)
def test_every_target_has_its_own_columns_and_the_loss_is_their_weighted_sum(runs, weighting):
    history = runs[weighting].history
    each = ["loss.sign", "accuracy.sign", "loss.third", "accuracy.third", "loss.sum", "r2.sum"]
    means = [f"{part}_{name}" for name in ["loss", *each] for part in ("train", "dev")]
    learned = weighting in ("uncertainty", "gradnorm")
    weights = [f"weight.{name}" for name in ("sign", "third", "sum")] if learned else []
    assert history.columns == ["epoch", "step", *means, *weights, "learning_rate", "seconds"]
    for part in ("train", "dev"):
        total = history[f"{part}_loss.sign"] + history[f"{part}_loss.third"] + 2 * history[f"{part}_loss.sum"]
        np.testing.assert_allclose(history[f"{part}_loss"], total, rtol=1e-5)
    assert history["train_loss"][-1] < history["train_loss"][0]
    if learned:
        assert history["weight.sum"].n_unique() == len(history)


def test_the_weightings_lead_to_different_weights(runs):
    ends = [np.asarray(one.predictor.params["hidden.0.linear.kernel"]) for one in runs.values()]
    for i, end in enumerate(ends):
        for other in ends[:i]:
            assert np.abs(end - other).max() > 1e-4


def test_predictions_come_by_name_in_each_targets_own_type(run, ds):
    X = ds.features.content
    predicted, probabilities = run.predict(X), run.predict_proba(X)
    assert list(predicted) == run.targets == ["sign", "third", "sum"]
    assert set(predicted["sign"]) <= {"plus", "minus"}
    assert set(predicted["third"]) <= {0, 1, 2}
    assert predicted["sum"].dtype == np.float64
    assert {name: p.shape for name, p in probabilities.items()} == {"sign": (ROWS, 2), "third": (ROWS, 3)}
    assert run.classes == {"sign": ["minus", "plus"], "third": [0, 1, 2], "sum": None}


def test_evaluation_counts_each_targets_own_rows(run, ds):
    found = run.evaluate("dev")
    prepared = run.prepared
    X, labels = prepared.features.take(prepared.splits.dev), ds.labels.labels(prepared.splits.dev)
    predicted = run.predict(X)
    known = np.array([label is not None for label in labels["sign"]])
    assert found["accuracy.sign"] == pytest.approx(np.mean(predicted["sign"][known] == labels["sign"][known]))
    known = ~np.isnan(labels["sum"])
    wrong = predicted["sum"][known] - labels["sum"][known]
    assert found["rmse.sum"] == pytest.approx(np.sqrt(np.mean(wrong**2)), rel=1e-6)
    assert found["loss"] == pytest.approx(
        found["loss.sign"] + found["loss.third"] + 2 * found["loss.sum"], rel=1e-5
    )
    given = run.evaluate((X, labels))
    assert given == pytest.approx(found)
    row = run.history.filter(pl.col("epoch") == run.record["best_epoch"])
    assert found["loss"] == pytest.approx(row["dev_loss"][0], rel=1e-5)


def test_one_target_of_a_run_is_an_ordinary_run(run, ds, tmp_path):
    X = ds.features.content
    whole, judged = run.predict(X), run.evaluate("dev")
    for name in run.targets:
        one = run.of(name)
        np.testing.assert_allclose(
            one.predict(X), whole[name]
        ) if name == "sum" else np.testing.assert_array_equal(one.predict(X), whole[name])
        alone = one.evaluate("dev")
        assert alone == pytest.approx({metric: judged[f"{metric}.{name}"] for metric in alone}, rel=1e-5)
        assert one.history["dev_loss"].to_list() == run.history[f"dev_loss.{name}"].to_list()
        assert set(one.trace["layer"]) == {"hidden.0.linear", "output"}
    one.save(tmp_path / "sum")
    again = nw.load(tmp_path / "sum", dataset=ds)
    np.testing.assert_array_equal(again.predict(X), one.predict(X))
    assert again.evaluate("dev") == pytest.approx(one.evaluate("dev"))
    assert again.record["task"] == "regression"


def test_a_saved_run_predicts_and_judges_the_same(runs, ds, tmp_path):
    run = runs["uncertainty"]
    run.save(tmp_path / "run")
    again = nw.load(tmp_path / "run", dataset=ds)
    X = ds.features.content
    for name, values in run.predict(X).items():
        np.testing.assert_array_equal(again.predict(X)[name], values)
    assert again.evaluate("dev") == run.evaluate("dev")
    assert again.history.equals(run.history)


class Interrupting:
    """Presses Ctrl-C after the first epoch."""

    def on_epoch(self, event):
        if event.epoch == 0:
            os.kill(os.getpid(), signal.SIGINT)


@pytest.mark.parametrize("weighting", ["gradnorm", "pcgrad"])
def test_an_interrupted_run_ends_as_one_that_was_not(ds, runs, weighting, tmp_path, identical):
    asked = controls(weighting, weights={"sum": 2.0})
    with pytest.raises(Interrupted):
        nw.fit(ds, asked, seed=1, out=tmp_path / "run", callbacks=[Interrupting()])
    resumed = nw.resume(tmp_path / "run", dataset=ds)
    identical(resumed, runs[weighting])


@pytest.mark.parametrize("weighting", ["gradnorm", "pcgrad"])
def test_members_of_a_population_are_single_runs(ds, runs, weighting):
    asked = controls(weighting, weights={"sum": 2.0})
    member = fit_population(ds, asked, seeds=[1, 2])[0]
    np.testing.assert_allclose(
        member.history["dev_loss"].to_numpy(), runs[weighting].history["dev_loss"].to_numpy(), rtol=1e-4
    )


def test_the_target_that_decides_is_judged_alone(ds):
    asked = controls(epochs=6)
    stopping = nw.EarlyStopping(patience=2, target="third")
    asked = asked.replace(regularization=asked.regularization.replace(early_stopping=stopping))
    run = nw.fit(ds, asked, seed=1)
    losses = run.history["dev_loss.third"].to_list()
    assert run.record["best_epoch"] == int(np.argmin(losses))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"optimization.targets.weights": "{sine: 2}"}, "the data has no target 'sine'"),
        ({"optimization.targets.weighting": "equal"}, "optimization.targets.weighting: 'equal' is not known"),
        (
            {"regularization.early_stopping": "{target: sine}"},
            "early_stopping.target: the data has no target",
        ),
        ({"loss": "mae"}, "found 'mae' for 3 targets"),
        (
            {
                "architecture.kind": "logistic",
                "architecture.hidden": "[]",
                "optimization.targets.weighting": "pcgrad",
            },
            "'pcgrad' weighs gradients of shared layers",
        ),
    ],
)
def test_what_does_not_fit_is_told(ds, change, words):
    with pytest.raises(ControlError, match=words):
        nw.fit(ds, with_settings(controls(), change))


def test_controls_of_several_targets_are_refused_for_one(blobs):
    with pytest.raises(ControlError, match=r"optimization\.targets: the data has one target"):
        nw.fit(blobs, controls("pcgrad"))


def test_what_goes_with_one_target_says_so_in_a_line(run, ds):
    for work in (
        lambda: nw.tune(ds, trials=1),
        lambda: nw.improve(ds, budget=1),
        lambda: nw.compare(ds),
        lambda: nw.learning_curve(ds),
        lambda: nw.bias_variance(ds),
        lambda: nw.range_test(ds),
        lambda: nw.orthogonality(ds, {"regularization.l2": (0.0, 0.1)}),
        run.diagnose,
        run.xray,
        lambda: nw.compare_runs([run, run]),
    ):
        with pytest.raises(
            ControlError, match=r"goes with one target, the data has 3; read it with target='sign'"
        ):
            work()
    with pytest.raises(ControlError, match=r"ask for one: run\.of"):
        run.confusion_matrix()
    with pytest.raises(ControlError, match="the run has no target 'sine'"):
        run.of("sine")


def test_the_programs_of_a_second_run_are_there_already(ds, runs, compilations):
    assert runs
    other = controls("gradnorm", weights={"sum": 3.0, "sign": 0.5}, alpha=0.5)
    jax.block_until_ready(0)
    assert compilations.during(lambda: nw.fit(ds, other, seed=5)) == 0
