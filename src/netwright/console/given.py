"""Rows to predict or to judge that stand in no table: images, arrays, texts, sequences."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from netwright.core.errors import DataError
from netwright.data.images.open import features_of, holds_arrays, is_image, labelled_of
from netwright.data.sequences.long_form import LongForm
from netwright.data.sequences.open import is_ts
from netwright.data.sequences.ragged import Ragged
from netwright.data.sequences.ts import read_ts
from netwright.data.text.given import holds_texts


def to_predict(path: Path, encoding: str, record: Mapping[str, Any], *, skip_corrupt: bool) -> Any:
    """Return the features of images, arrays, texts or a .ts file, or None where the path is a table."""
    if is_ts(path):
        return read_ts(path, encoding).sequences
    if holds_texts(path) or (path.suffix.lower() == ".txt" and _learned_from_folder(record)):
        from netwright.data.text.folder import unlabelled  # start-up cost: the tokenizers library

        return unlabelled(path, encoding)
    if holds_arrays(path) or is_image(path):
        return features_of(path, skip_corrupt=skip_corrupt)
    return None


def to_judge(path: Path, encoding: str, *, skip_corrupt: bool) -> tuple[Any, Any] | None:
    """Return features and labels of images, arrays, texts or a .ts file, or None where the path is a table.

    Raises:
      DataError: they cannot be read, or have no labels.
    """
    if is_ts(path):
        found = read_ts(path, encoding)
        if found.labels is None:
            raise DataError(f"{path}: has no labels to judge by (@classLabel, @targetLabel)")
        return found.sequences, found.labels
    if holds_texts(path):
        from netwright.data.text.folder import labelled  # start-up cost: the tokenizers library

        return labelled(path, encoding)
    if holds_arrays(path):
        return labelled_of(path, skip_corrupt=skip_corrupt)
    return None


def sequences_of(rows: pl.DataFrame, source: str, record: Mapping[str, Any], also: list[str]) -> Ragged:
    """Return the sequences of a table with a row a step, read as in training; ``also`` become their keys."""
    origin = record["data"]["origin"]
    columns = record["data"]["schema"]["columns"]
    channels = tuple(column["name"] for column in columns if column["kind"] == "sequence")
    return LongForm(origin["sequence"], origin["time"], channels).read(rows, source, also)


def names_of(features: Any) -> pl.Series | None:
    """Return what names sequences or files of texts, or None."""
    if isinstance(features, Ragged) and features.keys.width:
        return features.keys.to_series(0)
    if isinstance(features, pl.DataFrame) and features.columns == ["file", "text"]:
        return features["file"]
    return None


def _learned_from_folder(record: Mapping[str, Any]) -> bool:
    origin = record["data"]["origin"] or {}
    return [column["kind"] for column in record["data"]["schema"]["columns"]] == ["text"] and not origin.get(
        "text"
    )
