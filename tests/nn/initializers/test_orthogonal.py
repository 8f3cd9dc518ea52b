import jax
import numpy as np
import pytest

from netwright.core.errors import DataError
from netwright.nn.initializers.orthogonal import orthogonal


@pytest.mark.parametrize("shape", [(6, 6), (9, 4), (4, 9), (3, 3, 2, 5)])
def test_columns_or_rows_are_orthonormal(shape):
    found = np.asarray(orthogonal()(jax.random.key(0), shape)).reshape(-1, shape[-1])
    small = found.T @ found if found.shape[0] >= found.shape[1] else found @ found.T
    np.testing.assert_allclose(small, np.eye(len(small)), atol=1e-6)


def test_a_vector_is_no_kernel():
    with pytest.raises(DataError, match="at least two axes"):
        orthogonal()(jax.random.key(0), (3,))
