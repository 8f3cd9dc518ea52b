"""RF-1, IN-1 and IN-7 in convolutional and residual networks, by the x-ray, the probes and the gradient check."""

import jax
import jax.numpy as jnp
import numpy as np
import polars as pl
import pytest
from flax import nnx

import netwright as nw
from netwright.core.errors import TrainingError
from netwright.core.layout import Layout
from netwright.models import ModelSpec, build
from netwright.watch.flow import variances

ROWS, SIDE, CHANNELS = 6, 8, 2
GENERATOR = np.random.default_rng(0)
X = GENERATOR.normal(size=(ROWS, SIDE, SIDE, CHANNELS)).astype(np.float32)
Y = np.arange(ROWS) % 3


def network(kind, **fields):
    fields = {"hidden": (4, 5), "batch_norm": True, "head": (6,), "activation": "tanh"} | fields
    return build(ModelSpec(kind, Layout("image", X.shape[1:]), 3, **fields), nnx.Rngs(0))


def test_gradients_agree_with_differences_in_float64():
    """NN-4 through convolutions, max-pooling and batch statistics (tanh has no kink)."""
    graphdef, params, rest = nnx.split(network("cnn"), nnx.Param, ...)

    def cost(params, x, rest):
        return nw.losses.cost(nw.losses.cce, nnx.merge(graphdef, params, rest, copy=True)(x), jnp.asarray(Y))

    # The running averages go along as an argument: in float32 they would have the check step far enough to
    # change which of four numbers is the largest.
    with jax.numpy_rank_promotion("allow"), jax.numpy_dtype_promotion("standard"):
        found = nw.check_gradients(cost, params, X, rest, samples=60)
    assert found.ok, str(found)


@pytest.mark.parametrize("kind", ["cnn", "resnet"])
def test_the_x_ray_has_every_layer_and_its_slopes(kind):
    """NN-3, NN-4: dW and db of every convolution and scale equal automatic differentiation of the whole."""
    model = network(kind)
    graphdef, params, rest = nnx.split(model, nnx.Param, ...)

    def cost(params):
        return nw.losses.cost(nw.losses.cce, nnx.merge(graphdef, params, rest, copy=True)(X), jnp.asarray(Y))

    expected = {
        ".".join(map(str, path)): value.get_value()
        for path, value in nnx.to_flat_state(jax.grad(cost)(params))
    }
    xray = nw.xray(model, X, Y)
    found = {
        f"{layer.name}.{name}": slope for layer in xray.layers for name, slope in layer.gradients.items()
    }
    assert found.keys() == expected.keys()
    # A bias before batch normalization has no slope but rounding: the tolerance is a share of the largest of all.
    scale = max(float(jnp.abs(slope).max()) for slope in expected.values())
    for name, slope in found.items():
        np.testing.assert_allclose(slope, expected[name], rtol=1e-4, atol=1e-6 * scale)


def test_batch_normalization_of_a_map_is_over_rows_and_places():
    """RF-1: each channel of a convolution's output leaves with mean 0 and variance 1 over the batch and the image."""
    layers = {layer.name: layer for layer in nw.xray(network("cnn"), X, Y).layers}
    z = np.asarray(layers["blocks.0.norm"].z, np.float64)
    before = np.asarray(layers["blocks.0.conv"].z, np.float64)
    np.testing.assert_allclose(z.mean(axis=(0, 1, 2)), 0, atol=1e-6)
    expected = (before - before.mean(axis=(0, 1, 2))) / np.sqrt(before.var(axis=(0, 1, 2)) + 1e-5)
    np.testing.assert_allclose(z, expected, atol=1e-5)


def test_each_residual_block_starts_as_the_identity():
    """RF-1: the last scale of each block is 0, so that without a change of shape a block gives what it takes."""
    model = network("resnet", hidden=(4,), blocks=2, activation="relu")
    a = model.blocks[0](jnp.asarray(X))
    np.testing.assert_array_equal(model.blocks[2](model.blocks[1](a)), a)


