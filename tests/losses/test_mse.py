import jax.numpy as jnp
import numpy as np

from netwright.losses import mse


def test_hand_computed_values():
    np.testing.assert_allclose(mse(jnp.array([1.0, -2.0]), jnp.array([4.0, -2.5])), [9.0, 0.25])


def test_several_columns_give_their_mean():
    np.testing.assert_allclose(mse(jnp.array([[1.0, 2.0]]), jnp.array([[2.0, 5.0]])), [(1 + 9) / 2])
