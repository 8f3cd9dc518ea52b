"""NN-3 and NN-4 by the x-ray, the numerical gradient check, IN-1 and IN-7 through the depth of a network."""

import jax
import jax.numpy as jnp
import numpy as np
import polars as pl
import pytest
from flax import nnx
from scipy.special import expit

import netwright as nw
from netwright.core.layout import Layout
from netwright.models import ModelSpec, build
from netwright.watch.flow import gradient_ratio, variances

ROWS, N_IN = 12, 3
GENERATOR = np.random.default_rng(0)
X = GENERATOR.normal(size=(ROWS, N_IN)).astype(np.float32)
Y = (X[:, 0] > 0).astype(np.int32)


def mlp(n_in, hidden, activation, kernel="auto", scale=None, seed=0):
    spec = ModelSpec(
        "mlp", Layout("table", (n_in,)), 1, hidden=hidden, activation=activation, kernel=kernel, scale=scale
    )
    return build(spec, nnx.Rngs(seed))


def close(found, expected):
    """To 1e-5 relative to the largest entry, as NN-4 asks."""
    expected = np.asarray(expected, np.float64)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5 * np.abs(expected).max())


@pytest.fixture(scope="module", params=["sigmoid", "tanh", "relu", "elu"])
def xray(request):
    return nw.xray(mlp(N_IN, (5, 4), request.param), X, Y)


def test_forward_propagation_step_by_step(xray):
    """NN-3: z[l] = a[l−1] W[l] + b[l], a[l] = g(z[l]), in order, and the prediction σ(z[L])."""
    a = X.astype(np.float64)
    assert [layer.name for layer in xray.layers] == ["hidden.0.linear", "hidden.1.linear", "output"]
    for layer in xray.layers:
        close(layer.inputs, a)
        close(layer.z, a @ np.asarray(layer.W, np.float64) + np.asarray(layer.b, np.float64))
        a = np.asarray(layer.a, np.float64)
        if layer.activation is not None:
            close(a, layer.activation(layer.z))
    close(xray.prediction, expit(np.asarray(xray.layers[-1].z, np.float64)))
    np.testing.assert_array_equal(xray.prediction, xray.layers[-1].a)
    p = np.asarray(xray.prediction, np.float64)[:, 0]
    assert xray.cost == pytest.approx(-np.mean(np.where(Y == 1, np.log(p), np.log(1 - p))), rel=1e-5)


def test_backward_propagation_by_the_chain_rule(xray):
    """NN-4: dZ = dA ⊙ g′(z), dW = a[l−1]ᵀ dZ, db = Σᵢ dZᵢ, dA[l−1] = dZ Wᵀ, from ∂J/∂ŷ backwards."""
    last = xray.layers[-1]
    p, y = np.asarray(last.a, np.float64), Y[:, None].astype(np.float64)
    close(last.dA, (-y / p + (1 - y) / (1 - p)) / ROWS)
    close(last.dZ, np.asarray(last.dA, np.float64) * p * (1 - p))
    for below, layer in zip((None, *xray.layers), xray.layers, strict=False):
        dZ = np.asarray(layer.dZ, np.float64)
        close(layer.dW, np.asarray(layer.inputs, np.float64).T @ dZ)
        close(layer.db, dZ.sum(axis=0))
        if layer.activation is not None:
            close(dZ, np.asarray(layer.dA, np.float64) * np.asarray(layer.activation.derivative(layer.z)))
        if below is not None:
            close(below.dA, dZ @ np.asarray(layer.W, np.float64).T)


def test_a_run_is_x_rayed_with_its_own_encoders(blobs):
    """NN-3: raw features and labels go in, the run's probabilities and cost come out."""
    controls = nw.Controls(
        architecture=nw.Architecture(hidden=(4,)), optimization=nw.Optimization(epochs=2, batch_size=16)
    )
    run = nw.fit(blobs, controls)
    raw, labels = blobs.features.content[:9], np.asarray(blobs.labels.values)[:9]
    found = nw.xray(run, raw, labels)
    np.testing.assert_allclose(found.prediction[:, 0], run.predict_proba(raw)[:, 1], rtol=1e-5)
    assert found.cost == pytest.approx(run.evaluate((raw, labels))["loss"], rel=1e-5)
    whole = run.xray("dev", rows=10_000)
    assert whole.cost == pytest.approx(run.evaluate("dev")["loss"], rel=1e-5)
    assert len(run.xray(rows=5).prediction) == 5
    with pytest.raises(ValueError, match="X came without y"):
        run.xray(raw)


