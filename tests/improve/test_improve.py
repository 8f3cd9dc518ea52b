"""The loop: it keeps what is proven, never ends worse, and goes on after an interrupt."""

import json
from dataclasses import replace
from importlib import import_module
from itertools import pairwise

import numpy as np
import pytest

import netwright as nw
from netwright.core.errors import ControlError, DataError, RunError, TrainingError
from netwright.diagnose.diagnosis import Diagnosis
from netwright.diagnose.finding import Prescription
from netwright.improve.explore import CHILDREN
from netwright.measure.diagnose import diagnose
from netwright.train.interrupt import Interrupted

L2 = Prescription("regularization.l2", {"regularization.l2": 0.1}, "variance", "estimation")
SLOW = Prescription("optimization.learning_rate", {"optimization.learning_rate": 1e-6}, "wrong", "")


@pytest.fixture(scope="module")
def diagnosis(noisy, short) -> Diagnosis:
    return diagnose(nw.fit(noisy, short, progress=False), quick=True, budget=1, checks=False)


@pytest.fixture
def prescribe(monkeypatch, diagnosis):
    """Let the diagnosis say nothing but these prescriptions, nothing else be advised, and nothing explored."""

    def use(*prescriptions, limit=""):
        said = replace(diagnosis, prescription=prescriptions[0], findings=())
        rest = list(prescriptions[1:])
        # The package shows its function under the module's name.
        loop = import_module("netwright.improve.improve")
        monkeypatch.setattr(loop, "diagnose", lambda run, **_: said)
        monkeypatch.setattr(loop, "advice", lambda *_, **__: rest)
        monkeypatch.setattr(loop, "FRUITLESS", 0)

    return use


def test_it_keeps_what_helps_and_drops_what_does_not(noisy, short, prescribe, tmp_path):
    prescribe(SLOW, L2)
    heard = []
    found = nw.improve(
        noisy, "10m", short, progress=lambda so_far: heard.append(so_far.steps[-1].kind), out=tmp_path
    )
    assert found.adopted == ["regularization.l2=0.1"]
    kinds = ["measure", "diagnose", "average", "prove", "prove", "diagnose", "end"]
    assert [step.kind for step in found.steps] == kinds
    assert heard == [step.kind for step in found.steps]
    dropped, kept = found.steps[3], found.steps[4]
    assert dropped.text.startswith("optimization.learning_rate=1e-06: dropped; dev ")
    assert len(dropped.details["proof"]["seeds"]) == 2
    assert len(kept.details["proof"]["seeds"]) == 5
    assert found.controls.regularization.l2 == 0.1
    assert found.reason.startswith("nothing else that is prescribed survives its proof")
    # The first model and its other four seeds; two pairs for what is dropped, five for what is kept.
    assert found.compute == 100 * 80 * (1 + 4 + 2 + 5)
    assert found.run.evaluate("dev")["accuracy"] >= found.start.evaluate("dev")["accuracy"]
    assert found.error.estimate == pytest.approx(1 - found.run.evaluate("dev")["accuracy"])

    content = json.loads((tmp_path / "improvement.json").read_text())
    assert content["adopted"] == found.adopted
    assert content["steps"][4]["details"]["proof"]["verdict"] == "adopt"
    again = nw.load(tmp_path / content["runs"]["run"], dataset=noisy)
    assert again.evaluate("dev") == found.run.evaluate("dev")
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        {"improvement.json", "start", content["runs"]["run"]}
    )
    same = nw.improve(noisy, "10m", short, out=tmp_path)
    assert [step.text for step in same.steps] == [step.text for step in found.steps]


def test_the_model_is_never_worse_than_the_first(noisy, short, prescribe):
    prescribe(SLOW)
    found = nw.improve(noisy, "10m", short, seed=3)
    assert found.adopted == []
    assert found.controls == found.start.controls
    assert found.error.estimate <= found.start_error.estimate
    assert "kept: nothing" in str(found)


def test_what_cannot_be_tried_is_told_and_passed_over(noisy, short, prescribe):
    other_rows = Prescription("data.dev_fraction", {"data.dev_fraction": 0.1})
    prescribe(other_rows, SLOW)
    found = nw.improve(noisy, "10m", short)
    assert [step.kind for step in found.steps] == ["measure", "diagnose", "average", "prove", "prove", "end"]
    assert "cannot be tried: verify: data.dev_fraction decides" in found.steps[3].text


def test_it_begins_with_short_trainings_where_epochs_are_left_open(noisy, short, prescribe):
    prescribe(SLOW)
    open_end = short.with_setting("optimization.epochs=auto")
    found = nw.improve(noisy, 0.001, open_end)
    whole = nw.fit(noisy, open_end).controls.optimization.epochs
    assert found.start.controls.optimization.epochs == whole // 5
    asked = nw.improve(noisy, 0.001, short)
    assert asked.start.controls.optimization.epochs == 80