@pytest.mark.parametrize("stride", [1, 2])
def test_variances_of_a_stack_of_convolutions(stride):
    """IN-7: Var z and Var dZ predicted and measured through four convolutions of 48 channels and a dense layer.

    The border of zeros counts: in an image of 8 × 8 a ninth to a fifth of the products are missing.
    """

    class Stack(nnx.Module):
        def __init__(self):
            rngs, kernel = nnx.Rngs(0), nw.nn.initializers.he_normal()
            conv = nw.nn.conv.Conv
            strides = (1, stride, 1, 1)
            widths = (CHANNELS, 48, 48, 48)
            self.layers = nnx.List(
                [
                    conv(n, 48, stride=s, kernel=kernel, rngs=rngs)
                    for n, s in zip(widths, strides, strict=True)
                ]
            )
            self.output = nnx.Linear(48 * (SIDE // stride) ** 2, 3, kernel_init=kernel, rngs=rngs)

        def __call__(self, x):
            for layer in self.layers:
                x = nw.nn.activations.relu(layer(x))
            return self.output(x.reshape(len(x), -1))

    x = GENERATOR.normal(size=(32, SIDE, SIDE, CHANNELS)).astype(np.float32)
    with jax.numpy_rank_promotion("allow"):
        found = variances(nw.xray(Stack(), x, np.arange(32) % 3))
    # 48 channels scatter by √(2/48) = 20 % a layer at most; neighbours in an image are alike, channels are not.
    for name in ("z", "dZ"):
        quotient = (found[f"{name}_measured"] / found[f"{name}_predicted"]).to_numpy()
        np.testing.assert_allclose(quotient[:-1], 1, atol=0.4)


@pytest.fixture(scope="module")
def run():
    """A small residual network on images of 8 × 8."""
    generator = np.random.default_rng(0)
    y = np.arange(96) % 2
    X = generator.integers(0, 120, size=(96, 8, 8)).astype(np.uint8)
    X[y == 1, :4] += 120
    controls = nw.Controls(
        architecture=nw.Architecture(kind="resnet", hidden=(4, 6), blocks=1),
        optimization=nw.Optimization(epochs=2, batch_size=16),
    )
    return nw.fit(nw.Dataset.from_arrays(X, y), controls, progress=False)


def test_the_probes_see_every_convolution(run):
    """IN-1: gradient norms of each convolution from step 0 on; a branch behind a scale of 0 has none yet."""
    start = run.trace.filter(pl.col("step") == 0)
    norms = dict(zip(start["layer"], start["grad_norm"], strict=True))
    assert norms["blocks.0.conv"] > 0
    assert norms["blocks.2.shortcut.conv"] > 0
    assert norms["blocks.1.second.conv"] == 0
    assert norms["blocks.1.second.norm"] > 0
    assert np.isfinite(start["weight_norm"].to_numpy()).all()


def test_the_summary_shows_kernels_in_forward_order(run):
    text = str(nw.nn.summary.summary(run.predictor.params))
    assert "kernel 3 × 3 × 1 × 4" in text
    assert text.index("blocks.0.conv") < text.index("blocks.1.first.conv") < text.index("output")


def test_a_step_that_overflows_is_named_by_its_convolution():
    X = GENERATOR.integers(0, 255, size=(64, 8, 8)).astype(np.uint8)
    controls = nw.Controls(
        architecture=nw.Architecture(kind="cnn", hidden=(4, 6), batch_norm=False),
        optimization=nw.Optimization(epochs=1, batch_size=16, rule="sgd", learning_rate=1e30),
    )
    with pytest.raises(TrainingError, match=r"z of blocks\.1\.conv is not finite: overflow"):
        nw.fit(nw.Dataset.from_arrays(X, np.arange(64) % 2), controls, progress=False)
