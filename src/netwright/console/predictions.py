"""Predictions as tables, one row for each row of the data."""

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import polars as pl
import pyarrow.parquet

from netwright.console.sources import identifier_of
from netwright.core import atomic
from netwright.core.errors import DataError
from netwright.data.places import RowError
from netwright.train.predictor import Predictor


def tables(
    predictor: Predictor, blocks: Iterable[Any], source: str, record: Mapping[str, Any], threshold: float
) -> Iterator[pl.DataFrame]:
    """Yield :func:`table` of each block of features; only one of them is in memory at a time.

    Raises:
      DataError: the features are not as in training; it names the row of the whole source.
    """
    before = 0
    for features in blocks:
        try:
            found = table(predictor, features, source, identifier_of(features, record, before), threshold)
        except RowError as error:
            raise error.at(before + error.row) from None
        before += len(found)
        yield found


def table(
    predictor: Predictor, features: Any, source: str, names: pl.Series, threshold: float
) -> pl.DataFrame:
    """Return the rows' names, ``prediction`` and, for classes, ``p_<class>``, in the order of ``features``.

    A hinge loss gives scores and no probabilities; its table has none. Of several targets each has these columns, as
    ``prediction.income``.
    """
    outputs = predictor.outputs(features, source)
    if predictor.task == "multitask":
        columns = [names]
        for target, part, own in predictor.apart(outputs):
            columns += [column.alias(f"{column.name}.{target}") for column in _said(part, own, threshold)]
    else:
        columns = [names, *_said(predictor, outputs, threshold)]
    if names.name in [column.name for column in columns[1:]]:
        columns[0] = names.alias("row")
    return pl.DataFrame(columns)


def _said(predictor: Predictor, outputs: np.ndarray, threshold: float) -> list[pl.Series]:
    """Return ``prediction`` and, for classes, ``p_<class>``."""
    columns = [pl.Series("prediction", predictor.labels(outputs, threshold))]
    if predictor.task != "regression" and predictor.loss != "hinge":
        probabilities = predictor.probabilities(outputs)
        classes: Any = predictor.target.classes
        columns += [pl.Series(f"p_{label}", probabilities[:, k]) for k, label in enumerate(classes)]
    return columns


def write(tables: Iterator[pl.DataFrame], output: Path | None) -> None:
    """Write tables one below the other, as CSV or Parquet by the file's ending; without a file, as CSV on stdout.

    The file is there only when all of it is.

    Raises:
      DataError: the file cannot be written.
    """
    if output is None:
        for place, table in enumerate(tables):
            sys.stdout.write(table.write_csv(include_header=place == 0))
        return
    try:
        with atomic.opened(output) as file:
            WRITERS[output.suffix.lower()](tables, file)
    except OSError as error:
        raise DataError(f"{output}: cannot be written ({error.strerror or error})") from None


def _write_csv(tables: Iterator[pl.DataFrame], file: BinaryIO) -> None:
    for place, table in enumerate(tables):
        table.write_csv(file, include_header=place == 0)


def _write_parquet(tables: Iterator[pl.DataFrame], file: BinaryIO) -> None:
    rows = (table.to_arrow(compat_level=pl.CompatLevel.oldest()) for table in tables)
    first = next(rows)
    with pyarrow.parquet.ParquetWriter(file, first.schema) as writer:
        writer.write_table(first)
        for more in rows:
            writer.write_table(more.cast(first.schema))


WRITERS: dict[str, Callable[[Iterator[pl.DataFrame], BinaryIO], None]] = {
    ".csv": _write_csv,
    ".parquet": _write_parquet,
}
