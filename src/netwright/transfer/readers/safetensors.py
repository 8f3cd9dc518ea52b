"""Safetensors: a header of names, types and places, and then numbers alone."""

import struct
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, deserialize

from netwright.core.errors import BackboneError

LARGEST_HEADER = 16 * 2**20
TYPES: dict[str, Any] = {
    "F64": np.float64,
    "F32": np.float32,
    "F16": np.float16,
    "BF16": ml_dtypes.bfloat16,
    "I64": np.int64,
    "I32": np.int32,
    "I16": np.int16,
    "I8": np.int8,
    "U8": np.uint8,
    "BOOL": np.bool_,
}


def safetensors(path: Path) -> dict[str, NDArray[Any]]:
    """Return the arrays of a safetensors file.

    Raises:
      BackboneError: it is truncated, its header is huge, or header and numbers do not fit together.
    """
    content = path.read_bytes()
    if len(content) < 8:
        raise BackboneError(f"{len(content)} bytes are no safetensors file; fetch it again")
    (length,) = struct.unpack("<Q", content[:8])
    if length > min(LARGEST_HEADER, len(content) - 8):
        raise BackboneError(f"damaged, or truncated: a header of {length:,} bytes; fetch the file again")
    try:
        found = deserialize(content)
    except (SafetensorError, ValueError) as error:
        raise BackboneError(f"damaged, or truncated ({error}); fetch the file again") from None
    arrays: dict[str, NDArray[Any]] = {}
    for name, part in found:
        if part["dtype"] not in TYPES:
            raise BackboneError(f"tensor '{name}' is {part['dtype']}, expected float32, float16 or bfloat16")
        arrays[name] = np.frombuffer(part["data"], TYPES[part["dtype"]]).reshape(part["shape"])
    return arrays
