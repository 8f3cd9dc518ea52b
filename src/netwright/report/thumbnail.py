"""A small array as a PNG in a ``data:`` address (PNG specification, ISO/IEC 15948)."""

import base64
import struct
import zlib

import numpy as np

GREY, COLOUR = 0, 2
LARGEST = 64


def address(image: np.ndarray, low: float, high: float) -> str:
    """Return the address of a picture of an array (height, width) or (height, width, 3).

    Numbers from ``low`` to ``high`` become black to white; a missing one is black. Images beyond 64 pixels a side
    are thinned to them.
    """
    step = max(1, -(-max(image.shape[:2]) // LARGEST))
    image = np.nan_to_num(image[::step, ::step].astype(np.float64), nan=low)
    pixels = np.clip(255 * (image - low) / ((high - low) or 1.0), 0, 255).astype(np.uint8)
    height, width = pixels.shape[:2]
    head = struct.pack(">IIBBBBB", width, height, 8, COLOUR if pixels.ndim == 3 else GREY, 0, 0, 0)
    lines = b"".join(b"\0" + row.tobytes() for row in pixels)
    parts = (b"IHDR", head), (b"IDAT", zlib.compress(lines, 9)), (b"IEND", b"")
    png = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in parts
    )
    return "data:image/png;base64," + base64.b64encode(png).decode()
