"""What every activation keeps; the catalog finds the activations."""

import pickle

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from netwright.core import catalog

NAMES = catalog.names("nn.activations")
# Symmetric about 0, without the kinks at 0 where a derivative is a choice.
X = np.concatenate([s * np.geomspace(1e-3, 60, 200) for s in (-1, 1)]).astype(np.float32)


def load(name):
    return catalog.load("nn.activations", name)


@pytest.mark.parametrize("name", NAMES)
class TestContract:
    @pytest.mark.parametrize("dtype", [jnp.float32, jnp.bfloat16])
    def test_keeps_shape_and_dtype(self, name, dtype):
        x = jnp.asarray(X, dtype).reshape(20, 20)
        assert load(name)(x).shape == x.shape
        assert load(name)(x).dtype == load(name).derivative(x).dtype == dtype

    def test_derivative_equals_autodiff(self, name):
        with jax.enable_x64(True):
            activation, x = load(name), jnp.asarray(X, jnp.float64)
            derivative = activation.derivative(x)
            assert derivative.dtype == jnp.float64
            elementwise = derivative.shape == x.shape
            expected = jax.vmap(jax.grad(activation))(x) if elementwise else jax.jacobian(activation)(x)
            np.testing.assert_allclose(derivative, expected, rtol=1e-12, atol=1e-14)

    def test_derivative_equals_central_differences(self, name):
        with jax.enable_x64(True):
            activation, x, h = load(name), jnp.linspace(-4.05, 4.05, 10), 1e-5
            directions = jnp.eye(10)
            slopes = [(activation(x + h * d) - activation(x - h * d)) / (2 * h) for d in directions]
            derivative = activation.derivative(x)
            jacobian = derivative if derivative.ndim == 2 else jnp.diag(derivative)
            np.testing.assert_allclose(jacobian, jnp.stack(slopes, axis=1), atol=1e-9)

    def test_gradient_is_finite_at_extremes(self, name):
        x = jnp.array([-1e4, -100.0, 0.0, 100.0, 1e4])
        gradient = jax.grad(lambda x: load(name)(x).sum())(x)
        assert jnp.isfinite(load(name)(x)).all()
        assert jnp.isfinite(gradient).all()
        assert jnp.isfinite(load(name).derivative(x)).all()

    def test_says_whether_it_never_falls(self, name):
        y = load(name)(jnp.linspace(-30, 30, 6001))
        falls = jnp.diff(y).min() < -1e-4  # GELU and SiLU by 1e-3 and more
        assert load(name).monotone == (not falls and name != "softmax")

    def test_stays_in_its_range_and_comes_near_both_ends(self, name):
        activation = load(name)
        y = activation(jnp.stack([jnp.linspace(-50, 50, 20001), jnp.zeros(20001)], axis=1))[:, 0]
        assert activation.low <= y.min() + 1e-7
        assert y.max() <= activation.high
        assert y.min() - activation.low < 1e-5 if np.isfinite(activation.low) else y.min() < -0.4
        assert activation.high - y.max() < 1e-5 if np.isfinite(activation.high) else y.max() > 49

    def test_zero_centred_means_odd(self, name):
        y = load(name)(jnp.asarray(X)[:, None])[:, 0]
        assert bool(abs(y.mean()) < 1e-5) == load(name).zero_centred

    def test_names_an_initializer_that_exists(self, name):
        assert load(name).initializer in catalog.names("nn.initializers")

    def test_is_hashable_and_equal_after_pickling(self, name):
        copy = pickle.loads(pickle.dumps(load(name)))
        assert copy == load(name)
        assert hash(copy) == hash(load(name))


def test_activations_differ():
    assert len({load(name) for name in NAMES}) == len(NAMES)
