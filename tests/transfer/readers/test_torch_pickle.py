"""PyTorch's files are read without PyTorch, and what a pickle asks for beyond tensors is not done."""

import io
import pickle
import struct
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netwright.core.errors import BackboneError
from netwright.transfer import readers
from netwright.transfer.readers._pickle import MOST, unpickled
from netwright.transfer.readers.torch_pickle import MAGIC, PROTOCOL


@pytest.mark.parametrize("layout", ["archive", "run", "within"])
def test_reads_what_torch_wrote(golden, layout):
    folder, expected = golden("torch_files")
    found = readers.read(folder / f"{layout}.bin")
    assert found.keys() == expected.keys()
    for name, array in expected.items():
        np.testing.assert_array_equal(found[name].astype(np.float32), array, err_msg=name)
    assert (found["half"].dtype, found["bfloat16"].dtype) == ("float16", "bfloat16")


class Asks:
    """What pickles to a call of a function."""

    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


def archive(tmp_path, content, *, compress=zipfile.ZIP_STORED, data=(("0", bytes(8)),)):
    path = tmp_path / "pytorch_model.bin"
    with zipfile.ZipFile(path, "w", compress) as file:
        file.writestr("model/data.pkl", content)
        for key, numbers in data:
            file.writestr(f"model/data/{key}", numbers)
    return path


def tensor(shape=b"K\x02\x85", steps=b"K\x01\x85", start=b"K\x00", count=b"K\x02", kind=b"FloatStorage"):
    """A pickle of one tensor "a" of two numbers, in the words that PyTorch writes."""
    storage = (
        b"(X\x07\x00\x00\x00storagectorch\n" + kind + b"\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpu" + count
    )
    rebuilt = b"ctorch._utils\n_rebuild_tensor_v2\n(" + storage + b"tQ" + start + shape + steps
    return b"\x80\x02}X\x01\x00\x00\x00a" + rebuilt + b"\x89}tRs."


def test_reads_a_plain_tensor(tmp_path):
    path = archive(tmp_path, tensor(), data=[("0", np.array([1, 2], np.float32).tobytes())])
    np.testing.assert_array_equal(readers.read(path)["a"], [1, 2])


@pytest.mark.parametrize("protocol", [0, 2, 4])
def test_a_pickle_that_calls_something_is_refused_and_nothing_runs(tmp_path, protocol):
    ran = tmp_path / "ran"
    content = pickle.dumps({"a": Asks(exec, f"open({str(ran)!r}, 'w')")}, protocol=protocol)
    with pytest.raises(BackboneError, match=r"pytorch_model.bin: its pickle .*nothing was executed"):
        readers.read(archive(tmp_path, content))
    assert not ran.exists()


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"\x80\x02cos\nsystem\nX\x04\x00\x00\x00true\x85R.", id="a name"),
        pytest.param(b"\x80\x02(X\x04\x00\x00\x00trueios\nsystem\n.", id="an instance"),
        pytest.param(b"\x80\x02\x82\x01.", id="an extension's number"),
        pytest.param(b"\x80\x04\x8c\x02os\x8c\x06system\x93.", id="a name from the stack"),
        pytest.param(b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n)\x81.", id="a new object"),
    ],
)
def test_instructions_that_no_tensor_needs_are_refused(content):
    with pytest.raises(BackboneError, match="nothing was executed"):
        unpickled(content)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (tensor(shape=b"J\xff\xff\xff\x7f\x85", steps=b"K\x00\x85"), "reaches beyond its 2 numbers"),
        (tensor(shape=b"K\x03\x85"), "reaches beyond its 2 numbers"),
        (tensor(start=b"K\x01"), "reaches beyond its 2 numbers"),
        (tensor(steps=b"J\xff\xff\xff\xff\x85"), "damaged"),
        (tensor(shape=b"K\x02K\x01\x86"), "damaged"),
        (tensor(count=b"J\xff\xff\xff\x7f"), "has 8 bytes, expected 8,589,934,588"),
        (tensor(count=b"J\xff\xff\xff\xff"), "damaged"),
        (tensor(kind=b"DoubleStorage"), "has 8 bytes, expected 16"),
        (tensor(kind=b"OddStorage"), "names torch.OddStorage"),
        (tensor()[:-1], "before seeing STOP"),
        (b"\x80\x02" + b"N" * MOST + b".", "longer than any"),
        (b"\x80\x02N.", "no dictionary of tensors"),
        (b"\x80\x02" + b"\x5d(" * 3 + b"u.", "damaged"),
        (b"\x80\x02}q\x00h\x00h\x00s.", "damaged"),
        (b"\x80\x02r\xff\xff\xff\xff.", "damaged"),
        (b"\x80\x02\x8b\xff\xff\xff\x7f.", "damaged"),
    ],
    ids=lambda value: "" if isinstance(value, bytes) else value,
)
def test_descriptions_that_do_not_add_up_are_refused(tmp_path, content, message):
    with pytest.raises(BackboneError, match=message):
        readers.read(archive(tmp_path, content))


