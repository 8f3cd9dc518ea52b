"""Every model of the catalog, on every kind of layout it takes, computes in onnxruntime what it computes in JAX."""

import jax
import numpy as np
import pytest
from flax import nnx

from netwright.core import catalog
from netwright.core.errors import RunError
from netwright.core.layout import Layout
from netwright.export.network import in_float32, network
from netwright.models import ModelSpec, build
from netwright.nn.skeleton import split

GENERATOR = np.random.default_rng(0)
ROWS = 5
TOLERANCE = 2e-5
SPECS = {
    "plain": {},
    "everything": {
        "batch_norm": True,
        "dropout": True,
        "dropout_scaling": "inference",
        "head": (5,),
        "heads": 2,
        "bidirectional": True,
        "activation": "gelu",
    },
}
WIDTHS = {"transformer": (4, 4), "cnn_transformer": (4,), "several": (6,), "logistic": ()}


def normal(*shape):
    return GENERATOR.normal(size=(ROWS, *shape)).astype(np.float32)


def padded(x, lengths):
    """Nothing after the lengths; the last channel of a sequence says so."""
    real = np.arange(x.shape[1]) < np.array(lengths)[:, None]
    if x.ndim == 2:
        return x * real.astype(np.float32)
    return np.concatenate([x * real[..., None], real[..., None]], axis=2).astype(np.float32)


LENGTHS = (5, 1, 3, 2, 5)
EXAMPLES = {
    "table": (
        Layout("table", (5,), embeddings=((4, 13),)),
        np.hstack([normal(4), GENERATOR.integers(0, 13, (ROWS, 1)).astype(np.float32)]),
    ),
    "image": (Layout("image", (9, 8, 2)), normal(9, 8, 2)),
    "sequence": (Layout("sequence", (5, 3), masked=True), padded(normal(5, 2), LENGTHS)),
    "text": (
        Layout("text", (5,), vocabulary=9),
        padded(GENERATOR.integers(1, 9, (ROWS, 5)).astype(np.float32), LENGTHS),
    ),
}
LAYOUTS, XS = zip(*EXAMPLES.values(), strict=True)
RAVELED = np.concatenate([x.reshape(ROWS, -1) for x in XS], axis=1)
EXAMPLES["several"] = (Layout("several", RAVELED.shape[1:], parts=LAYOUTS), RAVELED)
CASES = [
    (kind, layout, specs)
    for kind in catalog.names("models")
    for layout in catalog.module("models", kind).TAKES
    for specs in SPECS
]


def weights(spec):
    """Random weights, and averages of batches that are not what they start with."""
    skeleton, params, rest = split(build(spec, nnx.Rngs(0)))
    moved = {name: a + 0.3 for name, a in rest.items() if name.endswith(("mean", "var", "rate"))}
    return skeleton, params, rest | moved


def outputs(skeleton, params, rest, x):
    @jax.jit
    def run(x):
        model = skeleton.merge(params, rest)
        model.eval()
        return model(x)

    return np.asarray(run(x))


@pytest.mark.parametrize(("kind", "layout", "specs"), CASES)
def test_onnxruntime_computes_the_same(session, kind, layout, specs):
    layout, x = EXAMPLES[layout]
    spec = ModelSpec(kind=kind, layout=layout, n_out=3, hidden=WIDTHS.get(kind, (6, 4)), **SPECS[specs])
    skeleton, params, rest = weights(spec)
    model = network(skeleton, params, rest, layout.shape)
    (found,) = session(model).run(None, {model.graph.input[0].name: x})
    expected = outputs(skeleton, params, rest, x)
    assert np.abs(expected).max() > 1e-3
    np.testing.assert_allclose(found, expected, atol=TOLERANCE, rtol=TOLERANCE)
    (found,) = session(model).run(None, {model.graph.input[0].name: x[:1]})
    np.testing.assert_allclose(found, expected[:1], atol=TOLERANCE, rtol=TOLERANCE)


def test_networks_side_by_side_in_mixed_precision(session):
    layout, x = EXAMPLES["table"]
    member = ModelSpec(kind="mlp", layout=layout, n_out=2, hidden=(8,), precision="mixed")
    spec = ModelSpec(kind="mlp", layout=layout, n_out=2, members=(member, member))
    skeleton, params, rest = weights(spec)
    exact = in_float32(skeleton, spec.to_json())
    model = network(exact, params, rest, layout.shape)
    (found,) = session(model).run(None, {model.graph.input[0].name: x})
    np.testing.assert_allclose(found, outputs(exact, params, rest, x), atol=TOLERANCE)
    np.testing.assert_allclose(found, outputs(skeleton, params, rest, x), atol=0.05)


def test_a_module_of_ones_own(session):
    class Own(nnx.Module):
        def __init__(self, rngs):
            self.first = nnx.Linear(4, 8, rngs=rngs)
            self.norm = nnx.LayerNorm(8, rngs=rngs)
            self.last = nnx.Linear(8, 2, rngs=rngs)

        def __call__(self, x):
            return self.last(nnx.silu(self.norm(self.first(x))))

    x = normal(4)
    skeleton, params, rest = split(Own(nnx.Rngs(0)))
    model = network(in_float32(skeleton, None), params, rest, (4,))
    (found,) = session(model).run(None, {model.graph.input[0].name: x})
    np.testing.assert_allclose(found, outputs(skeleton, params, rest, x), atol=TOLERANCE)


def test_what_has_no_form_is_refused_in_a_line():
    class Odd(nnx.Module):
        def __init__(self, rngs):
            self.layer = nnx.Linear(4, 4, rngs=rngs)

        def __call__(self, x):
            z = self.layer(x)
            return jax.pure_callback(np.sin, z, z)

    with pytest.raises(RunError, match="export: the network cannot be written as ONNX"):
        network(*split(Odd(nnx.Rngs(0))), (4,))
