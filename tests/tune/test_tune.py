"""``nw.tune``: a study from its question to its best run; stopped and gone on with; refused in words."""

import inspect
import json
from importlib import import_module

import numpy as np
import polars as pl
import pytest

import netwright as nw
from netwright.core.errors import ControlError, DataError, RunError, TrainingError
from netwright.data.prepared import Prepared
from netwright.train.compute import counted
from netwright.train.interrupt import Interrupted
from netwright.tune.group import Group

RATE = "optimization.learning_rate=1e-4..1e-1:log"


@pytest.fixture(scope="module")
def base() -> nw.Controls:
    return nw.Controls(
        architecture=nw.Architecture(hidden=(4,)),
        optimization=nw.Optimization(rule="momentum", batch_size="full", epochs=3),
        regularization=nw.Regularization(dropout=0.1, weight_decay=0.0),
    )


@pytest.fixture(autouse=True)
def few_at_once(monkeypatch):
    monkeypatch.setattr(import_module("netwright.tune.plan"), "BATCH", 4)


@pytest.fixture(scope="module")
def tune(blobs, base):
    space = nw.Space.parse([RATE, "regularization.dropout=0.05..0.5"])

    def ask(search="tpe", given=space, data=blobs, **named):
        return nw.tune(data, given, search, **({"trials": 12, "controls": base} | named))

    return ask


def told(study):
    """What must be the same in a study that was stopped; seconds are not."""
    return study.trials.drop("seconds")


def test_the_names_are_those_of_the_design():
    names = list(inspect.signature(nw.tune).parameters)
    assert names[:3] == ["ds", "space", "search"]
    assert names[3:8] == ["trials", "budget", "cv", "storage", "executor"]


