"""``netwright diagnose``: the verdict first, the answer kept, --json for programs."""

import json

from netwright import Diagnosis


def test_a_run_is_diagnosed(say, run):
    result = say("diagnose", run, "--quick")
    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith("customers")
    for name in ("bayes", "approximation", "estimation", "next", "not measured", "took"):
        assert f"  {name}" in result.stdout
    kept = Diagnosis.from_json(json.loads((run / "diagnosis.json").read_text()))
    assert kept.name.startswith("customers")


def test_programs_get_json(say, run, customers):
    result = say("diagnose", run, customers, "--quick", "--json")
    assert result.exit_code == 0, result.stderr
    told = json.loads(result.stdout)
    assert told["data"] == str(customers)
    assert told["budget"]["errors"].keys() == {"train", "dev", "train_dev"}


def test_wrong_words(say, run, tmp_path):
    result = say("diagnose", run, "--budget", "soon")
    assert result.exit_code == 2
    assert "--budget: found 'soon', expected a time such as" in result.stderr
    assert say("diagnose", tmp_path / "none").exit_code == 1
