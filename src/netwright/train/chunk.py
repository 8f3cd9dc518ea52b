"""Many steps in one dispatch.

The loop has a traced number of steps, so that one program serves chunks of every length, the last one of an
epoch included, and the host may size chunks by the clock. A population is the same step under ``vmap``: every
array of the state gains a leading axis of members; the step counter does not.
"""

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax
from jax.sharding import Mesh

from netwright.train.mesh import shared_out
from netwright.train.plan import Hyper, Plan
from netwright.train.state import Carry, Data, State
from netwright.train.step import Step, probed_step, train_step

PROBE_ROWS = 256
"""Probes that fit into one chunk."""


Loop = tuple[jax.Array, Carry]
"""Steps done in this chunk, and what travels."""


def train_chunk(
    plan: Plan,
    hyper: Hyper,
    carry: Carry,
    data: Data,
    order: jax.Array,
    first: jax.Array,
    steps: jax.Array,
    go: jax.Array,
    *,
    mesh: Mesh | None = None,
) -> Carry:
    """Take ``steps`` steps, or fewer if the loss ceases to be finite.

    Args:
      data: the rows that ``order`` points to.
      order: row numbers (steps·B,), or (members, steps·B) when members have their own; −1 is padding.
      first: the step within ``order`` to begin with.
      go: False, or False for all members: take none.
      mesh: the devices that share every batch out among them; not for a population.
    """
    own_order, own_weight = order.ndim == 2, data.weight is not None and data.weight.ndim == 2
    rows_axis = 0 if own_order else None
    axes = (0, None, 0, rows_axis, rows_axis, 0 if own_order or own_weight else None)
    plain_step, with_probe = partial(train_step, plan), partial(probed_step, plan)
    if carry.finite.ndim == 1:
        plain_step, with_probe = jax.vmap(plain_step, axes), jax.vmap(with_probe, axes)

    def batch(loop: Loop) -> tuple[Any, ...]:
        done, carry = loop
        start = (first + done) * plan.batch_size
        rows = lax.dynamic_slice_in_dim(order, start, plan.batch_size, axis=-1)
        rows = shared_out(rows, mesh)
        state = carry.state
        return hyper, state.step, (state.params, state.rest, state.optimizer), *gather(data, rows)

    def plain(loop: Loop) -> Loop:
        return _after(loop, plain_step(*batch(loop)), loop[1].probes)

    def probed(loop: Loop) -> Loop:
        step, statistics = with_probe(*batch(loop))
        carry = loop[1]
        row = _probe_row(plan, carry.state.step) - first_probe
        return _after(loop, step, lax.dynamic_update_index_in_dim(carry.probes, statistics, row, 0))

    def go_on(loop: Loop) -> jax.Array:
        return (loop[0] < steps) & jnp.any(loop[1].finite)

    steps = jnp.where(jnp.any(go), steps, 0)
    loop = (jnp.int32(0), carry)
    if not plan.probe_every:
        return lax.while_loop(go_on, plain, loop)[1]
    first_probe = _probe_row(plan, carry.state.step)

    def due(loop: Loop) -> jax.Array:
        return loop[1].state.step % plan.probe_every == 0

    def segment(loop: Loop) -> Loop:
        # Loops of their own: a step that may have to show its old weights to a probe keeps a copy of them.
        loop = lax.while_loop(lambda loop: go_on(loop) & ~due(loop), plain, loop)
        return lax.while_loop(lambda loop: go_on(loop) & due(loop), probed, loop)

    return lax.while_loop(go_on, segment, loop)[1]


def _after(loop: Loop, step: Step, probes: jax.Array) -> Loop:
    done, carry = loop
    state = State(carry.state.step + 1, *step.member)
    return done + 1, Carry(
        state, jax.tree.map(jnp.add, carry.tally, step.tally), carry.finite & step.finite, probes
    )


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
