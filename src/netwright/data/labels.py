"""The column of labels in a frame: rows that have one, and the target that it makes."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from netwright.core.errors import DataError
from netwright.data.coerce import MISSING_LABELS, known_text, plain
from netwright.data.infer import spells_codes
from netwright.data.places import instead
from netwright.data.target import Target, make_target, target_of
from netwright.data.targets import MULTITASK, Targets, targets_of

SAMPLE = 1000


def with_target(frame: pl.DataFrame, target: str, source: str) -> tuple[pl.DataFrame, NDArray[Any]]:
    """Return the rows that have a target, to train on or to be judged by, and the numbers of those without.

    Raises:
      DataError: there is no such column, or no row has a value in it.
    """
    return with_targets(frame, [target], source)


def with_targets(
    frame: pl.DataFrame, targets: Sequence[str], source: str
) -> tuple[pl.DataFrame, NDArray[Any]]:
    """Return the rows that have a target at least, and the numbers of those without; as :func:`with_target`."""
    check_named(frame, targets, source)
    frame = frame.with_columns(_known(frame[target]) for target in targets)
    for target in targets:
        if frame[target].null_count() == len(frame):
            raise DataError(
                f"{source}: 0 rows are left: target '{target}' is missing in all {len(frame)}; choose another target"
            )
    missing = frame.select(pl.all_horizontal(pl.col(target).is_null() for target in targets)).to_series()
    return frame.filter(~missing) if missing.any() else frame, missing.arg_true().to_numpy()


def _known(series: pl.Series) -> pl.Series:
    """Return labels with every spelling of "missing" as null."""
    labels = plain(series)
    if labels.dtype == pl.String:
        return known_text(labels, MISSING_LABELS)
    if labels.dtype.is_float():
        return labels.fill_nan(None)
    return labels.cast(pl.Float64) if labels.dtype.is_decimal() else labels


def check_named(frame: pl.DataFrame, names: Iterable[str], source: str) -> None:
    """Raise DataError when a column does not exist."""
    for name in names:
        if name not in frame.columns:
            raise DataError(f"{source}: no column '{name}'{instead(name, frame.columns, 'Columns')}")


def labels_in(frame: pl.DataFrame, targets: Sequence[str], task: str | None, source: str) -> Target | Targets:
    """Return the target of a frame, or its targets, of which cells may be missing."""
    if len(targets) == 1:
        return labels_of(frame[targets[0]], task, source)
    if task not in (None, MULTITASK):
        raise DataError(
            f"{source}: task '{task}' goes with one target, found {len(targets)}; each gets the task that its "
            "values ask for: leave task=, --task out"
        )
    known = [frame[target].is_not_null() for target in targets]
    parts = [
        labels_of(frame[target].filter(rows), None, source)
        for target, rows in zip(targets, known, strict=True)
    ]
    return targets_of(parts, [rows.to_numpy() for rows in known])


def labels_of(series: pl.Series, task: str | None, source: str) -> Target:
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
