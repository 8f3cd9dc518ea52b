"""``netwright report``: writes the page beside the run or elsewhere, and may open it."""

import json


def test_writes_beside_the_run_and_names_the_file(say, run):
    result = say("report", run)
    assert (result.exit_code, result.stdout.strip()) == (0, str(run / "report.html")), result.stderr
    assert "<!doctype html>" in (run / "report.html").read_text()


def test_opens_what_it_wrote_elsewhere(say, run, tmp_path, monkeypatch):
    opened = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    file = tmp_path / "my report.html"
    answer = json.loads(say("report", run, "-o", file, "--open", "--json").stdout)
    assert answer == {"run": str(run), "report": str(file), "bytes": file.stat().st_size}
    assert opened == [file.as_uri()]


def test_no_run_is_said_so(say, tmp_path):
    result = say("report", tmp_path)
    assert result.exit_code == 1
    assert "no run here" in result.stderr
