"""PCGrad: of two targets that pull against each other, each gives up the part that hurts the other."""

import jax
import jax.numpy as jnp

from netwright.optim.weightings._weighting import Seen, State, Taken, Weighting, nothing


def projected(gram: jax.Array, key: jax.Array) -> jax.Array:
    """Return a (T,): the sum of the projected gradients is ``Σ_i a_i g_i``.

    Each g_i goes through the others g_j in random order; where ``⟨g_i, g_j⟩ < 0`` it becomes
    ``g_i − ⟨g_i, g_j⟩/‖g_j‖² g_j``. All of it happens within the span of the gradients, so that their products say
    everything.

    Args:
      gram: (T, T) products ⟨g_i, g_j⟩.
      key: of the order.
    """
    targets = len(gram)
    total = jnp.zeros(targets, jnp.float32)
    for i, own in enumerate(jax.random.split(key, targets)):
        order = jax.random.permutation(own, targets)
        factors = jax.nn.one_hot(
            i, targets, dtype=jnp.float32
        )  # of this target's gradient, as it is projected
        for place in range(targets):
            j = order[place]
            product = jnp.sum(factors * gram[j])
            against = (product < 0) & (j != i)
            share = jnp.where(against, product / jnp.maximum(gram[j, j], jnp.float32(1e-30)), jnp.float32(0))
            factors = factors - share * jax.nn.one_hot(j, targets, dtype=jnp.float32)
        total = total + factors
    return total


def _step(state: State, seen: Seen) -> Taken:
    assert seen.gram is not None, "needs_gram"
    weighted = seen.gram * (seen.factors[:, None] * seen.factors[None, :])
    return Taken(seen.factors * projected(weighted, seen.key), seen.factors, state)


pcgrad = Weighting(nothing, _step, needs_gram=True, learns=False)
"""The gradients of ``λ_i J_i`` over the shared parameters, each projected off the others that it conflicts with.

Reference: Yu et al. (2020), "Gradient surgery for multi-task learning", algorithm 1.
"""
