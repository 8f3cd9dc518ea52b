import gzip
import io
import json
import os
from pathlib import Path

import polars as pl
import pytest

from netwright.core.errors import DataError
from netwright.data.files import read_rows
from netwright.data.read import read

FRAME = pl.DataFrame({"age": [39, 50, None], "job": ["clerk", None, "cook"]})


def test_every_format_gives_the_same_table(tmp_path):
    FRAME.write_parquet(tmp_path / "t.parquet")
    FRAME.write_ipc(tmp_path / "t.arrow")
    FRAME.write_ipc(tmp_path / "t.feather", compression="zstd")
    FRAME.write_ndjson(tmp_path / "t.jsonl")
    for name in ("t.parquet", "t.arrow", "t.feather", "t.jsonl"):
        assert read_rows(tmp_path / name).equals(FRAME), name


def test_rows_to_predict_keep_their_order(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("a\n3\n1\n2\n")
    assert read_rows(path)["a"].to_list() == ["3", "1", "2"]


def test_a_key_that_some_json_lines_lack_is_missing_there(tmp_path):
    path = tmp_path / "t.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in ({"a": 1}, {"a": 2, "b": "x"})))
    assert read_rows(path)["b"].to_list() == [None, "x"]


def test_mixed_types_in_json_lines_are_read_as_text(tmp_path):
    path = tmp_path / "t.jsonl"
    path.write_text('{"a": 1, "b": 1}\n\n{"a": "x"}\n{"a": [2], "b": 2.5}\n')
    assert read_rows(path).to_dict(as_series=False) == {"a": ["1", "x", "[2]"], "b": [1, None, 2.5]}


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("t.parquet", b"no parquet at all", "is not a Parquet file"),
        ("t.parquet", b"ARROW1\0\0" + b"\0" * 50, "is not a Parquet file \\(it looks like Arrow"),
        ("t.arrow", b"PAR1" + b"\0" * 50, "is not an Arrow .* file \\(it looks like Parquet"),
        ("t.jsonl", b'{"a": 1}\n{"a": \n', "line 2 is not JSON"),
        ("t.jsonl", b'{"a": 1}\n[2]\n', "line 2 is not a JSON object"),
        ("t.parquet", b"", "is empty, expected a table"),
        ("t.xlsx", b"PK", "files ending in '.xlsx' are not read, expected one of .csv"),
    ],
)
def test_files_that_are_refused(tmp_path, name, content, message):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(DataError, match=f"{name}: {message}"):
        read_rows(path)


def test_a_parquet_file_without_rows(tmp_path):
    FRAME.clear().write_parquet(tmp_path / "t.parquet")
    with pytest.raises(DataError, match="has no rows, expected at least one"):
        read_rows(tmp_path / "t.parquet")


def test_paths_that_are_no_files(tmp_path):
    (tmp_path / "adult.csv").write_text("a\n1\n")
    with pytest.raises(DataError, match=r"adlut.csv: no such file; did you mean 'adult.csv'"):
        read_rows(tmp_path / "adlut.csv")
    with pytest.raises(DataError, match="is a directory, expected a table file"):
        read_rows(tmp_path)
    with pytest.raises(DataError, match=r"no such file: the folder .* does not exist"):
        read_rows(tmp_path / "nowhere" / "t.csv")


@pytest.mark.parametrize("ending", ["csv", "csv.gz", "parquet", "arrow", "jsonl"])
def test_a_name_that_is_not_utf8(tmp_path, ending):
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9." + ending.encode()))
    frame = pl.DataFrame({"a": ["x", "y"] * 9, "b": [str(i % 5) for i in range(18)]})
    content = io.BytesIO()
    write = {"parquet": frame.write_parquet, "arrow": frame.write_ipc, "jsonl": frame.write_ndjson}
    write.get(ending, frame.write_csv)(content)
    whole = content.getvalue()
    try:
        path.write_bytes(gzip.compress(whole) if ending == "csv.gz" else whole)
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    assert read_rows(path).equals(frame)
    assert read(path, "a").name == "caf\\udce9"
    with pytest.raises(DataError, match=r"caf\\udce9.*no column 'c'"):
        read(path, "c")
