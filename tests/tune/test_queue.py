import multiprocessing
import os
import signal
import time
from contextlib import contextmanager

import optuna
import pytest
from optuna.trial import TrialState

import netwright as nw
from netwright.tune import presence
from netwright.tune.queue import Queue
from netwright.tune.storage import open_storage

SPACE = nw.Space.parse(["optimization.learning_rate=1e-4..1e-1:log", "regularization.dropout=0..0.5"])
SPAWN = multiprocessing.get_context("spawn")


@pytest.fixture(scope="module")
def processes():
    """Three processes that have imported what they need."""
    with SPAWN.Pool(3) as pool:
        yield pool


@pytest.fixture
def study(url, name):
    with open_storage(url) as storage:
        yield optuna.create_study(storage=storage, study_name=name), storage


def finish(queue, trials):
    for trial in trials:
        SPACE.suggest(trial)
        queue.tell(trial, "complete", 0.1 * trial.number, {"seed": trial.number})


def numbers(trials):
    return [trial.number for trial in trials]


def test_blocks_are_handed_out_in_order_until_all_are_told(study):
    with Queue(*study, [3, 2]) as queue:
        for expected in ([0, 1, 2], [3, 4]):
            taken = queue.take()
            assert numbers(taken) == expected
            finish(queue, taken)
        assert queue.take() == []
    assert [trial.value for trial in study[0].trials] == pytest.approx([0.0, 0.1, 0.2, 0.3, 0.4])
    assert [trial.user_attrs["seed"] for trial in study[0].trials] == [0, 1, 2, 3, 4]


def test_more_blocks_or_a_larger_last_one_go_on(study):
    with Queue(*study, [3, 1]) as queue:
        while taken := queue.take():
            finish(queue, taken)
    with Queue(*study, [3, 3, 2]) as queue:
        for expected in ([4, 5], [6, 7]):
            taken = queue.take()
            assert numbers(taken) == expected
            finish(queue, taken)
        assert queue.take() == []


def test_two_workers_have_no_trial_in_common_and_wait_for_each_other(study, processes):
    with Queue(*study, [2, 2]) as one, Queue(*study, [2, 2]) as two:
        of_one, of_two = one.take(), two.take()
        assert (numbers(of_one), numbers(of_two)) == ([0, 1], [2, 3])
        finish(two, of_two)
        waiting = processes.apply_async(take_only, (study[1].url, study[0].study_name, [2, 2]))
        with pytest.raises(multiprocessing.TimeoutError):
            waiting.get(timeout=3)
        finish(one, of_one)
        assert waiting.get(timeout=30) == []


def test_states_and_reported_values_are_kept(study):
    with Queue(*study, [3]) as queue:
        good, culled, broken = queue.take()
        culled.report(0.7, step=3)
        queue.tell(good, "complete", 0.2, {})
        queue.tell(culled, "pruned", 0.7, {"rung": 0})
        queue.tell(broken, "fail", None, {"reason": "diverged"})
    trials = study[0].trials
    assert [trial.state for trial in trials] == [TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL]
    assert [trial.value for trial in trials] == [0.2, 0.7, None]
    assert trials[2].user_attrs == {"reason": "diverged"}


def test_what_a_worker_left_is_taken_again_with_its_points(study):
    with Queue(*study, [3]) as queue:
        left = queue.take()
        points = [SPACE.suggest(trial) for trial in left[:2]]
        left[0].report(0.5, step=1)
        queue.tell(left[1], "complete", 0.3, {})
    with Queue(*study, [3]) as queue:
        again = queue.take()
        assert numbers(again) == [0, 2]
        assert SPACE.suggest(again[0]) == points[0]
        assert study[0].trials[0].intermediate_values == {1: 0.5}


