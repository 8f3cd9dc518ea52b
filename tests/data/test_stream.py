import numpy as np
import polars as pl
import pytest

from netwright.core.errors import DataError
from netwright.data import delimited, stream
from netwright.data.files import read_rows
from netwright.data.stream import read_blocks

FRAME = pl.DataFrame({"age": range(1000), "city": ["Rome", "Oslo", None, "Łódź"] * 250})


@pytest.fixture
def small_blocks(monkeypatch):
    monkeypatch.setattr(stream, "ROWS", 64)
    monkeypatch.setattr(delimited, "STREAM_BYTES", 1 << 10)


@pytest.mark.parametrize("ending", ["csv", "tsv", "parquet", "arrow", "jsonl"])
def test_blocks_are_the_rows_of_the_file(small_blocks, tmp_path, ending):
    path = tmp_path / f"table.{ending}"
    if ending in ("csv", "tsv"):
        FRAME.write_csv(path, separator="," if ending == "csv" else "\t")
    else:
        {"parquet": FRAME.write_parquet, "arrow": FRAME.write_ipc, "jsonl": FRAME.write_ndjson}[ending](path)
    parts = list(read_blocks(path))
    assert pl.concat(parts).equals(read_rows(path))
    if ending != "jsonl":
        assert len(parts) > 10
        assert max(map(len, parts)) <= 64


def test_a_fault_is_told_when_the_reader_comes_to_it(small_blocks, tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("age,city\n" + "1,Rome\n" * 1000 + "1,Rome,3\n")
    blocks = read_blocks(path)
    assert len(next(blocks)) > 0
    with pytest.raises(DataError, match="line 1002 has 3 cells, expected 2"):
        list(blocks)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("empty.csv", b"age\n", "has a header but no rows"),
        ("table.parquet", b"PAR1 and no more", "is not a Parquet file"),
        ("table.arrow", b"no arrow", r"is not an Arrow \(Feather version 2\) file"),
        ("table.xlsx", b"PK", "files ending in '.xlsx' are not read"),
    ],
)
def test_files_that_are_refused(tmp_path, name, content, message):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(DataError, match=message):
        list(read_blocks(path))


def test_a_parquet_file_without_rows(tmp_path):
    FRAME.clear().write_parquet(tmp_path / "table.parquet")
    with pytest.raises(DataError, match="has no rows"):
        list(read_blocks(tmp_path / "table.parquet"))


def test_columns_of_other_types_in_blocks(small_blocks, tmp_path):
    frame = pl.DataFrame({"x": np.arange(200.0), "k": pl.Series(["a", "b"] * 100, dtype=pl.Categorical)})
    frame.write_parquet(tmp_path / "table.parquet")
    parts = list(read_blocks(tmp_path / "table.parquet"))
    joined = pl.concat([part.with_columns(pl.col("k").cast(pl.String)) for part in parts])
    assert joined.equals(frame.with_columns(pl.col("k").cast(pl.String)))
