"""What every loss does with its arrays first: no broadcasting, at least float32."""

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from netwright.core.errors import DataError


def floating(outputs: ArrayLike) -> jax.Array:
    """Return the outputs as floats of at least 32 bits: a loss is never summed in bfloat16."""
    outputs = jnp.asarray(outputs)
    return outputs if outputs.dtype in (jnp.float32, jnp.float64) else outputs.astype(jnp.float32)


def pair(loss: str, outputs: ArrayLike, targets: ArrayLike) -> tuple[jax.Array, jax.Array]:
    """Return outputs and targets of one dtype.

    Raises:
      DataError: the shapes differ; nothing is broadcast.
    """
    outputs, targets = floating(outputs), jnp.asarray(targets)
    if outputs.shape != targets.shape:
        raise DataError(
            f"{loss}: outputs have shape {outputs.shape} and targets {targets.shape}; expected equal shapes"
        )
    return outputs, targets.astype(outputs.dtype)


def rows(values: jax.Array) -> jax.Array:
    """Return the mean over everything but the first axis: (m, …) → (m,)."""
    return values.mean(axis=tuple(range(1, values.ndim)))


def classes(loss: str, outputs: jax.Array, targets: ArrayLike) -> jax.Array:
    """Return integer targets (m,) as a boolean one-hot (m, K).

    Raises:
      DataError: the targets are not m integers.
    """
    targets = jnp.asarray(targets)
    if targets.shape != outputs.shape[:1] or not jnp.issubdtype(targets.dtype, jnp.integer):
        raise DataError(
            f"{loss}: targets are {targets.dtype} of shape {targets.shape}; "
            f"expected {outputs.shape[0]} integer classes for outputs of shape {outputs.shape}"
        )
    return targets[:, None] == jnp.arange(outputs.shape[1], dtype=targets.dtype)[None, :]
