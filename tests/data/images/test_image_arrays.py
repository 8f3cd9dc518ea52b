"""IDX, NPZ and NPY files, and tables that name image files."""

import gzip
import struct

import numpy as np
import polars as pl
import pytest

import netwright as nw
from netwright.core.errors import DataError
from netwright.data.origin import reopen

GENERATOR = np.random.default_rng(0)
X = GENERATOR.integers(0, 256, (40, 4, 3)).astype(np.uint8)
Y = (np.arange(40) % 2).astype(np.uint8)


def idx(array):
    return struct.pack(f">BBBB{array.ndim}i", 0, 0, 8, array.ndim, *array.shape) + array.tobytes()


def write_idx(folder, part="train", rows=slice(None), compress=gzip.compress, ending=".gz"):
    (folder / f"{part}-images-idx3-ubyte{ending}").write_bytes(compress(idx(X[rows])))
    (folder / f"{part}-labels-idx1-ubyte{ending}").write_bytes(compress(idx(Y[rows])))
    return folder / f"{part}-images-idx3-ubyte{ending}"


def test_a_folder_of_idx_files_has_its_parts(tmp_path):
    write_idx(tmp_path)
    write_idx(tmp_path, "t10k", slice(0, 6))
    dataset = nw.read(tmp_path)
    assert (dataset.task, len(dataset), len(dataset.given["test"])) == ("binary", 46, 6)
    np.testing.assert_array_equal(dataset.test.features[..., 0], X[:6])
    np.testing.assert_array_equal(dataset.test.target, Y[:6])


def test_one_idx_file_finds_its_labels(tmp_path):
    dataset = nw.read(write_idx(tmp_path, compress=bytes, ending=""))
    assert (len(dataset), dataset.given) == (40, {})


def test_damaged_idx_files_are_refused(tmp_path):
    path = write_idx(tmp_path)
    path.write_bytes(path.read_bytes()[:50])
    with pytest.raises(DataError, match=r"idx3-ubyte\.gz: cannot be read"):
        nw.read(path)
    path.write_bytes(gzip.compress(idx(X)[:100]))
    with pytest.raises(DataError, match="has 100 bytes, its head says 496; fetch it again"):
        nw.read(path)
    path.write_bytes(gzip.compress(b"PK\3\4"))
    with pytest.raises(DataError, match=r"is no IDX file \(it begins with 50 4b 03 04\)"):
        nw.read(path)
    (tmp_path / "train-labels-idx1-ubyte.gz").unlink()
    with pytest.raises(DataError, match=r"its labels train-labels-idx1-ubyte\.gz are not beside it"):
        nw.read(path)


@pytest.mark.parametrize("names", [("X", "y"), ("x_train", "y_train"), ("images", "labels")])
def test_archives_of_arrays(tmp_path, names):
    path = tmp_path / "a.npz"
    np.savez(path, **dict(zip(names, (X, Y), strict=True)), x_test=X[:3], y_test=Y[:3])
    dataset = nw.read(path)
    assert (dataset.name, len(dataset), len(dataset.given["test"])) == ("a", 43, 3)
    assert dataset.features.column is not None
    assert dataset.prepare(nw.DataControls(), embeddings=True).encoder.layout.kind == "image"


def test_a_table_in_an_archive_is_a_table(tmp_path):
    np.savez(tmp_path / "a.npz", X=X.reshape(40, -1).astype(np.float32), y=Y)
    assert (
        nw.read(tmp_path / "a.npz").prepare(nw.DataControls(), embeddings=True).encoder.layout.kind == "table"
    )


def test_an_array_finds_its_labels(tmp_path):
    np.save(tmp_path / "images.npy", X)
    with pytest.raises(DataError, match=r"images\.npy: its labels labels\.npy are not beside it"):
        nw.read(tmp_path / "images.npy")
    np.save(tmp_path / "labels.npy", Y)
    assert len(nw.read(tmp_path / "images.npy")) == 40


