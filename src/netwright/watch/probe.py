"""Probes: what happens inside the network, measured within the compiled step."""

import math
from collections.abc import Callable

import jax
import jax.numpy as jnp

from netwright.nn.skeleton import Arrays
from netwright.watch.capture import Call, owners_of
from netwright.watch.dissect import Passage, trace

STATISTICS = (
    "depth",
    "grad_norm",
    "weight_norm",
    "update_ratio",
    "act_mean",
    "act_std",
    "dead_fraction",
    "saturated_fraction",
    "clipped",
)
NEAR = 0.01
"""An entry is saturated within this share of the activation's range from one of its bounds."""


def layers_of(params: Arrays) -> list[str]:
    """Return the layers' names in order: the parameters' names without their last part."""
    return list(dict.fromkeys(layer_of(name) for name in params))


def layer_of(name: str) -> str:
    """Return the layer of a parameter: its name without the last part."""
    return name.rpartition(".")[0] or name


def probe(
    params: Arrays,
    gradients: Arrays,
    updated: Arrays,
    clipped: jax.Array,
    forward: Callable[[Arrays], list[Call]],
    real: jax.Array,
) -> jax.Array:
    """Return (layers, statistics) of one step; the order of the statistics is that of ``STATISTICS``.

    * depth: the layer's place in the forward pass, from 0.
    * grad_norm ``‖g‖``; weight_norm ``‖W‖``; update_ratio ``‖ΔW‖ / ‖W‖``, the update measured as the difference of
      the weights, after clipping, decay and proximal step: what was done, and not what the rule meant to do.
    * act_mean, act_std: over all entries of the layer's activation a.
    * dead_fraction: units that are 0 in all of the batch; NaN unless the activation's range is [0, ∞).
    * saturated_fraction: entries within 1 % of the activation's range from a bound; NaN unless it has two.
    * clipped: 1 if the step's gradient was clipped by its norm.

    Args:
      forward: params → the calls of a forward pass on the batch, in training mode.
      real: (m,), False for rows that are padding.
    """
    calls, _ = trace(lambda params: (forward(params), ()), params).run(params, {})
    owners = owners_of(params, [call for call in calls if call.activation is None])
    order = [call for call in calls if call in owners.values()]
    activity = {call: _activity(call, real) for call in order}
    rows: list[jax.Array] = []
    for layer in layers_of(params):
        names = [name for name in params if layer_of(name) == layer]
        weight = _norm([params[name] for name in names])
        update = _norm([updated[name] - params[name] for name in names])
        owner = owners[names[0]]
        numbers = [order.index(owner), _norm([gradients[name] for name in names]), weight, update / weight]
        rows.append(jnp.stack([jnp.float32(n) for n in (*numbers, *activity[owner], clipped)]))
    return jnp.stack(rows)


def empty_probe(params: Arrays) -> jax.Array:
    """Return a probe of zeros, for the steps between probes."""
    return jnp.zeros((len(layers_of(params)), len(STATISTICS)), jnp.float32)


def _activity(call: Passage, real: jax.Array) -> tuple[jax.Array | float, ...]:
    """Return mean, standard deviation, dead and saturated fraction of a layer's activation on the real rows."""
    units = call.a.shape[-1] if call.a.ndim > 1 else 1
    a = jnp.asarray(call.a, jnp.float32).reshape(call.a.shape[0], -1, units)
    # An output that does not run over the rows has no padding.
    rows = real if len(a) == len(real) else jnp.ones(len(a), bool)
    keep = jnp.broadcast_to(rows[:, None, None], a.shape)
    mean, std = jnp.mean(a, where=keep), jnp.std(a, where=keep)
    low, high = (-math.inf, math.inf) if call.g is None else (call.g.low, call.g.high)
    dead = saturated = math.nan
    if low == 0 and high == math.inf:
        dead = jnp.mean(jnp.all(a == 0, axis=(0, 1), where=keep))
    if math.isfinite(low) and math.isfinite(high):
        saturated = jnp.mean(jnp.minimum(a - low, high - a) <= NEAR * (high - low), where=keep)
    return mean, std, dead, saturated


def _norm(arrays: list[jax.Array]) -> jax.Array:
    return jnp.sqrt(sum((jnp.sum(jnp.square(a.astype(jnp.float32))) for a in arrays), jnp.float32(0)))
