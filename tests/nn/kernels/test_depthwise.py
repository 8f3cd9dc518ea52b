import jax
import numpy as np
import pytest
from flax import nnx

from netwright.nn.depthwise import DepthwiseConv
from netwright.nn.initializers.he_normal import he_normal
from netwright.nn.kernels.depthwise import depthwise

GENERATOR = np.random.default_rng(0)


def reference(x, w, stride):
    """The sum as it is defined, in float64."""
    (m, height, width, n), size = x.shape, w.shape[0]
    out = np.zeros((m, -(-height // stride), -(-width // stride), n))
    before = [
        max((found - 1) * stride + size - side, 0) // 2
        for found, side in zip(out.shape[1:3], (height, width), strict=True)
    ]
    for i, j in np.ndindex(out.shape[1:3]):
        for u, v in np.ndindex(size, size):
            row, column = stride * i + u - before[0], stride * j + v - before[1]
            if 0 <= row < height and 0 <= column < width:
                out[:, i, j] += x[:, row, column].astype(float) * w[u, v, 0]
    return out


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("size", [3, 5])
@pytest.mark.parametrize("image", [(6, 7), (3, 2)])
def test_each_channel_by_its_own_kernel(stride, size, image):
    x = GENERATOR.normal(size=(2, *image, 3)).astype(np.float32)
    w = GENERATOR.normal(size=(size, size, 1, 3)).astype(np.float32)
    found = jax.jit(depthwise, static_argnums=2)(x, w, stride)
    np.testing.assert_allclose(found, reference(x, w, stride), atol=1e-5)


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("size", [2, 3, 5])
def test_slopes_are_those_of_xla_s_grouped_convolution(stride, size):
    x, w = (GENERATOR.normal(size=shape).astype(np.float32) for shape in ((2, 7, 6, 3), (size, size, 1, 3)))

    def grouped(x, w):
        axes = ("NHWC", "HWIO", "NHWC")
        return jax.lax.conv_general_dilated(
            x, w, (stride, stride), "SAME", dimension_numbers=axes, feature_group_count=3
        )

    found, expected = (
        jax.jit(jax.grad(lambda x, w, f=f: (f(x, w) ** 2).sum(), (0, 1)))(x, w)
        for f in (lambda x, w: depthwise(x, w, stride), grouped)
    )
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-4), found, expected)


def test_members_side_by_side_compute_what_each_does_alone():
    x, w = (GENERATOR.normal(size=shape).astype(np.float32) for shape in ((2, 2, 5, 5, 3), (2, 3, 3, 1, 3)))
    cost = jax.jit(jax.grad(lambda w, x: (depthwise(x, w) ** 2).sum()))
    found = jax.jit(jax.vmap(cost))(w, x)
    np.testing.assert_allclose(found, np.stack([cost(w[i], x[i]) for i in range(2)]), rtol=1e-4, atol=1e-4)


def test_the_layer_has_a_kernel_for_each_channel():
    layer = DepthwiseConv(4, size=5, stride=2, kernel=he_normal(), rngs=nnx.Rngs(0))
    assert layer.kernel[...].shape == (5, 5, 1, 4)
    assert jax.eval_shape(layer, np.ones((1, 8, 8, 4), np.float32)).shape == (1, 4, 4, 4)
