"""Random keys: everything random is a function of the run's seed and a purpose."""

import zlib

import jax


def key(seed: int | jax.Array, purpose: str) -> jax.Array:
    """Return the JAX key of ``purpose`` ("init", …) under ``seed``; purposes never share numbers."""
    return jax.random.fold_in(jax.random.key(seed), zlib.crc32(purpose.encode()))