def test_with_nothing_prescribed_it_explores_for_averages(noisy, short, prescribe, monkeypatch, tmp_path):
    prescribe(SLOW)
    monkeypatch.setattr(import_module("netwright.improve.improve"), "FRUITLESS", 1)
    found = nw.improve(noisy, "10m", short, out=tmp_path)
    rounds = [step for step in found.steps if step.kind == "explore"]
    assert rounds
    assert found.steps[-2] is rounds[-1]
    assert rounds[-1].error == found.steps[-3].error, "a round that finds nothing is the last"
    for before, after in pairwise(rounds):
        assert after.error < before.error or after is rounds[-1]
        assert after.compute - before.compute == CHILDREN * 100 * 80
    assert found.adopted == [], "exploring changes no control"
    assert found.controls == found.start.controls
    assert found.reason.endswith("networks like the best are no better")


def test_interrupted_it_goes_on_from_what_was_kept(noisy, short, prescribe, tmp_path):
    prescribe(L2, SLOW)

    def stop(so_far):
        if so_far.adopted:
            raise Interrupted

    with pytest.raises(Interrupted, match=f"what was kept is in {tmp_path}"):
        nw.improve(noisy, "10m", short, progress=stop, out=tmp_path)
    found = nw.improve(noisy, "10m", short, out=tmp_path)
    assert found.adopted == ["regularization.l2=0.1"]
    assert [step.kind for step in found.steps][-5:] == ["prove", "diagnose", "average", "prove", "end"]
    assert found.steps[-2].text.startswith("optimization.learning_rate=1e-06: dropped")
    errors = [step.error for step in found.steps]
    assert errors == sorted(errors, reverse=True)
    assert found.error.estimate == errors[-1]


def test_what_a_stop_amid_saving_left_is_no_hindrance(noisy, short, prescribe, tmp_path):
    prescribe(L2)

    def stop(so_far):
        if so_far.steps[-1].kind == "diagnose":
            raise Interrupted

    with pytest.raises(Interrupted):
        nw.improve(noisy, "10m", short, progress=stop, out=tmp_path)
    for step in range(9):
        (tmp_path / f"best-{step}").mkdir()
        (tmp_path / f"best-{step}" / "history.parquet").touch()
    found = nw.improve(noisy, "10m", short, out=tmp_path)
    assert found.run is not found.start
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        {"improvement.json", "start", found.run.path.name}
    )


def test_a_stop_amid_the_first_saving_needs_no_clearing_up(noisy, short, prescribe, tmp_path, monkeypatch):
    prescribe(SLOW)

    def stopped(run, path):
        path.mkdir()
        (path / "history.parquet").touch()
        raise KeyboardInterrupt

    place = tmp_path / "story"
    with monkeypatch.context() as patched:
        patched.setattr(nw.Run, "save", stopped)
        with pytest.raises(Interrupted, match="nothing was kept"):
            nw.improve(noisy, 0.001, short, out=place)
    with pytest.raises(RunError, match="begun with another seed"):
        nw.improve(noisy, 0.001, short, seed=1, out=place)
    found = nw.improve(noisy, 0.001, short, out=place)
    assert nw.load(place / "start").seed == found.start.seed == 0


def test_a_budget_too_small_for_a_proof_leaves_the_first_model(noisy, short, prescribe):
    prescribe(SLOW, L2)
    found = nw.improve(noisy, 0.001, short)
    assert [step.kind for step in found.steps] == ["measure", "end"]
    assert found.run is found.start
    assert found.reason.startswith("the budget")


def test_no_error_left_on_dev_is_an_end(short, prescribe):
    prescribe(L2)
    X = np.random.default_rng(0).choice([-1.0, 1.0], size=(200, 8)).astype(np.float32)
    found = nw.improve(nw.Dataset.from_arrays(X, (X[:, 0] > 0).astype(np.int64)), "10m", short)
    assert found.error.estimate == 0
    assert found.reason.startswith("no dev row is predicted wrongly")
    assert found.adopted == []


def test_without_dev_rows_nothing_is_trained(noisy, short, monkeypatch):
    monkeypatch.delattr(import_module("netwright.improve.improve"), "fit")
    with pytest.raises(DataError, match="no dev rows to prove anything on"):
        nw.improve(noisy, "10m", short.with_setting("data.dev_fraction=0"))


def test_what_cannot_be_done_is_refused(noisy, short, prescribe, tmp_path):
    prescribe(L2)
    with pytest.raises(ControlError, match="expected a time"):
        nw.improve(noisy, "soon", short)
    with pytest.raises(TrainingError, match=r"Lower optimization\.learning_rate"):
        nw.improve(noisy, "10m", short.with_setting("optimization.learning_rate=1e30"))
    (tmp_path / "mine.txt").write_text("x")
    with pytest.raises(RunError, match="exists already"):
        nw.improve(noisy, "10m", short, out=tmp_path)
    place = tmp_path / "story"
    nw.improve(noisy, 0.001, short, out=place)
    with pytest.raises(RunError, match="begun with another seed"):
        nw.improve(noisy, 0.001, short, seed=1, out=place)
    (place / "improvement.json").write_text("{}")
    with pytest.raises(RunError, match="damaged"):
        nw.improve(noisy, 0.001, short, out=place)
