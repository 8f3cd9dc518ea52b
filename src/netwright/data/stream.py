"""Tables a block of rows at a time: a file of any length in the memory of a few blocks."""

from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet

from netwright.core.errors import DataError
from netwright.data.delimited import stream_delimited
from netwright.data.files import checked_ending, damaged, read_rows

ROWS = 1 << 16


def read_blocks(path: str | Path, encoding: str = "utf-8") -> Iterator[pl.DataFrame]:
    """Yield the rows of a table file in their order, at most ``ROWS`` at a time.

    JSON lines come as one block: a line may lack any key, so what columns there are is known at the end only.

    Raises:
      DataError: as :func:`~netwright.data.files.read_rows`, once the reader has come to the fault.
    """
    path = Path(path)
    ending = checked_ending(path)
    if ending not in STREAMS:
        yield read_rows(path, encoding)
        return
    empty = True
    for part in STREAMS[ending](path, encoding):
        for start in range(0, len(part), ROWS):
            empty = False
            yield part[start : start + ROWS]
    if empty:
        raise DataError(f"{path}: has no rows, expected at least one")


def _parquet(path: Path, encoding: str) -> Iterator[pl.DataFrame]:
    del encoding
    try:
        with open(path, "rb") as file:
            for batch in pyarrow.parquet.ParquetFile(file).iter_batches(ROWS):
                yield pl.DataFrame(pl.from_arrow(batch))
    except (pa.ArrowException, OSError) as error:
        raise damaged(path, "a Parquet", error) from None


def _arrow(path: Path, encoding: str) -> Iterator[pl.DataFrame]:
    del encoding
    try:
        with open(path, "rb") as file, pa.ipc.open_file(file) as reader:
            for place in range(reader.num_record_batches):
                yield pl.DataFrame(pl.from_arrow(reader.get_batch(place)))
    except (pa.ArrowException, OSError) as error:
        raise damaged(path, "an Arrow (Feather version 2)", error) from None


STREAMS: dict[str, Callable[[Path, str], Iterator[pl.DataFrame]]] = {
    **dict.fromkeys((".csv", ".csv.gz", ".tsv", ".tsv.gz", ".txt"), stream_delimited),
    ".parquet": _parquet,
    **dict.fromkeys((".arrow", ".feather"), _arrow),
}
