"""Two processes on this machine train one model; a lost one ends the run in words, and it goes on from there."""

import json
import signal
import socket
import subprocess
import sys

import numpy as np
import pytest

import netwright as nw

CONTROLS = (
    *("--set", "optimization.batch_size=16", "--set", "optimization.rule=momentum"),
    *("--set", "optimization.learning_rate=0.05", "--set", "architecture.hidden=[6]"),
    *("--set", "regularization.dropout=0.1"),
)
SHORT = ("--set", "optimization.epochs=5")
LONG = ("--set", "optimization.epochs=100000", "--set", "regularization.early_stopping=null")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def start(environment):
    """Start a command as two processes, the second one not before the first."""
    started = []

    def both(*words):
        together = ("--distributed", "--coordinator", f"127.0.0.1:{free_port()}", "--processes", "2")
        for i in range(2):
            command = [sys.executable, "-m", "netwright", *map(str, words), *together, "--process", str(i)]
            pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
            started.append(subprocess.Popen(command, env=environment, text=True, **pipes))
        return started

    yield both
    for process in started:
        process.kill()
        process.communicate()


def shortened(folder, epochs):
    """Let a stopped run end after so many epochs, and return its record as it was."""
    record = json.loads((folder / "run.json").read_text())
    less = record["controls"] | {"optimization": record["controls"]["optimization"] | {"epochs": epochs}}
    (folder / "run.json").write_text(json.dumps(record | {"controls": less}))
    return record


def until_an_epoch(process):
    said = []
    for line in process.stderr:
        said.append(line)
        if line.startswith("epoch"):
            return
    pytest.fail("".join(said))


def test_two_processes_train_what_one_trains(start, tmp_path):
    first, second = start("fit", "iris", "--out", tmp_path / "two", "--json", "--quiet", *CONTROLS, *SHORT)
    out, err = first.communicate(timeout=300)
    assert first.returncode == 0, err
    assert second.communicate(timeout=120)[0] == ""
    assert second.returncode == 0
    told = json.loads(out)
    assert (told["status"], told["epochs"]) == ("done", 5)
    run = nw.load(tmp_path / "two")
    assert run.record["devices"] == 2
    single = nw.fit(nw.example("iris"), run.controls, progress=False)
    for column in ("train_loss", "dev_loss", "train_accuracy"):
        np.testing.assert_allclose(run.history[column], single.history[column], rtol=1e-5, err_msg=column)
    for name, expected in single.predictor.params.items():
        np.testing.assert_allclose(run.predictor.params[name], expected, rtol=1e-4, atol=1e-6, err_msg=name)


def test_a_killed_process_ends_the_run_and_it_is_resumed(start, tmp_path):
    first, second = start("fit", "iris", "--out", tmp_path / "run", *CONTROLS, *LONG)
    until_an_epoch(first)
    second.kill()
    err = first.communicate(timeout=120)[1]
    assert first.returncode == 1, err
    said = err.splitlines()[-1]
    assert said.startswith("netwright: another process was lost"), err
    assert said.endswith(f"the state is saved: go on with netwright resume {tmp_path / 'run'}")
    assert shortened(tmp_path / "run", epochs=1)["status"] == "stopped"
    with pytest.warns(UserWarning, match="begun with devices: 2, goes on with devices: 1"):
        assert nw.resume(tmp_path / "run", progress=False).status == "done"


def test_without_its_first_process_the_second_ends_too(start, tmp_path):
    first, second = start("fit", "iris", "--out", tmp_path / "run", *CONTROLS, *LONG)
    until_an_epoch(first)
    first.kill()
    err = second.communicate(timeout=120)[1]
    assert second.returncode == 1, err
    said = err.splitlines()[-1]
    assert said.startswith("netwright: another process was lost"), err
    assert said.endswith("go on with netwright resume and process 0's folder")
    shortened(tmp_path / "run", epochs=1)
    with pytest.warns(UserWarning, match="begun with devices: 2, goes on with devices: 1"):
        assert nw.resume(tmp_path / "run", progress=False).status == "done"


def test_an_interrupt_of_either_stops_both_and_both_resume(start, tmp_path):
    first, second = start("fit", "iris", "--out", tmp_path / "run", *CONTROLS, *LONG)
    until_an_epoch(first)
    second.send_signal(signal.SIGINT)
    err, other = first.communicate(timeout=120)[1], second.communicate(timeout=60)[1]
    assert (first.returncode, second.returncode) == (130, 130), err
    assert "interrupted, and the other processes too" in other
    assert f"interrupted; go on with: netwright resume {tmp_path / 'run'}" in err
    assert shortened(tmp_path / "run", epochs=1)["status"] == "stopped"
    first, second = start("resume", tmp_path / "run", "--quiet")[2:]
    err = first.communicate(timeout=120)[1]
    assert (first.returncode, second.wait(timeout=120)) == (0, 0), err
    assert nw.load(tmp_path / "run").status == "done"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--coordinator", "127.0.0.1:9"), "--coordinator goes with --distributed"),
        (("--distributed", "--processes", "2"), "expected --coordinator too"),
    ],
)
def test_words_that_contradict_each_other(words, said, environment):
    command = [sys.executable, "-m", "netwright", "fit", "iris", *words]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 2
    assert said in done.stderr
