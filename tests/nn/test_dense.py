import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx

from netwright.nn import initializers
from netwright.nn.dense import dense
from netwright.nn.skeleton import split


def layer(seed=0, **options):
    options = {"kernel": initializers.he_normal(), **options}
    return dense(3, 4, rngs=nnx.Rngs(seed), **options)


def test_the_value_is_xw_plus_b():
    one = layer(bias=0.5)
    x = np.random.default_rng(0).normal(size=(5, 3))
    expected = x @ np.asarray(one.kernel[...], np.float64) + 0.5
    np.testing.assert_allclose(one(jnp.asarray(x, jnp.float32)), expected, rtol=1e-5, atol=1e-6)


def test_the_kernel_is_drawn_by_the_initializer_and_the_bias_is_constant():
    one = layer(kernel=initializers.uniform(0.1), bias=-2.0)
    assert one.kernel[...].shape == (3, 4)
    assert 0 < float(jnp.abs(one.kernel[...]).max()) <= 0.1
    np.testing.assert_array_equal(one.bias[...], np.full(4, -2.0))


def test_mixed_precision_multiplies_in_bfloat16_and_keeps_float32():
    mixed, plain = layer(precision="mixed"), layer()
    x = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)
    out = mixed(jnp.asarray(x))
    assert out.dtype == mixed.kernel[...].dtype == jnp.float32
    rounded = [np.asarray(jnp.asarray(a).astype(jnp.bfloat16), np.float64) for a in (x, mixed.kernel[...])]
    np.testing.assert_allclose(out, rounded[0] @ rounded[1], rtol=1e-5, atol=1e-6)
    assert not np.array_equal(out, plain(jnp.asarray(x)))


def test_equal_layers_have_equal_structure_so_that_nothing_is_compiled_twice():
    assert split(layer(0))[0] == split(layer(1))[0]
    assert split(layer(bias=0.5))[0] == split(layer(bias=0.5))[0]
    assert split(layer(precision="mixed"))[0] == split(layer(1, precision="mixed"))[0] != split(layer())[0]


def test_the_gradient_equals_its_closed_form():
    one, x = layer(), jnp.asarray(np.random.default_rng(0).normal(size=(5, 3)), jnp.float32)
    skeleton, params, rest = split(one)
    gradient = jax.grad(lambda p: jnp.sum(skeleton.merge(p, rest)(x) ** 2) / 2)(params)
    z = np.asarray(one(x), np.float64)
    np.testing.assert_allclose(gradient["kernel"], np.asarray(x, np.float64).T @ z, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(gradient["bias"], z.sum(0), rtol=1e-5, atol=1e-5)


def test_every_step_of_a_sequence_is_a_row():
    one, x = layer(bias=0.5), jnp.asarray(np.random.default_rng(0).normal(size=(2, 5, 3)), jnp.float32)
    skeleton, params, rest = split(one)

    def run(params, x):
        return skeleton.merge(params, rest)(x)

    z = run(params, x)
    slope = jnp.asarray(np.random.default_rng(1).normal(size=z.shape), jnp.float32)
    found, into_x = jax.vjp(run, params, x)[1](slope)
    wide = [np.asarray(a, np.float64) for a in (x, params["kernel"], slope)]
    np.testing.assert_allclose(z, wide[0] @ wide[1] + 0.5, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(
        found["kernel"], np.einsum("mti,mto->io", wide[0], wide[2]), rtol=1e-5, atol=1e-5
    )
    np.testing.assert_allclose(into_x, wide[2] @ wide[1].T, rtol=1e-5, atol=1e-5)
