"""Every item of the issue's list of bad input: one or two lines that name the place and the mend."""

import numpy as np
import polars as pl
import pytest

import netwright as nw
from netwright.core.errors import DataError
from netwright.data.files import read_rows

ROWS = 40
GOOD = "age,job,income\n" + "".join(
    f"{20 + i % 9},{'cook' if i % 3 else 'clerk'},{'high' if i % 2 else 'low'}\n" for i in range(ROWS)
)


def refused(match, action):
    with pytest.raises(DataError, match=match) as error:
        action()
    assert 1 <= len(str(error.value).splitlines()) <= 2
    assert len(str(error.value)) < 400


def read(tmp_path, content, target="income", name="adult.csv", **options):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return nw.read(path, target=target, **options)


@pytest.mark.parametrize(
    ("content", "match"),
    [
        pytest.param("", "adult.csv: is empty", id="empty file"),
        pytest.param("age,job,income\n", "has a header but no rows", id="header only"),
        pytest.param(GOOD + "30,cook\n", "line 42 has 2 cells, expected 3", id="ragged row"),
        pytest.param(
            GOOD.replace("income", "incomes", 1), "no column 'income'; did you mean 'incomes'", id="target"
        ),
        pytest.param(GOOD.replace("high", "low"), "one class only, 'low' in all 40 rows", id="one class"),
        pytest.param(
            GOOD.replace("age,", "job,", 1), "column name 'job' occurs 2 times", id="duplicate names"
        ),
        pytest.param(
            GOOD.replace("cook", "?").replace("clerk", "NA"),
            "column 'job' is missing in every row; leave it out: --drop job",
            id="all-missing column",
        ),
        pytest.param(bytes(range(256)) * 40, "is binary", id="binary junk"),
        pytest.param(
            GOOD.replace("low", "?").replace("high", ""),
            "0 rows are left: target 'income' is missing",
            id="0 rows",
        ),
        pytest.param(
            GOOD.replace("clerk", "café", 1).encode("latin-1"),
            r"line 2 is not utf-8 \(0xe9\); read it with encoding='latin-1'",
            id="wrong encoding",
        ),
    ],
)
def test_files(tmp_path, content, match):
    refused(match, lambda: read(tmp_path, content))


def test_no_such_file_and_a_directory(tmp_path):
    refused("adult.csv: no such file", lambda: nw.read(tmp_path / "adult.csv", target="income"))
    refused(
        "no image is in this folder; expected one sub-folder a class",
        lambda: nw.read(tmp_path, target="income"),
    )


def test_a_class_with_one_member_when_stratifying(tmp_path):
    ds = read(tmp_path, GOOD + "30,cook,middle\n")
    refused(
        "adult: class 'middle' of target 'income' has 1 row; a stratified split needs at least 2",
        lambda: ds.prepare(nw.DataControls(), embeddings=False),
    )
    everything = nw.DataControls(dev_fraction=0, test_fraction=0)
    assert len(ds.prepare(everything, embeddings=False).train) == 41


def test_non_finite_targets():
    frame = pl.DataFrame({"x": np.arange(30.0) % 7, "y": [*np.linspace(0, 1, 29), np.inf]})
    refused(r"target 'y' is inf in row 30 \(counted from 1\)", lambda: nw.read(frame, "y"))


def test_rows_that_do_not_fit_at_predict_time(tmp_path):
    encoder = read(tmp_path, GOOD).prepare(nw.DataControls(), embeddings=False).encoder

    def predict(content):
        path = tmp_path / "new.csv"
        path.write_text(content)
        return encoder.transform(read_rows(path), source=str(path))

    assert predict("job,age\ncook,30\n?,\n").shape == (2, encoder.n_in)
    refused(
        "new.csv: found 'old' in row 2 .*column 'age'; expected numbers",
        lambda: predict("age,job\n1,a\nold,b\n"),
    )
    refused("new.csv: column 'job' is missing", lambda: predict("age\n1\n"))
    refused("new.csv: column 'pay' was not there in training", lambda: predict("age,job,pay\n1,a,2\n"))
    refused("new.csv: found '2024-01-01' in row 1", lambda: predict("age,job\n2024-01-01,a\n"))


def test_wrong_dtype(tmp_path):
    encoder = read(tmp_path, GOOD).prepare(nw.DataControls(), embeddings=False).encoder
    frame = pl.DataFrame({"age": [[1, 2]], "job": ["cook"]})
    refused("column 'age' holds List.* values, expected numbers", lambda: encoder.transform(frame))


def test_labels_never_seen(tmp_path):
    target = read(tmp_path, GOOD).prepare(nw.DataControls(), embeddings=False).target
    refused(
        r"new.csv: label 'hgh' in row 2 \(counted from 1\) was never seen in training; did you mean 'high'",
        lambda: target.encode(pl.Series(["low", "hgh"]), source="new.csv"),
    )
