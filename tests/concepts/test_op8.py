"""OP-8: one command trains the same network with every rule from the same start and plots the comparison."""

import json
import random
import re

import pytest
from typer.testing import CliRunner

from netwright.console.app import app
from netwright.core import catalog

STILL = 1e-9


@pytest.fixture(scope="module")
def compared(tmp_path_factory):
    """Every rule at a rate so small that no weight moves: what is left is the start."""
    folder = tmp_path_factory.mktemp("op8")
    draw = random.Random(0)
    rows = [f"{draw.gauss(0, 1)},{draw.gauss(0, 1)},{draw.choice('ab')}" for _ in range(90)]
    (folder / "table.csv").write_text("\n".join(["u,v,label", *rows]) + "\n")
    settings = ["optimization.epochs=1", "architecture.hidden=[4]", f"optimization.learning_rate={STILL}"]
    words = ["compare", folder / "table.csv", "--target", "label", "--vary", "rules", "--seeds", 2]
    words += ["--out", folder / "rules", "--json"]
    words += [word for setting in settings for word in ("--set", setting)]
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout), (folder / "rules" / "comparison.html").read_text()


def test_op8_one_command_trains_with_every_rule_from_the_same_start(compared):
    """OP-8: before any weight moves, all rules have the same dev loss, seed by seed: one start, one network."""
    curves = compared[0]["curves"]
    losses = {}
    for rule, seed, loss in zip(curves["alternative"], curves["seed"], curves["dev_loss"], strict=True):
        losses.setdefault(rule, {})[seed] = loss
    assert set(losses) == set(catalog.names("optim.rules"))
    first = losses["sgd"]
    assert all(loss == pytest.approx(first, rel=1e-5) for loss in losses.values())
    assert first[0] != pytest.approx(first[1], rel=1e-3), "each seed is a start of its own"


def test_op8_the_comparison_is_plotted(compared):
    """OP-8: the page draws the dev error and the training loss of every rule by epoch, with bands over seeds."""
    page = compared[1]
    assert "Dev error by epoch" in page
    assert "Training loss by epoch" in page
    charts = json.loads(re.search(r'id="charts">(.*?)</script>', page, re.S)[1])["charts"]
    for chart in list(charts.values())[:2]:
        drawn = {row["series"] for rows in chart["datasets"].values() for row in rows}
        assert drawn == set(catalog.names("optim.rules"))
        assert [layer["mark"]["type"] for layer in chart["layer"]] == ["area", "line"]
