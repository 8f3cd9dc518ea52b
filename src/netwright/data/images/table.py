"""A table with a column of image files."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from netwright.core.errors import DataError
from netwright.data.images.files import read_files
from netwright.data.images.images import Images
from netwright.data.places import printable, row_name, shown


class Read(NamedTuple):
    """The images of a column, the rows of the frame they are of, and notes on those left out."""

    images: Images
    rows: list[int]
    notes: tuple[str, ...]


def read_column(
    frame: pl.DataFrame,
    column: str,
    rows: NDArray[np.int64],
    folder: Path,
    source: str,
    *,
    skip_corrupt: bool,
) -> Read:
    """Read the images that a column names.

    Args:
      frame: the table; its other columns are kept beside the images, to split by.
      column: of paths, relative to ``folder`` where they are not absolute.
      rows: the number of each row in the file, for messages.

    Raises:
      DataError: a cell is empty, a file is missing or cannot be read.
    """
    names: list[str] = []
    for row, cell in zip(rows.tolist(), frame[column].to_list(), strict=True):
        if not isinstance(cell, str) or not cell.strip():
            raise DataError(f"{source}: column '{column}' names no file in {row_name(row)}; drop that row")
        if not (folder / cell).is_file():
            raise DataError(
                f"{source}: column '{column}' names {shown(cell)} in {row_name(row)}; there is no such file in "
                f"{printable(str(folder))}"
            )
        names.append(cell)
    paths = [folder / name for name in names]
    pixels, kept, notes = read_files(paths, names, source, skip_corrupt=skip_corrupt)
    about = frame.drop(column)[kept]
    images = Images(pixels, [printable(names[i]) for i in kept], about if about.width else None)
    return Read(images, kept, notes)
