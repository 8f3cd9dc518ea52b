"""bfloat16 products are chosen only where they were measured to pay."""

import pytest

import netwright as nw
from netwright.core.layout import Layout
from netwright.train.auto import Facts, image, resolve

IMAGES = Facts(1000, Layout("image", (28, 28)), "multiclass", dev_rows=100)
TABLE = Facts(1000, Layout("table", (28,)), "multiclass", dev_rows=100)


@pytest.mark.parametrize(
    ("kind", "facts", "native", "hardware", "expected"),
    [
        ("cnn", IMAGES, True, True, "mixed"),
        ("cnn", IMAGES, False, True, "float32"),
        ("cnn", IMAGES, True, False, "float32"),
        ("resnet", IMAGES, True, True, "mixed"),
        ("resnet", IMAGES, False, True, "float32"),
        ("mlp", IMAGES, True, True, "float32"),
        ("mlp", TABLE, True, True, "float32"),
    ],
)
def test_by_kind_kernels_and_processor(kind, facts, native, hardware, expected, monkeypatch):
    monkeypatch.setattr(image.native, "available", lambda: native)
    monkeypatch.setattr(image, "multiplies_bfloat16", lambda: hardware)
    resolved = resolve(nw.Controls(architecture=nw.Architecture(kind=kind)), facts)
    assert resolved.optimization.precision == expected
    said = nw.Controls(optimization=nw.Optimization(precision="float32"))
    assert resolve(said, facts).optimization.precision == "float32"
