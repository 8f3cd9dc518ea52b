"""CSV and TSV, read strictly: a row that is too short or too long is an error with its line number."""

import csv
import gzip
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, NoReturn, TextIO, cast

import polars as pl
import pyarrow as pa
import pyarrow.csv

from netwright.core.errors import DataError

HEAD_BYTES = 1 << 16
BLOCK_BYTES = 1 << 24
STREAM_BYTES = 1 << 22
"""Of a block when only some blocks are to be in memory; PyArrow reads several ahead."""
NO_ROWS = "has a header but no rows, expected at least one row below it"
ENDINGS = (".csv", ".tsv", ".txt", ".csv.gz", ".tsv.gz", ".txt.gz")
UNREADABLE = (pa.ArrowException, OSError, EOFError, UnicodeError, LookupError, csv.Error)


@dataclass(frozen=True)
class Header:
    """The first line that is not blank: column names, the separator, and how many lines end with it."""

    names: list[str]
    separator: str
    lines: int


def is_delimited(path: Path) -> bool:
    """Return whether the file's ending says CSV or TSV."""
    return path.name.lower().endswith(ENDINGS)


def read_delimited(path: Path, encoding: str = "utf-8") -> pl.DataFrame:
    """Return every cell of a CSV or TSV file as text; ``.gz`` is decompressed, a byte-order mark is skipped.

    The separator is a tab for ``.tsv``, otherwise a comma unless the header has more semicolons or tabs.

    Raises:
      DataError: no rows, a ragged row, two columns of one name, another encoding, or not text at all.
    """
    _check_head(path, encoding)
    try:
        with _source(path, encoding, BLOCK_BYTES) as (stream, options):
            table = pyarrow.csv.read_csv(stream, **options)
    except UNREADABLE as error:
        _explain(path, encoding, error)
    if len(table) == 0:
        raise DataError(f"{path}: {NO_ROWS}")
    return pl.DataFrame(pl.from_arrow(table))


def stream_delimited(path: Path, encoding: str = "utf-8") -> Iterator[pl.DataFrame]:
    """Yield what :func:`read_delimited` returns, some rows at a time.

    Raises:
      DataError: as :func:`read_delimited`, once the reader has come to the line at fault.
    """
    _check_head(path, encoding)
    empty = True
    try:
        with _source(path, encoding, STREAM_BYTES) as (stream, options):
            for batch in pyarrow.csv.open_csv(stream, **options):
                empty = empty and len(batch) == 0
                yield pl.DataFrame(pl.from_arrow(batch))
    except UNREADABLE as error:
        _explain(path, encoding, error)
    if empty:
        raise DataError(f"{path}: {NO_ROWS}")


def line_of(path: Path, row: int, encoding: str = "utf-8") -> int:
    """Return the line number, from 1, on which data row ``row`` (from 0) ends."""
    separator = _header(path, encoding).separator
    filled = (line for line, cells in _rows(path, encoding, separator) if cells)
    return next(line for i, line in enumerate(filled) if i == row + 1)


def open_text(path: Path, encoding: str) -> TextIO:
    """Open a plain or gzipped text file; a byte-order mark is skipped."""
    encoding = "utf-8-sig" if encoding.lower() in ("utf-8", "utf8") else encoding
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding=encoding, newline="")
    return open(path, encoding=encoding, newline="")


@contextmanager
def _source(path: Path, encoding: str, block: int) -> Generator[tuple[Any, dict[str, Any]]]:
    """Open a file for PyArrow, and say how it is to be read: every cell as text."""
    header = _header(path, encoding)
    options = {
        "read_options": pyarrow.csv.ReadOptions(
            column_names=header.names, skip_rows=header.lines, block_size=block, encoding=encoding
        ),
        "parse_options": pyarrow.csv.ParseOptions(delimiter=header.separator, newlines_in_values=True),
        "convert_options": pyarrow.csv.ConvertOptions(
            column_types=dict.fromkeys(header.names, pa.string()), strings_can_be_null=False
        ),
    }
    compression = "gzip" if path.suffix == ".gz" else None
    with _opened(path) as file, pa.input_stream(file, compression) as stream:
        yield stream, options


