"""The x-ray, the probes and the gradient check on recurrent networks and Transformers, and their summary."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

import netwright as nw
from netwright.core.layout import Layout
from netwright.models import ModelSpec, build
from netwright.nn.skeleton import split
from netwright.nn.summary import summary

STEPS, CHANNELS = 4, 2
GENERATOR = np.random.default_rng(0)
REAL = np.arange(STEPS) < np.array([4, 1, 3, 2, 4])[:, None]
X = np.concatenate(
    [GENERATOR.normal(size=(5, STEPS, CHANNELS)) * REAL[..., None], REAL[..., None]], axis=2
).astype(np.float32)
Y = np.array([0, 1, 0, 1, 1])
LAYERS = {
    "rnn": ["body.layers.0.forward", "body.layers.0.backward", "output"],
    "lstm": ["body.layers.0.forward", "body.layers.0.backward", "output"],
    "gru": ["body.layers.0.forward", "body.layers.0.backward", "output"],
    "transformer": [
        "body.encoder.enter",
        "body.encoder.positions",
        *(
            f"body.encoder.blocks.0.{part}"
            for part in ("attention_norm", "attention.qkv", "attention.out", "norm", "wide", "narrow")
        ),
        "body.encoder.norm",
        "output",
    ],
}


def spec(kind, steps=STEPS, channels=CHANNELS):
    layout = Layout("sequence", (steps, channels + 1), masked=True)
    return ModelSpec(kind, layout, 1, hidden=(4,), heads=2, bidirectional=True, activation="gelu")


@pytest.fixture(params=LAYERS, scope="module")
def kind(request):
    return request.param


def test_the_x_ray_has_the_gradients_of_autodiff(kind):
    """NN-4: the layers in forward order, and the gradient of every parameter."""
    model = build(spec(kind), nnx.Rngs(0))
    found = nw.xray(model, X, Y)
    assert [layer.name for layer in found.layers] == LAYERS[kind]
    skeleton, params, rest = split(model)

    def cost(params):
        return nw.losses.cost(nw.losses.bce, skeleton.merge(params, rest)(X)[:, 0], Y.astype(np.float32))

    expected = jax.jit(jax.grad(cost))(params)
    scale = max(float(jnp.max(jnp.abs(a))) for a in expected.values())
    gradients = {f"{layer.name}.{name}": g for layer in found.layers for name, g in layer.gradients.items()}
    assert gradients.keys() == expected.keys()
    for name, gradient in gradients.items():
        np.testing.assert_allclose(gradient, expected[name], rtol=1e-4, atol=1e-5 * scale, err_msg=name)
    slope = jax.grad(lambda x: nw.losses.cost(nw.losses.bce, model(x)[:, 0], Y.astype(np.float32)))(X)
    first = found.layers[0]
    ahead = np.asarray(first.dInputs)
    if (
        kind != "transformer"
    ):  # both directions read the same, and each says what reaches it alone or together
        np.testing.assert_array_equal(ahead, found.layers[1].dInputs)
    np.testing.assert_allclose(ahead, slope[..., :-1], rtol=1e-4, atol=1e-6)


def test_the_numerical_check_agrees(kind):
    """NN-4: central differences in float64 against the kernels' own backward rules."""
    skeleton, params, rest = split(build(spec(kind), nnx.Rngs(0)))

    def cost(params, x, y):
        return nw.losses.cost(nw.losses.bce, skeleton.merge(params, rest)(x)[:, 0], y)

    found = nw.check_gradients(cost, params, X, Y.astype(np.float64), samples=60)
    assert found.max_relative_error < 1e-5, str(found)


def test_the_summary_counts_every_parameter(kind):
    params = split(build(spec(kind), nnx.Rngs(0)))[1]
    table = summary(params)
    assert table.parameters == sum(a.size for a in params.values())
    assert {layer.name for layer in table} == set(LAYERS[kind])
    if kind == "lstm":
        shapes = {"kernel": (2, 16), "recurrent_kernel": (4, 16), "bias": (16,)}
        assert table[0].shapes.keys() == shapes.keys()
        assert all(layer.shapes == shapes for layer in table if "layers" in layer.name)


def test_a_training_is_probed_at_every_layer(kind):
    x = GENERATOR.normal(size=(24, STEPS, CHANNELS)).astype(np.float32)
    y = (x[:, 0, 0] > 0).astype(int)
    controls = nw.Controls(
        architecture=nw.Architecture(kind=kind, hidden=(4,), heads=2),
        optimization=nw.Optimization(epochs=1, batch_size=8),
        data=nw.DataControls(dev_fraction=0.0, test_fraction=0.0),
        regularization=nw.Regularization(dropout=0.0),
    )
    run = nw.fit(nw.Dataset.from_arrays(x, y), controls, progress=False)
    assert run.trace["layer"].to_list() == [one.name for one in run.summary]
    assert np.isfinite(run.trace.select("grad_norm", "update_ratio", "act_std").to_numpy()).all()
    assert (run.trace["grad_norm"] > 0).all()
