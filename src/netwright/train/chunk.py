"""Many steps in one dispatch.

The loop has a traced number of steps, so that one program serves chunks of every length, the last one of an
epoch included, and the host may size chunks by the clock. A population is the same step under ``vmap``: every
array of the state gains a leading axis of members; the step counter does not.
"""

from functools import partial

import jax
import jax.numpy as jnp
from jax import lax

from netwright.train.plan import Hyper, Plan
from netwright.train.state import Carry, Data, State
from netwright.train.step import train_step

PROBE_ROWS = 256
"""Probes that fit into one chunk."""


def train_chunk(
    plan: Plan, hyper: Hyper, carry: Carry, data: Data, order: jax.Array, first: jax.Array, steps: jax.Array
) -> Carry:
    """Take ``steps`` steps, or fewer if the loss ceases to be finite.

    Args:
      data: the rows that ``order`` points to.
      order: row numbers (steps·B,), or (members, steps·B) when members have their own; −1 is padding.
      first: the step within ``order`` to begin with.
    """
    population = carry.finite.ndim == 1
    own_order, own_weight = order.ndim == 2, data.weight is not None and data.weight.ndim == 2
    step_function = partial(train_step, plan)
    if population:
        rows_axis = 0 if own_order else None
        weight_axis = 0 if own_order or own_weight else None
        step_function = jax.vmap(step_function, in_axes=(0, None, 0, rows_axis, rows_axis, weight_axis))
    first_probe = _probe_row(plan, carry.state.step) if plan.probe_every else 0

    def body(loop: tuple[jax.Array, Carry]) -> tuple[jax.Array, Carry]:
        done, carry = loop
        state = carry.state
        rows = lax.dynamic_slice_in_dim(order, (first + done) * plan.batch_size, plan.batch_size, axis=-1)
        x, y, weight = gather(data, rows)
        member = (state.params, state.rest, state.optimizer)
        member, tally, finite, statistics = step_function(hyper, state.step, member, x, y, weight)
        probes = carry.probes
        if plan.probe_every:
            probed = state.step % plan.probe_every == 0
            row = jnp.where(probed, _probe_row(plan, state.step) - first_probe, PROBE_ROWS)
            probes = lax.dynamic_update_index_in_dim(probes, statistics, row, 0)
        carry = Carry(
            State(state.step + 1, *member),
            jax.tree.map(jnp.add, carry.tally, tally),
            carry.finite & finite,
            probes,
        )
        return done + 1, carry

    def go_on(loop: tuple[jax.Array, Carry]) -> jax.Array:
        return (loop[0] < steps) & jnp.any(loop[1].finite)

    return lax.while_loop(go_on, body, (jnp.int32(0), carry))[1]


def gather(data: Data, rows: jax.Array) -> tuple[jax.Array, jax.Array, jax.Array]:
    """Return (x, y, weight) of the rows; padding (−1) gets the weight 0."""
    index = jnp.maximum(rows, 0)
    x = jnp.take(data.x, index, axis=0, mode="clip")
    y = jnp.take(data.y, index, axis=0, mode="clip")
    if data.weight is None:
        return x, y, (rows >= 0).astype(jnp.float32)
    if data.weight.ndim == 2 and rows.ndim == 2:
        weight = jnp.take_along_axis(data.weight, index, axis=1, mode="clip")
    else:
        weight = jnp.take(data.weight, index, axis=-1, mode="clip")
    return x, y, jnp.where(rows >= 0, weight, jnp.float32(0))


def _probe_row(plan: Plan, step: jax.Array) -> jax.Array:
    return (step + plan.probe_every - 1) // plan.probe_every
