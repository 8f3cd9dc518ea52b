"""Runs on pretrained backbones, and runs of several targets."""

from pathlib import Path

import jax
import numpy as np
import polars as pl
import pytest
from flax import nnx
from tokenizers import Tokenizer

import netwright as nw
from netwright.data.text.tokenizer import encode
from netwright.export.network import network
from netwright.models import backbones
from netwright.nn.skeleton import split

GOLDEN = Path(__file__).parents[1] / "transfer" / "golden"
TOLERANCE = 1e-4


@pytest.mark.parametrize("name", ["bert", "gpt2", "vit", "resnet_basic", "resnet_bottleneck"])
def test_a_small_backbone_of_each_family(session, name):
    backbone = nw.transfer.backbone(GOLDEN / name)
    draw = np.random.default_rng(0)
    if backbone.kind == "text":
        length = 6
        x = draw.integers(1, 5, (3, length)) * (np.arange(length) < np.array([6, 1, 4])[:, None])
    else:
        x = draw.normal(size=(3, *backbone.preprocess["size"], 3))
    compare(session, backbone.module, x.astype(np.float32))


@pytest.mark.parametrize(
    ("family", "config"),
    [("mobilenet_v2", {"width": 0.1}), ("efficientnet_lite", {"width": 0.1, "depth": 0.5})],
)
def test_a_small_network_for_phones(session, family, config):
    module = backbones.build(family, config, nnx.Rngs(0))
    compare(session, module, np.random.default_rng(1).normal(size=(3, 32, 32, 3)).astype(np.float32))


def compare(session, module, x):
    module.eval()
    expected = np.asarray(jax.jit(lambda x: module(x))(x))
    model = network(*split(nnx.clone(module)), x.shape[1:])
    (found,) = session(model).run(None, {model.graph.input[0].name: x})
    np.testing.assert_allclose(found, expected, rtol=TOLERANCE, atol=TOLERANCE * np.abs(expected).max())


@pytest.mark.parametrize("transfer", ["features", "finetune"])
def test_a_run_on_a_backbone_of_texts(session, tmp_path, monkeypatch, transfer):
    monkeypatch.setenv("NETWRIGHT_CACHE", str(tmp_path / "cache"))
    draw = np.random.default_rng(2)
    texts = [" ".join(draw.choice(["the", "words", "box", "and"], draw.integers(1, 9))) for _ in range(60)]
    controls = nw.Controls(
        architecture=nw.Architecture(backbone=str(GOLDEN / "bert"), transfer=transfer),
        optimization=nw.Optimization(epochs=1, batch_size=16, precision="float32"),
    )
    run = nw.fit(
        nw.Dataset.from_arrays(texts, ["yes" if "box" in text else "no" for text in texts]), controls
    )
    opened = session(run.export(tmp_path / "model.onnx"))
    (given,) = opened.get_inputs()
    tokenizer = Tokenizer.from_str(opened.get_modelmeta().custom_metadata_map["tokenizer"])
    codes = encode(tokenizer, texts[:8], given.shape[1]).astype(np.int64)
    label, probabilities = opened.run(None, {given.name: codes})
    np.testing.assert_allclose(probabilities, run.predict_proba(texts[:8]), atol=TOLERANCE)
    assert label.tolist() == run.predict(texts[:8]).tolist()


def test_each_of_several_targets(session, tmp_path):
    draw = np.random.default_rng(3)
    a, b = draw.normal(size=(2, 90))
    frame = pl.DataFrame(
        {
            "a": a,
            "b": b,
            "sign": np.where(a > 0, "plus", "minus"),
            "sum": a + b,
            "third": np.digitize(b, [-0.4, 0.4]),
        }
    )
    controls = nw.Controls(
        architecture=nw.Architecture(kind="mlp", hidden=(6,)),
        optimization=nw.Optimization(epochs=2, batch_size=32),
    )
    run = nw.fit(nw.read(frame, target=["sign", "sum", "third"]), controls)
    opened = session(run.export(tmp_path / "model.onnx"))
    names = [given.name for given in opened.get_outputs()]
    found = dict(zip(names, opened.run(None, {"a": a[:9], "b": b[:9]}), strict=True))
    new = frame.head(9).select("a", "b")
    predicted, probabilities = run.predict(new), run.predict_proba(new)
    np.testing.assert_allclose(found["value.sum"], predicted["sum"], rtol=TOLERANCE, atol=TOLERANCE)
    for name in ("sign", "third"):
        assert found[f"label.{name}"].tolist() == predicted[name].tolist()
        np.testing.assert_allclose(found[f"probabilities.{name}"], probabilities[name], atol=TOLERANCE)
    alone = session(run.of("sign").export(tmp_path / "sign.onnx"))
    label, _ = alone.run(None, {"a": a[:9], "b": b[:9]})
    assert label.tolist() == found["label.sign"].tolist()
