"""The convolution's formulations against lax's own, and against sums written out in float64."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

from netwright.nn.kernels import native
from netwright.nn.kernels.conv import conv2d

# (H, W, C, O), kernel, strides, padding
SHAPES = {
    "first layer": ((8, 7, 1, 4), (3, 3), (1, 1), "SAME"),
    "no border": ((6, 7, 2, 3), (3, 3), (1, 1), "VALID"),
    "even kernel": ((6, 6, 2, 3), (4, 2), (1, 1), "SAME"),
    "by channel": ((4, 5, 3, 4), (1, 1), (1, 1), "SAME"),
    "stride": ((8, 8, 2, 3), (3, 3), (2, 2), "SAME"),
    "stride, odd": ((7, 9, 2, 3), (3, 5), (2, 1), "SAME"),
    "stride, no border": ((9, 8, 2, 3), (3, 3), (2, 2), "VALID"),
    "by channel, stride": ((7, 6, 2, 3), (1, 1), (2, 2), "SAME"),
    "stride beyond the kernel": ((9, 9, 2, 3), (2, 2), (3, 3), "VALID"),
    "winograd": ((4, 6, 64, 65), (3, 3), (1, 1), "SAME"),
}
ROWS = 3


@pytest.fixture(autouse=True)
def pure(monkeypatch):
    monkeypatch.setattr(native, "conv2d", lambda *_: None)


@pytest.fixture(params=SHAPES.values(), ids=SHAPES)
def case(request):
    """x, w and the slope of the output in float64, strides and padding."""
    (*image, n_in, n_out), kernel, strides, padding = request.param
    normal = np.random.default_rng(0).normal
    x, w = normal(size=(ROWS, *image, n_in)), normal(size=(*kernel, n_in, n_out))
    return x, w, normal(size=summed(x, w, strides, padding).shape), strides, padding


def summed(x, w, strides, padding):
    """The definition: a window of the padded image times the kernel."""
    pads = lax.padtype_to_pads(x.shape[1:3], w.shape[:2], strides, padding)
    windows = np.lib.stride_tricks.sliding_window_view(
        np.pad(x, ((0, 0), *pads, (0, 0))), w.shape[:2], axis=(1, 2)
    )
    return np.einsum("nijcuv,uvco->nijo", windows[:, :: strides[0], :: strides[1]], w, optimize=True)


def through(x, w, slope, strides, padding, precision="float32", function=conv2d):
    """The output and both derivatives, compiled."""

    @jax.jit
    def run(x, w, slope):
        y, back = jax.vjp(
            lambda x, w: function(x, w, strides=strides, padding=padding, precision=precision), x, w
        )
        return y, *back(slope)

    return run(x, w, slope)


def plain(x, w, *, strides, padding, precision):
    del precision
    return lax.conv_general_dilated(x, w, strides, padding, dimension_numbers=("NHWC", "HWIO", "NHWC"))


def close(found, expected, share):
    """Within this share of the largest entry."""
    expected = np.asarray(expected, np.float64)
    np.testing.assert_allclose(found, expected, rtol=0, atol=share * np.abs(expected).max())


def test_output_and_slopes_in_float32(case):
    *arrays, strides, padding = case
    with jax.enable_x64(True):
        exact = through(*arrays, strides, padding, function=plain)
    close(summed(arrays[0], arrays[1], strides, padding), exact[0], 1e-12)
    found = through(*(jnp.asarray(a, jnp.float32) for a in arrays), strides, padding)
    for one, expected in zip(found, exact, strict=True):
        assert one.dtype == jnp.float32
        # Winograd's sums of neighbours lose a digit more than plain products of 64 channels.
        close(one, expected, 2e-6)


def test_float64_stays_float64(case):
    *arrays, strides, padding = case
    with jax.enable_x64(True):
        found = through(*arrays, strides, padding)
        exact = through(*arrays, strides, padding, function=plain)
    for one, expected in zip(found, exact, strict=True):
        close(one, expected, 1e-13)


def test_mixed_precision_rounds_the_factors_alone(case):
    *arrays, strides, padding = case
    arrays = [jnp.asarray(a, jnp.float32) for a in arrays]
    found = through(*arrays, strides, padding, precision="mixed")
    rounded = [a.astype(jnp.bfloat16).astype(jnp.float32) for a in arrays]
    for one, expected in zip(found, through(*rounded, strides, padding, function=plain), strict=True):
        assert one.dtype == jnp.float32
        close(one, expected, 2e-6)


def test_under_vmap_as_in_a_population():
    normal = np.random.default_rng(1).normal
    x, w = (jnp.asarray(normal(size=size), jnp.float32) for size in ((4, 6, 6, 2), (3, 3, 3, 2, 5)))

    def cost(w, x):
        return jnp.sum(conv2d(x, w, strides=(2, 2)) ** 2)

    together = jax.jit(jax.vmap(jax.grad(cost), in_axes=(0, None)))(w, x)
    apart = np.stack([jax.jit(jax.grad(cost))(one, x) for one in w])
    np.testing.assert_allclose(together, apart, rtol=1e-5, atol=1e-4)
