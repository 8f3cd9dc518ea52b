import jax
import jax.numpy as jnp
import numpy as np
import pytest

from netwright.core.errors import ControlError
from netwright.optim import clip_by_norm, clip_by_value

GRADS = {"kernel": jnp.array([[3.0, 0.0]]), "bias": jnp.array([-4.0])}


def test_a_long_gradient_is_scaled_to_the_threshold_over_all_leaves():
    clipped, norm = clip_by_norm(GRADS, 1.0)
    assert norm == 5
    np.testing.assert_allclose(clipped["kernel"], [[0.6, 0.0]], rtol=1e-6)
    np.testing.assert_allclose(clipped["bias"], [-0.8], rtol=1e-6)


@pytest.mark.parametrize("threshold", [5.0, 6.0])
def test_a_short_gradient_stays_bit_for_bit(threshold):
    clipped, norm = clip_by_norm(GRADS, threshold)
    assert norm == 5
    assert jax.tree.all(jax.tree.map(lambda a, b: (a == b).all(), clipped, GRADS))


def test_no_gradient_stays_zero():
    clipped, norm = clip_by_norm(jnp.zeros(3), 1.0)
    assert norm == 0
    assert (clipped == 0).all()


def test_a_gradient_that_is_not_finite_shows():
    clipped, norm = clip_by_norm(jnp.array([jnp.nan, 1.0]), 1.0)
    assert jnp.isnan(norm)
    assert jnp.isnan(clipped[0])


def test_by_value():
    np.testing.assert_array_equal(clip_by_value(GRADS, 2.5)["kernel"], [[2.5, 0.0]])
    np.testing.assert_array_equal(clip_by_value(GRADS, 2.5)["bias"], [-2.5])


def test_threshold_may_be_traced_and_dtype_is_kept():
    with jax.enable_x64(True):
        threshold = jnp.asarray(1.0, jnp.float64)
        clipped, _ = jax.jit(clip_by_norm)(GRADS, threshold)
        assert (
            clipped["kernel"].dtype == jax.jit(clip_by_value)(GRADS, threshold)["bias"].dtype == jnp.float32
        )


@pytest.mark.parametrize("clip", [clip_by_norm, clip_by_value])
def test_refuses_a_threshold_that_is_not_positive(clip):
    with pytest.raises(ControlError, match=f"{clip.__name__}: threshold is 0.0"):
        clip(GRADS, 0.0)
