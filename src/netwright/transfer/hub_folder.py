"""A folder in the hub's layout: ``config.json``, the weights, and what rows go through before them."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netwright.core.errors import BackboneError
from netwright.transfer import readers

LARGEST_JSON = 64 * 2**20
WEIGHTS = ("model.safetensors", "pytorch_model.bin", "tf_model.h5")
"""Files of weights: the first that is there is read. ``NAME.index.json`` lists the parts of a large one."""


def text_of(folder: Path, name: str) -> str | None:
    """Return the content of a text file, None where it is not there.

    Raises:
      BackboneError: it is huge, or no text.
    """
    path = folder / name
    if not path.is_file():
        return None
    if path.stat().st_size > LARGEST_JSON:
        raise BackboneError(f"{path}: {path.stat().st_size:,} bytes, expected at most {LARGEST_JSON:,}")
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BackboneError(f"{path}: cannot be read ({error})") from None


def json_of(folder: Path, name: str) -> dict[str, Any] | None:
    """Return the content of a JSON file with an object in it, None where it is not there."""
    content = text_of(folder, name)
    if content is None:
        return None
    try:
        found = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise BackboneError(f"{folder / name}: damaged ({str(error)[:120]})") from None
    if not isinstance(found, dict):
        raise BackboneError(f"{folder / name}: found {type(found).__name__}, expected names with values")
    return found


def needed(folder: Path, name: str, found: Any) -> Any:
    """Return what a file held.

    Raises:
      BackboneError: it was not there.
    """
    if found is None:
        raise BackboneError(f"{folder}: {name} is not there; expected a folder in the hub's layout")
    return found


def weights_of(folder: Path) -> dict[str, NDArray[Any]]:
    """Return the published weights by name.

    Raises:
      BackboneError: there are none, or they are damaged or unsafe.
    """
    for name in WEIGHTS:
        if (folder / name).is_file():
            return readers.read(folder / name)
        index = json_of(folder, f"{name}.index.json")
        if index is not None:
            return _parts(folder, f"{name}.index.json", index)
    raise BackboneError(f"{folder}: no weights are there; expected one of {', '.join(WEIGHTS)}")


def _parts(folder: Path, index_name: str, index: dict[str, Any]) -> dict[str, NDArray[Any]]:
    places = index.get("weight_map")
    names = sorted(set(map(str, places.values()))) if isinstance(places, dict) else []
    if not names or any(Path(name).name != name for name in names):
        raise BackboneError(f"{folder / index_name}: expected weight_map with names of files beside it")
    whole: dict[str, NDArray[Any]] = {}
    for name in names:
        whole.update(readers.read(folder / name))
    return whole


def float32(arrays: dict[str, NDArray[Any]]) -> dict[str, NDArray[np.float32]]:
    """Return arrays as float32, which holds each number of the narrower types exactly."""
    return {name: readers.widened(name, array) for name, array in arrays.items()}
