"""Tables from files: the format follows from the name's ending."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl

from netwright.core.errors import DataError
from netwright.core.names import listed, nearest
from netwright.data.delimited import open_text, read_delimited
from netwright.data.frames import series_of

MAGIC = {b"PAR1": "Parquet (.parquet)", b"ARROW1": "Arrow (.arrow or .feather)", b"PK": "a zip or Excel file"}


def read_rows(path: str | Path, encoding: str = "utf-8") -> pl.DataFrame:
    """Return every row of a table file, in its order; text cells of CSV and TSV stay text.

    Raises:
      DataError: no such file, a directory, an unknown ending, an empty or a damaged file; it names the file.
    """
    path = Path(path)
    frame = READERS[checked_ending(path)](path, encoding)
    if len(frame) == 0:
        raise DataError(f"{path}: has no rows, expected at least one")
    return frame


def checked_ending(path: Path) -> str:
    """Return the ending of a table file, such as ".csv.gz".

    Raises:
      DataError: no such file, a directory, an unknown ending or an empty file; it names the file.
    """
    if path.is_dir():
        raise DataError(f"{path}: is a directory, expected a table file: {listed(READERS)}")
    if not path.is_file():
        raise DataError(f"{path}: no such file{_neighbours(path)}")
    ending = "".join(path.suffixes[-2:]).lower() if path.suffix == ".gz" else path.suffix.lower()
    if ending not in READERS:
        raise DataError(f"{path}: files ending in '{ending}' are not read, expected one of {listed(READERS)}")
    if path.stat().st_size == 0:
        raise DataError(f"{path}: is empty, expected a table")
    return ending


def damaged(path: Path, format: str, error: Exception) -> DataError:
    """Return the error of a file that is not of the format its name promises."""
    return DataError(f"{path}: is not {format} file{_magic(path)}: {_short(error)}")


def _parquet(path: Path, encoding: str) -> pl.DataFrame:
    del encoding
    try:
        with open(path, "rb") as file:  # Polars takes no path whose name is not UTF-8
            return pl.read_parquet(file)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise damaged(path, "a Parquet", error) from None


def _arrow(path: Path, encoding: str) -> pl.DataFrame:
    del encoding
    try:
        with open(path, "rb") as file:  # Polars takes no path whose name is not UTF-8
            return pl.read_ipc(file)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise damaged(path, "an Arrow (Feather version 2)", error) from None


def _json_lines(path: Path, encoding: str) -> pl.DataFrame:
    del encoding
    try:
        with open(path, "rb") as file:
            return pl.read_ndjson(file, infer_schema_length=None)
    except pl.exceptions.PolarsError:  # mixed types in a column, or a line that is no JSON object
        rows = _json_rows(path)
        names = dict.fromkeys(name for row in rows for name in row)
        return pl.DataFrame([series_of([row.get(name) for row in rows], name) for name in names])


def _json_rows(path: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    number = 0
    try:
        with open_text(path, "utf-8") as file:
            for number, line in enumerate(file, start=1):
                row = json.loads(line) if line.strip() else {}
                if not isinstance(row, dict):
                    raise DataError(f'{path}: line {number} is not a JSON object such as {{"age": 39}}')
                if row:
                    rows.append(row)
    except json.JSONDecodeError as error:
        place = f"at character {error.pos + 1}"
        raise DataError(f"{path}: line {number} is not JSON: {error.msg} {place}") from None
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: is not UTF-8 text (byte 0x{error.object[error.start]:02x})") from None
    return rows


def _magic(path: Path) -> str:
    with open(path, "rb") as file:
        head = file.read(8)
    found = next((name for magic, name in MAGIC.items() if head.startswith(magic)), None)
    return f" (it looks like {found})" if found else ""


def _neighbours(path: Path) -> str:
    folder = path.parent
    if not folder.is_dir():
        return f": the folder {folder} does not exist"
    return nearest(path.name, [other.name for other in folder.iterdir()])


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:160]


READERS: dict[str, Callable[[Path, str], pl.DataFrame]] = {
    ".csv": read_delimited,
    ".csv.gz": read_delimited,
    ".tsv": read_delimited,
    ".tsv.gz": read_delimited,
    ".txt": read_delimited,
    ".parquet": _parquet,
    ".arrow": _arrow,
    ".feather": _arrow,
    ".jsonl": _json_lines,
    ".ndjson": _json_lines,
}
