"""The word DATA: a file or folder of a table, images, texts or sequences, or an example; a file of a name wins."""

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import typer
from numpy.typing import NDArray

from netwright.console import given
from netwright.core.errors import DataError
from netwright.core.names import listed, nearest
from netwright.data.dataset import Dataset
from netwright.data.examples import example, examples
from netwright.data.files import read_rows
from netwright.data.images.images import Images
from netwright.data.images.table import read_column
from netwright.data.labels import with_targets
from netwright.data.origin import reopen
from netwright.data.places import RowError
from netwright.data.read import has_labels, read
from netwright.data.stream import read_blocks
from netwright.data.weights import checked_weights


def to_learn(data: str, target: Sequence[str] | None, options: Mapping[str, Any]) -> Dataset:
    """Return a data set to train on.

    Args:
      data: a file or an example.
      target: the column to predict, or several; an example has its own.
      options: further arguments of :func:`netwright.read`; empty values mean "not given".

    Raises:
      BadParameter: a file without a target, or an example with any of the options.
      DataError: neither a file nor an example has that name, or the table cannot be learned from.
    """
    words = {name: value for name, value in options.items() if value}
    if _is_example(data):
        for name in ("target", *words) if target else words:
            raise typer.BadParameter(f"--{name} goes with a file; '{data}' is an example, which has its own")
        return example(data)
    if not target and not has_labels(Path(data)):
        columns = read_rows(data, options.get("encoding") or "utf-8").columns
        raise typer.BadParameter(
            f"{data}: expected --target COL, the column to predict; found {listed(columns)}"
        )
    return read(data, target, **words)


@contextmanager
def naming_rows(data: str, rows: NDArray[np.int64] | None) -> Generator[None]:
    """Name a row that does not fit by the file and its number there; ``rows`` are those that were kept of it."""
    try:
        yield
    except RowError as error:
        raise error.at(error.row if rows is None else int(rows[error.row]), data) from None


def to_judge(
    data: str, record: Mapping[str, Any], target: str | None, encoding: str, *, skip_corrupt: bool = False
) -> tuple[Any, Any, Any, NDArray[np.int64] | None]:
    """Return (features, targets, weights or None, rows or None) to evaluate a run on.

    Rows of a table without any target are left out; the last value has the numbers of the others.

    The rows are read as they are: one class only, or a column with nothing in it, is enough to be judged by.

    Raises:
      BadParameter: the run does not say what its target was, and ``target`` is not given.
      DataError: the file cannot be read, lacks the target, or a weight is negative or not finite.
    """
    if _is_example(data):
        dataset = example(data)
        return dataset.features.content, dataset.labels.labels(np.arange(len(dataset))), dataset.weight, None
    found = given.to_judge(Path(data), encoding, skip_corrupt=skip_corrupt)
    if found is not None:
        return *found, None, None
    origin = record["data"]["origin"] or {}
    if "example" in origin:
        origin = {"target": reopen(origin).labels.name}
    named: Any = record.get("target") or origin.get("target") or ()
    known: list[str] = [named] if isinstance(named, str) else list(named)
    targets = [target] if target and len(known) < 2 else known
    if not targets:
        raise typer.BadParameter(f"{data}: expected --target COL; the run was trained on data without a file")
    rows, left_out = with_targets(read_rows(data, encoding), targets, data)
    others = [*targets, *(origin.get("drop") or ())]
    weight, name = None, origin.get("weight")
    sequences = None
    if origin.get("sequence"):
        also = [*targets, *([name] if name in rows.columns else [])]
        sequences = given.sequences_of(rows, data, record, also)
        rows = sequences.keys
    if name in rows.columns:
        weight = checked_weights(rows[name], len(rows), f"{data}: column '{name}'")
        others.append(name)
    labels, features = _labels(rows, targets), rows.drop(others, strict=False)
    if sequences is not None:
        return sequences, labels, weight, None
    numbers = np.delete(np.arange(len(rows) + len(left_out)), left_out)
    if image := origin.get("image"):
        found = read_column(features, image, numbers, Path(data).parent, data, skip_corrupt=skip_corrupt)
        return (
            found.images,
            _labels(rows[found.rows], targets),
            None if weight is None else weight[found.rows],
            numbers[found.rows],
        )
    return features, labels, weight, numbers


def to_predict(
    data: str, encoding: str, record: Mapping[str, Any], *, skip_corrupt: bool = False
) -> Iterator[Any]:
    """Yield features in the order of their rows: a table a block at a time; images, arrays, sequences at once."""
    if _is_example(data):
        yield example(data).features.content
        return
    path = Path(data)
    found = given.to_predict(path, encoding, record, skip_corrupt=skip_corrupt)
    origin = record["data"]["origin"] or {}
    if found is not None:
        yield found
    elif origin.get("sequence"):
        yield given.sequences_of(read_rows(data, encoding), data, record, [])
    elif image := origin.get("image"):
        rows = read_rows(data, encoding)
        numbers = np.arange(len(rows))
        yield read_column(rows, image, numbers, path.parent, data, skip_corrupt=skip_corrupt).images
    else:
        yield from read_blocks(data, encoding)


def identifier_of(features: Any, record: Mapping[str, Any], before: int = 0) -> pl.Series:
    """Return what names the rows: files, the identifier column that training found, else the numbers from 1.

    ``before`` rows stand before these.
    """
    if isinstance(features, Images) and features.names is not None:
        return pl.Series("file", features.names)
    if (found := given.names_of(features)) is not None:
        return found
    schema = record["data"].get("schema", {"columns": ()})
    names = [column["name"] for column in schema["columns"] if column["kind"] == "identifier"]
    if isinstance(features, pl.DataFrame) and names and names[0] in features.columns:
        return features[names[0]]
    return pl.Series("row", np.arange(before + 1, before + len(features) + 1))


def _labels(rows: pl.DataFrame, targets: list[str]) -> Any:
    """Return the labels of one target (m,), or those of several in a frame."""
    return rows[targets[0]].to_numpy() if len(targets) == 1 else rows.select(targets)


def _is_example(data: str) -> bool:
    if Path(data).exists():
        return False
    names = [known.name for known in examples()]
    if data not in names and not Path(data).suffix:
        raise DataError(f"{data}: no such file or example{nearest(data, names)} Examples: {listed(names)}.")
    return data in names
