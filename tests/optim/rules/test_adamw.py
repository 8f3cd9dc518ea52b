import jax
import jax.numpy as jnp
import numpy as np
import pytest

from netwright.core.errors import DataError
from netwright.optim import adam, adamw
from netwright.optim.penalties import l2


def test_equals_its_reference(follows_reference):
    def reference(slope, x, rates):
        m = v = 0
        for t, rate in enumerate(rates, start=1):
            g = slope(x)
            m = 0.9 * m + 0.1 * g
            v = 0.999 * v + 0.001 * g**2
            x = x - rate * ((m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8) + 0.3 * x)
        return x

    follows_reference(lambda rate: adamw(rate, weight_decay=0.3), reference)


def test_decays_kernels_only_by_rate_times_strength():
    params = {"kernel": jnp.full((2, 2), 3.0), "bias": jnp.full(2, 3.0), "scale": jnp.full(2, 3.0)}
    still = jax.tree.map(jnp.zeros_like, params)
    rule = adamw(0.5, weight_decay=0.1)
    updates, _ = rule.update(still, rule.init(params), params)
    np.testing.assert_allclose(updates["kernel"], -0.5 * 0.1 * 3.0, rtol=1e-6)
    assert (updates["bias"] == 0).all()
    assert (updates["scale"] == 0).all()


def test_coupled_decay_under_adam_hardly_holds_back_large_gradients():
    weights = jnp.array([1.0, 1.0])

    def shrinkage(rule, penalty):
        """How much more each weight shrinks than without decay, under gradients 100-fold apart."""
        gradients = jnp.array([0.1, 10.0])
        coupled = gradients + jax.grad(lambda w: l2(w, penalty))(weights)
        with_decay, _ = rule.update(coupled, rule.init(weights), weights)
        without, _ = adam(0.1).update(gradients, adam(0.1).init(weights), weights)
        return without - with_decay

    decoupled = shrinkage(adamw(0.1, weight_decay=0.1), 0.0)
    np.testing.assert_allclose(decoupled, 0.1 * 0.1, rtol=1e-4)
    assert jnp.abs(shrinkage(adam(0.1), 0.1)).max() < 1e-6


def test_asks_for_the_parameters():
    rule = adamw(0.1)
    with pytest.raises(DataError, match="update\\(gradients, state, params\\)"):
        rule.update(jnp.ones(2), rule.init(jnp.ones(2)))
