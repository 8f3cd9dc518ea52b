"""Ctrl-C in a terminal: 130, the state saved, the resume command printed, and it works."""

import json
import shutil
import signal
import subprocess
import sys

import pytest

import netwright as nw
from netwright.console import session
from netwright.console.session import resumable

LONG = ("--set", "optimization.epochs=100000", "--set", "regularization.early_stopping=null")


def test_interrupted_then_resumed(say, tmp_path):
    out = tmp_path / "run"
    program = [sys.executable, "-m", "netwright", "fit", "iris", "--out", str(out), *LONG]
    process = subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    for line in process.stderr:
        if line.startswith("epoch"):
            break
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=60)[1]
    assert process.returncode == 130, said
    assert said.endswith(f"netwright: interrupted; go on with: netwright resume {out}\n")
    record = json.loads((out / "run.json").read_text())
    assert record["status"] == "stopped"
    # Shortened, so that the resumed run ends at once: what is tested here is the command.
    record["controls"]["optimization"]["epochs"] = 1
    (out / "run.json").write_text(json.dumps(record))
    result = say("resume", out)
    assert result.exit_code == 0, result.stderr
    assert f"The run is in {out}" in result.stdout
    assert nw.load(out).status == "done"


@pytest.mark.parametrize("status", ["running", "done"])
def test_a_second_interrupt_still_says_how_to_go_on(say, run, tmp_path, monkeypatch, status):
    folder = tmp_path / "my run"
    shutil.copytree(run, folder)
    record = json.loads((folder / "run.json").read_text())
    (folder / "run.json").write_text(json.dumps(record | {"status": status}))

    def interrupted(*given, **named):
        raise KeyboardInterrupt

    monkeypatch.setattr(session, "resume", interrupted)
    result = say("resume", folder)
    assert result.exit_code == 130
    resume = f"netwright: interrupted at once; go on with: netwright resume '{folder}'\n"
    done = f"netwright: interrupted; the run is in {folder}\n"
    assert result.stderr == (resume if status == "running" else done)


def test_without_a_run_the_interrupt_is_left_as_it_is(tmp_path):
    with pytest.raises(KeyboardInterrupt) as caught, resumable(tmp_path):
        raise KeyboardInterrupt
    assert str(caught.value) == ""


def test_what_is_done_is_not_resumed(say, run, tmp_path):
    result = say("resume", run)
    assert result.exit_code == 1
    assert "the run is done" in result.stderr
    assert say("resume", tmp_path).exit_code == 1
