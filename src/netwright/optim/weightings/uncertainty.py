"""Uncertainty weighting: each target's loss is divided by the noise that the network learns to expect in it."""

import jax
import jax.numpy as jnp

from netwright.optim.weightings._weighting import Seen, State, Taken, Weighting, adam_start, adam_step


def _start(factors: jax.Array, halves: jax.Array) -> State:
    log_variance = jnp.zeros_like(factors)
    return {
        "log_variance": log_variance,
        "adam": adam_start(log_variance),
        "weights": factors * halves,
    }


def _step(state: State, seen: Seen) -> Taken:
    s = state["log_variance"]
    weights = seen.factors * seen.halves * jnp.exp(-s)
    slopes = seen.factors * (jnp.float32(0.5) - seen.halves * jnp.exp(-s) * seen.losses)
    slopes = jnp.where(seen.present, slopes, jnp.float32(0))
    s, adam = adam_step(s, slopes, state["adam"], seen.rate)
    after = {"log_variance": s, "adam": adam, "weights": seen.factors * seen.halves * jnp.exp(-s)}
    return Taken(weights, weights, after)


uncertainty = Weighting(_start, _step, needs_gram=False, learns=True)
"""``J = Σ_i λ_i (h_i e^{−s_i} J_i + s_i/2)`` with s_i = log σ_i², learned beside the network by Adam at its rate.

h is ½ for a squared error, the negative log-likelihood of N(ŷ, σ²), and 1 for a cross-entropy, that of a softmax of
temperature σ². At the optimum ``s_i = log(2 h_i J_i)``: a loss counts by the inverse of its size.

Reference: Kendall, Gal and Cipolla (2018), "Multi-task learning using uncertainty to weigh losses", equations 7, 10.
"""
