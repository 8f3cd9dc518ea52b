import math

import jax
import jax.numpy as jnp
import numpy as np

from netwright.losses import bce, cce, cost, hinge, huber, mae, mse


def test_td1_cost_is_the_mean_of_the_losses():
    """TD-1: J = (1/m) Σ L(ŷᵢ, yᵢ), plain and weighted."""
    outputs, targets = jnp.array([1.0, 2.0, 4.0]), jnp.zeros(3)
    np.testing.assert_allclose(mse(outputs, targets), [1, 4, 16])
    np.testing.assert_allclose(cost(mse, outputs, targets), 7)
    np.testing.assert_allclose(cost(mse, outputs, targets, [3, 1, 0]), (3 * 1 + 4) / 4)


def test_td2_regression_losses():
    """TD-2: MSE (y−ŷ)², MAE |y−ŷ|, Huber ½e² or |e| − ½."""
    outputs, targets = jnp.array([0.5, -3.0]), jnp.array([0.0, 0.0])
    np.testing.assert_allclose(mse(outputs, targets), [0.25, 9])
    np.testing.assert_allclose(mae(outputs, targets), [0.5, 3])
    np.testing.assert_allclose(huber(outputs, targets), [0.125, 2.5])


def test_td3_cross_entropies():
    """TD-3: BCE and CCE from logits equal −log of the probability of the label."""
    p = 1 / (1 + math.exp(-2.0))
    np.testing.assert_allclose(
        bce(jnp.array([2.0, 2.0]), jnp.array([1.0, 0.0])), [-math.log(p), -math.log(1 - p)], rtol=1e-6
    )
    z, total = jnp.array([[1.0, 2.0, 3.0]]), math.exp(1) + math.exp(2) + math.exp(3)
    expected = math.log(total) - 2
    np.testing.assert_allclose(cce(z, jnp.array([1])), [expected], rtol=1e-6)
    np.testing.assert_allclose(cce(z, jnp.array([[0.0, 1.0, 0.0]])), [expected], rtol=1e-6)
    soft = jnp.array([[0.5, 0.0, 0.5]])
    np.testing.assert_allclose(cce(z, soft), [math.log(total) - 0.5 * (1 + 3)], rtol=1e-6)


def test_td3_binary_and_two_class_forms_agree():
    """TD-3: BCE of z is CCE of the logits (0, z)."""
    z, y = jnp.linspace(-8, 8, 9), jnp.arange(9) % 2
    np.testing.assert_allclose(bce(z, y), cce(jnp.stack([jnp.zeros(9), z], axis=1), y), rtol=1e-5, atol=1e-7)


def test_td3_stable_at_ten_thousand():
    """TD-3: at |z| = 1e4 the values are 0 or 1e4 and the gradients 0 or ±1, exactly."""
    z, y = jnp.array([1e4, 1e4, -1e4, -1e4]), jnp.array([1.0, 0.0, 1.0, 0.0])
    np.testing.assert_array_equal(bce(z, y), [0, 1e4, 1e4, 0])
    np.testing.assert_array_equal(jax.grad(lambda z: bce(z, y).sum())(z), [0, 1, -1, 0])
    two, classes = jnp.array([[1e4, -1e4], [1e4, -1e4]]), jnp.array([0, 1])
    np.testing.assert_array_equal(cce(two, classes), [0, 2e4])
    np.testing.assert_array_equal(jax.grad(lambda z: cce(z, classes).sum())(two), [[0, 0], [1, -1]])


def test_td3_hinge():
    """TD-3: hinge max(0, 1 − y f(x)), and max(0, 1 + max_{j≠y} f_j − f_y)."""
    np.testing.assert_allclose(
        hinge(jnp.array([0.4, 0.4, 3.0]), jnp.array([1, -1, 1])), [0.6, 1.4, 0], rtol=1e-6
    )
    scores = jnp.array([[1.0, 0.5, -2.0], [3.0, 0.0, 1.0]])
    np.testing.assert_allclose(hinge(scores, jnp.array([1, 0])), [1.5, 0])
