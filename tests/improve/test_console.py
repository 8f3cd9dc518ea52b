"""``netwright improve``: the story as it happens, JSON, and wrong words."""

import json
import random

import pytest
from typer.testing import CliRunner

import netwright as nw
from netwright.console.app import app


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


def say(*words):
    quick = ("--set", "optimization.epochs=4", "--set", "architecture.hidden=[8]")
    return CliRunner(env={"COLUMNS": "100"}).invoke(app, ["improve", *map(str, words), *quick])


def test_it_tells_the_story_and_goes_on_where_it_was(table, tmp_path):
    """A budget in which no proof fits: the first model, and all that is said around it."""
    folder = tmp_path / "story"
    words = (table, "--target", "income", "--budget", "0.001s", "--out", folder)
    first = say(*words)
    assert first.exit_code == 0, first.stderr
    for part in (
        "customers: 120 rows",
        "measure   first model: dev error",
        "the budget of 0:00 is spent",
        "the first model",
        "336 examples × epochs",
        f"netwright evaluate {folder / 'start'}",
    ):
        assert part in first.stdout, part
    again = say(*words, "--json")
    told = json.loads(again.stdout)
    assert told["run"] == str(folder / "start")
    assert [step["kind"] for step in told["steps"]] == ["measure", "end", "end"]
    assert told["compute"] == 336
    assert nw.load(folder / "start").status == "done"


def test_wrong_words_are_told(table, tmp_path):
    result = say(table, "--target", "income", "--budget", "soon", "--out", tmp_path / "x")
    assert result.exit_code == 2
    assert "--budget: found 'soon', expected a time" in result.stderr
    assert result.stdout == ""
