import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx
from scipy.special import expit
from sklearn.neural_network import MLPClassifier

from netwright.core import catalog
from netwright.core.layout import Layout
from netwright.models import ModelSpec, build
from netwright.nn.skeleton import split

X = np.random.default_rng(0).normal(size=(8, 3)).astype(np.float32)


def spec(**fields):
    return ModelSpec(**{"kind": "mlp", "layout": Layout("table", (3,)), "n_out": 2, **fields})


def params_of(**fields):
    return split(build(spec(**fields), nnx.Rngs(0)))[1]


def shapes_of(**fields):
    return split(nnx.eval_shape(lambda: build(spec(**fields), nnx.Rngs(0))))[1]


@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid"])
def test_forward_equals_scikit_learn(activation):
    model = build(spec(n_out=1, hidden=(5, 4), activation=activation), nnx.Rngs(0))
    theirs = MLPClassifier((5, 4), activation={"sigmoid": "logistic"}.get(activation, activation))
    theirs.partial_fit(X, np.arange(8) % 2, classes=[0, 1])
    layers = [*(block.linear for block in model.hidden), model.output]
    theirs.coefs_ = [np.asarray(layer.kernel[...], np.float64) for layer in layers]
    theirs.intercepts_ = [np.asarray(layer.bias[...], np.float64) for layer in layers]
    ours = expit(np.asarray(model(jnp.asarray(X))[:, 0], np.float64))
    np.testing.assert_allclose(ours, theirs.predict_proba(X)[:, 1], rtol=1e-5, atol=1e-7)


def test_a_block_is_linear_then_norm_then_activation_then_dropout():
    block = build(spec(hidden=(4,), batch_norm=True, dropout=True), nnx.Rngs(0)).hidden[0]
    block.dropout.rate[...] = jnp.float32(0.5)
    out = np.asarray(block(jnp.asarray(X)))
    z = X.astype(np.float64) @ np.asarray(block.linear.kernel[...], np.float64)
    a = np.maximum((z - z.mean(0)) / np.sqrt(z.var(0) + 1e-5), 0)
    kept = out != 0
    np.testing.assert_allclose(out, np.where(kept, 2 * a, 0), rtol=1e-4, atol=1e-5)
    assert kept[a > 0.01].any()
    assert not kept[a > 0.01].all()


@pytest.mark.parametrize("activation", catalog.names("nn.activations"))
def test_the_default_initializer_follows_the_activation(activation):
    """The hidden kernel's spread is that of the activation's own initializer; the output's is linear's."""
    params = params_of(hidden=(400,), activation=activation, layout=Layout("table", (300,)), n_out=200)
    expected = {
        "he_normal": 2 / 300,
        "xavier_uniform": 2 / 700,
        "xavier_normal": 2 / 700,
    }
    name = catalog.load("nn.activations", activation).initializer
    spread = float(np.var(np.asarray(params["hidden.0.linear.kernel"], np.float64)))
    # The variance of 120,000 normal draws is within 4σ = 4·√(2/120000) = 1.6 % of the truth.
    np.testing.assert_allclose(spread, expected[name], rtol=0.017)


def test_initialization_controls():
    params = params_of(hidden=(50,), layout=Layout("table", (40,)), kernel="uniform", scale=0.05, bias=0.25)
    kernel = np.asarray(params["hidden.0.linear.kernel"])
    assert 0.045 < np.abs(kernel).max() <= 0.05
    np.testing.assert_array_equal(params["hidden.0.linear.bias"], np.full(50, 0.25))
    zeros = params_of(hidden=(4,), kernel="zeros")
    assert not np.asarray(zeros["hidden.0.linear.kernel"]).any()


def test_no_hidden_layer_is_the_logistic_model():
    assert shapes_of(hidden=()).keys() == shapes_of(kind="logistic", hidden=(9,)).keys()


def test_embeddings_feed_the_first_layer():
    params = shapes_of(hidden=(4,), layout=Layout("table", (5,), ((3, 13), (4, 20))))
    widths = [params[f"columns.tables.{i}.embedding"].shape for i in range(2)]
    assert widths == [(13, 7), (20, 9)]
    assert params["hidden.0.linear.kernel"].shape == (3 + 7 + 9, 4)
