"""PyTorch's files of weights, read without PyTorch, and without running what a pickle may ask for.

Both of PyTorch's layouts are read: the zip archive, and the older run of pickles with raw numbers after it.
"""

import io
import math
import struct
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netwright.core.errors import BackboneError
from netwright.transfer.readers._pickle import Pickled, Storage, Tensor, unpickled

MAGIC = 0x1950A86A20F9469CFC6C
"""The number that the older layout begins with, as a pickle of its own."""
PROTOCOL = 1001

Numbers = dict[str, NDArray[Any]]
"""The numbers of each storage, by its key."""


def torch_pickle(path: Path) -> dict[str, NDArray[Any]]:
    """Return the arrays of a file that ``torch.save`` wrote of a model's state.

    Raises:
      BackboneError: the file is damaged or holds no state, or its pickle asks for anything but tensors.
    """
    content = path.read_bytes()
    pickled, numbers = (_archive if content.startswith(b"PK\x03\x04") else _run)(content)
    state = pickled.value
    # Trainers write the state beside what is their own.
    if isinstance(state, dict) and isinstance(state.get("state_dict"), dict):
        state = state["state_dict"]
    if not isinstance(state, dict) or not all(isinstance(name, str) for name in state):
        raise BackboneError("found no dictionary of tensors, expected what a model's state_dict() gives")
    tensors = {name: one for name, one in state.items() if isinstance(one, Tensor)}
    return {name: _cut(name, tensor, numbers) for name, tensor in tensors.items()}


def _archive(content: bytes) -> tuple[Pickled, Numbers]:
    """Read the zip layout: ``NAME/data.pkl``, and each storage as a file ``NAME/data/KEY``."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise BackboneError(f"damaged, or truncated ({error}); fetch the file again") from None
    names = set(archive.namelist())
    pickles = [name for name in names if name.endswith("/data.pkl") and name.count("/") == 1]
    if len(pickles) != 1:
        raise BackboneError(f"found {len(pickles)} data.pkl in the archive, expected one")
    folder = pickles[0].removesuffix("data.pkl")

    def file(name: str) -> bytes:
        if folder + name not in names:
            raise BackboneError(f"'{name[:80]}' is missing in the archive; fetch the file again")
        info = archive.getinfo(folder + name)
        # What is compressed may be of any size once it is not: PyTorch compresses nothing.
        if info.compress_type != zipfile.ZIP_STORED or info.file_size > len(content):
            raise BackboneError(f"'{name[:80]}' is compressed, which PyTorch's files are not")
        try:
            return archive.read(info)
        except (zipfile.BadZipFile, RuntimeError, EOFError, NotImplementedError) as error:
            raise BackboneError(f"'{name[:80]}' is damaged ({error}); fetch the file again") from None

    if folder + "byteorder" in names and file("byteorder") != b"little":
        raise BackboneError("its numbers are big-endian, expected little-endian")
    pickled = unpickled(file("data.pkl"))
    numbers = {key: _numbers(one, file(f"data/{key}")) for key, one in pickled.storages.items()}
    return pickled, numbers


def _run(content: bytes) -> tuple[Pickled, Numbers]:
    """Read the older layout: magic, protocol, machine, state, keys; then of each key a count and its numbers."""
    magic = unpickled(content)
    protocol = unpickled(content, magic.end)
    if (magic.value, protocol.value) != (MAGIC, PROTOCOL):
        raise BackboneError("found a pickle that torch.save did not write, expected a model's state_dict()")
    machine = unpickled(content, protocol.end)
    if not isinstance(machine.value, dict) or machine.value.get("little_endian") is not True:
        raise BackboneError("its numbers are not little-endian")
    state = unpickled(content, machine.end)
    keys = unpickled(content, state.end)
    names = keys.value if isinstance(keys.value, list) else []
    if not all(type(key) is str for key in names) or set(names) != set(state.storages):
        raise BackboneError("its list of storages is damaged; fetch the file again")
    numbers: Numbers = {}
    place = keys.end
    for key in names:
        storage = state.storages[key]
        end = place + 8 + storage.count * storage.dtype.itemsize
        if len(content) < end or struct.unpack_from("<q", content, place) != (storage.count,):
            raise BackboneError(f"storage '{key[:80]}' is damaged, or truncated; fetch the file again")
        numbers[key] = _numbers(storage, content[place + 8 : end])
        place = end
    return state, numbers


def _numbers(storage: Storage, content: bytes) -> NDArray[Any]:
    expected = storage.count * storage.dtype.itemsize
    if len(content) != expected:
        raise BackboneError(
            f"storage '{storage.key[:80]}' has {len(content):,} bytes, expected {expected:,}; the file is damaged"
        )
    return np.frombuffer(content, storage.dtype)


def _cut(name: str, tensor: Tensor, numbers: Mapping[str, NDArray[Any]]) -> NDArray[Any]:
    """Return the tensor, cut out of its storage."""
    whole, size = numbers[tensor.storage.key], math.prod(tensor.shape)
    last = tensor.start + sum((n - 1) * step for n, step in zip(tensor.shape, tensor.steps, strict=True))
    # Steps of 0 would make any amount of memory out of a few numbers.
    if size and (last >= len(whole) or size > len(whole)):
        raise BackboneError(
            f"tensor '{name[:80]}' of shape {tensor.shape} reaches beyond its {len(whole):,} numbers; "
            "the file is damaged"
        )
    try:
        if not size:
            return np.zeros(tensor.shape, whole.dtype)
        steps = [
            step * whole.itemsize if n > 1 else 0 for n, step in zip(tensor.shape, tensor.steps, strict=True)
        ]
        return np.lib.stride_tricks.as_strided(whole[tensor.start :], tensor.shape, steps).copy()
    except (ValueError, OverflowError) as error:
        raise BackboneError(f"tensor '{name[:80]}' is damaged ({error})") from None
