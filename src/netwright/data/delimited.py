"""CSV and TSV, read strictly: a row that is too short or too long is an error with its line number."""

import csv
import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

import polars as pl
import pyarrow as pa
import pyarrow.csv

from netwright.core.errors import DataError

HEAD_BYTES = 1 << 16
BLOCK_BYTES = 1 << 24


def read_delimited(path: Path, encoding: str = "utf-8") -> pl.DataFrame:
    """Return every cell of a CSV or TSV file as text; ``.gz`` is decompressed, a byte-order mark is skipped.

    The separator is a tab for ``.tsv``, otherwise a comma unless the header has more semicolons or tabs.

    Raises:
      DataError: no rows, a ragged row, two columns of one name, another encoding, or not text at all.
    """
    _check_head(path, encoding)
    separator, header = _header(path, encoding)
    names = _names(header, path)
    try:
        table = pyarrow.csv.read_csv(
            path,
            read_options=pyarrow.csv.ReadOptions(
                column_names=names,
                skip_rows=_header_lines(path, encoding),
                block_size=BLOCK_BYTES,
                encoding=encoding,
            ),
            parse_options=pyarrow.csv.ParseOptions(delimiter=separator, newlines_in_values=True),
            convert_options=pyarrow.csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string())),
        )
    except (pa.ArrowException, OSError, UnicodeError) as error:
        _explain(path, encoding, separator, len(names))
        raise DataError(f"{path}: cannot be read as a table: {' '.join(str(error).split())[:200]}") from None
    if len(table) == 0:
        raise DataError(f"{path}: has a header but no rows, expected at least one row below it")
    return pl.DataFrame(pl.from_arrow(table))


def line_of(path: Path, row: int, encoding: str = "utf-8") -> int:
    """Return the line number, from 1, on which data row ``row`` (from 0) ends."""
    with open_text(path, encoding) as file:
        reader = csv.reader(file, delimiter=_header(path, encoding)[0])
        filled = (reader.line_num for cells in reader if cells)
        return next(line for i, line in enumerate(filled) if i == row + 1)


def open_text(path: Path, encoding: str) -> TextIO:
    """Open a plain or gzipped text file; a byte-order mark is skipped."""
    encoding = "utf-8-sig" if encoding.lower().replace("_", "-") in ("utf-8", "utf8") else encoding
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding=encoding, newline="")
    return open(path, encoding=encoding, newline="")


def _check_head(path: Path, encoding: str) -> None:
    opened = gzip.open(path) if path.suffix == ".gz" else open(path, "rb")
    try:
        with opened as file:
            head = file.read(HEAD_BYTES)
    except (OSError, EOFError) as error:
        raise DataError(f"{path}: cannot be read: {error}") from None
    if not head.strip():
        raise DataError(f"{path}: is empty, expected a header line and rows")
    if head[:2] in (b"\xff\xfe", b"\xfe\xff") and encoding == "utf-8":
        raise DataError(
            f"{path}: is UTF-16 text, expected UTF-8: read it with encoding='utf-16' (--encoding utf-16)"
        )
    if b"\0" in head and not encoding.lower().startswith(("utf-16", "utf-32")):
        raise DataError(
            f"{path}: is binary (byte 0 at position {head.index(0)}), expected text: rename it after its real format "
            "(.parquet, .arrow, .feather) or export it as CSV"
        )


def _header(path: Path, encoding: str) -> tuple[str, list[str]]:
    try:
        with open_text(path, encoding) as file:
            line = next((line for line in file if line.strip()), "")
    except (UnicodeError, LookupError):
        _explain_encoding(path, encoding)
        raise
    separator = "\t" if path.name.removesuffix(".gz").endswith(".tsv") else max(",;\t", key=line.count)
    with open_text(path, encoding) as file:
        header = next(cells for cells in csv.reader(file, delimiter=separator) if cells)
    return separator, header


def _header_lines(path: Path, encoding: str) -> int:
    """Return how many lines the header takes, blank lines before it included."""
    separator = _header(path, encoding)[0]
    with open_text(path, encoding) as file:
        reader = csv.reader(file, delimiter=separator)
        next(cells for cells in reader if cells)
        return reader.line_num


def _names(header: list[str], path: Path) -> list[str]:
    names = [name.strip() or f"column {i + 1}" for i, name in enumerate(header)]
    for name in names:
        if names.count(name) > 1:
            raise DataError(
                f"{path}: column name '{name}' occurs {names.count(name)} times; rename all but one"
            )
    return names


def _explain(path: Path, encoding: str, separator: str, width: int) -> None:
    """Raise the DataError that names the line at fault, if the standard reader can tell it."""
    try:
        for line, cells in _lines(path, encoding, separator):
            if cells and len(cells) != width:
                raise DataError(
                    f"{path}: line {line} has {len(cells)} cells, expected {width} as in the header; "
                    "correct that line (a cell that holds the separator needs quotes)"
                )
    except UnicodeError:
        _explain_encoding(path, encoding)
    except csv.Error as error:
        raise DataError(f"{path}: cannot be read as a table: {error}") from None


def _lines(path: Path, encoding: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    with open_text(path, encoding) as file:
        reader = csv.reader(file, delimiter=separator)
        for cells in reader:
            yield reader.line_num, cells


def _explain_encoding(path: Path, encoding: str) -> None:
    opened = gzip.open(path) if path.suffix == ".gz" else open(path, "rb")
    with opened as file:
        for number, line in enumerate(file, start=1):
            try:
                line.decode(encoding)
            except UnicodeDecodeError as error:
                other = "latin-1" if encoding != "latin-1" else "utf-8"
                raise DataError(
                    f"{path}: line {number} is not {encoding} (byte 0x{line[error.start]:02x}); "
                    f"read it with encoding='{other}' (--encoding {other}) or convert the file to UTF-8"
                ) from None
            except LookupError:
                raise DataError(
                    f"{path}: encoding '{encoding}' is not known, try 'utf-8' or 'latin-1'"
                ) from None
