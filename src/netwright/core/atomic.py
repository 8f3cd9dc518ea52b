"""Atomic writes: a reader sees the whole old file or the whole new one, also after a power cut."""

import contextlib
import os
from collections.abc import Generator
from pathlib import Path
from typing import BinaryIO


@contextlib.contextmanager
def opened(path: Path) -> Generator[BinaryIO]:
    """Open a temporary neighbour of ``path`` to write to; it takes the place of ``path`` when the block ends well."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with open(temporary, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            temporary.unlink()
        raise
    _sync_folder(path.parent)


def write_bytes(path: Path, data: bytes) -> None:
    """Write ``data`` to ``path`` through a temporary neighbour, fsync and rename; its folder is made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with opened(path) as file:
        file.write(data)


def is_temporary(path: Path, name: str) -> bool:
    """Tell whether a write of ``name`` that was killed left this file."""
    return path.name.startswith(f".{name}.") and path.suffix == ".tmp"


def write_text(path: Path, text: str) -> None:
    """Write ``text`` as UTF-8, atomically."""
    write_bytes(path, text.encode())


def _sync_folder(folder: Path) -> None:
    # The rename itself is durable only once the folder's entry is on disk.
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
