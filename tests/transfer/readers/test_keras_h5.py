import sys

import numpy as np
import pytest

from netwright.core.errors import BackboneError
from netwright.transfer import readers

h5py = pytest.importorskip("h5py")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "tf_model.h5"


def test_arrays_are_named_by_layer_and_weight(path):
    """As Keras 2 and Keras 3 lay them out."""
    with h5py.File(path, "w") as file:
        file["model_weights/inner/Conv1/kernel"] = np.ones((2, 3), np.float32)
        file["model_weights/bn/bn/gamma:0"] = np.zeros(3, np.float32)
        file["optimizer_weights/Conv1_kernel_momentum"] = np.ones(2)
        file.attrs["model_config"] = '{"class_name": "Lambda"}'  # code, which is not looked at
    found = readers.read(path)
    assert {name: array.shape for name, array in found.items()} == {"Conv1/kernel": (2, 3), "bn/gamma": (3,)}


def links_out(file):
    file["layer/kernel"] = h5py.ExternalLink("other.h5", "/secret")


def links_round(file):
    file["layer/kernel"] = h5py.SoftLink("/layer")


def lies_elsewhere(file):
    file.create_group("layer").create_dataset("kernel", (4,), "f4", external=[("/etc/passwd", 0, 16)])


def is_virtual(file):
    layout = h5py.VirtualLayout((4,), "f4")
    layout[:] = h5py.VirtualSource("other.h5", "secret", (4,))
    file.create_group("layer").create_virtual_dataset("kernel", layout)


def is_compressed(file):
    file.create_group("layer").create_dataset("kernel", (10**7,), "f4", compression="gzip")


def is_never_written(file):
    file.create_group("layer").create_dataset("kernel", (10**12,), "f4", chunks=(10**6,))


def is_text(file):
    file["layer/kernel"] = "exec"


def is_there_twice(file):
    file["a/layer/kernel"] = np.ones(2)
    file["b/layer/kernel"] = np.ones(2)


def holds_itself(file):
    file["layer/inner"] = file.create_group("layer/other")
    file["layer/other/again"] = file["layer"]


@pytest.mark.parametrize(
    "write",
    [
        *(links_out, links_round, lies_elsewhere, is_virtual, is_compressed, is_never_written, is_text),
        *(is_there_twice, holds_itself),
    ],
)
def test_files_that_lead_out_of_themselves_are_refused(path, write):
    with h5py.File(path, "w") as file:
        write(file)
    with pytest.raises(BackboneError, match=r"tf_model\.h5: "):
        readers.read(path)


def test_a_truncated_file_is_refused(path):
    with h5py.File(path, "w") as file:
        file["layer/kernel"] = np.ones(1000)
    content = path.read_bytes()
    for end in (0, 7, 100, len(content) // 2, len(content) - 8):
        path.write_bytes(content[:end])
        with pytest.raises(BackboneError, match="damaged"):
            readers.read(path)


def test_without_h5py_the_message_says_what_to_install(path, monkeypatch):
    path.touch()
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(BackboneError, match=r'pip install "netwright\[pretrained\]"'):
        readers.read(path)
