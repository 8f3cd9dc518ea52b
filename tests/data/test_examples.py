import os
import subprocess
import sys

import numpy as np
import pytest
from sklearn import datasets

import netwright as nw
from netwright.core.errors import DataError
from netwright.data.examples import FASHION_MNIST, asset_folder
from netwright.data.origin import reopen

FETCHED = ("movie_snippets", "tweets", "bbc_news", "japanese_vowels", "italy_power_demand", "basic_motions")
BUNDLED = ("digits", "breast_cancer", "wine", "iris", "diabetes")


@pytest.mark.parametrize("name", BUNDLED)
def test_bundled_data_are_scikit_learns(name):
    options = {"scaled": False} if name == "diabetes" else {}
    original = getattr(datasets, f"load_{name}")(**options)
    ds = nw.example(name)
    np.testing.assert_allclose(ds.features.content, original.data, rtol=1e-6)
    labels = ds.labels.labels(np.arange(len(ds)))
    if name in ("digits", "diabetes"):
        np.testing.assert_array_equal(labels, original.target)
    else:
        assert labels.tolist() == original.target_names[original.target].tolist()
    names = [feature.removesuffix(" (cm)") for feature in original.feature_names]
    assert ds.schema.used == names


def test_the_list_tells_the_truth_and_prints_as_a_table():
    records = {record.name: record for record in nw.examples()}
    for name in (*BUNDLED, "adult"):
        ds, record = nw.example(name), records[name]
        assert (record.task, record.rows, record.columns) == (ds.task, len(ds), len(ds.schema.used)), name
    assert str(nw.examples()).splitlines()[0].split() == [
        "name",
        "task",
        "rows",
        "columns",
        "source",
        "licence",
    ]
    assert "CC BY 4.0" in str(nw.examples())


def test_adult_keeps_its_rows_gaps_and_classes():
    ds = nw.example("adult")
    missing = {column.name: column.missing for column in ds.schema.columns if column.missing}
    assert missing == {"workclass": 1836, "occupation": 1843, "native-country": 583}
    assert np.bincount(ds.labels.values).tolist() == [24720, 7841]
    assert ds.labels.classes == ["<=50K", ">50K"]
    encoder = ds.prepare(nw.DataControls(), embeddings=True).encoder
    assert [encoder.feature_names[column] for column, _ in encoder.embeddings] == [
        "education",
        "occupation",
        "native-country",
    ]


def test_an_unknown_example_names_the_nearest():
    with pytest.raises(DataError, match="example 'digit' is not known; did you mean 'digits'"):
        nw.example("digit")


@pytest.mark.skipif(
    not (asset_folder() / "diamonds.parquet").is_file() and not os.environ.get("CI"),
    reason="python scripts/assets.py diamonds has not been run",
)
def test_diamonds():
    ds = nw.example("diamonds")
    assert (ds.task, len(ds), len(ds.schema.used)) == ("regression", 53940, 9)
    assert (ds.labels.values.min(), ds.labels.values.max()) == (326, 18823)


@pytest.mark.parametrize("name", FETCHED)
def test_fetched_texts_and_sequences_are_as_the_list_says(name):
    record = next(record for record in nw.examples() if record.name == name)
    try:
        ds = nw.example(name)
    except DataError:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"python scripts/assets.py {name} has not been run")
    assert (record.task, record.rows, record.columns) == (ds.task, len(ds), len(ds.schema.used))
    again = reopen(ds.origin)
    assert again.fingerprint == ds.fingerprint
    assert again.name == name


@pytest.mark.skipif(
    not FASHION_MNIST.is_dir() and not os.environ.get("CI"),
    reason="apt-get install dataset-fashion-mnist has not been run",
)
def test_fashion_mnist_has_its_own_test_images():
    ds = nw.example("fashion_mnist")
    assert (len(ds), len(ds.given["test"]), ds.task) == (70_000, 10_000, "multiclass")
    assert np.bincount(ds.labels.values).tolist() == [7000] * 10
    assert (ds.labels.labels(np.arange(2)).tolist(), ds.test.target[0]) == (
        ["ankle boot", "T-shirt/top"],
        "ankle boot",
    )


@pytest.mark.skipif(
    not (asset_folder() / "emoji").is_dir() and not os.environ.get("CI"),
    reason="python scripts/assets.py emoji has not been run",
)
def test_emoji_are_colored_images_of_nine_categories():
    ds = nw.example("emoji")
    assert (len(ds), len(ds.labels.classes), ds.features.pixels.shapes[0].tolist()) == (1906, 9, [64, 64, 3])


def test_examples_of_images_say_how_to_get_them(tmp_path, monkeypatch):
    monkeypatch.setenv("NETWRIGHT_CACHE", str(tmp_path))
    monkeypatch.setattr("netwright.data.examples.FASHION_MNIST", tmp_path / "none")
    with pytest.raises(DataError, match="install it with: apt-get install dataset-fashion-mnist"):
        nw.example("fashion_mnist")
    with pytest.raises(DataError, match=r"fetch it with: python scripts/assets\.py emoji"):
        nw.example("emoji")


def test_diamonds_say_how_to_fetch_them(tmp_path, monkeypatch):
    monkeypatch.setenv("NETWRIGHT_CACHE", str(tmp_path))
    with pytest.raises(DataError, match=r"fetch it with: python scripts/assets.py diamonds"):
        nw.example("diamonds")


def test_arrays_and_digits_start_without_the_table_libraries():
    code = (
        "import sys, numpy as np, netwright as nw;"
        "nw.example('digits').prepare(nw.DataControls(), embeddings=True).train;"
        "nw.Dataset.from_arrays(np.ones((9, 2)), np.arange(9) % 3, task='multiclass').schema;"
        "print([name for name in ('jax', 'polars', 'pyarrow', 'pandas', 'sklearn') if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
