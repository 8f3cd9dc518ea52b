"""The same words on texts and on sequences: fit, predict, evaluate, diagnose, xray, report."""

import json

import numpy as np
import polars as pl
import pytest

GENERATOR = np.random.default_rng(0)
WORDS = {"good": ["fine", "warm", "film"], "bad": ["dull", "cold", "film"]}
QUICK = (
    "--set",
    "optimization.epochs=8",
    "--set",
    "optimization.learning_rate=0.03",
    "--set",
    "architecture.hidden=[8]",
)


def text(label):
    return " ".join(GENERATOR.choice(WORDS[label], 6))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Sixty texts of two classes, some of them latin-1."""
    path = tmp_path_factory.mktemp("texts") / "news"
    for label in WORDS:
        (path / label).mkdir(parents=True)
        for i in range(30):
            (path / label / f"{i:02}.txt").write_bytes(f"{text(label)} café".encode("latin-1"))
    return path


@pytest.fixture(scope="module")
def steps(tmp_path_factory):
    """A table with a row a step of sixty sequences of 2 … 4 steps."""
    path = tmp_path_factory.mktemp("steps") / "log.csv"
    rows = [
        {"who": f"s{i}", "t": t, "a": i % 2 + 0.1 * t, "label": "xy"[i % 2]}
        for i in range(60)
        for t in range(2 + i % 3)
    ]
    pl.DataFrame(rows).write_csv(path)
    return path


@pytest.fixture(scope="module")
def texts(say, folder):
    out = folder.parent / "run"
    found = say("fit", folder, "--encoding", "latin-1", "--out", out, *QUICK)
    assert found.exit_code == 0, found.stderr
    assert "mlp" in found.stdout
    return out


@pytest.fixture(scope="module")
def sequences(say, steps):
    out = steps.parent / "run"
    words = ("--target", "label", "--sequence", "who", "--time", "t")
    found = say("fit", steps, *words, "--out", out, *QUICK)
    assert found.exit_code == 0, found.stderr
    return out


def test_files_of_texts_are_predicted_by_name_and_judged_by_their_folders(say, texts, folder):
    found = say("predict", texts, folder, "--encoding", "latin-1", "--json")
    rows = json.loads(found.stdout)["rows"]
    assert (len(rows), rows[0]["file"], sorted(rows[0])) == (
        60,
        "bad/00.txt",
        ["file", "p_bad", "p_good", "prediction"],
    )
    one = say("predict", texts, folder / "good" / "03.txt", "--encoding", "latin-1")
    assert one.stdout.splitlines()[1].startswith("03.txt,")
    judged = json.loads(say("evaluate", texts, folder, "--encoding", "latin-1", "--json").stdout)
    assert judged["metrics"]["accuracy"] > 0.9
    wrong = say("predict", texts, folder)
    assert wrong.exit_code == 1
    assert "is not utf-8" in wrong.stderr


def test_sequences_are_predicted_by_identifier_in_the_order_in_which_they_appear(say, sequences, steps):
    table = pl.read_csv(steps).drop("label").sample(fraction=1, shuffle=True, seed=1)
    table.write_parquet(steps.parent / "new.parquet")
    rows = json.loads(say("predict", sequences, steps.parent / "new.parquet", "--json").stdout)["rows"]
    assert [row["who"] for row in rows] == table["who"].unique(maintain_order=True).to_list()
    alike = json.loads(say("predict", sequences, steps, "--json").stdout)["rows"]
    assert {row["who"]: row["p_x"] for row in rows} == pytest.approx(
        {row["who"]: row["p_x"] for row in alike}
    )
    judged = json.loads(say("evaluate", sequences, steps, "--json").stdout)
    assert judged["metrics"]["accuracy"] > 0.9


def test_columns_of_texts_beside_others(say, tmp_path):
    labels = ["good", "bad"] * 30
    frame = pl.DataFrame({"review": [text(label) for label in labels], "stars": [4, 2] * 30, "label": labels})
    frame.write_csv(tmp_path / "reviews.csv")
    out = tmp_path / "run"
    found = say(
        "fit", tmp_path / "reviews.csv", "--target", "label", "--text", "review", "--out", out, *QUICK
    )
    assert found.exit_code == 0, found.stderr
    assert "several" in found.stdout
    judged = json.loads(say("evaluate", out, tmp_path / "reviews.csv", "--json").stdout)
    assert judged["metrics"]["accuracy"] > 0.9


@pytest.mark.parametrize("kind", ["texts", "sequences"])
def test_runs_are_looked_into_and_reported(say, request, kind):
    run = request.getfixturevalue(kind)
    for words in (("diagnose", run, "--quick"), ("xray", run), ("report", run)):
        found = say(*words)
        assert found.exit_code == 0, (words, found.stderr)
    assert "</html>" in (run / "report.html").read_text()


def test_words_that_do_not_fit(say, folder, steps):
    for words, expected in (
        (("fit", folder, "--encoding", "latin-1", "--text", "review"), "leave out text=, --text"),
        (("fit", steps, "--target", "label", "--time", "t"), "say which (sequence=, --sequence)"),
        (("fit", steps), "expected --target COL"),
    ):
        found = say(*words)
        assert found.exit_code in (1, 2)
        assert expected in found.stderr
        assert len(found.stderr.splitlines()) <= 2
