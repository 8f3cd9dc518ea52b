"""A cheap hash of 32-bit words, for random numbers that are a pure function of where they are used."""

import jax
import jax.numpy as jnp


def hash_bits(x: jax.Array) -> jax.Array:
    """Return uint32 words, each input bit of which flips every output bit with probability close to one half.

    Source: "lowbias32", the finalizer with the least avalanche bias that Wellons' hash prospector found (2018).
    """
    x = (x ^ (x >> 16)) * jnp.uint32(0x7FEB352D)
    x = (x ^ (x >> 15)) * jnp.uint32(0x846CA68B)
    return x ^ (x >> 16)
