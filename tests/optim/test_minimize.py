import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from netwright.core.errors import ControlError, DataError
from netwright.optim import minimize, sgd


def square(x):
    return (x**2).sum()


def test_the_path_starts_at_the_start_and_has_its_shape():
    path = minimize(square, [[1.0], [-2.0]], sgd(0.25), 3)
    np.testing.assert_allclose(path[:, :, 0], [[1, -2], [0.5, -1], [0.25, -0.5], [0.125, -0.25]])
    assert minimize(square, 1.0, sgd(0.25), 0).shape == (1,)


def test_takes_any_optax_transformation():
    path = minimize(square, [1.0], optax.chain(optax.clip(0.1), optax.sgd(1.0)), 2)
    np.testing.assert_allclose(path[:, 0], [1.0, 0.9, 0.8], rtol=1e-6)


def test_keeps_dtype():
    assert minimize(square, np.array([1.0]), sgd(0.1), 2).dtype == jnp.float32
    with jax.enable_x64(True):
        assert minimize(square, np.array([1.0]), sgd(0.1), 2).dtype == jnp.float64
        assert minimize(square, np.array([1.0], np.float32), sgd(0.1), 2).dtype == jnp.float32


def test_refuses_what_cannot_be_descended():
    with pytest.raises(DataError, match="x0 is int32; expected floats"):
        minimize(square, [1, 2], sgd(0.1), 3)
    with pytest.raises(DataError, match=r"f gave an array of shape \(2,\)"):
        minimize(lambda x: x, [1.0, 2.0], sgd(0.1), 3)
    with pytest.raises(ControlError, match="steps is -1"):
        minimize(square, [1.0], sgd(0.1), -1)
