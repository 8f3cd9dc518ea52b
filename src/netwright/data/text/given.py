"""What counts as texts among lists and paths; nothing is imported that a table or an image does not need."""

from pathlib import Path
from typing import Any


def is_texts(X: Any) -> bool:
    """Return whether X is a list or a vector of texts."""
    if isinstance(X, str) or (not isinstance(X, list | tuple) and getattr(X, "ndim", 0) != 1):
        return False
    return len(X) > 0 and all(isinstance(cell, str) for cell in X)


def holds_texts(path: Path) -> bool:
    """Return whether the path is a folder with text files, and no image, somewhere within."""
    if not path.is_dir():
        return False
    from netwright.data.images.decode import ENDINGS  # start-up cost: Pillow

    endings = {child.suffix.lower() for child in path.rglob("*") if not child.name.startswith(".")}
    return ".txt" in endings and not endings & set(ENDINGS)
