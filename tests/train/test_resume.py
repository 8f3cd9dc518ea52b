import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import jax
import numpy as np
import pytest

import netwright as nw
from netwright.core import tensors
from netwright.core.errors import RunError
from netwright.train.checkpoint import Checkpoints, newest
from netwright.train.interrupt import Interrupted
from netwright.train.job import Job
from netwright.train.own import Own

CHILD = Path(__file__).with_name("resumable.py")
CACHE = {
    "JAX_COMPILATION_CACHE_DIR": jax.config.jax_compilation_cache_dir,
    "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
    "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
}


@pytest.fixture(scope="module")
def long(controls):
    """Twenty epochs of five steps, unless the dev loss stops them; everything that has a state is on."""
    controls = controls.with_setting("optimization.epochs=20")
    return controls.with_setting("regularization.early_stopping.min_delta=0.01")


@pytest.fixture(scope="module")
def whole(blobs, long):
    """The run that was never stopped."""
    return nw.fit(blobs, long, seed=1)


class Killed:
    """A training in another process, killed again and again."""

    def __init__(self, folder, dataset, controls):
        self.folder = folder
        np.savez(folder.parent / "data.npz", X=dataset.features.content, y=np.asarray(dataset.labels.values))
        (folder.parent / "controls.json").write_text(controls.to_json())

    def start(self, *planted):
        known = (self.folder / "run.json").exists()
        arguments = [sys.executable, CHILD, "resume" if known else "fit", self.folder, *planted]
        return subprocess.Popen(
            arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, **CACHE}
        )

    def kill_after(self, steps, seconds):
        """Kill it so many steps after its start, plus a moment."""
        child = self.start()
        for _ in range(steps):
            assert child.stdout.readline(), child.stderr.read()
        time.sleep(seconds)
        child.send_signal(signal.SIGKILL)
        assert child.wait() == -signal.SIGKILL, child.stderr.read()
        child.communicate()

    def kill_at(self, file, count):
        """Let it kill itself when a file is written and about to get its name."""
        child = self.start(file, str(count))
        said = child.communicate()[1]
        assert child.returncode == -signal.SIGKILL, said
        assert list(self.folder.rglob(f".{file}*.tmp")), "the file was written, and not renamed"

    @property
    def status(self):
        return json.loads((self.folder / "run.json").read_text())["status"]


def test_killed_at_any_moment_it_ends_as_if_never_stopped(blobs, long, whole, tmp_path, identical):
    """Dropout, batch norm, Adam and early stopping; two kills at random moments, three within a save."""
    dice = random.Random()
    killed = Killed(tmp_path / "run", blobs, long)
    killed.kill_at("checkpoint", 4)
    killed.kill_after(dice.randint(1, 12), dice.uniform(0, 0.02))
    killed.kill_after(dice.randint(1, 12), dice.uniform(0, 0.02))
    killed.kill_at("weights.safetensors", 1)
    killed.kill_at("run.json", 2)
    assert killed.status == "running"
    identical(nw.resume(tmp_path / "run", dataset=blobs), whole)
    assert killed.status == "done"
    identical(nw.load(tmp_path / "run"), whole)
    assert not (tmp_path / "run" / "state").exists()
    assert whole.record["reason"] == "early stopping"


def test_killed_before_anything_was_saved(blobs, long, whole, tmp_path, identical):
    killed = Killed(tmp_path / "run", blobs, long)
    killed.kill_at("checkpoint", 1)
    assert killed.status == "running"
    identical(nw.resume(tmp_path / "run", dataset=blobs), whole)


def test_killed_before_there_was_a_record(blobs, long, whole, tmp_path, identical):
    """Nothing was trained yet: it is no run to resume, and no run in the way of a new one."""
    killed = Killed(tmp_path / "run", blobs, long)
    killed.kill_at("run.json", 1)
    with pytest.raises(RunError, match="no run here"):
        nw.resume(tmp_path / "run", dataset=blobs)
    identical(nw.fit(blobs, long, seed=1, out=tmp_path / "run"), whole)
    assert not list((tmp_path / "run").glob(".*"))


# ------------------------------------------------------------------------------ stopped within this process


