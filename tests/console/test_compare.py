"""``netwright compare``: finished runs, alternatives trained, and wrong words."""

import json

import pytest


@pytest.fixture(scope="module")
def other(say, customers, quick, tmp_path_factory):
    """A second run on the customers, by another rule."""
    folder = tmp_path_factory.mktemp("runs") / "other"
    words = ("--set", "optimization.rule=sgd", *quick)
    assert say("fit", customers, "--target", "income", "--out", folder, "--seed", 3, *words).exit_code == 0
    return folder


def test_finished_runs_are_put_side_by_side(say, run, other, tmp_path):
    result = say("compare", run, other, "--out", tmp_path / "both")
    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith("Of 2 alternatives rule=")
    assert "rule=sgd" in result.stdout
    assert "2 finished runs" in result.stdout
    record = json.loads((tmp_path / "both" / "comparison.json").read_text())
    assert {row["seeds"] for row in record["alternatives"]} == {1}
    assert all(row["difference"] is not None for row in record["alternatives"]), "same file, same dev rows"
    assert "<!doctype html>" in (tmp_path / "both" / "comparison.html").read_text()


def test_alternatives_are_trained_and_told(say, customers, quick, tmp_path):
    words = (
        "--target",
        "income",
        "--vary",
        "optimization.rule=sgd|adam",
        "--seeds",
        2,
        "--rates",
        "0.01,0.1",
    )
    result = say("compare", customers, *words, "--out", tmp_path / "rules", "--json", *quick)
    assert result.exit_code == 0, result.stderr
    told = json.loads(result.stdout)
    assert {row["alternative"] for row in told["alternatives"]} == {"sgd", "adam"}
    assert {row["learning_rate"] for row in told["alternatives"]} <= {0.01, 0.1}
    assert told["rates"]["adam"]["rates"] == [0.01, 0.1]
    assert len(told["curves"]["epoch"]) == 2 * 2 * 4
    assert (tmp_path / "rules" / "comparison.html").is_file()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("run",), "expected two or more runs, or --vary rules for data to train on"),
        (("a", "b", "--vary", "rules"), "found 2 data sets, expected one to train on"),
        (("a", "--vary", "rules", "--alternative", "loss=mse"), "expected one of them"),
        (("adult", "--vary", "rules", "--rates", "low"), "--rates: found 'low', expected numbers"),
        (("digits", "--vary", "rulez"), "did you mean 'rules'"),
        (("digits", "--alternative", "loss=cce"), "found loss=cce, expected two or more"),
    ],
)
def test_wrong_words_are_told(say, words, said):
    result = say("compare", *words)
    assert result.exit_code == 2
    assert said in result.stderr
    assert result.stdout == ""
