import numpy as np
import pytest

import netwright as nw
from netwright.core.errors import DataError
from netwright.data.origin import reopen

HEAD = (
    "# a comment\n@problemName toy\n@timeStamps false\n@univariate false\n@dimensions 2\n"
    "@classLabel true up down\n@data\n"
)
LINES = ["1,2,3:4,5,6:up", "1,?:0,0:down"] * 8
TRAIN = HEAD + "\n".join(LINES) + "\n"


def write(folder, content, name="toy_TRAIN.ts"):
    (folder / name).write_text(content)
    return folder / name


def test_channels_labels_and_gaps_are_read(tmp_path):
    ds = nw.read(write(tmp_path, TRAIN))
    assert (ds.task, len(ds), ds.labels.classes) == ("binary", 16, ["down", "up"])
    assert ds.labels.labels(np.arange(2)).tolist() == ["up", "down"]
    np.testing.assert_array_equal(ds.features.content[0], [[1, 4], [2, 5], [3, 6]])
    np.testing.assert_array_equal(ds.features.content[1], [[1, 0], [np.nan, 0]])


def test_the_test_file_beside_becomes_the_test_rows_and_the_origin_opens_both_again(tmp_path):
    path = write(tmp_path, TRAIN)
    write(tmp_path, HEAD + "7,8:7,8:up\n", "toy_TEST.ts")
    ds = nw.read(path)
    assert ds.given["test"].tolist() == [16]
    assert ds.notes == ("test rows: the 1 of toy_TEST.ts beside it",)
    assert reopen(ds.origin).fingerprint == ds.fingerprint
    assert len(nw.read(write(tmp_path, TRAIN, "alone.ts"))) == 16


def test_numbers_to_predict(tmp_path):
    lines = "\n".join(f"{i},{i + 1}:{i / 2}" for i in range(30))
    ds = nw.read(write(tmp_path, f"@univariate true\n@targetLabel true\n@data\n{lines}\n"))
    assert (ds.task, ds.labels.values[3]) == ("regression", 1.5)


@pytest.mark.parametrize(
    ("content", "match"),
    [
        (HEAD + "1,2:3,4:up\n1,2:3:up\n", "line 9 has 1 values in channel 2, expected 2 as in its first"),
        (HEAD + "1,2:up\n", "line 8 has 1 channels, expected 2 as in the header"),
        (HEAD + "1,x:3,4:up\n", "line 8 holds 'x', expected numbers with commas between"),
        (HEAD + "1,2:3,4:sideways\n", "line 8 ends with the label 'sideways', expected one of up, down"),
        (HEAD, "no sequence stands below @data"),
        ("1,2,3:up\n", "line 1 is '1,2,3:up', expected a header line"),
        ("@univariate true\n", "no @data line"),
        (HEAD.replace("@timeStamps false", "@timeStamps true"), "@timeStamps is true"),
        (HEAD.replace("@classLabel true up down", "@classLabel false") + "1:2\n", "has no labels to learn"),
    ],
)
def test_damage_is_told_with_its_line(tmp_path, content, match):
    path = write(tmp_path, content)
    with pytest.raises(DataError, match=match) as error:
        nw.read(path)
    assert str(path) in str(error.value)
    assert len(str(error.value).splitlines()) <= 2


def test_encoding_and_words_of_tables_are_refused(tmp_path):
    (tmp_path / "a.ts").write_bytes(TRAIN.replace("comment", "café").encode("latin-1"))
    with pytest.raises(DataError, match=r"is not utf-8 text \(byte 0xe9"):
        nw.read(tmp_path / "a.ts")
    assert len(nw.read(tmp_path / "a.ts", encoding="latin-1")) == 16
    with pytest.raises(DataError, match="leave out target=, --target"):
        nw.read(write(tmp_path, TRAIN), target="class")