def test_the_numerical_gradient_check():
    """NN-4: central differences in float64 agree with backpropagation through a whole network and its loss."""
    model = mlp(N_IN, (5, 4), "tanh")
    graphdef, params, rest = nnx.split(model, nnx.Param, ...)

    def cost(params, x, y):
        return nw.losses.cost(nw.losses.bce, nnx.merge(graphdef, params, rest)(x)[:, 0], y)

    with jax.numpy_rank_promotion("allow"):
        found = nw.check_gradients(cost, params, X, Y.astype(np.float64))
    assert found.ok
    assert found.max_relative_error < 1e-6
    assert len(found.parameters) == 6


def ratio(activation, kernel, scale=None):
    """‖dW[1]‖ / ‖dW[L]‖ of twelve hidden layers of 32."""
    x = GENERATOR.normal(size=(64, 32)).astype(np.float32)
    y = GENERATOR.normal(size=64).astype(np.float32)
    layers = nw.xray(mlp(32, (32,) * 12, activation, kernel, scale), x, y).layers[:-1]
    return float(jnp.linalg.norm(layers[0].dW) / jnp.linalg.norm(layers[-1].dW))


def kept_by_he(width, layers):
    """Bounds of the ratio under He's rule and ReLU.

    The logarithm of a squared norm carried through a layer of n units is normal with variance 5/n and the mean −5/2n,
    forwards and backwards (Hanin and Nica 2019, "Products of many large random matrices and gradients in deep neural
    networks", theorem 1). The ratio compares a backward with a forward norm: their means cancel, and however the two
    depend on each other, the logarithm of the ratio has no more than √(5·layers/n) standard deviation. Three of it.
    """
    factor = float(np.exp(3 * np.sqrt(5 * layers / width)))
    return 1 / factor, factor


def left_by_sigmoid(width, layers):
    """The most that is left of the gradient: a quarter a layer, twice that as activations are a half.

    Xavier's weights of variance 1/n carry a vector with a squared norm that is χ²(n)/n at each layer: three standard
    deviations √(2·layers/n) of its logarithm, halved for the norm.
    """
    return float(2 * 0.25**layers * np.exp(1.5 * np.sqrt(2 * layers / width)))


def test_gradients_vanish_explode_or_flow():
    """IN-1: through twelve sigmoid layers the gradient falls by orders of magnitude, as g′ ≤ 1/4 at each; He's
    initialization keeps its order under ReLU; under tanh, weights of four times 1/√n grow it.
    """
    assert ratio("sigmoid", "xavier_uniform") < left_by_sigmoid(32, 11)
    low, high = kept_by_he(32, 11)
    assert low < ratio("relu", "he_normal") < high
    assert left_by_sigmoid(32, 11) < low / 1000
    assert ratio("tanh", "normal", 4 * np.sqrt(1 / 32)) > 30


@pytest.mark.parametrize(
    ("activation", "low", "high"), [("sigmoid", 0, left_by_sigmoid(8, 8)), ("relu", *kept_by_he(8, 8))]
)
def test_the_trace_shows_the_ratio_through_training(activation, low, high, blobs):
    """IN-1: the probes' gradient norms of the first and last layer, from step 0 on."""
    controls = nw.Controls(
        architecture=nw.Architecture(hidden=(8,) * 8, activation=activation),
        optimization=nw.Optimization(epochs=12, batch_size=16, rule="sgd", learning_rate=1e-3),
        regularization=nw.Regularization(early_stopping=None, dropout=0.0, weight_decay=0.0),
    )
    run = nw.fit(blobs, controls)
    found = gradient_ratio(run.trace)
    assert found["step"].to_list() == [0, 50]
    assert found["ratio"].is_between(low, high).all()
    norms = run.trace.filter(pl.col("step") == 0).sort("depth")["grad_norm"]
    assert found["ratio"][0] == pytest.approx(norms[0] / norms[-1], rel=1e-6)


@pytest.mark.parametrize(("activation", "tolerance"), [("relu", 0.25), ("tanh", 0.15), ("sigmoid", 0.15)])
def test_variances_at_initialization_predicted_and_measured(activation, tolerance):
    """IN-7: Var z forwards and Var dZ backwards, layer by layer of 256 units, with the initializer that the
    activation asks for. Units are 256, so a layer's variance scatters by some √(2/256) = 9 % around its
    expectation, and the deviations of the layers below add up.
    """
    x = GENERATOR.normal(size=(512, 256)).astype(np.float32)
    y = GENERATOR.normal(size=512).astype(np.float32)
    found = variances(nw.xray(mlp(256, (256,) * 4, activation), x, y)).head(4)
    for name in ("z", "dZ"):
        quotient = (found[f"{name}_measured"] / found[f"{name}_predicted"]).to_numpy()
        np.testing.assert_allclose(quotient, 1, atol=tolerance)
    if activation == "relu":
        # He: twice 1/n_in makes up for the half that ReLU cuts away.
        np.testing.assert_allclose(found["z_predicted"], 2, rtol=0.05)
