"""``netwright fit``: what a user sees, the folder, JSON, wrong words and bad data."""

import json
import shlex
from contextlib import ExitStack
from pathlib import Path

import pytest

import netwright as nw
from netwright.console.wanted import free_folder
from netwright.data.dataset import Dataset
from netwright.train.folder import FolderTakenError, RunFolder


def test_the_summary_tells_data_controls_outcome_and_next_commands(fitted):
    folder, result = fitted
    said = result.stdout
    for part in (
        "customers: 120 rows",
        "income, binary, 2 classes: high",
        "1 numeric, 1 categorical",
        "customer_id (identifier)",
        "country (constant): every cell is 'EU'",
        "1 in age",
        "train 84, dev 18, test 18",
        "mlp* 8, relu",
        "bce* by adamw*, rate 0.001* (cosine*)",
        "4 of 4 in",
        "all epochs done",
        "(95 %: 0.",
        "* chosen for the data",
        f"netwright evaluate {folder}",
        f"netwright predict {folder} DATA",
    ):
        assert part in said, part
    assert len(said.splitlines()) < 25
    assert all(line == line.rstrip() for line in said.splitlines())


def test_progress_goes_to_stderr_as_lines(fitted):
    lines = fitted[1].stderr.splitlines()
    assert lines[0].startswith("training: ")
    assert [line.split()[1] for line in lines[1:5]] == ["1/4", "2/4", "3/4", "4/4"]
    assert lines[5:] == ["end: all epochs done"]


def test_the_folder_holds_the_run(run):
    loaded = nw.load(run)
    assert loaded.status == "done"
    assert loaded.seed == 3
    assert len(loaded.history) == 4
    assert loaded.controls.architecture.hidden == (8,)


def test_an_example_needs_no_target_and_runs_are_numbered(say, quick, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for number in (1, 2):
        result = say("fit", "iris", "--quiet", *quick)
        assert (result.exit_code, result.stderr) == (0, "")
        assert result.stdout == f"runs/iris-{number}\n"
        assert (tmp_path / f"runs/iris-{number}/run.json").is_file()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["runs"]


def test_free_folder_goes_on_after_the_highest_number(tmp_path):
    for name in ("a-2", "a-10", "a-x", "ab-30"):
        (tmp_path / name).mkdir()
    assert free_folder(tmp_path, "a").name == "a-11"
    assert free_folder(tmp_path, "my data/x").name == "my-data-x-1"


def test_a_number_taken_in_the_meantime_is_left_to_its_owner(say, quick, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    prepare = Dataset.prepare
    with ExitStack() as other:

        def slowly(*given, **named):
            if not Path("runs/iris-1").exists():
                other.enter_context(RunFolder(Path("runs/iris-1")).claimed())
            return prepare(*given, **named)

        monkeypatch.setattr(Dataset, "prepare", slowly)
        result = say("fit", "iris", "--quiet", *quick)
    assert result.stdout == "runs/iris-2\n", result.stderr
    assert [path.name for path in Path("runs/iris-1").iterdir()] == ["state"]


def test_one_alone_claims_a_free_folder(tmp_path):
    """An empty folder may be given; both have found it free before the first claims it."""
    other = RunFolder(tmp_path)
    other.check_free()
    with RunFolder(tmp_path).claimed(), pytest.raises(FolderTakenError, match="exists already"):
        other.claimed().__enter__()


def test_a_claim_of_which_nothing_came_is_free_again_and_a_run_is_not(tmp_path):
    """A training killed before its record was whole leaves its lock, and perhaps half a record."""
    with RunFolder(tmp_path).claimed():
        (tmp_path / ".run.json.1234.tmp").write_text("{")
    with RunFolder(tmp_path).claimed():
        (tmp_path / "run.json").write_text("{}")
    with pytest.raises(FolderTakenError), RunFolder(tmp_path).claimed():
        pass
    (tmp_path / "run.json").unlink()
    (tmp_path / "state" / "checkpoint-0.safetensors").write_text("of a run")
    with pytest.raises(FolderTakenError):
        RunFolder(tmp_path).check_free()


def test_json_is_one_object_and_nothing_else(say, quick, tmp_path):
    result = say("fit", "diabetes", "--out", tmp_path / "d", "--json", "--quiet", *quick)
    told = json.loads(result.stdout)
    run = nw.load(tmp_path / "d")
    assert told["run"] == str(tmp_path / "d")
    assert (told["status"], told["task"], told["epochs"]) == ("done", "regression", 4)
    assert told["dev"]["r2"] == pytest.approx(run.evaluate("dev")["r2"], abs=1e-6)
    assert told["controls"] == run.record["controls"]
    assert told["dev_intervals_95"] == {}


def test_a_file_of_controls_then_settings_over_it(say, quick, tmp_path):
    file = tmp_path / "controls.yaml"
    file.write_text("optimization: {epochs: 9, batch_size: 32}\n")
    out = tmp_path / "run"
    result = say("fit", "iris", "--controls", file, "--out", out, "--quiet", *quick)
    assert result.exit_code == 0
    assert nw.load(out).controls.optimization.epochs == 4
    assert nw.load(out).controls.optimization.batch_size == 32


def test_columns_as_said(say, quick, customers, tmp_path):
    words = ("--drop", "city", "--categorical", "age", "--encoding", "utf-8", "--task", "multiclass")
    result = say("fit", customers, "--target", "income", *words, "--out", tmp_path / "r", *quick)
    assert result.exit_code == 0, result.stderr
    assert "1 categorical\n" in result.stdout
    assert nw.load(tmp_path / "r").record["task"] == "multiclass"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--set", "optimization.epoch=3"], "did you mean 'epochs'?"),
        (["--set", "optimisation.epochs=3"], "did you mean 'optimization'"),
        (["--set", "optimization.epochs=-1"], "optimization.epochs: found -1"),
        (["--set", "epochs"], "expected group.name=value"),
        (["--controls", "nowhere.yaml"], "nowhere.yaml: cannot be read"),
        (["--task", "binry"], "binary"),
        (["--seed", "x"], "--seed"),
        (["--target", "y"], "--target goes with a file; 'iris' is an example"),
        (["--drop", "x0"], "--drop goes with a file"),
    ],
)
def test_wrong_words_are_2(say, tmp_path, words, said):
    result = say("fit", "iris", "--out", tmp_path / "r", *words)
    assert result.exit_code == 2
    assert said in result.stderr
    assert len(result.stderr.splitlines()) <= 2
    assert result.stdout == ""
    assert not (tmp_path / "r").exists()


