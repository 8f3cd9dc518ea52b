"""A folder of images through every command, as a table goes."""

import io

import numpy as np
import polars as pl
import pytest
from PIL import Image

import netwright as nw

QUICK = ("--set", "optimization.epochs=4", "--set", "architecture.hidden=[4]", "--quiet")


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    """Three classes of 24 images 8 × 7: rows, columns and plain ones."""
    folder = tmp_path_factory.mktemp("data") / "photos"
    generator = np.random.default_rng(0)
    across, down = np.mgrid[:8, :7] % 2 * 120
    for label, pattern in (("across", across), ("down", down), ("plain", np.full((8, 7), 60))):
        (folder / label).mkdir(parents=True)
        for i in range(24):
            pixels = pattern + generator.integers(0, 60, (8, 7))
            Image.fromarray(pixels.astype(np.uint8)).save(folder / label / f"{i:02}.png")
    return folder


@pytest.fixture(scope="module")
def run(say, photos, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "photos"
    result = say("fit", photos, "--out", folder, *QUICK)
    assert result.exit_code == 0, result.stderr
    return folder


def test_a_convolutional_network_is_chosen(run):
    trained = nw.load(run)
    assert trained.controls.architecture.kind == "cnn"
    assert trained.predictor.encoder.layout.shape == (8, 7, 1)


def test_predictions_carry_the_names_of_the_files(say, run, photos):
    result = say("predict", run, photos)
    table = pl.read_csv(io.StringIO(result.stdout))
    names = sorted(path.relative_to(photos).as_posix() for path in photos.rglob("*.png"))
    assert table["file"].to_list() == names
    assert table["prediction"].to_list() == nw.load(run).predict(photos).tolist()
    one = pl.read_csv(io.StringIO(say("predict", run, photos / "down" / "05.png").stdout))
    assert one["file"].to_list() == ["05.png"]
    row = table.filter(pl.col("file") == "down/05.png")
    np.testing.assert_allclose(one["p_down"], row["p_down"], rtol=1e-5)


def test_a_labelled_folder_judges(say, run, photos):
    result = say("evaluate", run, photos)
    assert result.exit_code == 0, result.stderr
    assert "photos, 72 rows" in result.stdout
    assert "The test set was opened for the first time" in say("evaluate", run).stdout


@pytest.mark.parametrize("command", ["xray", "report", "diagnose"])
def test_other_commands_read_the_folder_again(say, run, command):
    words = ("--budget", "1s") if command == "diagnose" else ()
    result = say(command, run, *words)
    assert (result.exit_code, result.stderr) == (0, "")


def test_a_table_that_names_the_files(say, photos, tmp_path):
    files = sorted(photos.rglob("*.png"))
    frame = pl.DataFrame(
        {"photo": [str(file) for file in files], "kind": [file.parent.name for file in files]}
    )
    frame.write_csv(tmp_path / "labels.csv")
    words = ("--target", "kind", "--image", "photo", "--out", tmp_path / "run", *QUICK)
    result = say("fit", tmp_path / "labels.csv", *words)
    assert result.exit_code == 0, result.stderr
    table = pl.read_csv(io.StringIO(say("predict", tmp_path / "run", tmp_path / "labels.csv").stdout))
    assert table["file"].to_list() == frame["photo"].to_list()
    assert say("evaluate", tmp_path / "run", tmp_path / "labels.csv").exit_code == 0


def test_damaged_images_are_left_out_on_request(say, run, photos, tmp_path):
    bad = tmp_path / "more" / "plain"
    bad.mkdir(parents=True)
    (bad / "a.png").write_text("no image\n")
    (bad / "b.png").write_bytes((photos / "plain" / "00.png").read_bytes())
    refused = say("predict", run, tmp_path / "more")
    assert refused.exit_code == 1
    assert "1 of 2 images cannot be read: plain/a.png is text, no image" in refused.stderr
    assert "--skip-corrupt" in refused.stderr
    for command in ("predict", "evaluate"):
        assert say(command, run, tmp_path / "more", "--skip-corrupt").exit_code == 0


def test_a_folder_takes_no_target(say, photos, tmp_path):
    result = say("fit", photos, "--target", "class", "--out", tmp_path / "run")
    assert result.exit_code == 1
    assert "leave out target=, --target" in result.stderr


def test_a_table_is_no_image(say, run, tmp_path):
    (tmp_path / "rows.csv").write_text("a,b\n1,2\n")
    result = say("predict", run, tmp_path / "rows.csv")
    assert result.exit_code == 1
    assert "expected images as in training" in result.stderr
