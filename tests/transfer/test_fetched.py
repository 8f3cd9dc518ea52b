"""AR-2: real pretrained weights compute what their reference implementations compute, and know what they learned."""

import json
import re

import jax
import numpy as np
import polars as pl
import pytest

import netwright as nw
from netwright.data.encoder import Encoder
from netwright.transfer import readers

TEXTS = (
    "a small text",
    "Words, words & words: none of them is the same as the others!",
    "Ünïcode wörds, and 12 numbers",
    "end",
)


@pytest.fixture(scope="module")
def minilm(asset):
    return nw.transfer.backbone(asset("minilm"))


@pytest.fixture(scope="module")
def embed(minilm):
    encoder = Encoder.from_json({"column": "text", **minilm.preprocess})
    jitted = jax.jit(minilm.module)
    return lambda texts: np.asarray(jitted(encoder.transform(pl.Series(texts))[:, :32]))


def test_minilm_computes_what_transformers_does(golden, embed):
    np.testing.assert_allclose(embed(TEXTS), golden("minilm")[1]["features"], atol=3e-6)


def test_minilm_brings_near_what_means_the_same(embed):
    found = embed(["A man eats bread.", "Someone is having a meal.", "The stock market fell sharply."])
    found = found / np.linalg.norm(found, axis=1, keepdims=True)
    near, far, farther = found[0] @ found[1], found[0] @ found[2], found[1] @ found[2]
    assert near > 0.5 > 0.2 > max(far, farther)


def test_minilm_names_its_groups_and_its_longest_text(minilm):
    assert minilm.groups == ("stem.*", *(f"blocks.{place}.*" for place in range(6)))
    assert minilm.preprocess["length"] == 256
    encoder = Encoder.from_json({"column": "text", **minilm.preprocess})
    (codes,) = encoder.transform(pl.Series(["word " * 1000])).astype(int)
    assert (codes[0], codes[-1]) == (101, 102)  # a text that is cut ends as every text does


def test_the_fingerprint_is_of_weights_and_preprocessing(minilm, asset, tmp_path):
    for file in asset("minilm").iterdir():
        (tmp_path / file.name).symlink_to(file)
    assert nw.transfer.backbone(tmp_path).fingerprint == minilm.fingerprint
    (tmp_path / "sentence_bert_config.json").unlink()
    (tmp_path / "sentence_bert_config.json").write_text(json.dumps({"max_seq_length": 64}))
    assert nw.transfer.backbone(tmp_path).fingerprint != minilm.fingerprint
    assert re.fullmatch(r"[0-9a-f]{64}", minilm.fingerprint)


@pytest.mark.parametrize(("name", "image"), [("efficientnet_lite0", (65, 64)), ("mobilenet_v2", (160, 160))])
def test_convolutional_backbones_compute_what_timm_and_keras_do(golden, asset, name, image):
    """Images of odd and even sides, where that is allowed: TensorFlow's padding differs between them."""
    backbone = nw.transfer.backbone(asset(name))
    x = np.random.default_rng(0).normal(size=(2, *image, 3)).astype(np.float32)
    expected = golden(name)[1]["features"]
    np.testing.assert_allclose(jax.jit(backbone.module)(x), expected, atol=1e-5 * np.abs(expected).max())


def test_efficientnet_sees_a_palace_and_a_daisy(asset):
    from sklearn.datasets import load_sample_image

    folder = asset("efficientnet_lite0")
    backbone = nw.transfer.backbone("efficientnet_lite0")
    weights = readers.read(folder / "pytorch_model.bin")
    encoder = Encoder.from_json(backbone.preprocess)
    images = np.stack([load_sample_image(name) for name in ("china.jpg", "flower.jpg")])
    features = jax.jit(backbone.module)(encoder.transform(images))
    logits = np.asarray(features) @ weights["_fc.weight"].T + weights["_fc.bias"]
    assert logits.argmax(axis=1).tolist() == [698, 985]  # ImageNet's numbers of palace and daisy