def test_a_worker_that_was_taken_for_dead_and_tells_late_changes_nothing(study):
    with Queue(*study, [1]) as late:
        [trial] = late.take()
        late._presence.name = "elsewhere:1:0"  # no pulse of this name: it is dead to others
        study[0].set_user_attr("block 0", late._presence.name)
        with Queue(*study, [1]) as other:
            [same] = other.take()
            other.tell(same, "complete", 0.1, {"by": "other"})
        late.tell(trial, "fail", None, {"by": "late"})
    assert study[0].trials[0].value == 0.1
    assert study[0].trials[0].user_attrs == {"by": "other"}


def test_a_killed_worker_s_trials_are_taken_again(study):
    """A worker is killed with SIGKILL while it has trials at work."""
    reader, writer = SPAWN.Pipe()
    worker = SPAWN.Process(target=take_and_hang, args=(study[1].url, study[0].study_name, [3, 2], writer))
    worker.start()
    points = reader.recv()
    os.kill(worker.pid, signal.SIGKILL)
    worker.join()
    with Queue(*study, [3, 2]) as queue:
        again = queue.take()
        assert numbers(again) == [0, 1, 2]
        assert [SPACE.suggest(trial) for trial in again] == points
        finish(queue, again)
        assert numbers(queue.take()) == [3, 4]


def test_a_worker_on_another_machine_is_dead_when_its_pulse_stops(study):
    now = [0.0]
    watcher = presence.Presence(study[0], clock=lambda: now[0])
    study[0].set_user_attr("worker elsewhere:1:0", 1)
    assert watcher.lives("elsewhere:1:0")
    now[0] = presence.PATIENCE - 1
    assert watcher.lives("elsewhere:1:0")
    study[0].set_user_attr("worker elsewhere:1:0", 2)
    assert watcher.lives("elsewhere:1:0")
    now[0] += presence.PATIENCE - 1
    assert watcher.lives("elsewhere:1:0")
    now[0] += 2
    assert not watcher.lives("elsewhere:1:0")
    assert not watcher.lives("nobody:1:0")
    assert not watcher.lives(None)


def test_a_pulse_beats_and_ends(study, monkeypatch):
    monkeypatch.setattr(presence, "PULSE", 0.01)
    with presence.Presence(study[0]) as worker:
        deadline = time.monotonic() + 5
        while study[0].user_attrs[f"worker {worker.name}"] < 3:
            assert time.monotonic() < deadline
        assert presence.Presence(study[0]).lives(worker.name)
    assert not presence.Presence(study[0]).lives(worker.name)


def test_many_processes_hand_out_every_trial_once(study, processes):
    found = processes.starmap(drain, [(study[1].url, study[0].study_name, [2] * 12)] * 3, chunksize=1)
    assert sorted(number for one in found for number in one) == list(range(24))
    assert {trial.state for trial in study[0].trials} == {TrialState.COMPLETE}


def test_several_processes_may_make_the_tables_at_once(tmp_path, processes):
    found = processes.map(open_and_count, [f"sqlite:///{tmp_path}/new.db"] * 3, chunksize=1)
    assert found == [0] * 3


# ---------------------------------------------------------------------------------------- in other processes


@contextmanager
def worker_of(url, name, blocks):
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    with (
        open_storage(url) as storage,
        Queue(optuna.load_study(study_name=name, storage=storage), storage, blocks) as queue,
    ):
        yield queue


def take_only(url, name, blocks):
    with worker_of(url, name, blocks) as queue:
        return numbers(queue.take())


def take_and_hang(url, name, blocks, writer):
    with worker_of(url, name, blocks) as queue:
        writer.send([SPACE.suggest(trial) for trial in queue.take()])
        time.sleep(60)


def drain(url, name, blocks):
    found = []
    with worker_of(url, name, blocks) as queue:
        while taken := queue.take():
            found += numbers(taken)
            finish(queue, taken)
    return found


def open_and_count(url):
    with open_storage(url) as storage:
        return len(optuna.get_all_study_names(storage))
