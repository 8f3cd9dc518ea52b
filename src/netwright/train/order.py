"""The order of the rows in an epoch: a pure function of (seed, epoch), so a run resumes at any step.

A row number is split into two digits, (high, low), and each digit in turn is shifted by a keyed hash of the other:
a generalized Feistel network (Black and Rogaway, "Ciphers with arbitrary finite domains", 2002, section 3), so the
order of a million rows costs the device milliseconds and the host nothing.
"""

from math import isqrt
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from netwright.core.hashing import hash_bits

ROUNDS = 6


class Visits:
    """Which rows each epoch visits, and in which order.

    Args:
      count: rows there are.
      seeds: the seed of the order, or one for every member of a population.
      batch_size: rows of a batch.
      shuffle: a new order each epoch.
      chosen: (members, n) numbers of the rows that each member visits; by default all.
    """

    def __init__(
        self,
        count: int,
        seeds: int | list[int],
        batch_size: int,
        *,
        shuffle: bool,
        chosen: np.ndarray | None = None,
    ) -> None:
        self.seeds, self.batch_size, self.shuffle = seeds, batch_size, shuffle
        self.chosen = None if chosen is None else jax.device_put(chosen.astype(np.int32))
        self.rows = count if chosen is None else chosen.shape[1]
        self.steps_per_epoch = -(-self.rows // batch_size)

    def order(self, epoch: int) -> jax.Array:
        """Return row numbers int32 (steps·B,), or (members, steps·B) when members have their own; −1 is padding."""
        make: Any = epoch_order if isinstance(self.seeds, int) else epoch_orders
        order = make(self.seeds, epoch, self.rows, self.batch_size, shuffle=self.shuffle)
        return order if self.chosen is None else _chosen(self.chosen, order)

    def places(self, epoch: int, step: int) -> np.ndarray:
        """Return the row numbers of one batch, padding as 0; not for a population."""
        return np.maximum(np.asarray(self.order(epoch))[step * self.batch_size :][: self.batch_size], 0)


@jax.jit
def _chosen(rows: jax.Array, order: jax.Array) -> jax.Array:
    """Turn places within each member's rows into row numbers; padding stays."""
    order = jnp.broadcast_to(order, (rows.shape[0], order.shape[-1]))
    return jnp.where(order >= 0, jnp.take_along_axis(rows, jnp.maximum(order, 0), axis=1), -1)


def epoch_order(seed: int, epoch: int, rows: int, batch_size: int, *, shuffle: bool) -> jax.Array:
    """Return the row numbers of an epoch, int32 (steps·B,): a permutation, padded with −1 to whole batches."""
    return _order(_keys(seed, epoch), rows, batch_size, shuffle and batch_size < rows)


def epoch_orders(seeds: list[int], epoch: int, rows: int, batch_size: int, *, shuffle: bool) -> jax.Array:
    """Return the orders of several seeds, int32 (seeds, steps·B)."""
    keys = np.stack([_keys(seed, epoch) for seed in seeds])
    return _orders(keys, rows, batch_size, shuffle and batch_size < rows)


def _keys(seed: int, epoch: int) -> np.ndarray:
    return np.random.SeedSequence((seed, epoch)).generate_state(ROUNDS, np.uint32)


def _order_of(keys: jax.Array, rows: int, batch_size: int, shuffle: bool) -> jax.Array:
    order = lax.iota(jnp.uint32, rows)
    if shuffle:
        order = permute(order, keys, rows)
    return jnp.pad(order.astype(jnp.int32), (0, -rows % batch_size), constant_values=-1)


_order = jax.jit(_order_of, static_argnums=(1, 2, 3))
_orders = jax.jit(jax.vmap(_order_of, in_axes=(0, None, None, None)), static_argnums=(1, 2, 3))


def permute(index: jax.Array, keys: jax.Array, rows: int) -> jax.Array:
    """Return where a keyed permutation of 0 … rows−1 takes the indices, uint32 of any shape."""
    low_size = isqrt(rows - 1) + 1
    high_size = -(-rows // low_size)

    def network(index: jax.Array) -> jax.Array:
        high, low = index // jnp.uint32(low_size), index % jnp.uint32(low_size)
        for i in range(0, ROUNDS, 2):
            high = _shift(high, low, keys[i], high_size)
            low = _shift(low, high, keys[i + 1], low_size)
        return high * jnp.uint32(low_size) + low

    # The digits span up to √rows numbers too many; an index that falls there walks on along its cycle.
    return lax.while_loop(
        lambda index: jnp.any(index >= rows),
        lambda index: jnp.where(index >= rows, network(index), index),
        network(index),
    )


def _shift(digit: jax.Array, other: jax.Array, key: jax.Array, size: int) -> jax.Array:
    shifted = digit + ((hash_bits(other ^ key) >> 16) * jnp.uint32(size) >> 16)
    return jnp.where(shifted >= size, shifted - jnp.uint32(size), shifted)