def test_a_dictionary_within_itself_is_no_endless_loop(tmp_path):
    content = b"\x80\x02}q\x00X\x0a\x00\x00\x00state_dicth\x00s."
    assert readers.read(archive(tmp_path, content)) == {}


def test_a_compressed_archive_is_refused(tmp_path):
    path = archive(tmp_path, tensor(), compress=zipfile.ZIP_DEFLATED, data=[("0", bytes(10**6))])
    with pytest.raises(BackboneError, match="compressed"):
        readers.read(path)


def test_a_storage_that_is_missing_or_not_in_its_folder_is_refused(tmp_path):
    with pytest.raises(BackboneError, match="'data/0' is missing"):
        readers.read(archive(tmp_path, tensor(), data=[("../0", bytes(8))]))


def test_a_truncated_file_is_refused_wherever_it_ends(golden, tmp_path):
    for name in ("archive.bin", "run.bin"):
        content = (golden("torch_files")[0] / name).read_bytes()
        for end in (*range(0, 200, 7), *range(200, len(content) - 1, 211), len(content) - 1):
            path = tmp_path / name
            path.write_bytes(content[:end])
            with pytest.raises(BackboneError):
                readers.read(path)


def test_the_older_layout_is_checked_too(tmp_path):
    path = tmp_path / "pytorch_model.bin"
    head = pickle.dumps(MAGIC, 2) + pickle.dumps(PROTOCOL, 2)
    machine = {"protocol_version": PROTOCOL, "little_endian": True}
    numbers = struct.pack("<q", 2) + bytes(8)
    whole = head + pickle.dumps(machine, 2) + tensor() + pickle.dumps(["0"], 2) + numbers
    path.write_bytes(whole)
    assert readers.read(path)["a"].tolist() == [0, 0]
    for damaged in (
        pickle.dumps(1, 2) + whole,
        head + pickle.dumps({**machine, "little_endian": False}, 2) + tensor(),
        head + pickle.dumps(machine, 2) + tensor() + pickle.dumps(["0", "1"], 2) + numbers,
        head + pickle.dumps(machine, 2) + tensor() + pickle.dumps([["0"]], 2) + numbers,
        head
        + pickle.dumps(machine, 2)
        + tensor()
        + pickle.dumps(["0"], 2)
        + struct.pack("<q", 3)
        + bytes(12),
    ):
        path.write_bytes(damaged)
        with pytest.raises(BackboneError):
            readers.read(path)


@settings(max_examples=300, deadline=None)
@given(place=st.integers(0, 10**6), change=st.integers(1, 255))
def test_a_changed_byte_gives_numbers_or_an_error_and_nothing_else(golden, place, change):
    content = bytearray((golden("torch_files")[0] / "run.bin").read_bytes()[:1500])
    content[place % len(content)] ^= change
    start = 0
    try:
        for _ in range(5):
            start = unpickled(bytes(content), start).end
    except BackboneError:
        return
    assert start > 0


@settings(max_examples=300, deadline=None)
@given(content=st.binary(max_size=60))
def test_noise_is_read_as_plain_values_or_refused(content):
    try:
        found = unpickled(content).value
    except BackboneError:
        return
    assert type(found).__module__ in ("builtins", "netwright.transfer.readers._pickle")


def test_bytes_are_not_read_as_a_pickle_of_another_protocol(tmp_path):
    content = io.BytesIO()
    np.savez(content, a=np.zeros(2))
    path = tmp_path / "pytorch_model.bin"
    path.write_bytes(content.getvalue())
    with pytest.raises(BackboneError, match=r"0 data.pkl"):
        readers.read(path)
