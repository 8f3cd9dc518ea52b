import jax
import jax.numpy as jnp
import numpy as np

import netwright as nw
from netwright.nn.kernels.norm import layer_norm
from netwright.nn.layer_norm import LayerNorm

GENERATOR = np.random.default_rng(0)
X = (5 + 3 * GENERATOR.normal(size=(4, 3, 6))).astype(np.float32)
SCALE, BIAS = GENERATOR.normal(size=(2, 6)).astype(np.float32)


def test_each_row_has_mean_0_and_deviation_1():
    x = X.astype(np.float64)
    expected = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-5)
    np.testing.assert_allclose(LayerNorm(6)(jnp.asarray(X)), expected, rtol=1e-5, atol=1e-6)
    found = layer_norm(jnp.asarray(X), jnp.asarray(SCALE), jnp.asarray(BIAS), 1e-5)
    np.testing.assert_allclose(found, expected * SCALE + BIAS, rtol=1e-5, atol=1e-5)


def test_numbers_far_from_0_keep_their_digits():
    x = np.array([[1e4, 1e4 + 1, 1e4 + 2]], np.float32)
    np.testing.assert_allclose(LayerNorm(3)(jnp.asarray(x)), [[-1.2247, 0, 1.2247]], atol=1e-4)


def test_the_backward_rule_is_that_of_automatic_differentiation():
    def plain(x, scale, bias):
        centred = x - jnp.mean(x, -1, keepdims=True)
        deviation = jnp.sqrt(jnp.mean(centred**2, -1, keepdims=True) + 1e-5)
        return centred / deviation * scale[None, None] + bias[None, None]

    weights = jnp.asarray(GENERATOR.normal(size=X.shape), jnp.float32)
    arguments = tuple(jnp.asarray(a) for a in (X, SCALE, BIAS))

    def slopes(function):
        return jax.jit(jax.grad(lambda *a: jnp.sum(weights * function(*a)), argnums=(0, 1, 2)))(*arguments)

    for found, expected in zip(slopes(lambda *a: layer_norm(*a, 1e-5)), slopes(plain), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)
    assert nw.check_gradients(lambda p: layer_norm(*p, 1e-5), arguments).max_relative_error < 1e-6