def test_archives_without_the_names_or_with_objects_are_refused(tmp_path):
    np.savez(tmp_path / "a.npz", pictures=X, y=Y)
    with pytest.raises(DataError, match="found the arrays pictures, y, expected one of X, x, images, data"):
        nw.read(tmp_path / "a.npz")
    np.savez(tmp_path / "b.npz", X=np.array([{}], dtype=object), y=Y)
    with pytest.raises(DataError, match=r"b\.npz: is not a NumPy archive of plain arrays"):
        nw.read(tmp_path / "b.npz")
    (tmp_path / "c.npz").write_text("no archive")
    with pytest.raises(DataError, match=r"c\.npz: is not a NumPy archive"):
        nw.read(tmp_path / "c.npz")
    (tmp_path / "X.npy").write_text("no array")
    np.save(tmp_path / "y.npy", Y)
    with pytest.raises(DataError, match=r"X\.npy: is not a NumPy array"):
        nw.read(tmp_path / "X.npy")


@pytest.fixture
def table(photos):
    files = sorted(path.relative_to(photos.parent).as_posix() for path in photos.rglob("*.png"))
    shade = [0.2 if "dark" in name else 0.8 for name in files]
    label = ["dark" if "dark" in name else "light" for name in files]
    patient = [i // 4 for i in range(len(files))]
    return pl.DataFrame({"file": files, "label": label, "shade": shade, "patient": patient}), photos.parent


def test_a_column_names_the_images(table):
    frame, folder = table
    frame.write_csv(folder / "labels.csv")
    dataset = nw.read(folder / "labels.csv", "label", image="file")
    assert (dataset.task, len(dataset)) == ("binary", 20)
    assert dataset.schema.left_out == ["shade", "patient"]
    assert reopen(dataset.origin).fingerprint == dataset.fingerprint


def test_other_columns_split(table):
    frame, folder = table
    frame.write_parquet(folder / "labels.parquet")
    dataset = nw.read(folder / "labels.parquet", "label", image="file")
    splits = dataset.splits(nw.DataControls(split="group", split_column="patient"))
    parts = [frame["patient"][rows].unique() for rows in (splits.train, splits.dev, splits.test)]
    assert sum(len(part) for part in parts) == frame["patient"].n_unique()
    with pytest.raises(DataError, match="no column 'patents' beside the images; did you mean 'patient'"):
        dataset.splits(nw.DataControls(split="group", split_column="patents"))


def test_a_regression_on_images(table):
    frame, folder = table
    frame.with_columns(shade=pl.Series([i / 20 for i in range(20)])).write_csv(folder / "a.csv")
    assert nw.read(folder / "a.csv", "shade", image="file").task == "regression"


def test_files_that_are_not_there_are_named_with_row_and_column(table):
    frame, folder = table
    frame[3, "file"] = "photos/dark/none.png"
    frame[0, "label"] = None
    frame.write_csv(folder / "a.csv")
    with pytest.raises(
        DataError, match=r"column 'file' names 'photos/dark/none\.png' in row 4 \(counted from 1\)"
    ):
        nw.read(folder / "a.csv", "label", image="file")
    frame[3, "file"] = None
    frame.write_csv(folder / "a.csv")
    with pytest.raises(DataError, match="column 'file' names no file in row 4"):
        nw.read(folder / "a.csv", "label", image="file")
    with pytest.raises(DataError, match="no column 'files'; did you mean 'file'"):
        nw.read(folder / "a.csv", "label", image="files")


def test_rows_of_damaged_images_leave_with_them(table):
    frame, folder = table
    (folder / frame[2, "file"]).write_text("no image")
    frame.write_csv(folder / "a.csv")
    with pytest.raises(
        DataError, match=r"1 of 20 images cannot be read: photos/dark/2\.png is text, no image"
    ):
        nw.read(folder / "a.csv", "label", image="file")
    dataset = nw.read(folder / "a.csv", "label", image="file", skip_corrupt=True)
    assert (len(dataset), len(dataset.features.about), len(dataset.labels.values)) == (19, 19, 19)
