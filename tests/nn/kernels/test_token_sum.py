import jax
import jax.numpy as jnp
import numpy as np

from netwright.nn.kernels.token_sum import token_sum

GENERATOR = np.random.default_rng(0)
KERNEL = GENERATOR.normal(size=(7, 3)).astype(np.float32)
CODES = GENERATOR.integers(0, 7, (4, 5)).astype(np.int32)
WEIGHTS = GENERATOR.normal(size=(4, 5)).astype(np.float32)


def plain(kernel, codes, weights):
    return np.einsum("mt,mtn->mn", weights.astype(np.float64), kernel.astype(np.float64)[codes])


def test_equals_the_plain_sum_of_rows():
    found = jax.jit(token_sum)(KERNEL, CODES, WEIGHTS)
    np.testing.assert_allclose(found, plain(KERNEL, CODES, WEIGHTS), rtol=1e-5, atol=1e-6)


def test_the_slope_equals_that_of_the_plain_sum_also_for_codes_that_repeat():
    ahead = GENERATOR.normal(size=(4, 3)).astype(np.float32)
    slope = jax.jit(jax.grad(lambda k: jnp.sum(ahead * token_sum(k, CODES, WEIGHTS))))(jnp.asarray(KERNEL))
    expected = np.zeros((7, 3))
    for row, step in np.ndindex(4, 5):
        expected[CODES[row, step]] += WEIGHTS[row, step].astype(np.float64) * ahead[row]
    np.testing.assert_allclose(slope, expected, rtol=1e-5, atol=1e-6)


def test_members_of_a_population_are_summed_apart():
    kernels = jnp.stack([KERNEL, 2 * KERNEL])
    slopes = jax.vmap(jax.grad(lambda k: jnp.sum(token_sum(k, CODES, WEIGHTS))))(kernels)
    found = jax.vmap(token_sum, in_axes=(0, None, None))(kernels, CODES, WEIGHTS)
    np.testing.assert_allclose(found[1], 2 * found[0], rtol=1e-6)
    np.testing.assert_array_equal(slopes[0], slopes[1])


def test_memory_does_not_grow_with_the_length():
    def temporary(length):
        codes, weights = jnp.zeros((64, length), jnp.int32), jnp.zeros((64, length))
        compiled = jax.jit(token_sum).lower(jnp.zeros((1000, 64)), codes, weights).compile()
        return compiled.memory_analysis().temp_size_in_bytes

    assert temporary(512) < 2**20
