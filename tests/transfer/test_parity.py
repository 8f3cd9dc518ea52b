"""Each family computes what its reference implementation computes, on that implementation's own files."""

import json

import jax
import numpy as np
import polars as pl
import pytest

import netwright as nw
from netwright.data.encoder import Encoder

TEXTS = (
    "a small text",
    "Words, words & words: none of them is the same as the others!",
    "Ünïcode wörds, and 12 numbers",
    "end",
)


def encoder_of(backbone):
    fields = json.loads(json.dumps(backbone.preprocess))  # as a run's folder keeps it
    return Encoder.from_json({"column": "text", **fields} if backbone.kind == "text" else fields)


def features_of(backbone, rows):
    x = encoder_of(backbone).transform(rows)
    return np.asarray(jax.jit(backbone.module)(x))


def close(found, expected, within=2e-6):
    """Within float32's rounding, relative to the largest feature."""
    np.testing.assert_allclose(found, expected, atol=within * np.abs(expected).max(), rtol=0)


@pytest.mark.parametrize("name", ["bert", "gpt2"])
def test_texts(golden, name):
    folder, arrays = golden(name)
    backbone = nw.transfer.backbone(folder)
    assert (backbone.family, backbone.kind, backbone.width) == (name, "text", 32)
    close(features_of(backbone, pl.Series(TEXTS)), arrays["features"])


def test_the_first_token_stands_for_a_text_where_its_folder_says_so(golden, tmp_path):
    folder, arrays = golden("bert")
    for file in folder.iterdir():
        (tmp_path / file.name).symlink_to(file)  # as in the hub's cache
    (tmp_path / "1_Pooling").mkdir()
    (tmp_path / "1_Pooling" / "config.json").write_text(
        json.dumps({"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False})
    )
    close(features_of(nw.transfer.backbone(tmp_path), pl.Series(TEXTS)), arrays["first"])


@pytest.mark.parametrize("name", ["vit", "resnet_bottleneck", "resnet_basic"])
def test_images(golden, name):
    folder, arrays = golden(name)
    backbone = nw.transfer.backbone(folder)
    assert (backbone.family, backbone.kind) == (name.partition("_")[0], "image")
    close(np.asarray(jax.jit(backbone.module)(arrays["pixels"])), arrays["features"])


def test_a_stretched_image_is_the_reference_processor_s(golden):
    folder, arrays = golden("vit")
    found = encoder_of(nw.transfer.backbone(folder)).transform(arrays["images"])
    # It rounds to whole pixels of another resizer: one of 255 levels is 2/255 here.
    np.testing.assert_allclose(found, arrays["pixels"], atol=2.01 / 255)
    assert np.mean(np.abs(found - arrays["pixels"]) > 1e-5) < 0.1


def test_a_cropped_image_is_nearly_the_reference_processor_s(golden):
    """It first shrinks to whole pixels and then cuts whole pixels off: of noise, that is half a pixel's difference."""
    folder, arrays = golden("resnet_basic")
    found = encoder_of(nw.transfer.backbone(folder)).transform(arrays["images"])
    assert found.shape == arrays["pixels"].shape
    assert np.corrcoef(found.ravel(), arrays["pixels"].ravel())[0, 1] > 0.98
