import jax
import jax.numpy as jnp
import numpy as np

from netwright.losses import mae


def test_hand_computed_values():
    np.testing.assert_allclose(mae(jnp.array([1.0, -2.0]), jnp.array([4.0, -2.5])), [3.0, 0.5])


def test_subgradient_at_the_target_is_zero():
    assert jax.grad(lambda z: mae(z, jnp.array([1.0])).sum())(jnp.array([1.0])) == 0
