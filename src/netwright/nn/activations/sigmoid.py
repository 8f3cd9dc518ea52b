"""The logistic sigmoid."""

import jax

from netwright.nn._activation import Activation


def _function(x: jax.Array) -> jax.Array:
    return jax.nn.sigmoid(x)


def _derivative(x: jax.Array) -> jax.Array:
    return jax.nn.sigmoid(x) * jax.nn.sigmoid(-x)


sigmoid = Activation(
    _function,
    _derivative,
    low=0.0,
    high=1.0,
    zero_centred=False,
    initializer="xavier_uniform",
    monotone=True,
)
"""σ(x) = 1/(1+e⁻ˣ), with σ′(x) = σ(x)(1−σ(x)) = σ(x)σ(−x), which does not cancel for large x."""
