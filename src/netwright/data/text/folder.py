"""A folder of texts: one ``.txt`` file a text, one sub-folder a class, within ``train/`` and ``test/`` or without."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl

from netwright.core.errors import DataError
from netwright.core.names import listed
from netwright.data.dataset import Dataset
from netwright.data.places import printable
from netwright.data.target import make_target
from netwright.data.text.texts import Texts

PARTS = {"train": "train", "dev": "dev", "valid": "dev", "validation": "dev", "test": "test"}
FILE, TEXT = "file", "text"
"""Columns of a folder's frame."""


def open_folder(folder: Path, *, task: str | None, name: str, encoding: str) -> Dataset:
    """Read a folder of texts into a data set: each sub-folder is a class of its name.

    Sub-folders ``train``, ``dev`` and ``test`` are parts with one sub-folder a class each; parts given so are never
    split.

    Raises:
      DataError: there are no classes, or a file is not of this encoding.
    """
    source = printable(str(folder))
    children = _folders(folder)
    split = children and all(child.name.lower() in PARTS for child in children)
    holders = {child: PARTS[child.name.lower()] for child in children} if split else {folder: "train"}
    found = [
        (path, label.name, part)
        for holder, part in holders.items()
        for label in _folders(holder)
        for path in _texts(label)
    ]
    if len({label for _, label, _ in found}) < 2:
        classes = listed(sorted({label for _, label, _ in found})) or "none"
        raise DataError(
            f"{source}: found {classes} of the classes; expected a sub-folder of .txt files for each of two or more"
        )
    frame = read_texts(folder, [path for path, _, _ in found], encoding)
    labels = make_target(np.array([printable(label) for _, label, _ in found]), "class", task, source)
    parts = np.array([part for _, _, part in found])
    given = {part: np.flatnonzero(parts == part) for part in ("dev", "test") if (parts == part).any()}
    # The file's name is no feature.
    return Dataset(Texts.of_frame(frame.select(TEXT), [TEXT], source, {}, ()), labels, name=name, given=given)


def unlabelled(path: Path, encoding: str) -> pl.DataFrame:
    """Return one text file, or every one within a folder, as a frame of file names and texts.

    Raises:
      DataError: there is none, or one is not of this encoding.
    """
    if path.is_file():
        return read_texts(path.parent, [path], encoding)
    paths = list(_texts(path))
    if not paths:
        raise DataError(f"{printable(str(path))}: no .txt file is in this folder")
    return read_texts(path, paths, encoding)


def labelled(folder: Path, encoding: str) -> tuple[pl.DataFrame, list[str]]:
    """Return every text file within a folder and the name of the folder that it lies in, its class."""
    frame = unlabelled(folder, encoding)
    return frame, [Path(folder, file).parent.name for file in frame[FILE]]


def read_texts(folder: Path, paths: list[Path], encoding: str) -> pl.DataFrame:
    """Read files into a frame: their names from the folder on, and their texts.

    Raises:
      DataError: a file cannot be read, or is not of this encoding.
    """
    names = [printable(path.relative_to(folder).as_posix()) for path in paths]
    return pl.DataFrame({FILE: names, TEXT: [_read(path, encoding) for path in paths]})


def _read(path: Path, encoding: str) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig" if encoding.lower() in ("utf-8", "utf8") else encoding)
    except OSError as error:
        raise DataError(f"{printable(str(path))}: cannot be read ({error.strerror})") from None
    except UnicodeDecodeError as error:
        other = "latin-1" if encoding.lower() in ("utf-8", "utf8") else "utf-8"
        raise DataError(
            f"{printable(str(path))}: is not {encoding} (0x{error.object[error.start]:02x} at byte {error.start + 1}); "
            f"read it with encoding='{other}' (--encoding {other})"
        ) from None
    except LookupError:
        raise DataError(f"encoding '{encoding}' is not known; try 'utf-8' or 'latin-1'") from None


def _folders(folder: Path) -> list[Path]:
    return sorted(child for child in folder.iterdir() if child.is_dir() and not child.name.startswith("."))


def _texts(folder: Path) -> Iterator[Path]:
    return (
        path for path in sorted(folder.rglob("*.txt")) if path.is_file() and not path.name.startswith(".")
    )
