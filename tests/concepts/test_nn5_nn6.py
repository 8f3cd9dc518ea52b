import math

import jax
import jax.numpy as jnp
import numpy as np

import netwright.nn.activations as g
from netwright.core import catalog
from netwright.optim import sgd


def test_nn5_values_at_two_points():
    """NN-5: every activation of the list, at x = −1 and x = 2, against its definition in plain Python."""
    e = math.exp

    def phi(x):
        return 0.5 * (1 + math.erf(x / math.sqrt(2)))

    expected = {
        "sigmoid": [1 / (1 + e(1)), 1 / (1 + e(-2))],
        "tanh": [math.tanh(-1), math.tanh(2)],
        "relu": [0, 2],
        "leaky_relu": [-0.01, 2],
        "elu": [e(-1) - 1, 2],
        "gelu": [-phi(-1), 2 * phi(2)],
        "silu": [-1 / (1 + e(1)), 2 / (1 + e(-2))],
        "softplus": [math.log(1 + e(-1)), math.log(1 + e(2))],
        "softmax": [1 / (1 + e(3)), 1 / (1 + e(-3))],
        "linear": [-1, 2],
    }
    assert set(expected) == set(catalog.names("nn.activations"))
    for name, values in expected.items():
        np.testing.assert_allclose(getattr(g, name)(jnp.array([-1.0, 2.0])), values, rtol=2e-6, err_msg=name)


def test_nn5_parameters():
    """NN-5: leaky ReLU's slope and ELU's α can be set, in the function and in its derivative."""
    x = jnp.array([-2.0, 3.0])
    np.testing.assert_allclose(g.leaky_relu(x, slope=0.2), [-0.4, 3], rtol=1e-6)
    np.testing.assert_allclose(g.leaky_relu.derivative(x, slope=0.2), [0.2, 1], rtol=1e-6)
    np.testing.assert_allclose(g.elu(x, alpha=2.0), [2 * (math.exp(-2) - 1), 3], rtol=1e-6)
    np.testing.assert_allclose(g.elu.derivative(x, alpha=2.0), [2 * math.exp(-2), 1], rtol=1e-6)


def test_nn5_range_centre_and_initializer():
    """NN-5: ranges, zero-centredness and default initializers as textbooks have them."""
    assert (g.sigmoid.low, g.sigmoid.high, g.sigmoid.zero_centred) == (0, 1, False)
    assert (g.tanh.low, g.tanh.high, g.tanh.zero_centred) == (-1, 1, True)
    assert (g.relu.low, g.relu.high, g.relu.zero_centred) == (0, math.inf, False)
    assert g.tanh.initializer == g.sigmoid.initializer == "xavier_uniform"
    assert g.relu.initializer == g.leaky_relu.initializer == g.elu.initializer == "he_normal"


def test_nn6_plain_update():
    """NN-6: W := W − α ∂J/∂W and b := b − α ∂J/∂b."""
    X, y = jnp.array([[1.0, 2.0], [3.0, -1.0]]), jnp.array([1.0, 0.0])
    params = {"kernel": jnp.array([0.5, -0.5]), "bias": jnp.array(0.25)}

    def cost(p):
        return ((X @ p["kernel"] + p["bias"] - y) ** 2).mean()

    rule = sgd(0.1)
    updates, _ = rule.update(jax.grad(cost)(params), rule.init(params), params)
    residual = np.array([1 * 0.5 - 2 * 0.5 + 0.25 - 1, 3 * 0.5 + 0.5 + 0.25])
    np.testing.assert_allclose(updates["kernel"], -0.1 * np.asarray(X).T @ residual, rtol=1e-5)
    np.testing.assert_allclose(updates["bias"], -0.1 * residual.sum(), rtol=1e-5)
