import json
import struct

import ml_dtypes
import numpy as np
import pytest
from safetensors.numpy import save

from netwright.core.errors import BackboneError
from netwright.transfer import readers


def packed(header, numbers=b"", length=None):
    words = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(words) if length is None else length) + words + numbers


def read(tmp_path, content):
    path = tmp_path / "model.safetensors"
    path.write_bytes(content)
    return readers.read(path)


def one(dtype="F32", shape=(2,), offsets=(0, 8)):
    return {"a": {"dtype": dtype, "shape": list(shape), "data_offsets": list(offsets)}}


def test_reads_what_the_library_wrote(tmp_path):
    arrays = {
        "a": np.arange(6, dtype=np.float32).reshape(2, 3),
        "b": np.ones(3, np.float16),
        "c": np.array([1.5, -2], ml_dtypes.bfloat16),
        "d": np.arange(2),
    }
    found = read(tmp_path, save(arrays))
    assert found.keys() == arrays.keys()
    for name, array in arrays.items():
        assert found[name].dtype == array.dtype
        np.testing.assert_array_equal(found[name], array)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\x00" * 7, id="less than a length"),
        pytest.param(packed(one(), bytes(8), length=2**63), id="a header larger than memory"),
        pytest.param(packed(one(), bytes(8), length=100_000_001), id="a header larger than the file"),
        pytest.param(packed(b" " * (16 * 2**20 + 1)), id="a huge header"),
        pytest.param(packed(b"{" * 50_000), id="a deep header"),
        pytest.param(packed(b"[1, 2]"), id="no names"),
        pytest.param(packed(one(), bytes(7)), id="truncated"),
        pytest.param(packed(one(), bytes(9)), id="more than it says"),
        pytest.param(packed(one(shape=(2**62, 8)), bytes(8)), id="a shape that overflows"),
        pytest.param(packed(one(shape=(3,)), bytes(8)), id="a shape larger than its place"),
        pytest.param(packed(one(shape=(-2,)), bytes(8)), id="a negative size"),
        pytest.param(packed(one(offsets=(8, 0)), bytes(8)), id="places backwards"),
        pytest.param(packed(one(offsets=(0, 2**63)), bytes(8)), id="a place beyond the file"),
        pytest.param(
            packed({**one(), "b": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}, bytes(8)),
            id="two tensors in one place",
        ),
        pytest.param(packed(one(dtype="F8_E4M3", shape=(8,)), bytes(8)), id="a type of another kind"),
        pytest.param(packed(one(dtype="os.system", shape=(8,)), bytes(8)), id="a type that is none"),
    ],
)
def test_damaged_files_are_refused(tmp_path, content):
    with pytest.raises(BackboneError, match=r"model\.safetensors: "):
        read(tmp_path, content)


def test_the_ending_says_what_is_read(tmp_path):
    with pytest.raises(
        BackboneError, match=r"found the ending '\.pkl', expected one of \.safetensors, \.bin"
    ):
        readers.read(tmp_path / "model.pkl")
    with pytest.raises(BackboneError, match=r"model\.safetensors: cannot be read \(No such file"):
        readers.read(tmp_path / "model.safetensors")


def test_narrow_numbers_are_widened_and_others_refused():
    for dtype in (np.float16, ml_dtypes.bfloat16, np.float32):
        found = readers.widened("a", np.array([0.5, -3], dtype))
        assert (found.dtype, found.tolist()) == (np.float32, [0.5, -3])
    for dtype in (np.float64, np.int32, np.bool_):
        with pytest.raises(BackboneError, match=r"tensor 'a' is .*, expected float32"):
            readers.widened("a", np.ones(2, dtype))
    for bad in (np.nan, np.inf):
        with pytest.raises(BackboneError, match="not finite"):
            readers.widened("a", np.array([1, bad], np.float32))