def _opened(path: Path) -> Any:
    """Open a file by PyArrow: its threads read ahead, and in a file of Python's abort a process that ends meanwhile."""
    try:
        return pa.OSFile(str(path).encode())
    except UnicodeError:  # PyArrow takes no path whose name is not UTF-8
        return open(path, "rb")


def _open_bytes(path: Path) -> BinaryIO:
    return cast(BinaryIO, gzip.open(path)) if path.suffix == ".gz" else open(path, "rb")


def _check_head(path: Path, encoding: str) -> None:
    try:
        with _open_bytes(path) as file:
            head = file.read(HEAD_BYTES)
    except (OSError, EOFError) as error:
        raise DataError(f"{path}: cannot be read: {error}") from None
    wide = encoding.lower().startswith(("utf-16", "utf-32"))
    if not head.removeprefix(b"\xef\xbb\xbf").strip():
        raise DataError(f"{path}: is empty, expected a header line and rows")
    if head[:2] in (b"\xff\xfe", b"\xfe\xff") and not wide:
        raise DataError(f"{path}: is UTF-16, not UTF-8; read it with encoding='utf-16' (--encoding utf-16)")
    if b"\0" in head and not wide:
        raise DataError(
            f"{path}: is binary (byte 0 at {head.index(0)}), expected text; rename it after its real "
            "format (.parquet, .arrow, .feather) or export it as CSV"
        )


def _header(path: Path, encoding: str) -> Header:
    with open_text(path, encoding) as file:
        line = next(line for line in file if line.strip())
    tabs = path.name.lower().removesuffix(".gz").endswith(".tsv")
    separator = "\t" if tabs else max(",;\t", key=line.count)
    lines, cells = next((lines, cells) for lines, cells in _rows(path, encoding, separator) if cells)
    names = [name.strip() or f"column {i + 1}" for i, name in enumerate(cells)]
    for name in names:
        if names.count(name) > 1:
            raise DataError(
                f"{path}: column name '{name}' occurs {names.count(name)} times; rename all but one"
            )
    return Header(names, separator, lines)


def _rows(path: Path, encoding: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the line on which each row ends, and its cells; none for a blank line."""
    with open_text(path, encoding) as file:
        reader = csv.reader(file, delimiter=separator)
        for cells in reader:
            yield reader.line_num, cells


def _explain(path: Path, encoding: str, error: Exception) -> NoReturn:
    """Raise the DataError that names the line at fault, or else what the reader said."""
    try:
        header = _header(path, encoding)
        width, line = len(header.names), header.lines
        for line, cells in _rows(path, encoding, header.separator):
            if cells and len(cells) != width:
                raise DataError(
                    f"{path}: line {line} has {len(cells)} cells, expected {width} as in the header; correct "
                    "that line (a cell that holds the separator needs quotes)"
                )
        if line == header.lines:
            raise DataError(f"{path}: {NO_ROWS}")
    except UnicodeError:
        _explain_encoding(path, encoding)
    except LookupError:
        raise DataError(f"{path}: encoding '{encoding}' is not known; try 'utf-8' or 'latin-1'") from None
    except (csv.Error, OSError, EOFError) as found:
        error = found
    raise DataError(f"{path}: cannot be read as a table: {' '.join(str(error).split())[:160]}") from None


def _explain_encoding(path: Path, encoding: str) -> NoReturn:
    other = "latin-1" if encoding.lower() in ("utf-8", "utf8") else "utf-8"
    mend = f"read it with encoding='{other}' (--encoding {other}) or convert the file to UTF-8"
    with _open_bytes(path) as file:
        for number, line in enumerate(file, start=1):
            try:
                line.decode(encoding)
            except UnicodeDecodeError as error:
                byte = line[error.start]
                raise DataError(f"{path}: line {number} is not {encoding} (0x{byte:02x}); {mend}") from None
    raise DataError(f"{path}: is not {encoding}; {mend}")
