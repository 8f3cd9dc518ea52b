import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.special import log_softmax, softmax
from sklearn.metrics import log_loss

from netwright.core.errors import DataError
from netwright.losses import cce

RNG = np.random.default_rng(1)
Z = RNG.normal(size=(8, 5)).astype(np.float32) * 3
Y = np.arange(8) % 5


def test_integer_one_hot_and_soft_labels_equal_the_definition():
    hot = np.eye(5, dtype=np.float32)[Y]
    soft = RNG.dirichlet(np.ones(5), 8).astype(np.float32)
    expected = -log_softmax(Z.astype(float), axis=1)
    np.testing.assert_allclose(cce(Z, Y), expected[np.arange(8), Y], rtol=1e-5)
    np.testing.assert_allclose(cce(Z, hot), expected[np.arange(8), Y], rtol=1e-5)
    np.testing.assert_allclose(cce(Z, soft), (soft * expected).sum(axis=1), rtol=1e-5)


def test_mean_equals_scikit_learn():
    expected = log_loss(Y, softmax(Z.astype(float), axis=1), labels=range(5))
    np.testing.assert_allclose(cce(Z, Y).mean(), expected, rtol=1e-6)


def test_large_logits_keep_small_differences():
    logits = np.array([[1e4, 1e4 + 0.5], [-1e4, 1e4]], np.float32)
    values, gradient = jax.value_and_grad(lambda z: cce(z, jnp.array([0, 0])).sum())(jnp.asarray(logits))
    p = 1 / (1 + np.exp(0.5))
    np.testing.assert_allclose(values, -np.log(p) + 2e4, rtol=1e-6)
    np.testing.assert_allclose(gradient, [[p - 1, 1 - p], [-1, 1]], rtol=1e-6)
    np.testing.assert_allclose(cce(logits[:1], np.array([0])), -np.log(p), rtol=1e-6)


def test_a_class_that_does_not_exist_gives_nan():
    assert jnp.isnan(cce(jnp.zeros((2, 3)), jnp.array([3, -1]))).all()


def test_refuses_float_classes_and_flat_logits():
    with pytest.raises(DataError, match="integer classes"):
        cce(jnp.zeros((2, 3)), jnp.zeros(2))
    with pytest.raises(DataError, match=r"expected \(m, K\)"):
        cce(jnp.zeros(3), jnp.zeros(3, int))
