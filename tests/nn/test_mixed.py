import jax
import jax.numpy as jnp
import numpy as np
import pytest

from netwright.nn.mixed import mixed_dot_general

DIMENSIONS = (((1,), (0,)), ((), ()))


def rounded(x):
    """x after bfloat16 (8 bits of mantissa), in float64."""
    return np.asarray(jnp.asarray(x, jnp.float32).astype(jnp.bfloat16), np.float64)


@pytest.mark.parametrize("lead", [(7,), (1,), (2, 3)])
def test_product_and_gradients_are_those_of_rounded_factors(lead):
    generator = np.random.default_rng(0)
    x = generator.normal(size=(*lead, 5)).astype(np.float32)
    kernel = generator.normal(size=(5, 4)).astype(np.float32)
    g = generator.normal(size=(*lead, 4)).astype(np.float32)
    dimensions = (((x.ndim - 1,), (0,)), ((), ()))
    run = jax.jit(lambda x, kernel: jax.vjp(lambda a, b: mixed_dot_general(a, b, dimensions), x, kernel)[0])
    out, vjp = jax.vjp(lambda a, b: mixed_dot_general(a, b, dimensions), x, kernel)
    dx, dkernel = vjp(jnp.asarray(g))
    xr, kr, gr = rounded(x), rounded(kernel), rounded(g)
    # Products of bfloat16 numbers are exact in float32; only the sums of five or so of them round.
    np.testing.assert_allclose(out, xr @ kr, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(run(x, kernel), xr @ kr, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(dx, gr @ kr.T, rtol=1e-5, atol=1e-6)
    expected = xr.reshape(-1, 5).T @ gr.reshape(-1, 4)
    np.testing.assert_allclose(dkernel, expected, rtol=1e-5, atol=1e-6)
    assert out.dtype == dx.dtype == dkernel.dtype == jnp.float32


def test_under_vmap_as_in_a_population():
    generator = np.random.default_rng(1)
    x, kernel = generator.normal(size=(6, 5)), generator.normal(size=(3, 5, 4))
    x, kernel = x.astype(np.float32), kernel.astype(np.float32)

    def total(kernel, x):
        return jnp.sum(mixed_dot_general(x, kernel, DIMENSIONS) ** 2) / 2

    together = jax.vmap(jax.grad(total), in_axes=(0, None))(kernel, x)
    apart = np.stack([jax.grad(total)(jnp.asarray(k), jnp.asarray(x)) for k in kernel])
    # The sums run in another order; bfloat16 rounding of g may flip by one unit in the last place (2⁻⁸).
    np.testing.assert_allclose(together, apart, rtol=1e-2, atol=1e-2)
