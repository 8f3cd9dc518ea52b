"""Max-pooling against NumPy, exactly: values, and slopes that go to the first of equal pixels."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from netwright.nn.kernels import native


def by_numpy(x, slope, window):
    m, H, W, C = x.shape
    y = np.zeros((m, H // window, W // window, C), x.dtype)
    dx = np.zeros_like(x)
    for n, i, j, c in np.ndindex(y.shape):
        rows, columns = slice(i * window, (i + 1) * window), slice(j * window, (j + 1) * window)
        at = x[n, rows, columns, c].argmax()
        y[n, i, j, c] = x[n, rows, columns, c].ravel()[at]
        dx[n, i * window + at // window, j * window + at % window, c] = slope[n, i, j, c]
    return y, dx


@pytest.mark.parametrize("shape", [(5, 8, 6, 20), (1, 7, 5, 3), (9, 6, 6, 1)])
@pytest.mark.parametrize("window", [2, 3])
@pytest.mark.parametrize("values", ["whole numbers", "normal"])
def test_value_and_slope(shape, window, values):
    generator = np.random.default_rng(0)
    x = generator.normal(size=shape).astype(np.float32)
    if values == "whole numbers":  # many ties
        x = np.round(x)
    y, back = jax.vjp(lambda x: native.max_pool(x, window, "float32"), x)
    slope = generator.normal(size=y.shape).astype(np.float32)
    wanted, wanted_slope = by_numpy(x, slope, window)
    np.testing.assert_array_equal(y, wanted)
    np.testing.assert_array_equal(back(jnp.asarray(slope))[0], wanted_slope)


def test_a_population():
    x = np.random.default_rng(0).normal(size=(3, 4, 6, 6, 5)).astype(np.float32)
    slopes = jax.jit(jax.vmap(jax.grad(lambda x: jnp.sum(jnp.sin(native.max_pool(x, 2, "float32"))))))(x)
    for member in range(3):
        alone = jax.grad(lambda x: jnp.sum(jnp.sin(native.max_pool(x, 2, "float32"))))(x[member])
        np.testing.assert_allclose(slopes[member], alone, rtol=0, atol=1e-6)


def test_nan_is_not_hidden():
    x = np.ones((1, 2, 2, 1), np.float32)
    x[0, 1, 0, 0] = np.nan
    assert np.isnan(native.max_pool(x, 2, "float32")).all()


def test_mixed_is_the_pooling_of_rounded_numbers():
    generator = np.random.default_rng(1)
    rounded = [
        np.asarray(jnp.asarray(generator.normal(size=shape), jnp.bfloat16).astype(jnp.float32))
        for shape in [(3, 6, 5, 4), (3, 3, 2, 4)]
    ]
    nudged = [
        (a * (1 + 2.0**-12)).astype(np.float32) for a in rounded
    ]  # far less than half of bfloat16's last place
    y, back = jax.vjp(lambda x: native.max_pool(x, 2, "mixed"), nudged[0])
    wanted, wanted_slope = by_numpy(*rounded, 2)
    assert y.dtype == jnp.float32
    np.testing.assert_array_equal(y, wanted)
    np.testing.assert_array_equal(back(jnp.asarray(nudged[1]))[0], wanted_slope)
