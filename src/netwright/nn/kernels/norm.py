"""Layer normalization whose backward rule keeps the normalized values and one number a row."""

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax


@partial(jax.custom_vjp, nondiff_argnums=(3,))
def layer_norm(x: jax.Array, scale: jax.Array, bias: jax.Array, epsilon: float) -> jax.Array:
    """Return ``γ x̂ + β``, x̂ = (x − μ)/√(σ² + ε) over the last axis of x (…, n); γ, β (n,)."""
    return _forward(x, scale, bias, epsilon)[0]


def _forward(x: jax.Array, scale: jax.Array, bias: jax.Array, epsilon: float) -> tuple[jax.Array, Any]:
    centred = x - jnp.mean(x, axis=-1, keepdims=True)
    deviation = lax.rsqrt(jnp.mean(centred * centred, axis=-1, keepdims=True) + epsilon)
    normal = centred * deviation
    return normal * _row(scale, x) + _row(bias, x), (normal, deviation, scale)


def _backward(epsilon: float, saved: Any, slope: jax.Array) -> tuple[jax.Array, jax.Array, jax.Array]:
    del epsilon  # within the deviation
    normal, deviation, scale = saved
    inner = slope * _row(scale, slope)
    along = jnp.mean(inner * normal, axis=-1, keepdims=True)
    dx = (inner - jnp.mean(inner, axis=-1, keepdims=True) - normal * along) * deviation
    rows = tuple(range(slope.ndim - 1))
    return dx, jnp.sum(slope * normal, rows), jnp.sum(slope, rows)


def _row(vector: jax.Array, like: jax.Array) -> jax.Array:
    return vector.reshape((1,) * (like.ndim - 1) + vector.shape)


layer_norm.defvjp(_forward, _backward)
