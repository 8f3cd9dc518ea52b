"""Several targets on the command line: fit, predict, evaluate, diagnose, report."""

import json
import random

import polars as pl
import pytest


@pytest.fixture(scope="module")
def people(tmp_path_factory):
    """A CSV of 90 people whose income and hours depend on their age; some labels are missing."""
    draw = random.Random(0)
    lines = ["person_id,age,years,income,hours"]
    for i in range(90):
        age = draw.randint(18, 80)
        income = "" if i % 9 == 4 else "high" if age + draw.gauss(0, 5) > 45 else "low"
        hours = "?" if i % 9 == 7 else f"{20 + age / 3 + draw.gauss(0, 1):.1f}"
        lines.append(f"P{i:04},{age},{draw.randint(0, 9)},{income},{hours}")
    path = tmp_path_factory.mktemp("people") / "people.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture(scope="module")
def fitted(say, people, quick, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "people"
    words = ("--target", "income", "--target", "hours", "--out", folder)
    result = say("fit", people, *words, *quick, "--set", "optimization.targets.weights.income=2")
    assert result.exit_code == 0, result.stderr
    return folder, result


def test_fit_names_every_target_and_its_dev_metrics(fitted):
    folder, result = fitted
    for words in ("income, binary", "hours, regression", "income accuracy", "hours R²"):
        assert words in result.stdout.replace("\xa0", " ")
    record = json.loads((folder / "run.json").read_text())
    assert record["task"] == "multitask"
    assert record["controls"]["optimization"]["targets"]["weights"] == {"income": 2.0, "hours": 1.0}


def test_predict_has_columns_for_each_target(say, fitted, people, tmp_path):
    result = say("predict", fitted[0], people, "-o", tmp_path / "said.csv")
    assert result.exit_code == 0, result.stderr
    said = pl.read_csv(tmp_path / "said.csv")
    assert said.columns == [
        "person_id",
        "prediction.income",
        "p_high.income",
        "p_low.income",
        "prediction.hours",
    ]
    assert len(said) == 90


def test_evaluate_judges_all_targets_or_the_one_that_is_named(say, fitted, people):
    whole = json.loads(say("evaluate", fitted[0], people, "--json").stdout)["metrics"]
    assert {"loss", "loss.income", "accuracy.income", "r2.hours"} <= set(whole)
    one = json.loads(say("evaluate", fitted[0], people, "--target", "hours", "--json").stdout)["metrics"]
    assert one["r2"] == pytest.approx(whole["r2.hours"])
    assert "accuracy" not in one


def test_diagnose_and_report_of_all_targets_and_of_one(say, fitted):
    folder = fitted[0]
    result = say("diagnose", folder, "--quick")
    assert result.exit_code == 0, result.stderr
    assert "income" in result.stdout
    stored = json.loads((folder / "transfer.json").read_text())
    assert [gain["target"] for gain in stored["gains"]] == ["income", "hours"]
    assert say("report", folder).exit_code == 0
    text = (folder / "report.html").read_text()
    assert "What each target gains by the others" in text
    assert "netwright fit" in text
    assert "--target income --target hours" in text
    result = say("diagnose", folder, "--quick", "--target", "hours")
    assert result.exit_code == 0, result.stderr
    assert (folder / "targets" / "hours" / "diagnosis.json").is_file()
    assert say("report", folder / "targets" / "hours").exit_code == 0


def test_what_needs_one_target_asks_for_it(say, fitted, people):
    result = say("xray", fitted[0])
    assert result.exit_code == 2
    assert "expected --target COL, one of income, hours" in " ".join(result.stderr.split())
    result = say("tune", people, "--target", "income", "--target", "hours", "--trials", "1")
    assert result.exit_code == 2, result.stderr
    assert "tune: goes with one target, the data has 2" in " ".join(result.stderr.split())
