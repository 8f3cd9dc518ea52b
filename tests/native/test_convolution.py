"""oneDNN's convolution against XLA's in float64, with both its derivatives."""

from importlib.metadata import version

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

from netwright.nn.kernels import native

# (m, H, W, C), (h, w, C, O), strides, padding
SHAPES = [
    ((8, 8, 8, 16), (3, 3, 16, 32), (1, 1), "SAME"),
    ((8, 9, 7, 5), (3, 3, 5, 6), (2, 2), "SAME"),
    ((8, 9, 7, 5), (3, 3, 5, 6), (1, 2), "VALID"),
    ((9, 6, 6, 8), (1, 1, 8, 24), (1, 1), "SAME"),
    ((5, 10, 10, 4), (5, 5, 4, 8), (1, 1), "SAME"),
    ((1, 6, 6, 3), (3, 3, 3, 7), (1, 1), "SAME"),
    ((17, 12, 12, 1), (3, 3, 1, 32), (1, 1), "SAME"),
    ((4, 5, 6, 2), (2, 3, 2, 3), (1, 1), "VALID"),
]


def arrays(*shapes, seed=0):
    generator = np.random.default_rng(seed)
    return [generator.normal(size=shape).astype(np.float32) for shape in shapes]


def exact(x, w, b, slope, strides, padding):
    """(y, dx, dw, db) in float64; with no bias (y, dx, dw)."""
    with jax.enable_x64(True):
        numbers = ("NHWC", "HWIO", "NHWC")

        def convolved(x, w, *b):
            y = lax.conv_general_dilated(x, w, strides, padding, dimension_numbers=numbers)
            return y + b[0].reshape(1, 1, 1, -1) if b else y

        given = [jnp.asarray(a, jnp.float64) for a in (x, w, b) if a is not None]
        y, back = jax.vjp(convolved, *given)
        return tuple(np.asarray(a) for a in (y, *back(jnp.asarray(slope(y.shape), jnp.float64))))


def ours(x, w, b, slope, strides, padding, precision):
    y, back = jax.vjp(lambda *given: native.conv2d(*given, strides, padding, precision), x, w, b)
    return y, *(a for a in back(jnp.asarray(slope(y.shape))) if a is not None)


def drawn(shape):
    return arrays(shape, seed=1)[0]


def error(found, wanted):
    """The largest error, as a share of the largest value."""
    return float(np.max(np.abs(np.asarray(found, np.float64) - wanted)) / np.max(np.abs(wanted)))


@pytest.mark.parametrize(("precision", "tolerance"), [("float32", 3e-6), ("mixed", 1e-2)])
@pytest.mark.parametrize("biased", [False, True])
@pytest.mark.parametrize(("image", "kernel", "strides", "padding"), SHAPES)
def test_value_and_derivatives(image, kernel, strides, padding, biased, precision, tolerance):
    x, w, b = arrays(image, kernel, kernel[3:])
    given = (x, w, b if biased else None)
    found = ours(*given, drawn, strides, padding, precision)
    wanted = exact(*given, drawn, strides, padding)
    assert [a.shape for a in found] == [a.shape for a in wanted]
    assert {a.dtype for a in found} == {jnp.dtype("float32")}
    for name, a, b in zip(("y", "dx", "dw", "db")[: 3 + biased], found, wanted, strict=True):
        assert error(a, b) < tolerance, name


def test_mixed_adds_up_in_float32():
    """Factors that bfloat16 holds exactly give exact sums, rounded once."""
    x, w = (
        np.asarray(jnp.asarray(a).astype(jnp.bfloat16).astype(jnp.float32)) for a in arrays(*SHAPES[0][:2])
    )
    y = native.conv2d(x, w, None, (1, 1), "SAME", "mixed")
    wanted = exact(x, w, None, drawn, (1, 1), "SAME")[0]
    np.testing.assert_allclose(y, wanted, rtol=2**-8, atol=1e-5)


@pytest.mark.parametrize("shared", ["nothing", "images", "kernels"])
def test_a_population(shared):
    """Members have images and kernels of their own or share them; every member has what it has alone."""
    images, kernels, biases = arrays((3, 6, 7, 5, 4), (3, 3, 3, 4, 8), (3, 8))
    axes = (None if shared == "images" else 0, None if shared == "kernels" else 0)
    x, w = (a[0] if axis is None else a for a, axis in zip((images, kernels), axes, strict=True))

    def slopes(x, w, b):
        return jax.grad(
            lambda *given: jnp.sum(jnp.sin(native.conv2d(*given, (1, 1), "SAME", "float32"))), (0, 1, 2)
        )(x, w, b)

    together = jax.jit(jax.vmap(slopes, (*axes, 0)))(x, w, biases)
    for member in range(3):
        alone = slopes(
            images[0 if axes[0] is None else member],
            kernels[0 if axes[1] is None else member],
            biases[member],
        )
        for a, b in zip(together, alone, strict=True):
            np.testing.assert_allclose(a[member], b, rtol=0, atol=2e-5)


def test_a_population_of_populations():
    x, w = arrays((2, 5, 6, 6, 2), (3, 3, 3, 2, 4))
    both = jax.vmap(
        jax.vmap(lambda x, w: native.conv2d(x, w, None, (1, 1), "SAME", "float32"), (None, 0)), (0, None)
    )
    y = both(x, w)
    for i in range(2):
        for j in range(3):
            wanted = native.conv2d(x[i], w[j], None, (1, 1), "SAME", "float32")
            np.testing.assert_allclose(y[i, j], wanted, rtol=0, atol=1e-5)


def test_strided_1x1_is_left_to_the_pure_kernel():
    x, w = arrays((9, 7, 7, 8), (1, 1, 8, 24))
    assert native.conv2d(x, w, None, (2, 2), "SAME", "float32") is None


def test_training_in_a_loop():
    """Inside lax.while_loop with a gradient, as training runs: the same descent as with XLA's convolution."""
    x, w, target = arrays((8, 6, 6, 3), (3, 3, 3, 4), (8, 6, 6, 4))
    numbers = ("NHWC", "HWIO", "NHWC")

    def descend(convolve):
        def step(state):
            k, w = state
            return k + 1, w - 0.05 * jax.grad(lambda w: jnp.mean((convolve(x, w) - target) ** 2))(w)

        return jax.jit(lambda w: lax.while_loop(lambda state: state[0] < 20, step, (0, w)))(w)[1]

    ours = descend(lambda x, w: native.conv2d(x, w, None, (1, 1), "SAME", "float32"))
    xla = descend(lambda x, w: lax.conv_general_dilated(x, w, (1, 1), "SAME", dimension_numbers=numbers))
    assert float(jnp.max(jnp.abs(ours - w))) > 0.01
    np.testing.assert_allclose(ours, xla, rtol=0, atol=1e-5)


def test_a_compiled_program_names_the_version_of_the_kernels():
    """So the cache on disk, whose key is the program, gives it to no process with other kernels or none."""
    x, w = arrays(*SHAPES[0][:2])
    program = jax.jit(lambda x, w: native.conv2d(x, w, None, (1, 1), "SAME", "float32")).lower(x, w)
    assert f"netwright.conv_forward.{version('netwright-native')}" in program.as_text()
