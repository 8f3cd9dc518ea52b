"""GradNorm: factors that let every target train at a like pace."""

import jax
import jax.numpy as jnp

from netwright.optim.weightings._weighting import (
    Seen,
    State,
    Taken,
    Weighting,
    adam_start,
    adam_step,
    safe_root,
)

LEAST = 1e-3
"""No factor falls below: a target without weight would have no gradient to be brought back by."""


def _start(factors: jax.Array, halves: jax.Array) -> State:
    del halves
    return {"weights": factors, "first": jnp.zeros_like(factors), "adam": adam_start(factors)}


def _step(state: State, seen: Seen) -> Taken:
    assert seen.gram is not None, "needs_gram"
    weights, there = state["weights"], seen.present.astype(jnp.float32)
    first = jnp.where(seen.present & (state["first"] == 0), seen.losses, state["first"])
    norms = safe_root(jnp.diagonal(seen.gram))  # ‖g_i‖
    count = jnp.maximum(jnp.sum(there), jnp.float32(1))
    mean_norm = jnp.sum(there * weights * norms) / count
    ratios = seen.losses / jnp.maximum(first, jnp.float32(1e-12))
    pace = ratios / jnp.maximum(jnp.sum(there * ratios) / count, jnp.float32(1e-12))  # r_i
    wanted = mean_norm * jnp.where(pace > 0, pace, jnp.float32(1e-12)) ** seen.alpha
    slopes = there * jnp.sign(weights * norms - wanted) * norms
    learned, adam = adam_step(weights, slopes, state["adam"], seen.rate)
    learned = jnp.maximum(learned, jnp.float32(LEAST))
    learned = learned * (jnp.sum(seen.factors) / jnp.sum(learned))
    return Taken(weights, weights, {"weights": learned, "first": first, "adam": adam})


gradnorm = Weighting(_start, _step, needs_gram=True, learns=True)
"""The factors w follow the slope of ``Σ_i |w_i ‖g_i‖ − Ḡ r_i^α|``, their sum stays that of the controls' factors.

Ḡ is the mean of ``w_i ‖g_i‖``, and ``r_i = (J_i/J_i(0)) / mean(J/J(0))`` how far target i is behind the others; α says
how hard it is pulled after them. The norms are over all shared parameters, not over the last shared layer alone as in
the paper, since the gradients are there anyway. Adam moves the factors at the network's rate.

Reference: Chen et al. (2018), "GradNorm: gradient normalization for adaptive loss balancing", algorithm 1.
"""