@pytest.fixture(scope="module")
def whole(tune, tmp_path_factory):
    """A study that was never stopped."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(import_module("netwright.tune.plan"), "BATCH", 4)
        return tune(out=tmp_path_factory.mktemp("whole") / "study")


def test_a_study_says_what_was_tried_and_keeps_the_best(whole, blobs, base):
    trials = whole.trials
    assert trials["number"].to_list() == list(range(12))
    assert set(trials["state"]) == {"COMPLETE"}
    assert (whole.metric, whole.search, whole.seed, whole.reason) == ("error", "tpe", 0, "all trials done")
    best = trials.sort("value", "dev_loss", "number").row(0, named=True)
    assert (whole.best_number, whole.best_value) == (best["number"], best["value"])
    assert whole.best_point == {name: best[name] for name in whole.space.dimensions}
    assert whole.best_controls.optimization.learning_rate == best["optimization.learning_rate"]
    assert whole.compute == 12 * 3 * 72
    run = nw.load(whole.path / "best", dataset=blobs)
    assert run.record["trial"] == whole.best_number
    np.testing.assert_allclose(1 - run.evaluate("dev")["accuracy"], whole.best_value, atol=1e-12)
    alone = nw.fit(blobs, whole.best_controls, seed=best["seed"], progress=False)
    np.testing.assert_allclose(
        run.predict_proba(blobs.features.content), alone.predict_proba(blobs.features.content), atol=1e-5
    )
    assert json.loads(json.dumps(whole.to_json(), default=str))["best"]["number"] == whole.best_number
    assert f"best: trial {whole.best_number}, error" in str(whole)


def test_a_study_at_its_end_is_told_again_without_a_training(whole, tune):
    with counted() as compute:
        again = tune(out=whole.path)
    assert compute.examples == 0
    assert told(again).equals(told(whole))
    assert again.best.path == whole.path / "best"


@pytest.mark.parametrize("calls", [1, 2])
def test_a_study_killed_within_a_batch_ends_as_one_never_stopped(calls, whole, tune, tmp_path, monkeypatch):
    """RF-4: points, seeds and errors; the batch under way is trained anew under its own numbers."""
    train, begun = Group.train, []

    def stopping(self, *given):
        begun.append(given)
        if len(begun) == calls + 1:
            raise KeyboardInterrupt
        return train(self, *given)

    monkeypatch.setattr(Group, "train", stopping)
    with pytest.raises(
        Interrupted, match=r"interrupted; all trials told of are in .*study; ask again to go on"
    ):
        tune(out=tmp_path / "study")
    monkeypatch.setattr(Group, "train", train)
    again = tune(out=tmp_path / "study")
    assert told(again).equals(told(whole))
    assert nw.load(tmp_path / "study" / "best").record["trial"] == whole.best_number


def test_the_budget_ends_a_study_that_can_go_on(whole, tune, tmp_path):
    heard = []
    first = tune(out=tmp_path / "s", budget=0.001, progress=heard.append)
    assert (first.ended, first.asked, first.reason) == (4, 12, "the budget is spent")
    assert [study.ended for study in heard] == [4]
    assert told(tune(out=tmp_path / "s")).equals(told(whole))


def test_more_trials_go_on_from_those_there_are(whole, tune, tmp_path):
    assert len(tune(out=tmp_path / "s", trials=8).trials) == 8
    assert told(tune(out=tmp_path / "s")).equals(told(whole))


def test_hyperband_stops_within_its_budget_and_goes_on(tune, tmp_path):
    """With a budget that is spent at once the first rung is all; the best so far is then the best there."""
    bands = {"search": "hyperband", "trials": 8}
    never = tune(**bands, out=tmp_path / "never")
    first = tune(**bands, out=tmp_path / "s", budget=0.001)
    assert set(first.trials["state"]) == {"RUNNING", "PRUNED"}
    assert set(first.trials["epochs"]) == {1}
    assert first.best_value == first.trials["value"].min()
    again = tune(**bands, out=tmp_path / "s")
    assert told(again).equals(told(never))
    ended = never.trials.filter(pl.col("state") == "COMPLETE")
    assert set(ended["epochs"]) == {3}
    assert never.best_value == ended["value"].min()
    assert set(never.trials["state"]) == {"COMPLETE", "PRUNED"}
    assert never.compute < 8 * 3 * 72


def test_folds_decide_and_the_best_learns_from_all_training_rows(tune, blobs):
    study = tune(search="random", trials=3, cv=3)
    assert study.path is None
    seed = study.trials["seed"][study.best_number]
    alone = nw.fit(blobs, study.best_controls, seed=seed, progress=False)
    X = blobs.features.content
    np.testing.assert_array_equal(study.best.predict_proba(X), alone.predict_proba(X))
    assert study.best.record["rows"]["train"] == 72


def test_the_test_rows_are_never_looked_at(tune, tmp_path, monkeypatch):
    monkeypatch.setattr(Prepared, "test", property(lambda _: pytest.fail("the test rows were opened")))
    for named in ({}, {"cv": 2}, {"search": "halving"}):
        study = tune(trials=4, **named)
        assert "test_openings" not in study.best.record


def test_failed_trials_are_kept_with_their_reasons(blobs, base, tune, tmp_path):
    wild = nw.Space.parse(["optimization.learning_rate=1e-4..1e35:log"])
    study = tune("random", wild, trials=12, out=tmp_path / "s")
    failed = study.trials.filter(pl.col("state") == "FAIL")
    assert 0 < len(failed) < 12
    assert failed["reason"].str.contains("the loss ceased to be finite").all()
    assert failed["value"].is_null().all()
    assert np.isfinite(study.best_value)
    with pytest.raises(TrainingError, match="blobs: no trial has a value; trial 0: the loss ceased"):
        tune("random", nw.Space.parse(["optimization.learning_rate=1e33..1e35:log"]), trials=2)


def test_conditions_leave_dimensions_out(tune):
    space = nw.Space.parse(
        [
            "optimization.rule=sgd|momentum",
            "optimization.options.beta=0.5..0.99 if optimization.rule=momentum",
        ]
    )
    study = tune("random", space, trials=6)
    rules = study.trials["optimization.rule"]
    assert set(rules) == {"sgd", "momentum"}
    assert (study.trials["optimization.options.beta"].is_null() == (rules == "sgd")).all()
    assert set(study.trials["state"]) == {"COMPLETE"}


def test_another_question_is_refused_and_nothing_is_lost(whole, tune, blobs, base):
    other = nw.Dataset.from_arrays(blobs.features.content + 1, blobs.labels.values, name="blobs")
    for named, said in [
        ({"data": other}, "different data;"),
        ({"given": nw.Space.parse([RATE])}, r"different space \(regularization.dropout\)"),
        ({"search": "random"}, r"different search \(tpe, now random\)"),
        ({"seed": 1}, r"different seed \(0, now 1\)"),
        ({"cv": 3}, r"different cv \(None, now 3\)"),
        ({"controls": base.with_setting("optimization.epochs=2")}, r"different controls \(optimization\)"),
    ]:
        with pytest.raises(RunError, match=rf"study: was begun with {said}") as caught:
            tune(out=whole.path, **named)
        assert len(str(caught.value).splitlines()) == 1
    assert told(tune(out=whole.path)).equals(told(whole))


def test_a_folder_of_something_else_is_left_alone(tune, tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(RunError, match="exists already; choose another --out"):
        tune(out=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_study_in_a_database_is_named_by_its_folder(tune, tmp_path):
    url = f"sqlite:///{tmp_path / 'shared.db'}"
    one = tune("random", trials=2, storage=url, out=tmp_path / "one")
    two = tune("random", trials=2, storage=url, out=tmp_path / "two", seed=1)
    assert not told(one).equals(told(two))
    assert told(tune("random", trials=2, storage=url, out=tmp_path / "one")).equals(told(one))


@pytest.mark.parametrize(
    ("named", "error", "said"),
    [
        ({"search": "baies"}, ControlError, "search: 'baies' is not known.*bayes"),
        ({"executor": "rai"}, ControlError, "executor: 'rai' is not known.*ray"),
        ({"trials": 0}, ControlError, "trials: found 0, expected at least 1"),
        ({"cv": 1}, ControlError, "cv: found 1 folds, expected 2 to"),
        ({"workers": 3}, ControlError, "workers: found 3"),
        ({"budget": "soon"}, ControlError, "budget: found 'soon'"),
        ({"seed": -1}, ControlError, "seed: found -1"),
    ],
)
def test_wrong_words(named, error, said, tune):
    with pytest.raises(error, match=said) as caught:
        tune(**named)
    assert len(str(caught.value)) < 300


def test_what_contradicts_is_refused_before_anything_is_trained(tune, base, monkeypatch):
    with pytest.raises(ControlError, match=r"'optimization\.epochs' is what hyperband spends"):
        tune("hyperband", nw.Space.parse(["optimization.epochs=1..9"]))
    with pytest.raises(DataError, match=r"no dev rows to decide; .* or ask for folds"):
        tune(controls=base.with_setting("data.dev_fraction=0"))
    monkeypatch.setattr(import_module("netwright.tune.tune"), "find_spec", lambda name: None)
    with pytest.raises(RunError, match=r'pip install "netwright\[tune\]"'):
        tune()
