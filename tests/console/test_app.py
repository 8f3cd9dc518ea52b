"""The command line as a whole: help, exit codes, errors."""

import subprocess
import sys

import pytest

import netwright as nw
from netwright.core.errors import DataError

COMMANDS = (
    "fit",
    "tune",
    "improve",
    "predict",
    "compare",
    "evaluate",
    "diagnose",
    "xray",
    "report",
    "resume",
    "examples",
    "doctor",
)


def test_version(say):
    assert say("--version").stdout == f"netwright {nw.__version__}\n"


def test_help_names_every_command(say):
    result = say("--help")
    assert result.exit_code == 0
    assert all(f"\n  {command} " in result.stdout for command in COMMANDS)
    assert "…" not in result.stdout
    assert "..." not in result.stdout.partition("Commands:")[2]


def test_no_words_give_help(say):
    assert say().stdout == say("--help").stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_each_help_has_an_example_that_fits_on_a_line(say, command):
    result = say(command, "--help")
    example = result.stdout.partition("Example:")[2].strip()
    assert result.exit_code == 0
    assert example.startswith(f"netwright {command}")
    assert "\n" not in example


def test_help_imports_nothing_heavy():
    code = (
        "import sys; from netwright.console.app import app\n"
        "try: app(['fit', '--help'])\nexcept SystemExit: pass\n"
        "print([m for m in ('jax', 'polars', 'sklearn', 'numpy') if m in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("Usage:")
    assert done.stderr.strip() == "[]"


def test_unknown_command_is_mended(say):
    result = say("fti", "adult")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr == "netwright: No such command 'fti'. Did you mean 'fit'?\nSee: netwright --help\n"


def test_unknown_option_is_mended(say):
    result = say("fit", "adult", "--trget", "x")
    assert result.exit_code == 2
    assert "--target" in result.stderr
    assert result.stderr.endswith("See: netwright fit --help\n")


def test_missing_words(say):
    assert say("predict", "runs/a").exit_code == 2
    assert say("resume").exit_code == 2


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (DataError("x.csv: line 3 is odd"), 1, "netwright: x.csv: line 3 is odd\n"),
        (OSError(28, "No space left", "runs/a/run.json"), 1, "netwright: runs/a/run.json: No space left\n"),
        (ZeroDivisionError("a\nb"), 1, "netwright: internal error: ZeroDivisionError: a b; run again with --debug\n"),
        (KeyboardInterrupt(), 130, "netwright: interrupted; nothing was saved\n"),
    ],
)  # fmt: skip
def test_errors_are_a_line_and_a_code(say, monkeypatch, error, code, message):
    def fail():
        raise error

    monkeypatch.setattr(nw, "examples", fail)
    result = say("examples")
    assert (result.exit_code, result.stdout, result.stderr) == (code, "", message)


def test_debug_shows_the_traceback_wherever_it_stands(say, monkeypatch):
    def fail():
        raise ZeroDivisionError("planted")

    monkeypatch.setattr(nw, "examples", fail)
    for words in (["examples", "--debug"], ["--debug", "examples"]):
        result = say(*words)
        assert result.exit_code == 1
        assert "Traceback" in result.stderr
        assert "ZeroDivisionError: planted" in result.stderr


def test_a_reader_that_leaves_is_no_error_message():
    program = [sys.executable, "-m", "netwright", "examples"]
    process = subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait() == 1
