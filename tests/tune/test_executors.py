"""Several workers at one study: what one process alone finds, on SQLite and on PostgreSQL, also if one is killed."""

import os
import signal
import threading
import time
from types import SimpleNamespace

import numpy as np
import optuna
import pytest

import netwright as nw
from netwright.core import catalog
from netwright.core.errors import ControlError, RunError
from netwright.tune.executors import _workers
from netwright.tune.executors.processes import TASK, _Worker
from netwright.tune.storage import open_storage

SPACE = nw.Space.parse(["optimization.learning_rate=1e-4..1e-1:log", "regularization.dropout=0..0.5"])
CONTROLS = nw.Controls(
    architecture=nw.Architecture(hidden=(8,)),
    optimization=nw.Optimization(epochs=3, batch_size=16),
)
TRIALS = 48


@pytest.fixture(scope="module")
def iris():
    return nw.example("iris")


@pytest.fixture(scope="module")
def alone(iris, tmp_path_factory):
    return nw.tune(
        iris, SPACE, "random", trials=TRIALS, controls=CONTROLS, out=tmp_path_factory.mktemp("alone") / "a"
    )


def together(iris, url, name, tmp_path, executor, search="random", **options):
    return nw.tune(
        iris,
        SPACE,
        search,
        trials=TRIALS,
        controls=CONTROLS,
        storage=url,
        out=tmp_path / name,
        executor=executor,
        **options,
    )


def assert_same(study, alone):
    assert study.trials["state"].to_list() == ["COMPLETE"] * TRIALS
    for column in ("number", "seed", *SPACE.dimensions):
        assert study.trials[column].to_list() == alone.trials[column].to_list()
    np.testing.assert_allclose(study.trials["value"], alone.trials["value"], atol=1e-6)
    assert study.best_value == pytest.approx(alone.best_value)


def kill_one(url, name):
    """Kill the first worker that has trials at work, with SIGKILL."""

    def watch():
        with open_storage(url) as storage:
            while name not in optuna.get_all_study_names(storage):
                time.sleep(0.05)
            study = optuna.load_study(storage=storage, study_name=name)
            while not (owners := [who for key, who in study.user_attrs.items() if key.startswith("block")]):
                time.sleep(0.02)
            killed.append(int(owners[0].split(":")[-2]))
            os.kill(killed[0], signal.SIGKILL)

    killed = []
    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    return thread, killed


@pytest.mark.parametrize(
    ("executor", "url"),
    [("processes", "sqlite"), ("processes", "postgresql"), ("ray", "postgresql")],
    indirect=["url"],
)
def test_a_worker_that_is_killed_loses_nothing(iris, alone, url, name, tmp_path, executor):
    watcher, killed = kill_one(url, name)
    study = together(iris, url, name, tmp_path, executor, workers=2)
    watcher.join(timeout=5)
    assert len(killed) == 1
    assert killed[0] != os.getpid()
    assert_same(study, alone)


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_workers_share_out_brackets(iris, url, name, tmp_path):
    study = together(iris, url, name, tmp_path, "processes", search="hyperband", workers=2)
    assert set(study.trials["state"]) == {"COMPLETE", "PRUNED"}
    assert len(study.trials) == TRIALS


def test_cores_are_shared_out(monkeypatch):
    monkeypatch.setattr(_workers, "cores", lambda: [2, 3, 5, 7, 11])
    assert [_workers.share_of(worker, 2) for worker in range(2)] == [{2, 5, 11}, {3, 7}]
    assert [_workers.share_of(worker, 7) for worker in range(7)] == [{2}, {3}, {5}, {7}, {11}, {2}, {3}]


def test_a_worker_that_fails_is_told(tmp_path):
    (tmp_path / TASK).write_bytes(b"no pickle")
    worker = _Worker(tmp_path, 0, 1)
    worker._process.wait()
    with pytest.raises(RunError, match="UnpicklingError"):
        _ = worker.ended
    worker.stop()


def test_a_worker_ends_with_the_process_that_started_it(tmp_path):
    os.mkfifo(tmp_path / TASK)  # nothing comes of it, so the worker waits
    worker = _Worker(tmp_path, 0, 1)
    assert not worker.ended
    worker.stop()
    assert worker.ended


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_workers_that_are_killed_again_and_again_are_told(iris, url, name, tmp_path, monkeypatch):
    class Killed:
        ended, killed, place = False, "SIGKILL", 0

        def __init__(self, *_):
            pass

        def stop(self):
            pass

    monkeypatch.setattr(catalog.module("tune.executors", "processes"), "_Worker", Killed)
    with pytest.raises(RunError, match=r"workers were killed 4 times, the last by SIGKILL"):
        together(iris, url, name, tmp_path, "processes", workers=2)


@pytest.mark.parametrize("executor", ["processes", "ray"])
def test_a_number_of_workers_that_is_none_is_told(iris, tmp_path, executor):
    with pytest.raises(ControlError, match="workers: found 0, expected at least 1"):
        together(iris, f"sqlite:///{tmp_path}/study.db", "none", tmp_path, executor, workers=0)


def test_a_file_is_no_storage_of_several_machines(monkeypatch):
    machine = {"Alive": True}
    fake = SimpleNamespace(is_initialized=lambda: True, nodes=lambda: [machine, machine])
    monkeypatch.setattr(catalog.module("tune.executors", "ray"), "cluster", fake)
    task = SimpleNamespace(storage="sqlite:///study.db")
    with pytest.raises(ControlError, match="the cluster has 2 machines, and SQLite is a file of one"):
        catalog.load("tune.executors", "ray")(task, 2, lambda: None)
