import jax.numpy as jnp
import numpy as np
import pytest

from netwright.optim import adam


@pytest.mark.parametrize("eps", [1e-8, 0.1])
def test_equals_its_reference_with_eps_outside_the_root(follows_reference, eps):
    def reference(slope, x, rates):
        m = v = 0
        for t, rate in enumerate(rates, start=1):
            g = slope(x)
            m = 0.9 * m + 0.1 * g
            v = 0.999 * v + 0.001 * g**2
            x = x - rate * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + eps)
        return x

    follows_reference(lambda rate: adam(rate, eps=eps), reference)


def test_betas_of_zero_give_the_sign_of_the_gradient():
    rule, params = adam(0.1, beta1=0.0, beta2=0.0, eps=1e-12), jnp.zeros(2)
    updates, _ = rule.update(jnp.array([3.0, -0.5]), rule.init(params), params)
    np.testing.assert_allclose(updates, [-0.1, 0.1], rtol=1e-6)


def test_the_first_steps_are_exact_in_float32():
    # 1 − 0.999ᵗ by float32 subtraction would make the first steps wrong by 2e-5.
    rule, params = adam(1.0), jnp.zeros(2)
    state, gradients = rule.init(params), np.array([3.0, -0.5])
    m = v = 0
    for t in range(1, 6):
        updates, state = rule.update(jnp.asarray(gradients, jnp.float32), state, params)
        m, v = 0.9 * m + 0.1 * gradients, 0.999 * v + 0.001 * gradients**2
        expected = -m / (1 - 0.9**t) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
        np.testing.assert_allclose(updates, expected, rtol=1e-6)
