import json
import struct

import numpy as np
import pytest

from netwright.core import tensors
from netwright.core.errors import RunError

ARRAYS = {
    "a.kernel": np.arange(6, dtype=np.float32).reshape(2, 3),
    "count": np.uint32(7),
    "empty": np.zeros((0, 4), np.float32),
    "flag": np.bool_(True),
    "strided": np.arange(10, dtype=np.int64)[::3],
}


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "w.safetensors"
    tensors.save(path, ARRAYS, {"note": "ä"})
    return path


def test_round_trip(file):
    arrays, metadata = tensors.load(file)
    assert metadata == {"note": "ä"}
    assert set(arrays) == set(ARRAYS)
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(arrays[name], array, strict=True)


def truncated(data):
    return data[:-5]


def header_cut(data):
    return data[:20]


def huge_header(data):
    return struct.pack("<Q", 2**62) + data[8:]


def header_of_zeros(data):
    return struct.pack("<Q", 17 * 2**20) + bytes(18 * 2**20)


def unreadable_header(data):
    return data[:8] + b"\xff" * (len(data) - 8)


def header_is_a_list(data):
    return struct.pack("<Q", 2) + b"[]"


def offsets_beyond_the_file(data):
    header = json.dumps({"x": {"dtype": "F32", "shape": [1000], "data_offsets": [0, 4000]}}).encode()
    return struct.pack("<Q", len(header)) + header + bytes(8)


def shape_disagrees_with_size(data):
    header = json.dumps({"x": {"dtype": "F32", "shape": [2**40], "data_offsets": [0, 8]}}).encode()
    return struct.pack("<Q", len(header)) + header + bytes(8)


def metadata_is_a_number(data):
    header = json.dumps({"__metadata__": 3}).encode()
    return struct.pack("<Q", len(header)) + header


DAMAGES = [
    truncated,
    header_cut,
    huge_header,
    header_of_zeros,
    unreadable_header,
    header_is_a_list,
    offsets_beyond_the_file,
    shape_disagrees_with_size,
    metadata_is_a_number,
    lambda data: b"",
    lambda data: b"1234567",
]


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda f: f.__name__)
def test_a_damaged_file_is_refused(file, damage):
    file.write_bytes(damage(file.read_bytes()))
    with pytest.raises(RunError, match=r"w\.safetensors: .*(damaged|no safetensors)"):
        tensors.load(file)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(RunError, match="cannot be read"):
        tensors.load(tmp_path / "none")


def test_every_truncation_is_refused(file):
    data = file.read_bytes()
    for length in range(len(data)):
        file.write_bytes(data[:length])
        with pytest.raises(RunError):
            tensors.load(file)


def test_check_shapes(file):
    arrays, _ = tensors.load(file)
    expected = {name: tensors.shape_of(array) for name, array in ARRAYS.items()}
    tensors.check_shapes(file, arrays, expected)
    changes = {
        "is missing": {**expected, "other": expected["count"]},
        "expected float32 \\(3, 2\\)": {**expected, "a.kernel": ((3, 2), np.dtype(np.float32))},
        "expected float16": {**expected, "a.kernel": ((2, 3), np.dtype(np.float16))},
        "'strided' is not part": {name: e for name, e in expected.items() if name != "strided"},
    }
    for said, wrong in changes.items():
        with pytest.raises(RunError, match=said):
            tensors.check_shapes(file, arrays, wrong)
