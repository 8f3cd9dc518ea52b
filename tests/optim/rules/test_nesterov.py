import jax.numpy as jnp
import numpy as np
import optax
import pytest

from netwright.core.errors import ControlError
from netwright.optim import minimize, momentum, nesterov


@pytest.mark.parametrize("lookahead", ["scaled", "unscaled"])
def test_equals_its_reference(follows_reference, lookahead):
    def reference(slope, x, rates):
        v = 0
        for rate in rates:
            reach = rate if lookahead == "scaled" else 1
            v = 0.9 * v + 0.1 * slope(x - reach * 0.9 * v)
            x = x - rate * v
        return x

    follows_reference(lambda rate: nesterov(rate, lookahead=lookahead), reference)


def test_the_scaled_point_differs_from_momentum_and_from_the_unscaled():
    ends = [
        minimize(lambda x: (x**2).sum(), [1.0], rule, 5)[-1, 0]
        for rule in (momentum(0.1), nesterov(0.1), nesterov(0.1, lookahead="unscaled"))
    ]
    assert len({round(float(end), 4) for end in ends}) == 3


def test_equals_optax_at_a_constant_rate():
    # Optax follows the look-ahead points y; the weights are W = y + αβ·trace.
    rate, beta, curvature = 0.1, 0.9, jnp.array([1.0, 4.0])
    rule = optax.chain(optax.scale(1 - beta), optax.trace(beta, nesterov=True), optax.scale(-rate))
    y = x0 = jnp.array([1.0, -2.0])
    state = rule.init(y)
    for _ in range(20):
        updates, state = rule.update(curvature * y, state)
        y = optax.apply_updates(y, updates)
    weights = y + rate * beta * state[1].trace
    path = minimize(lambda x: 0.5 * (curvature * x**2).sum(), x0, nesterov(rate, beta), 20)
    np.testing.assert_allclose(path[-1], weights, rtol=1e-5)


def test_the_point_looks_ahead_by_the_rate_of_the_coming_step():
    rule = nesterov(lambda t: jnp.where(t == 0, 0.5, 0.25), beta=0.8)
    params = jnp.array([1.0])
    _, state = rule.update(jnp.array([2.0]), rule.init(params), params)
    np.testing.assert_allclose(rule.gradient_point(params, state), 1 - 0.25 * 0.8 * (0.2 * 2), rtol=1e-6)


def test_refuses_an_unknown_lookahead():
    with pytest.raises(ControlError, match="'scald'; did you mean 'scaled'"):
        nesterov(0.1, lookahead="scald")
