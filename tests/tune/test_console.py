"""``netwright tune``: lines as it goes, the outcome, JSON, how to go on, and wrong words."""

import json
import random
import sys
from importlib import import_module

import pytest
from typer.testing import CliRunner

import netwright as nw
from netwright.console.app import app
from netwright.tune.group import Group

QUICK = ("--set", "optimization.epochs=2", "--set", "architecture.hidden=[4]")
SPACE = (
    "--space",
    "optimization.learning_rate=1e-4..1e-1:log",
    "--space",
    "regularization.dropout=0.01..0.5",
)


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    draw = random.Random(0)
    lines = ["age,city,income"]
    for _ in range(120):
        age = draw.randint(18, 80)
        income = "high" if age + draw.gauss(0, 15) > 45 else "low"
        lines.append(f"{age},{draw.choice(['Rome', 'Oslo'])},{income}")
    path = tmp_path_factory.mktemp("data") / "customers.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture
def say(monkeypatch):
    """Say words to ``netwright tune``, as the shell would."""
    monkeypatch.setattr(import_module("netwright.tune.plan"), "BATCH", 4)

    def said(*words, space=SPACE):
        words = ["tune", *map(str, words), *QUICK, *space]
        monkeypatch.setattr(sys, "argv", ["netwright", *words])
        return CliRunner(env={"COLUMNS": "100"}).invoke(app, words)

    return said


def test_it_tells_of_every_batch_and_of_what_was_found(say, table, tmp_path):
    folder = tmp_path / "study"
    words = (table, "--target", "income", "--trials", 8, "--out", folder)
    first = say(*words, "--report", tmp_path / "page.html")
    assert first.exit_code == 0, first.stderr
    for part in (
        "customers: 120 rows",
        "4/8 trials  best error 0.",
        "8/8 trials  best error 0.",
        "of the dev rows: trial",
        "optimization.learning_rate=",
        "8 complete: all trials done",
        "1,344 examples × epochs",
        f"The dev rows have chosen it; only the test rows judge: netwright evaluate {folder / 'best'}",
    ):
        assert part in first.stdout, part
    assert "Go on with" not in first.stdout
    assert (tmp_path / "page.html").stat().st_size > 1000
    again = json.loads(say(*words, "--json").stdout)
    assert again["run"] == str(folder / "best")
    assert len(again["trials"]) == 8
    assert nw.load(folder / "best").record["trial"] == again["best"]["number"]


def test_an_interrupted_study_says_how_to_go_on_and_does(say, table, tmp_path, monkeypatch):
    train, begun = Group.train, []

    def stopping(self, *given):
        begun.append(given)
        if len(begun) == 2:
            raise KeyboardInterrupt
        return train(self, *given)

    monkeypatch.setattr(Group, "train", stopping)
    monkeypatch.chdir(tmp_path)
    words = (table, "--target", "income", "--trials", "8")
    stopped = say(*words)
    assert stopped.exit_code == 130
    command = stopped.stderr.strip().partition("go on with: ")[2]
    assert command.startswith(f"netwright tune {table} --target income --trials 8 ")
    assert command.endswith(" --out runs/customers-tuned-1")
    assert len(stopped.stderr.splitlines()) == 1
    monkeypatch.setattr(Group, "train", train)
    again = say(*words, "--out", "runs/customers-tuned-1", "--json")
    assert [trial["state"] for trial in json.loads(again.stdout)["trials"]] == ["COMPLETE"] * 8


def test_a_budget_that_is_spent_says_how_to_go_on(say, table, tmp_path):
    words = (table, "--target", "income", "--trials", 8, "--budget", "0.001s", "--out", tmp_path / "s")
    result = say(*words)
    assert "4 complete: the budget is spent" in result.stdout
    assert f"Go on with: netwright tune {table} --target income --trials 8 --budget 0.001s" in result.stdout


def test_the_file_and_the_words_make_one_space(say, table, tmp_path):
    file = tmp_path / "space.yaml"
    file.write_text("regularization.dropout: [0.1, 0.2]\noptimization.learning_rate: 1e-3..1e-2:log\n")
    words = (table, "--target", "income", "--trials", 2, "--search", "random", "--json")
    space = ("--space-file", str(file), "--space", "optimization.learning_rate=0.5..0.6")
    result = say(*words, "--out", tmp_path / "s", space=space)
    for trial in json.loads(result.stdout)["trials"]:
        assert trial["regularization.dropout"] in (0.1, 0.2)
        assert 0.5 <= trial["optimization.learning_rate"] <= 0.6


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--search", "tpee"), "search: 'tpee' is not known; did you mean 'tpe'?"),
        (("--space", "optimization.learning_rat=1..2"), "learning_rate"),
        (("--space", "regularization.l2=3..1"), "3"),
        (("--budget", "soon"), "--budget: found 'soon', expected a time"),
        (("--executor", "cloud"), "executor: 'cloud' is not known"),
        (("--search", "halving", "--space", "optimization.epochs=1..3"), "is what halving spends"),
    ],
)
def test_wrong_words_are_told(words, told, say, table, tmp_path):
    result = say(table, "--target", "income", "--out", tmp_path / "x", *words, space=())
    assert result.exit_code == 2, result.stderr
    assert told in result.stderr
    assert len(result.stderr.splitlines()) <= 2
    assert not (tmp_path / "x").exists()
