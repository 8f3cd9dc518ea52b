import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.special import huber as reference

from netwright.core.errors import ControlError
from netwright.losses import huber

ERRORS = np.array([-1e4, -2.0, -1.5, -0.3, 0.0, 1.0, 1.5, 7.0], np.float32)


@pytest.mark.parametrize("delta", [0.5, 1.0, 1.5])
def test_equals_scipy(delta):
    values = huber(jnp.zeros(8), jnp.asarray(ERRORS), delta=delta)
    np.testing.assert_allclose(values, reference(delta, ERRORS.astype(float)), rtol=1e-6)


def test_gradient_is_the_clipped_error():
    gradient = jax.grad(lambda z: huber(z, jnp.zeros(8), delta=1.5).sum())(jnp.asarray(ERRORS))
    np.testing.assert_allclose(gradient, np.clip(ERRORS, -1.5, 1.5), rtol=1e-6)


@pytest.mark.parametrize("delta", [0.0, -1.0, float("nan")])
def test_refuses_a_delta_that_is_not_positive(delta):
    with pytest.raises(ControlError, match="delta"):
        huber(jnp.zeros(1), jnp.zeros(1), delta=delta)
