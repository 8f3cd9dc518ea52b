import jax.numpy as jnp
import numpy as np
from sklearn.metrics import hinge_loss

from netwright.losses import hinge

RNG = np.random.default_rng(2)


def test_binary_takes_both_spellings_of_the_labels():
    scores = jnp.array([2.0, 0.25, -0.5, -3.0])
    expected = [0.0, 1.25, 1.5, 0.0]
    np.testing.assert_allclose(hinge(scores, jnp.array([1, -1, 1, -1])), expected)
    np.testing.assert_allclose(hinge(scores, jnp.array([1, 0, 1, 0])), expected)


def test_binary_equals_scikit_learn():
    scores, labels = RNG.normal(size=50).astype(np.float32), RNG.choice([-1, 1], 50)
    np.testing.assert_allclose(hinge(scores, labels).mean(), hinge_loss(labels, scores), rtol=1e-6)


def test_multiclass_equals_scikit_learns_crammer_singer():
    scores = RNG.normal(size=(50, 4)).astype(np.float32)
    labels = np.arange(50) % 4
    np.testing.assert_allclose(hinge(scores, labels).mean(), hinge_loss(labels, scores), rtol=1e-6)


def test_a_class_that_does_not_exist_gives_nan():
    assert jnp.isnan(hinge(jnp.zeros((2, 3)), jnp.array([3, -1]))).all()
