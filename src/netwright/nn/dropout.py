"""Dropout with a traced rate and cheap, exactly resumable masks."""

import math
from typing import Literal

import jax
import jax.numpy as jnp
from flax import nnx

from netwright.core.hashing import hash_bits


class DropoutRate(nnx.Variable):
    """The probability p that a unit is zeroed: an array, so that changing it compiles nothing."""


class DropoutKey(nnx.Variable):
    """Two words that tell one layer's masks from another's."""


class DropoutCount(nnx.Variable):
    """How many masks a layer has drawn: the mask is a pure function of key and count."""


class Dropout(nnx.Module):
    """Zeroes each unit with probability p in training.

    ``scaling="train"`` divides the kept units by 1 − p in training (inverted dropout); ``"inference"`` is the
    original form, which multiplies by 1 − p at inference. Both agree in expectation.

    Args:
      rate: p in [0, 1).
      scaling: which of the two forms.
      rngs: NNX random streams; the layer draws its key from ``rngs.dropout``.

    Reference: Srivastava et al. (2014), "Dropout", sections 4 and 10.
    """

    def __init__(
        self, rate: float, *, scaling: Literal["train", "inference"] = "train", rngs: nnx.Rngs
    ) -> None:
        self.rate = DropoutRate(jnp.float32(rate))
        self.key = DropoutKey(jax.random.bits(rngs.dropout(), (2,), jnp.uint32))
        self.count = DropoutCount(jnp.uint32(0))
        self.scaling = scaling
        self.deterministic = False

    def __call__(self, x: jax.Array) -> jax.Array:
        """Return ``x`` with units dropped in training, or scaled at inference; shape and dtype are kept."""
        keep = (1 - self.rate[...]).astype(x.dtype)
        if self.deterministic:
            return x * keep if self.scaling == "inference" else x
        count = self.count[...]
        self.count[...] = count + jnp.uint32(1)
        kept = keep_mask(self.key[...], count, self.rate[...], x.shape)
        scale = 1 / keep if self.scaling == "train" else jnp.ones((), x.dtype)
        return jnp.where(kept, x * scale, jnp.zeros((), x.dtype))


def keep_mask(key: jax.Array, count: jax.Array, rate: jax.Array, shape: tuple[int, ...]) -> jax.Array:
    """Return a boolean mask of ``shape``, True with probability 1 − rate.

    A counter-based hash of (key, count, index) costs a fraction of Threefry, whose masks take as long as the
    arithmetic of a small network. ``key`` is (2,) uint32, ``count`` a uint32 scalar.
    """
    stream = hash_bits(key[0] ^ hash_bits(count * jnp.uint32(0x9E3779B9) + key[1]))
    index = jax.lax.iota(jnp.uint32, math.prod(shape)).reshape(shape)
    bits = hash_bits(hash_bits(index ^ stream) + key[1])
    # 24 bits, so that the comparison with the rate is exact in float32.
    return (bits >> 8).astype(jnp.float32) * jnp.float32(2**-24) >= rate