class StopAt:
    """Sends a signal to this process at the end of an epoch, or within it after some steps."""

    def __init__(self, epoch, step=None, number=signal.SIGINT):
        self.epoch, self.step, self.number = epoch, step, number

    def on_chunk(self, event):
        if (event.epoch, event.step) == (self.epoch, self.step):
            os.kill(os.getpid(), self.number)

    def on_epoch(self, event):
        if self.step is None and event.epoch == self.epoch:
            os.kill(os.getpid(), self.number)


@pytest.fixture
def often(monkeypatch, small_chunks):
    """A checkpoint after every step."""
    small_chunks(1)
    monkeypatch.setattr("netwright.train.loop.SNAPSHOT_SECONDS", -1.0)
    monkeypatch.setattr("netwright.train.checkpoint.COST_SHARE", 0)


@pytest.fixture
def stopped(blobs, long, tmp_path, often):
    """A run stopped in its fourth epoch, with two checkpoints."""
    with pytest.raises(Interrupted):
        nw.fit(blobs, long, seed=1, out=tmp_path / "run", callbacks=[StopAt(3, 2)])
    return tmp_path / "run"


def checkpoints(folder):
    """The older and the newer checkpoint."""
    return sorted((folder / "state").glob("checkpoint-*"), key=lambda path: path.stat().st_mtime_ns)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("step", [None, 3])
def test_an_interrupt_saves_and_says_how_to_go_on(
    number, step, blobs, long, whole, tmp_path, identical, small_chunks
):
    small_chunks(1)
    folder = tmp_path / "run"
    with pytest.raises(
        Interrupted, match=rf"^interrupted; go on with: nw\.resume\('{folder}', …\) with the data"
    ):
        nw.fit(blobs, long, seed=1, out=folder, callbacks=[StopAt(4, step, number)])
    assert json.loads((folder / "run.json").read_text())["status"] == "stopped"
    assert len(checkpoints(folder)) == 1
    with pytest.raises(RunError, match="no model yet; finish it with `netwright resume"):
        nw.load(folder)
    resumed = nw.resume(folder, dataset=blobs)
    identical(resumed, whole)
    assert resumed.history["epoch"].to_list() == list(range(whole.history.height))


def test_interrupted_again_and_again(blobs, long, whole, tmp_path, identical, small_chunks):
    small_chunks(2)
    folder = tmp_path / "run"
    with pytest.raises(Interrupted):
        nw.fit(blobs, long, seed=1, out=folder, callbacks=[StopAt(0, 2)])
    for moment in ((0, 4), (1, 2), (2, None), (5, 4)):
        with pytest.raises(Interrupted):
            nw.resume(folder, dataset=blobs, callbacks=[StopAt(*moment)])
    identical(nw.resume(folder, dataset=blobs), whole)


def test_a_streamed_run_resumes_within_an_epoch(blobs, long, whole, tmp_path, identical, small_chunks):
    small_chunks(1)
    folder, budget = tmp_path / "run", 71 * 3 * 4
    with pytest.raises(Interrupted):
        nw.fit(blobs, long, seed=1, out=folder, callbacks=[StopAt(2, 3)], budget=budget)
    identical(nw.resume(folder, dataset=blobs, budget=budget), whole)


def test_the_last_weights_are_kept_when_nothing_judges(blobs, long, tmp_path, identical, small_chunks):
    """Without early stopping the state is another: the last weights are the result."""
    small_chunks(1)
    controls = long.with_setting("regularization.early_stopping=null").with_setting("optimization.epochs=6")
    folder = tmp_path / "run"
    with pytest.raises(Interrupted):
        nw.fit(blobs, controls, seed=1, out=folder, callbacks=[StopAt(3, 2)])
    identical(nw.resume(folder, dataset=blobs), nw.fit(blobs, controls, seed=1))


def test_the_newest_checkpoint_is_the_one_taken(stopped, blobs, long):
    """The run stopped after two steps of the fourth epoch; the older checkpoint is a step behind."""
    like = Job(blobs, long, 1, Own(), None).training.now
    steps = [int(tensors.load(path)[0]["[0].state.step"]) for path in checkpoints(stopped)]
    assert steps == [16, 17]
    kept = newest(stopped / "state", like)
    assert (kept.epoch, kept.step, int(kept.carry.state.step)) == (3, 2, 17)
    assert len(kept.records.history) == 3


