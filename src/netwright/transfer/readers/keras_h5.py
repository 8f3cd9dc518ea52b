"""Keras's HDF5 files of weights: numbers alone; what the file says of layers and code is not looked at."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netwright.core.errors import BackboneError


def keras_h5(path: Path) -> dict[str, NDArray[Any]]:
    """Return the arrays of a Keras file, each by its layer's and its own name: ``"Conv1/kernel"``.

    Raises:
      BackboneError: the file is damaged, or leads out of itself; h5py is not installed.
    """
    try:
        import h5py  # of an extra
    except ImportError:
        raise BackboneError('reading Keras files needs h5py; pip install "netwright[pretrained]"') from None
    size = path.stat().st_size
    try:
        with h5py.File(path, "r") as file:
            inside = "model_weights" in set(file)
            places = _places(h5py, _member(h5py, file, "model_weights") if inside else file)
            if sum(array.nbytes for array in places.values()) > size:
                raise BackboneError("its arrays are larger than the file; it is damaged")
            return {name: np.asarray(array[()]) for name, array in places.items()}
    except (OSError, KeyError, ValueError, TypeError, RuntimeError) as error:
        raise BackboneError(f"damaged, or truncated ({str(error)[:120]}); fetch the file again") from None


def _places(h5py: Any, root: Any) -> dict[str, Any]:
    """Return the file's arrays, unread, by their layers' and own names."""
    found: dict[str, Any] = {}
    waiting, seen = [(root, "")], set[int]()
    while waiting:
        group, layer = waiting.pop()
        place = h5py.h5o.get_info(group.id).addr
        if place in seen:
            raise BackboneError(f"group '{layer[:80]}' is there twice, which no file of weights needs")
        seen.add(place)
        for name in group:
            member = _member(h5py, group, name)
            if isinstance(member, h5py.Group):
                waiting.append((member, name))
            else:
                key = f"{layer}/{name.partition(':')[0]}"
                if key in found:
                    raise BackboneError(f"two arrays are called '{key}'; the file is another model's")
                found[key] = _plain(key, member)
    return found


def _member(h5py: Any, group: Any, name: str) -> Any:
    """Return a member that lies in the group itself: links lead out of the file, or round in it."""
    if not isinstance(group.get(name, getlink=True), h5py.HardLink):
        raise BackboneError(f"'{name[:80]}' is a link, which no file of weights needs")
    return group[name]


def _plain(name: str, array: Any) -> Any:
    """Return an array if its numbers lie in the file as they are: neither elsewhere, nor compressed."""
    own = array.dtype.kind in "fiu" and not array.is_virtual and not array.external
    if not own or array.id.get_create_plist().get_nfilters():
        raise BackboneError(f"array '{name}' is no plain array of numbers, expected one as Keras writes them")
    return array
