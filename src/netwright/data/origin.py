"""Where a data set came from, so that a run can find its data again."""

from typing import Any

from netwright.core.errors import RunError
from netwright.data.dataset import Dataset
from netwright.data.examples import example


def reopen(origin: dict[str, Any]) -> Dataset:
    """Open a data set again from its recorded origin.

    Raises:
      RunError: the origin is not one that this version writes.
      DataError: the file is gone or cannot be read.
    """
    if "example" in origin:
        return example(origin["example"])
    if "path" in origin:
        from netwright.data.read import read  # start-up cost: Polars is imported for tables only

        fields = dict(origin)
        return read(fields.pop("path"), **fields)
    raise RunError(f"run.json: the data's origin {origin} is not known to this version; pass dataset=")
