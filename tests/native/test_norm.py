"""Batch normalization of images against the written formula in float64, by itself and as a layer."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

from netwright.core import catalog
from netwright.nn.batch_norm import BatchNorm, activated_norm
from netwright.nn.kernels import native
from netwright.nn.one_by_one import one_by_one
from netwright.nn.row_mask import row_mask

EPSILON = 1e-5
RELU = catalog.load("nn.activations", "relu")
SHAPES = [(5, 6, 4, 16), (1, 40, 33, 48), (9, 1, 1, 32)]


def by_formula(x, scale, bias, real, skip, rectified):
    """y, and nothing but jax.numpy, so that it may be derived in float64."""
    weight = real.reshape(-1, 1, 1, 1)
    count = weight.sum() * x.shape[1] * x.shape[2]
    mean = (weight * x).sum((0, 1, 2), keepdims=True) / count
    variance = (weight * (x - mean) ** 2).sum((0, 1, 2), keepdims=True) / count
    z = (x - mean) / jnp.sqrt(variance + EPSILON) * scale.reshape(1, 1, 1, -1) + bias.reshape(1, 1, 1, -1)
    z = z if skip is None else z + skip
    return (jnp.maximum(z, 0) if rectified else z), mean.ravel(), variance.ravel()


def native_norm(x, scale, bias, real, skip, rectified, precision="float32"):
    found = native.batch_norm(
        x, scale, bias, real, skip, epsilon=EPSILON, rectified=rectified, precision=precision
    )
    assert found is not None
    return found


def drawn(shape, *, skip, padding=0, mean=0.5):
    """x, γ, β, real and skip; the last rows are padding."""
    normal = np.random.default_rng(1).normal
    x = 2 * normal(size=shape) + mean
    real = (np.arange(shape[0]) < shape[0] - padding).astype(np.float32)
    line = shape[-1:]
    arrays = [x, 1 + 0.3 * normal(size=line), normal(size=line), real, normal(size=shape) if skip else None]
    return [None if a is None else np.asarray(a, np.float32) for a in arrays]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("skip", "rectified"), [(False, False), (False, True), (True, True)])
def test_values_and_slopes(shape, skip, rectified):
    arrays = drawn(shape, skip=skip, padding=shape[0] // 4)
    slope = np.random.default_rng(2).normal(size=shape).astype(np.float32)
    (y, *moments), back = jax.vjp(lambda *a: native_norm(*a, rectified), *arrays)
    slopes = back((slope, *map(jnp.zeros_like, moments)))
    with jax.enable_x64(True):
        wide = [None if a is None else jnp.asarray(a, jnp.float64) for a in arrays]
        (wanted, *wanted_moments), back = jax.vjp(lambda *a: by_formula(*a, rectified), *wide)
        wanted_slopes = back((jnp.asarray(slope, jnp.float64), *map(jnp.zeros_like, wanted_moments)))
        np.testing.assert_allclose(y, wanted, atol=1e-5)
        np.testing.assert_allclose(moments[0], wanted_moments[0], atol=1e-6)
        np.testing.assert_allclose(moments[1], wanted_moments[1], rtol=1e-5)
        names = ("x", "scale", "bias", "real", "skip")
        for name, found, expected in zip(names, slopes, wanted_slopes, strict=True):
            if name != "real" and expected is not None:
                atol = 1e-5 * float(jnp.abs(expected).max())
                np.testing.assert_allclose(found, expected, atol=atol, err_msg=name)


def test_a_large_mean_costs_no_digits_of_the_variance():
    arrays = drawn((4, 9, 9, 16), skip=False, mean=10_000.0)
    _, mean, variance = native_norm(*arrays, False)
    x = arrays[0].astype(np.float64)
    np.testing.assert_allclose(mean, x.mean((0, 1, 2)), rtol=1e-6)
    np.testing.assert_allclose(variance, x.var((0, 1, 2)), rtol=1e-4)


def test_a_population():
    members = [np.stack(a) for a in zip(*(drawn((6, 3, 3, 16), skip=True) for _ in range(3)), strict=True)]
    members[0] *= np.arange(1, 4).reshape(3, 1, 1, 1, 1)

    def cost(x, scale, bias, real, skip):
        return jnp.sum(jnp.sin(native_norm(x, scale, bias, real, skip, True)[0]))

    together = jax.vmap(jax.grad(cost, argnums=(0, 1, 4)), in_axes=(0, 0, 0, None, 0))(
        *members[:3], members[3][0], members[4]
    )
    for member in range(3):
        alone = jax.grad(cost, argnums=(0, 1, 4))(*(a[member] for a in members))
        for found, expected in zip(together, alone, strict=True):
            np.testing.assert_allclose(found[member], expected, atol=1e-5)


def test_mixed_is_the_normalization_of_rounded_numbers():
    arrays = drawn((6, 5, 4, 32), skip=True)
    rounded = [a.astype(jnp.bfloat16).astype(np.float32) if a.ndim == 4 else a for a in arrays]
    y = native_norm(*arrays, True, "mixed")[0]
    wanted = native_norm(*rounded, True)[0]
    np.testing.assert_array_equal(y, np.asarray(wanted).astype(jnp.bfloat16).astype(np.float32))


def test_nan_is_not_hidden():
    arrays = drawn((2, 2, 2, 16), skip=False)
    arrays[0][0, 0, 0, 3] = np.nan
    assert np.isnan(native_norm(*arrays, True)[0][..., 3]).all()


@pytest.mark.parametrize("mask", [None, [True, True, False, True], [False] * 4])
@pytest.mark.parametrize("skipped", [False, True])
def test_the_layer_is_what_it_is_written_as(mask, skipped):
    """With its running averages, which a batch of padding alone leaves."""
    x, scale, bias, _, skip = drawn((4, 5, 3, 16), skip=True)

    def run(x):
        norm = BatchNorm(16, rngs=nnx.Rngs(0))
        norm.scale[...], norm.bias[...] = jnp.asarray(scale), jnp.asarray(bias)
        with row_mask(None if mask is None else jnp.asarray(mask)):
            y = activated_norm(norm, x, RELU, skip if skipped else None)
        real = jnp.ones(4, bool) if mask is None else jnp.asarray(mask)
        return jnp.sum(jnp.where(real.reshape(-1, 1, 1, 1), jnp.sin(y), 0.0)), (
            y,
            norm.mean[...],
            norm.var[...],
        )

    slope, (y, *moments) = jax.grad(run, has_aux=True)(jnp.asarray(x))
    with one_by_one():
        wanted_slope, (wanted, *wanted_moments) = jax.grad(run, has_aux=True)(jnp.asarray(x))
    np.testing.assert_allclose(y, wanted, atol=1e-5)
    np.testing.assert_allclose(slope, wanted_slope, atol=1e-5)
    for found, expected in zip(moments, wanted_moments, strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("shape", "serves"), [((2, 3, 3, 16), True), ((2, 3, 3, 12), False), ((2, 16), False)]
)
def test_it_serves_images_of_sixteen_channels_at_a_time(shape, serves):
    x, line = jnp.ones(shape), jnp.ones(shape[-1:])
    found = native.batch_norm(
        x, line, line, jnp.ones(2), None, epsilon=EPSILON, rectified=True, precision="float32"
    )
    assert (found is not None) == serves
