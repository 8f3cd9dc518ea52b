"""Max-pooling against its definition, ties included."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from netwright.nn.kernels import native
from netwright.nn.kernels.pool import max_pool


@pytest.fixture(autouse=True)
def pure(monkeypatch):
    monkeypatch.setattr(native, "max_pool", lambda *_: None)


@pytest.mark.parametrize(("height", "width", "window"), [(4, 6, 2), (5, 7, 2), (7, 6, 3)])
def test_maximum_and_slope_square_by_square(height, width, window):
    """Small whole numbers tie often: the first of equals, row by row, has the whole slope."""
    generator = np.random.default_rng(0)
    x = generator.integers(0, 4, size=(2, height, width, 3)).astype(np.float32)
    slope = generator.normal(size=(2, height // window, width // window, 3)).astype(np.float32)
    y, back = jax.vjp(jax.jit(lambda x: max_pool(x, window)), jnp.asarray(x))
    (dx,) = back(jnp.asarray(slope))
    expected = np.zeros_like(x)
    for m, i, j, c in np.ndindex(slope.shape):
        square = x[m, i * window : (i + 1) * window, j * window : (j + 1) * window, c]
        assert y[m, i, j, c] == square.max()
        row, column = np.unravel_index(square.argmax(), square.shape)
        expected[m, i * window + row, j * window + column, c] = slope[m, i, j, c]
    np.testing.assert_array_equal(dx, expected)


def test_under_vmap():
    x = jnp.asarray(np.random.default_rng(1).normal(size=(3, 2, 4, 4, 2)), jnp.float32)
    total = jax.grad(lambda x: jnp.sum(max_pool(x) ** 2))
    np.testing.assert_array_equal(jax.vmap(total)(x), np.stack([total(one) for one in x]))