@pytest.mark.parametrize("cut", [0, 7, 100, -1])
def test_a_damaged_newest_checkpoint_falls_back_to_the_older(cut, stopped, blobs, whole, identical):
    newer = checkpoints(stopped)[1]
    newer.write_bytes(newer.read_bytes()[:cut])
    identical(nw.resume(stopped, dataset=blobs), whole)


def test_when_both_are_damaged_it_says_so(stopped, blobs):
    for path in checkpoints(stopped):
        path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(RunError, match=r"checkpoint-\d\.safetensors: damaged weights"):
        nw.resume(stopped, dataset=blobs)


def test_changed_data_are_refused(stopped, blobs):
    X = blobs.features.content.copy()
    X[0, 0] += 1e-3
    changed = nw.Dataset.from_arrays(X, np.asarray(blobs.labels.values), name="blobs")
    with pytest.raises(RunError, match="'blobs' has changed since the run began"):
        nw.resume(stopped, dataset=changed)


def test_data_that_came_from_no_file_must_be_given(stopped):
    with pytest.raises(RunError, match="pass it as dataset="):
        nw.resume(stopped)


def test_data_of_a_file_are_found_again(blobs, long, tmp_path, small_chunks, identical):
    rows = np.column_stack([blobs.features.content, np.asarray(blobs.labels.values)])
    np.savetxt(tmp_path / "t.csv", rows, delimiter=",", header="a,b,c,y", comments="")
    dataset, folder = nw.read(tmp_path / "t.csv", target="y", task="binary"), tmp_path / "run"
    small_chunks(1)
    with pytest.raises(Interrupted, match=rf"^interrupted; go on with: netwright resume {folder}$"):
        nw.fit(dataset, long, seed=1, out=folder, callbacks=[StopAt(1, 2)])
    identical(nw.resume(folder), nw.fit(dataset, long, seed=1))


def test_a_finished_run_is_not_resumed(whole, blobs, tmp_path):
    whole.save(tmp_path / "run")
    with pytest.raises(RunError, match="the run is done; only an interrupted run can be resumed"):
        nw.resume(tmp_path / "run", dataset=blobs)


def edit(folder, change):
    record = json.loads((folder / "run.json").read_text())
    change(record)
    (folder / "run.json").write_text(json.dumps(record))


def test_a_checkpoint_of_another_structure_is_refused(stopped, blobs):
    edit(stopped, lambda record: record["controls"]["architecture"].update(hidden=[6, 5]))
    with pytest.raises(RunError, match=r"checkpoint-\d\.safetensors: tensor .* belongs to another model"):
        nw.resume(stopped, dataset=blobs)


@pytest.mark.parametrize("field", ["status", "seed", "task", "data", "rows", "model", "controls"])
def test_a_damaged_record_is_refused(field, stopped, blobs):
    edit(stopped, lambda record: record.pop(field))
    with pytest.raises(RunError, match=rf"run\.json: damaged \('{field}' is missing\)"):
        nw.resume(stopped, dataset=blobs)


@pytest.mark.parametrize("began", ["0.9.9", None])
def test_other_versions_promise_no_bits(began, stopped, blobs, whole, identical):
    edit(stopped, lambda record: record["versions"].update(jax=began))
    said = rf"begun with jax {began}, goes on with jax {jax.__version__}; it may round otherwise"
    with pytest.warns(UserWarning, match=re.escape(said)):
        resumed = nw.resume(stopped, dataset=blobs)
    identical(resumed, whole)


def test_what_is_no_run_is_not_resumed(tmp_path):
    with pytest.raises(RunError, match="no run here"):
        nw.resume(tmp_path)


def test_checkpoints_take_turns_and_cost_one_part_in_thirty(tmp_path, monkeypatch):
    """With a clock of its own: a save of 2 s is paid off by 60 s without one."""
    now, written = 0.0, []

    def write(path, snapshot):
        nonlocal now
        now += 2
        written.append((path.name, snapshot))

    monkeypatch.setattr("netwright.train.checkpoint.write", write)
    saver = Checkpoints(tmp_path, lambda: now)
    for moment in (0, 2, 61, 62, 70, 123.9, 124):
        now = float(moment)
        saver.offer(moment)
    assert [moment for _, moment in written] == [0, 62, 124]
    assert [name for name, _ in written] == [f"checkpoint-{turn}.safetensors" for turn in (0, 1, 0)]
    saver.save("now")
    assert written[-1] == ("checkpoint-1.safetensors", "now")
