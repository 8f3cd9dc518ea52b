import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

import netwright as nw
from netwright.nn.attention import SelfAttention
from netwright.nn.initializers.xavier_uniform import xavier_uniform
from netwright.nn.kernels.attention import attention

M, T, N, HEADS = 3, 5, 6, 2
X = np.random.default_rng(0).normal(size=(M, T, N)).astype(np.float32)
MASK = np.arange(T) < np.array([5, 2, 3])[:, None]


def layer():
    return SelfAttention(N, HEADS, kernel=xavier_uniform(), out=xavier_uniform(), bias=0.1, rngs=nnx.Rngs(0))


def by_numpy(attention, x, mask):
    """Head by head and query by query, in float64."""
    kernel, bias, out = (
        np.asarray(a[...], np.float64)
        for a in (attention.qkv.kernel, attention.qkv.bias, attention.out.kernel)
    )
    q, k, v = np.split(x.astype(np.float64) @ kernel + bias, 3, axis=-1)
    size = N // HEADS
    whole = np.zeros(x.shape)
    for row in range(M):
        keys = np.flatnonzero(mask[row])
        for head in range(HEADS):
            part = slice(head * size, (head + 1) * size)
            for query in range(T):
                scores = k[row, keys, part] @ q[row, query, part] / np.sqrt(size)
                weights = np.exp(scores - scores.max())
                whole[row, query, part] = weights @ v[row, keys, part] / weights.sum()
    return whole @ out + np.asarray(attention.out.bias[...], np.float64)


@pytest.mark.parametrize("mask", [np.ones((M, T), bool), MASK], ids=["whole", "masked"])
def test_every_step_looks_at_every_real_step(mask):
    made = layer()
    found = made(jnp.asarray(X), None if mask.all() else jnp.asarray(mask))
    np.testing.assert_allclose(found, by_numpy(made, X, mask), rtol=1e-4, atol=1e-5)


def test_a_mask_of_each_step_by_itself():
    """Where all look at the same steps it is the mask of rows; where none looks ahead, what follows has no part."""
    made, x = layer(), jnp.asarray(X)
    look = jax.jit(made)
    each = jnp.asarray(np.repeat(MASK[:, None], T, axis=1))
    np.testing.assert_array_equal(look(x, each), look(x, jnp.asarray(MASK)))
    back = look(x, jnp.tri(T, dtype=bool)[None])
    np.testing.assert_allclose(back[:, 2], look(x[:, :3])[:, 2], rtol=1e-4, atol=1e-5)


def test_equals_flax():
    """The same numbers as Flax's layer, whose kernels are apart and have an axis for the heads."""
    ours = layer()
    theirs = nnx.MultiHeadAttention(HEADS, N, decode=False, rngs=nnx.Rngs(1))
    parts = zip(
        (theirs.query, theirs.key, theirs.value),
        jnp.split(ours.qkv.kernel[...], 3, axis=1),
        jnp.split(ours.qkv.bias[...], 3),
        strict=True,
    )
    for part, kernel, bias in parts:
        part.kernel[...] = kernel.reshape(N, HEADS, -1)
        part.bias[...] = bias.reshape(HEADS, -1)
    theirs.out.kernel[...] = ours.out.kernel[...].reshape(HEADS, -1, N)
    theirs.out.bias[...] = ours.out.bias[...]
    with jax.numpy_dtype_promotion("standard"), jax.numpy_rank_promotion("allow"):
        expected = theirs(jnp.asarray(X), mask=jnp.asarray(MASK)[:, None, None])
    np.testing.assert_allclose(ours(jnp.asarray(X), jnp.asarray(MASK)), expected, rtol=1e-4, atol=1e-5)


def test_the_backward_rule_is_that_of_automatic_differentiation():
    def plain(q, k, v, mask):
        scores = jnp.einsum("mqhd,mkhd->mhqk", q, k) / np.float32(np.sqrt(q.shape[-1]))
        scores = jnp.where(mask[:, None, None], scores, -1e30)
        return jnp.einsum("mhqk,mkhd->mqhd", jax.nn.softmax(scores), v)

    generator = np.random.default_rng(1)
    *given, weights = jnp.asarray(generator.normal(size=(4, M, T, HEADS, 3)), jnp.float32)

    def slopes(function):
        def cost(*a):
            return jnp.sum(weights * function(*a, jnp.asarray(MASK)))

        return jax.jit(jax.grad(cost, argnums=(0, 1, 2)))(*given)

    for found, expected in zip(slopes(attention), slopes(plain), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-6)
    assert nw.check_gradients(lambda p: attention(*p, MASK), tuple(given)).max_relative_error < 1e-6
