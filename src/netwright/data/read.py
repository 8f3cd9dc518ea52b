"""From a file or a frame to a data set."""

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from netwright.core.errors import DataError
from netwright.core.names import listed
from netwright.data.coerce import MISSING_LABELS, known_text, plain
from netwright.data.dataset import Dataset
from netwright.data.delimited import is_delimited, line_of
from netwright.data.files import read_rows
from netwright.data.frames import as_frame
from netwright.data.images.open import holds_arrays, open_path
from netwright.data.images.table import read_column
from netwright.data.infer import StrayTextError, spells_codes
from netwright.data.places import instead, printable
from netwright.data.table import Table
from netwright.data.target import Target, check_task, make_target, target_of
from netwright.data.weights import checked_weights

SAMPLE = 1000


def read(
    data: Any,
    target: str | None = None,
    *,
    task: str | None = None,
    name: str | None = None,
    categorical: Collection[str] = (),
    numeric: Collection[str] = (),
    drop: Collection[str] = (),
    weight: str | None = None,
    encoding: str = "utf-8",
    image: str | None = None,
    skip_corrupt: bool = False,
) -> Dataset:
    """Read a table, or images, into a data set.

    Args:
      data: a CSV, TSV, Parquet, Arrow/Feather or JSON-lines file, or a pandas, Polars or PyArrow table; or images:
        a folder with one sub-folder a class (within ``train``, ``dev`` and ``test`` when the parts are given), IDX
        files such as MNIST's, an ``.npz`` archive of X and y, or an ``.npy`` file with its labels beside it.
      target: the column to predict; not for images in folders and arrays, which have their labels.
      task: "binary", "multiclass" or "regression"; by default what the target asks for.
      name: for messages and records; by default the file's name.
      categorical, numeric: columns whose kind is as said, whatever their cells look like.
      drop: columns to leave out.
      weight: the column of sample weights.
      encoding: of a text file, such as "latin-1".
      image: the column of image files, relative to the table's folder; the other columns are no features then.
      skip_corrupt: leave out images that cannot be read, instead of refusing them.

    Raises:
      DataError: the table cannot be read or learned from; it names file, line or row, column and mend.
    """
    path = Path(data) if isinstance(data, str | Path) else None
    origin = None
    if path:
        options = {"categorical": [*categorical], "numeric": [*numeric], "drop": [*drop]}
        origin = {"path": str(path.resolve()), "target": target, "task": task, "name": name}
        origin |= options | {
            "weight": weight,
            "encoding": encoding,
            "image": image,
            "skip_corrupt": skip_corrupt,
        }
    source = printable(str(path)) if path else name or "table"
    name = name or (_name_of(path) if path else source)
    check_task(task, source)
    if path and holds_arrays(path):
        dataset = open_path(path, task=task, name=name, skip_corrupt=skip_corrupt)
        columns = {"target": target, "image": image, "weight": weight, "categorical": categorical}
        _refuse(columns | {"numeric": numeric, "drop": drop}, source)
        dataset.origin = origin
        return dataset
    frame = read_rows(path, encoding) if path else as_frame(data, source)
    if target is None:
        raise DataError(f"{source}: which column is the target (--target)? Columns: {listed(frame.columns)}.")
    named = [column for column in (weight, image) if column]
    _check_named(frame, [*categorical, *numeric, *drop, *named], source)
    frame, left_out = with_target(frame, target, source)
    others = (target, *([weight] if weight else []), *drop)
    notes = (f"{len(left_out):,} rows without a target were left out",) if len(left_out) else ()
    rows = np.delete(np.arange(len(frame) + len(left_out)), left_out)
    images = None
    if image:
        folder = path.parent if path else Path()
        found = read_column(frame.drop(set(others)), image, rows, folder, source, skip_corrupt=skip_corrupt)
        images, frame, notes = found.images, frame[found.rows], (*notes, *found.notes)
    labels = _labels(frame[target], task, source)
    weights = (
        None if weight is None else checked_weights(frame[weight], len(frame), f"{source}: column '{weight}'")
    )
    if images is not None:
        return Dataset(images, labels, name=name, weight=weights, notes=notes, origin=origin)
    kinds = dict.fromkeys(numeric, "numeric") | dict.fromkeys(categorical, "categorical")
    cells = frame.drop(set(others)).get_columns()
    del frame
    try:
        table = Table.of_columns(cells, source, kinds, others)
    except StrayTextError as error:
        row = int(rows[error.row])
        line = line_of(path, row, encoding) if path and is_delimited(path) else None
        raise error.at(row, line) from None
    return Dataset(table, labels, name=name, weight=weights, notes=notes, origin=origin)


def with_target(frame: pl.DataFrame, target: str, source: str) -> tuple[pl.DataFrame, NDArray[Any]]:
    """Return the rows that have a target, to train on or to be judged by, and the numbers of those without.

    Raises:
      DataError: there is no such column, or no row has a value in it.
    """
    _check_named(frame, [target], source)
    labels = plain(frame[target])
    if labels.dtype == pl.String:
        labels = known_text(labels, MISSING_LABELS)
    elif labels.dtype.is_float():
        labels = labels.fill_nan(None)
    elif labels.dtype.is_decimal():
        labels = labels.cast(pl.Float64)
    frame = frame.with_columns(labels)
    missing = labels.is_null()
    if missing.all():
        raise DataError(
            f"{source}: 0 rows are left: target '{target}' is missing in all {len(frame)}; choose another target"
        )
    return frame.filter(~missing) if missing.any() else frame, missing.arg_true().to_numpy()


def _name_of(path: Path) -> str:
    """Return a file's name without its endings, or a folder's name."""
    name = printable(path.resolve().name if path.is_dir() else path.name)
    return name if path.is_dir() else name.removesuffix(".gz").rpartition(".")[0] or name


def _refuse(columns: Mapping[str, Any], source: str) -> None:
    for option, value in columns.items():
        if value:
            raise DataError(
                f"{source}: holds arrays or images with their labels; leave out {option}=, --{option}"
            )


def _check_named(frame: pl.DataFrame, names: Iterable[str], source: str) -> None:
    for name in names:
        if name not in frame.columns:
            raise DataError(f"{source}: no column '{name}'{instead(name, frame.columns, 'Columns')}")


def _labels(series: pl.Series, task: str | None, source: str) -> Target:
    """Return the target of a column without missing cells; text that spells numbers is read as numbers."""
    name = series.name
    if series.dtype == pl.String:
        series = _typed(series)
    if series.dtype == pl.String:
        distinct = series.unique().sort()
        codes = series.rank("dense").to_numpy().astype(np.int64) - 1
        return target_of(np.array(distinct.to_list()), codes, name, task, source)
    if not (series.dtype.is_numeric() or series.dtype == pl.Boolean):
        raise DataError(f"{source}: target '{name}' holds {series.dtype} values, expected numbers or labels")
    return make_target(series.to_numpy(), name, task, source)


def _typed(series: pl.Series) -> pl.Series:
    if spells_codes(series):
        return series
    for dtype in (pl.Int64, pl.Float64):
        if series.head(SAMPLE).cast(dtype, strict=False).null_count() == 0:
            values = series.cast(dtype, strict=False)
            if values.null_count() == 0:
                return values
    if series.str.to_lowercase().is_in(["true", "false"]).all():
        return series.str.to_lowercase() == "true"
    return series
