"""Predictions as a table, one row for each row of the data."""

import sys
from pathlib import Path
from typing import Any

import polars as pl

from netwright.core.errors import DataError
from netwright.train.predictor import Predictor


def table(
    predictor: Predictor, features: Any, source: str, names: pl.Series, threshold: float
) -> pl.DataFrame:
    """Return the rows' names, ``prediction`` and, for classes, ``p_<class>``, in the order of ``features``.

    A hinge loss gives scores and no probabilities; its table has none.
    """
    outputs = predictor.outputs(features, source)
    columns = [names, pl.Series("prediction", predictor.labels(outputs, threshold))]
    if predictor.target.classes is not None and predictor.loss != "hinge":
        probabilities = predictor.probabilities(outputs)
        columns += [
            pl.Series(f"p_{label}", probabilities[:, k]) for k, label in enumerate(predictor.target.classes)
        ]
    if names.name in [column.name for column in columns[1:]]:
        columns[0] = names.alias("row")
    return pl.DataFrame(columns)


def write(table: pl.DataFrame, output: Path | None) -> None:
    """Write a table as CSV or Parquet by the file's ending; without a file, as CSV on stdout.

    Raises:
      DataError: the file cannot be written.
    """
    if output is None:
        sys.stdout.write(table.write_csv())
        return
    try:
        if output.suffix.lower() == ".parquet":
            table.write_parquet(output)
        else:
            table.write_csv(output)
    except OSError as error:
        raise DataError(f"{output}: cannot be written ({error.strerror or error})") from None