def test_a_file_without_a_target_lists_its_columns(say, customers):
    result = say("fit", customers)
    assert result.exit_code == 2
    assert "expected --target COL" in result.stderr
    assert "customer_id, age, city, country, income" in result.stderr


CELLS = {
    "empty.csv": ("", "is empty"),
    "header.csv": ("a,y\n", "has a header but no rows"),
    "ragged.csv": ("a,y\n1,2\n3\n", "line 3"),
    "one.csv": ("a,y\n1,u\n2,u\n", "has one class only"),
    "gaps.csv": ("a,y\n1,\n2,\n", "target 'y' is missing in all 2"),
    "infinite.csv": ("a,y\n1,2.5\n2,inf\n3,3.5\n", "inf"),
}


@pytest.mark.parametrize("name", CELLS)
def test_bad_files_are_1_and_said_in_a_line(say, tmp_path, name):
    content, said = CELLS[name]
    (tmp_path / name).write_text(content)
    result = say("fit", tmp_path / name, "--target", "y", "--out", tmp_path / "r")
    assert result.exit_code == 1
    assert f"netwright: {tmp_path / name}" in result.stderr
    assert said in result.stderr
    assert len(result.stderr.splitlines()) <= 2


def test_unknown_names_are_mended(say, customers, tmp_path):
    assert "did you mean 'income'?" in say("fit", customers, "--target", "incme").stderr
    assert "did you mean 'digits'" in say("fit", "digts").stderr
    beside = customers.with_name("customer.csv")
    assert "did you mean 'customers.csv'?" in say("fit", beside, "--target", "income").stderr


def test_a_file_named_as_an_example_wins(say, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "iris").write_text("x,y\n")
    result = say("fit", "iris", "--target", "y")
    assert result.exit_code == 1
    assert "iris: files ending in '' are not read" in result.stderr


def test_commands_can_be_pasted_and_l1_tells_what_is_left(say, quick, tmp_path):
    out = tmp_path / "my run"
    l1 = ("--set", "regularization.l1=0.3", "--set", "optimization.learning_rate=0.1")
    said = say("fit", "iris", "--out", out, *quick, *l1).stdout
    assert f"netwright evaluate {shlex.quote(str(out))} " in said
    run = nw.load(out)
    share = run.sparsity["zeros"].sum() / run.sparsity["weights"].sum()
    line = f"{share:.1%} of the weights are exactly 0, {len(run.used_features)} of 4 inputs still used"
    assert line in said
    assert share > 0


def test_out_that_exists_is_refused_before_the_data_are_read(say, run):
    assert f"{run}: exists already" in say("fit", "nowhere.csv", "--target", "y", "--out", run).stderr


def test_what_cannot_be_trained_leaves_no_folder(say, tmp_path):
    result = say("fit", "iris", "--out", tmp_path / "r", "--set", "loss=mse")
    assert result.exit_code == 2, result.stderr
    assert not (tmp_path / "r").exists()


def test_out_that_exists_is_refused(say, quick, run):
    result = say("fit", "iris", "--out", run, *quick)
    assert result.exit_code == 1
    assert f"{run}: exists already" in result.stderr


def test_a_loss_that_explodes_is_1_and_names_the_step(say, quick, tmp_path):
    words = ("--set", "optimization.rule=sgd", "--set", "optimization.learning_rate=1e30")
    result = say("fit", "diabetes", "--out", tmp_path / "r", "--quiet", *words, *quick)
    assert result.exit_code == 1
    assert "is not finite" in result.stderr
    assert "Lower optimization.learning_rate" in result.stderr
