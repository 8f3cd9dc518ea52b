"""From a file or a frame to a data set."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from netwright.core.errors import DataError
from netwright.core.names import listed
from netwright.data.dataset import Dataset
from netwright.data.delimited import is_delimited, line_of
from netwright.data.files import read_rows
from netwright.data.frames import as_frame
from netwright.data.images.open import holds_arrays, open_path
from netwright.data.images.table import read_column
from netwright.data.infer import StrayTextError
from netwright.data.labels import check_named, labels_in, with_targets
from netwright.data.places import printable
from netwright.data.sequences.open import is_ts, open_long, open_ts
from netwright.data.table import Table
from netwright.data.target import check_task
from netwright.data.text.given import holds_texts
from netwright.data.weights import checked_weights


def read(
    data: Any,
    target: str | Sequence[str] | None = None,
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
    text: str | Collection[str] = (),
    sequence: str | None = None,
    time: str | None = None,
) -> Dataset:
    """Read a table, images, texts or sequences into a data set.

    Args:
      data: a CSV, TSV, Parquet, Arrow/Feather or JSON-lines file, or a pandas, Polars or PyArrow table; or images:
        a folder with one sub-folder a class (within ``train``, ``dev`` and ``test`` when the parts are given), IDX
        files such as MNIST's, an ``.npz`` archive of X and y, or an ``.npy`` file with its labels beside it; or
        texts: a folder of ``.txt`` files, one sub-folder a class; or sequences: a ``.ts`` file, with the rows of
        ``X_TEST.ts`` as test rows when it is ``X_TRAIN.ts``.
      target: the column to predict, or several of them, which one network learns together; a row may lack some.
        Not for folders, arrays and ``.ts`` files, which have their labels.
      task: "binary", "multiclass" or "regression"; by default what the target asks for. Several targets are the
        task "multitask", and each has the task that its values ask for.
      name: for messages and records; by default the file's name.
      categorical, numeric: columns whose kind is as said, whatever their cells look like.
      drop: columns to leave out.
      weight: the column of sample weights.
      encoding: of a text file, such as "latin-1".
      image: the column of image files, relative to the table's folder; the other columns are no features then.
      skip_corrupt: leave out images that cannot be read, instead of refusing them.
      text: the columns of texts to learn from, beside the other columns if there are any.
      sequence: for a table with a row a step: the column that says which sequence a row belongs to. Every column
        not named is a channel then; target and weight have one value in a sequence.
      time: the column that orders the rows of a sequence; by default they are in order.

    Raises:
      DataError: the table cannot be read or learned from; it names file, line or row, column and mend.
    """
    path = Path(data) if isinstance(data, str | Path) else None
    targets = _targets(target)
    target = targets[0] if len(targets) == 1 else targets or None
    origin = None
    if path:
        options = {"categorical": [*categorical], "numeric": [*numeric], "drop": [*drop]}
        origin = {"path": str(path.resolve()), "target": target, "task": task, "name": name}
        origin |= options | {
            "weight": weight,
            "encoding": encoding,
            "image": image,
            "skip_corrupt": skip_corrupt,
            "text": [text] if isinstance(text, str) else [*text],
            "sequence": sequence,
            "time": time,
        }
    source = printable(str(path)) if path else name or "table"
    name = name or (_name_of(path) if path else source)
    if len(targets) < 2:
        check_task(task, source)
    if path and has_labels(path):
        if is_ts(path):
            dataset = open_ts(path, task=task, name=name, encoding=encoding)
        elif holds_texts(path):
            from netwright.data.text.folder import open_folder  # start-up cost: the tokenizers library

            dataset = open_folder(path, task=task, name=name, encoding=encoding)
        else:
            dataset = open_path(path, task=task, name=name, skip_corrupt=skip_corrupt)
        columns = {"target": target, "image": image, "weight": weight, "categorical": categorical}
        columns |= {"numeric": numeric, "drop": drop, "text": text, "sequence": sequence, "time": time}
        _refuse(columns, source)
        dataset.origin = origin
        return dataset
    frame = read_rows(path, encoding) if path else as_frame(data, source)
    if target is None:
        raise DataError(f"{source}: which column is the target (--target)? Columns: {listed(frame.columns)}.")
    texts = [text] if isinstance(text, str) else [*text]
    named = [*texts, *(column for column in (weight, image, sequence, time) if column)]
    check_named(frame, [*categorical, *numeric, *drop, *named], source)
    for column in targets:
        if column in named:
            raise DataError(f"{source}: column '{column}' is a target; it cannot be read as a feature, too")
    _refuse_together(source, image=image, text=texts, sequence=sequence)
    if sequence:
        dataset = open_long(
            frame,
            source,
            sequence=sequence,
            time=time,
            targets=targets,
            task=task,
            name=name,
            drop=drop,
            weight=weight,
        )
        dataset.origin = origin
        return dataset
    if time:
        raise DataError(f"{source}: time= orders the rows of a sequence; say which (sequence=, --sequence)")
    frame, left_out = with_targets(frame, targets, source)
    others = (*targets, *([weight] if weight else []), *drop)
    notes = (f"{len(left_out):,} rows without a target were left out",) if len(left_out) else ()
    rows = np.delete(np.arange(len(frame) + len(left_out)), left_out)
    images = None
    if image:
        folder = path.parent if path else Path()
        found = read_column(frame.drop(set(others)), image, rows, folder, source, skip_corrupt=skip_corrupt)
        images, frame, notes = found.images, frame[found.rows], (*notes, *found.notes)
    labels = labels_in(frame, targets, task, source)
    weights = (
        None if weight is None else checked_weights(frame[weight], len(frame), f"{source}: column '{weight}'")
    )
    if images is not None:
        return Dataset(images, labels, name=name, weight=weights, notes=notes, origin=origin)
    frame = frame.drop(set(others))
    kinds = dict.fromkeys(numeric, "numeric") | dict.fromkeys(categorical, "categorical")
    try:
        if texts:
            from netwright.data.text.texts import Texts  # start-up cost: the tokenizers library

            features = Texts.of_frame(frame, texts, source, kinds, others)
        else:
            cells = frame.get_columns()
            del frame
            features = Table.of_columns(cells, source, kinds, others)
    except StrayTextError as error:
        row = int(rows[error.row])
        line = line_of(path, row, encoding) if path and is_delimited(path) else None
        raise error.at(row, line) from None
    return Dataset(features, labels, name=name, weight=weights, notes=notes, origin=origin)


def has_labels(path: Path) -> bool:
    """Return whether the path is no table and says the labels itself: images and arrays, texts, a ``.ts`` file."""
    return is_ts(path) or holds_texts(path) or holds_arrays(path)


def _targets(target: str | Sequence[str] | None) -> list[str]:
    names = [target] if isinstance(target, str) else list(target or ())
    if len(set(names)) < len(names):
        raise DataError(f"target: found {listed(names)}; expected each column once")
    return names


def _name_of(path: Path) -> str:
    """Return a file's name without its endings, or a folder's name."""
    name = printable(path.resolve().name if path.is_dir() else path.name)
    return name if path.is_dir() else name.removesuffix(".gz").rpartition(".")[0] or name


def _refuse_together(source: str, **kinds: Any) -> None:
    given = [option for option, value in kinds.items() if value]
    if len(given) > 1:
        raise DataError(f"{source}: found {'= and '.join(given)}=, expected one of them")


def _refuse(columns: Mapping[str, Any], source: str) -> None:
    for option, value in columns.items():
        if value:
            raise DataError(f"{source}: is no table, and has its own labels; leave out {option}=, --{option}")
