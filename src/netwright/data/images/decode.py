"""One image file into pixels: gray (H, W, 1) or RGB (H, W, 3), uint8, upright."""

from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from netwright.data.images.pixels import Bytes

ENDINGS = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".ppm", ".pgm")
LARGEST_SIDE = 512
"""Pixels; what is larger is made smaller as it is read, its shape kept."""
DEEP = ("I", "I;16", "I;16B", "I;16L", "I;16N")


class UnreadableError(Exception):
    """A file that is no whole image; the text says what is wrong with it."""


def decode(path: Path) -> Bytes:
    """Return the pixels of an image file.

    The orientation noted by a camera (EXIF) is applied; of an animation, the first picture counts. Transparent
    pixels show white behind them. Sixteen bits become the upper eight. Colors all of whose channels are equal are
    gray. An image with a side above 512 pixels is made smaller by averaging.

    Raises:
      UnreadableError: the file is damaged, or is no image.
    """
    try:
        with Image.open(path) as image:
            image.draft("RGB", (LARGEST_SIDE, LARGEST_SIDE))  # a JPEG is decoded at a fraction of its size
            upright = ImageOps.exif_transpose(_plain(image))
            if max(upright.size) > LARGEST_SIDE:
                upright.thumbnail((LARGEST_SIDE, LARGEST_SIDE))
            pixels = np.asarray(upright)
    except UnidentifiedImageError:
        raise UnreadableError(_no_image(path)) from None
    except Image.DecompressionBombError:
        raise UnreadableError("has too many pixels; make it smaller first") from None
    except (OSError, SyntaxError, ValueError, EOFError, IndexError) as error:
        reason = " ".join(str(getattr(error, "strerror", None) or error).split())
        raise UnreadableError(f"is damaged ({reason})"[:120]) from None
    if pixels.ndim == 2:
        return pixels[:, :, None]
    gray = (pixels[:, :, 0] == pixels[:, :, 1]).all() and (pixels[:, :, 0] == pixels[:, :, 2]).all()
    return pixels[:, :, :1] if gray else pixels


def _plain(image: Image.Image) -> Image.Image:
    """Return the image in the mode "L" or "RGB"."""
    if image.mode in DEEP:
        numbers = np.asarray(image).astype(np.int64)
        if numbers.min() < 0 or numbers.max() > 65535:
            raise UnreadableError("has pixels of 32 bits; save it with 8 or 16")
        return _like(image, Image.fromarray((numbers >> 8).astype(np.uint8)))
    if image.mode == "F":
        raise UnreadableError("has pixels that are fractions; save it with 8 or 16 bits")
    if image.has_transparency_data:
        colored = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        white.alpha_composite(colored)
        return _like(image, white.convert("RGB"))
    return image.convert("L" if image.mode in ("1", "L") else "RGB")


def _like(image: Image.Image, changed: Image.Image) -> Image.Image:
    """Carry over what the camera noted about the image."""
    changed.info.update(image.info)
    if image.getexif():
        changed.info["exif"] = image.getexif().tobytes()
    return changed


def _no_image(path: Path) -> str:
    if path.stat().st_size == 0:
        return "is empty"
    with open(path, "rb") as file:
        head = file.read(16)
    readable = head.isascii() and "".join(head.decode().split()).isprintable()
    return "is text, no image" if readable else "is no image"
