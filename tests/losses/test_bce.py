import jax
import jax.numpy as jnp
import numpy as np
from scipy.special import expit, log_expit

from netwright.losses import bce

Z = np.array([-1e4, -100.0, -20.0, -1.0, 0.0, 0.5, 20.0, 100.0, 1e4], np.float32)


def test_equals_the_definition_in_float64():
    z = Z.astype(float)
    for y in (0.0, 0.3, 1.0):
        expected = -y * log_expit(z) - (1 - y) * log_expit(-z)
        np.testing.assert_allclose(bce(jnp.asarray(Z), jnp.full(9, y)), expected, rtol=1e-6, atol=1e-37)


def test_gradient_keeps_its_digits_where_the_prediction_is_sure_and_right():
    gradient = jax.grad(lambda z: bce(z, jnp.ones(9)).sum())(jnp.asarray(Z))
    np.testing.assert_allclose(gradient, -expit(-Z.astype(float)), rtol=3e-6, atol=1e-37)
