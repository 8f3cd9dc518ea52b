"""From a ``.ts`` file, or a table with a row a step, to a data set; and the same for rows to predict or judge."""

from collections.abc import Collection
from pathlib import Path

import numpy as np
import polars as pl

from netwright.core.errors import DataError
from netwright.data.dataset import Dataset
from netwright.data.labels import labels_in, labels_of, with_targets
from netwright.data.places import printable
from netwright.data.sequences.long_form import LongForm, channels_of
from netwright.data.sequences.sequences import Sequences
from netwright.data.sequences.ts import read_ts
from netwright.data.weights import checked_weights

TARGET = "class"
"""The name of a .ts file's target."""
TRAIN, TEST = "_TRAIN.ts", "_TEST.ts"


def is_ts(path: Path) -> bool:
    """Return whether the path is a ``.ts`` file."""
    return path.suffix.lower() == ".ts"


def open_ts(path: Path, *, task: str | None, name: str, encoding: str) -> Dataset:
    """Read a ``.ts`` file into a data set; beside ``X_TRAIN.ts``, ``X_TEST.ts`` becomes its test rows.

    A file of another name, or a ``_TRAIN`` file with no ``_TEST`` file beside it, is split as the controls say.

    Raises:
      DataError: a file is damaged, has no labels, or the two do not fit together.
    """
    source = printable(str(path))
    parts = [read_ts(path, encoding)]
    test = path.with_name(path.name[: -len(TRAIN)] + TEST)
    if path.name.endswith(TRAIN) and test.is_file():
        parts.append(read_ts(test, encoding))
    for part, at in zip(parts, (source, printable(str(test))), strict=False):
        if part.labels is None:
            raise DataError(
                f"{at}: has no labels to learn (@classLabel, @targetLabel); expected one a sequence"
            )
    task = task or ("regression" if parts[0].regression else None)
    sequences = Sequences.of_parts(
        {"X": parts[0].sequences} | {str(test): part.sequences for part in parts[1:]}
    )
    labels = pl.Series(TARGET, [label for part in parts for label in part.labels or ()])
    if task is None:
        task = "binary" if labels.n_unique() == 2 else "multiclass"
    given, notes = {}, sequences.notes()
    if len(parts) > 1:
        first = len(parts[0].sequences)
        given = {"test": np.arange(first, len(sequences), dtype=np.int64)}
        notes = (*notes, f"test rows: the {len(parts[1].sequences):,} of {printable(test.name)} beside it")
    return Dataset(sequences, labels_of(labels, task, source), name=name, given=given, notes=notes)


def open_long(
    frame: pl.DataFrame,
    source: str,
    *,
    sequence: str,
    time: str | None,
    targets: list[str],
    task: str | None,
    name: str,
    drop: Collection[str],
    weight: str | None,
) -> Dataset:
    """Make a data set of a table with a row a step.

    Every column but those named is a channel. Targets and weight have one value in a sequence; so may dropped
    columns, which then can split the data (data.split_column), as can the identifier.

    Raises:
      DataError: see :meth:`~netwright.data.sequences.long_form.LongForm.read`.
    """
    own = [*targets, *([weight] if weight else [])]
    others = [sequence, *([time] if time else []), *own, *drop]
    frame, left_out = with_targets(frame, targets, source)
    long_form = LongForm(sequence, time, channels_of(frame, others, source))
    ragged = long_form.read(frame, source, [*own, *_steady(frame, sequence, drop)])
    labels = labels_in(ragged.keys, targets, task, source)
    weights = None
    if weight:
        weights = checked_weights(ragged.keys[weight], len(ragged), f"{source}: column '{weight}'")
    features = Sequences(ragged, long_form)
    notes = (f"{len(left_out):,} rows without a target were left out",) if len(left_out) else ()
    return Dataset(features, labels, name=name, weight=weights, notes=(*notes, *features.notes()))


def _steady(frame: pl.DataFrame, sequence: str, names: Collection[str]) -> list[str]:
    """Return the columns that have one value in every sequence."""
    counts = frame.group_by(sequence).agg(pl.col(name).n_unique() for name in names)
    return [name for name in names if counts[name].max() == 1]
