"""Attention over short sequences: the whole matrix of weights, kept for the backward pass."""

import jax
import jax.numpy as jnp


def attention(q: jax.Array, k: jax.Array, v: jax.Array, mask: jax.Array | None = None) -> jax.Array:
    """Return ``softmax(q kᵀ/√d) v`` for q, k, v (m, T, heads, d); keys where ``mask`` (m, T) is False count nothing.

    Reference: Vaswani et al. (2017), "Attention is all you need", equation 1.
    """
    scores = jnp.einsum("mqhd,mkhd->mhqk", q * q.shape[-1] ** -0.5, k)
    if mask is not None:
        scores = jnp.where(mask[:, None, None, :], scores, jnp.finfo(scores.dtype).min)
    return jnp.einsum("mhqk,mkhd->mqhd", jax.nn.softmax(scores, axis=-1), v)
