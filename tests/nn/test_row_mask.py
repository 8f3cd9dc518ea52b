import jax.numpy as jnp
import numpy as np
import pytest

from netwright.nn.row_mask import current_row_mask, row_mask


def test_outside_of_a_block_every_row_is_real():
    assert current_row_mask(2) is None


@pytest.mark.parametrize("ndim", [1, 2, 4])
def test_the_mask_broadcasts_over_the_other_axes(ndim):
    with row_mask(jnp.array([True, False])):
        found = current_row_mask(ndim)
    assert found.shape == (2,) + (1,) * (ndim - 1)
    np.testing.assert_array_equal(found.ravel(), [True, False])


def test_blocks_nest_and_end_also_by_an_error():
    with row_mask(jnp.array([True])):
        with row_mask(None):
            assert current_row_mask(1) is None
        with pytest.raises(ZeroDivisionError), row_mask(jnp.array([False])):
            raise ZeroDivisionError
        assert current_row_mask(1)[0]
    assert current_row_mask(1) is None
