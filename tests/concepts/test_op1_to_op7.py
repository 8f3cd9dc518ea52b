import math

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from netwright.core import catalog
from netwright.optim import adam, adamw, minimize, momentum, nesterov, rmsprop, schedules, sgd

# J = ½·4·w², so the gradient is 4w; two steps by hand from w = 1 with α = 0.1.
A, G = 0.1, 4.0


def two_steps(rule):
    return minimize(lambda w: 0.5 * G * w**2, 1.0, rule, 2)[1:]


def test_op1_sgd():
    """OP-1: W −= α g."""
    np.testing.assert_allclose(two_steps(sgd(A)), [0.6, 0.36], rtol=1e-6)


def test_op2_momentum():
    """OP-2: v = βv + (1−β)g; W −= α v, an average of gradients and not their sum."""
    w1 = 1 - A * 0.1 * G
    v2 = 0.9 * 0.1 * G + 0.1 * G * w1
    np.testing.assert_allclose(two_steps(momentum(A)), [w1, w1 - A * v2], rtol=1e-6)


@pytest.mark.parametrize(("lookahead", "reach"), [("scaled", A), ("unscaled", 1.0)])
def test_op3_nesterov(lookahead, reach):
    """OP-3: the gradient is evaluated at W − αβv, or at W − βv when unscaled."""
    v1 = 0.1 * G
    w1 = 1 - A * v1
    v2 = 0.9 * v1 + 0.1 * G * (w1 - reach * 0.9 * v1)
    np.testing.assert_allclose(two_steps(nesterov(A, lookahead=lookahead)), [w1, w1 - A * v2], rtol=1e-6)


def test_op4_rmsprop():
    """OP-4: s = βs + (1−β)g²; W −= α g/√(s + ε), ε inside the root."""
    eps = 0.5
    w1 = 1 - A * G / math.sqrt(0.1 * G**2 + eps)
    s2 = 0.9 * 0.1 * G**2 + 0.1 * (G * w1) ** 2
    w2 = w1 - A * G * w1 / math.sqrt(s2 + eps)
    np.testing.assert_allclose(two_steps(rmsprop(A, eps=eps)), [w1, w2], rtol=1e-6)


def test_op5_adam():
    """OP-5: W −= α m̂/(√v̂ + ε) with both moments corrected for their start at 0, ε outside the root."""
    eps = 0.5
    w1 = 1 - A * G / (G + eps)
    m2, v2 = 0.9 * 0.1 * G + 0.1 * G * w1, 0.999 * 0.001 * G**2 + 0.001 * (G * w1) ** 2
    w2 = w1 - A * (m2 / (1 - 0.9**2)) / (math.sqrt(v2 / (1 - 0.999**2)) + eps)
    np.testing.assert_allclose(two_steps(adam(A, eps=eps)), [w1, w2], rtol=1e-6)


def test_op6_adamw_and_any_optax_transformation():
    """OP-6: AdamW decays by αλW beside Adam's step; a chain from Optax is taken as it is."""
    np.testing.assert_allclose(two_steps(adamw(A, weight_decay=0.3))[0], 1 - A * (1 + 0.3), rtol=1e-6)
    ours = minimize(lambda w: 0.5 * G * w**2, 1.0, adamw(A, weight_decay=0.3), 30)
    with jax.numpy_dtype_promotion("standard"):  # Optax mixes integers and floats
        theirs = minimize(lambda w: 0.5 * G * w**2, 1.0, optax.adamw(A, weight_decay=0.3), 30)
    np.testing.assert_allclose(ours, theirs, atol=1e-4)


def test_op7_schedules():
    """OP-7: every schedule of the list, at points where its value is plain."""
    t = np.array([0, 10, 20])
    expected = {
        schedules.constant(0.8): [0.8, 0.8, 0.8],
        schedules.step_decay(0.8, 0.5, 10): [0.8, 0.4, 0.2],
        schedules.exponential_decay(0.8, 0.1): [0.8, 0.8 / math.e, 0.8 / math.e**2],
        schedules.cyclical(0.2, 0.8, 20): [0.2, 0.8, 0.2],
        schedules.cosine(0.8, 20): [0.8, 0.4, 0.0],
        schedules.warm_restarts(0.8, 20): [0.8, 0.4, 0.8],
        schedules.one_cycle(0.8, 20): [0.8 / 25, 0.8 * (1 + math.cos(math.pi * 2 / 7)) / 2, 0.8 / 25e4],
        schedules.warmup(schedules.cosine(0.8, 20), 10): [0.0, 0.8, 0.4],
    }
    assert len(expected) == len(catalog.names("optim.schedules")) + 1
    for schedule, values in expected.items():
        np.testing.assert_allclose(schedule(t), values, rtol=1e-4, atol=1e-7, err_msg=str(schedule))


def test_op7_a_rule_takes_a_schedule():
    """OP-7: step t uses α(t), from t = 0."""
    path = two_steps(sgd(lambda t: jnp.where(t == 0, 0.1, 0.05)))
    np.testing.assert_allclose(path, [0.6, 0.6 * (1 - 0.05 * G)], rtol=1e-6)
