"""AR-4: the weightings of several targets against float64 NumPy, written from the papers."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from netwright.core import catalog
from netwright.core.keys import key
from netwright.optim.weightings._weighting import Seen
from netwright.optim.weightings.pcgrad import projected

NAMES = catalog.names("optim.weightings")
GENERATOR = np.random.default_rng(0)


def seen(losses, gradients, factors=None, rate=0.01, alpha=1.5, present=None, number=0):
    """What a step with these losses (T,) and shared gradients (T, P) tells."""
    count = len(losses)
    factors = np.ones(count) if factors is None else factors
    return Seen(
        losses=jnp.asarray(losses, jnp.float32),
        present=jnp.ones(count, bool) if present is None else jnp.asarray(present),
        gram=jnp.asarray(gradients @ gradients.T, jnp.float32),
        factors=jnp.asarray(factors, jnp.float32),
        halves=jnp.asarray([0.5] + [1.0] * (count - 1), jnp.float32),
        rate=jnp.float32(rate),
        alpha=jnp.float32(alpha),
        key=jax.random.fold_in(key(3, "targets"), number),
    )


def start(name, factors, halves):
    return catalog.load("optim.weightings", name).start(
        jnp.asarray(factors, jnp.float32), jnp.asarray(halves, jnp.float32)
    )


@pytest.mark.parametrize("name", NAMES)
def test_one_target_alone_keeps_its_gradient(name):
    weighting = catalog.load("optim.weightings", name)
    told = seen([0.7], GENERATOR.normal(size=(1, 4)))._replace(halves=jnp.ones(1, jnp.float32))
    taken = weighting.step(start(name, [1.0], [1.0]), told)
    np.testing.assert_allclose(taken.shared, [1.0], rtol=1e-6)
    np.testing.assert_allclose(taken.own, [1.0], rtol=1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_a_target_that_no_row_of_the_batch_has_teaches_the_weighting_nothing(name):
    weighting = catalog.load("optim.weightings", name)
    before = start(name, [1.0, 2.0], [0.5, 1.0])
    gradients = np.array([[1.0, 0.0], [0.0, 0.0]])
    taken = weighting.step(before, seen([0.5, 0.0], gradients, [1.0, 2.0], present=[True, False]))
    assert all(np.isfinite(np.asarray(leaf)).all() for leaf in jax.tree.leaves(taken))
    if name == "uncertainty":
        assert float(taken.state["log_variance"][1]) == 0
    if name == "gradnorm":
        assert float(taken.state["first"][1]) == 0
    np.testing.assert_array_equal(
        taken.own, taken.shared
    )  # nothing conflicts with a gradient that is not there


def test_uncertainty_goes_to_the_noise_of_each_target():
    """s_i → log(2 h_i J_i): for squared errors log J, for cross-entropies log 2J (Kendall et al., equations 7, 10)."""
    weighting = catalog.load("optim.weightings", "uncertainty")
    losses, state = np.array([0.09, 0.8]), start("uncertainty", [1.0, 1.0], [0.5, 1.0])
    step = jax.jit(weighting.step)
    for _ in range(2500):
        state = step(state, seen(losses, np.eye(2), rate=0.003)).state
    np.testing.assert_allclose(state["log_variance"], np.log([0.09, 1.6]), atol=1e-3)
    np.testing.assert_allclose(state["weights"], [0.5 / 0.09, 1.0 / 1.6], rtol=2e-3)


def test_gradnorm_takes_the_step_of_its_paper():
    """The slope of Σ|w_i ‖g_i‖ − Ḡ r_i^α| with its target held constant, by central differences in float64."""
    weighting = catalog.load("optim.weightings", "gradnorm")
    gradients = GENERATOR.normal(size=(3, 6)) * np.array([[5.0], [1.0], [0.2]])
    first, losses, alpha = np.array([1.0, 2.0, 0.5]), np.array([0.9, 0.8, 0.1]), 0.7
    state = start("gradnorm", [1.0, 1.0, 1.0], np.ones(3))
    state = weighting.step(state, seen(first, gradients, rate=0.0, alpha=alpha)).state
    norms, weights = np.linalg.norm(gradients, axis=1), np.ones(3)
    pace = (losses / first) / (losses / first).mean()
    wanted = (weights * norms).mean() * pace**alpha

    def cost(w):
        return np.abs(w * norms - wanted).sum()

    h = 1e-6
    slope = np.array([(cost(weights + h * e) - cost(weights - h * e)) / (2 * h) for e in np.eye(3)])
    # Adam's second step of a constant zero first: m and v are corrected for their start.
    after = weighting.step(state, seen(losses, gradients, rate=0.01, alpha=alpha)).state
    old = np.abs(weights * norms - (weights * norms).mean())
    first_slope = np.sign(weights * norms - (weights * norms).mean()) * norms
    assert (old > 0).all()
    m = (0.1 * 0.9 * first_slope + 0.1 * slope) / (1 - 0.9**2)
    v = (0.001 * 0.999 * first_slope**2 + 0.001 * slope**2) / (1 - 0.999**2)
    moved = weights - 0.01 * m / (np.sqrt(v) + 1e-8)
    np.testing.assert_allclose(after["weights"], moved * 3 / moved.sum(), rtol=1e-5)


def test_gradnorm_evens_out_gradients_of_unlike_size():
    weighting = catalog.load("optim.weightings", "gradnorm")
    gradients = np.array([[10.0, 0.0], [0.0, 0.1]])
    state, step = start("gradnorm", [1.0, 1.0], np.ones(2)), jax.jit(weighting.step)
    for _ in range(2000):
        state = step(state, seen([1.0, 1.0], gradients, rate=0.002)).state
    weights = np.asarray(state["weights"], np.float64)
    assert weights.sum() == pytest.approx(2, abs=1e-5)
    assert weights[0] * 10 == pytest.approx(weights[1] * 0.1, rel=0.15)


@pytest.mark.parametrize("number", range(4))
def test_pcgrad_is_the_projection_of_its_paper(number):
    """Algorithm 1 on the vectors themselves, in the order that the key draws, in float64."""
    gradients = GENERATOR.normal(size=(4, 3))
    draw = jax.random.fold_in(key(3, "targets"), number)
    expected = np.zeros(3)
    for i, own in enumerate(jax.random.split(draw, 4)):
        g = gradients[i].copy()
        for j in np.asarray(jax.random.permutation(own, 4)):
            product = g @ gradients[j]
            if j != i and product < 0:
                g -= product / (gradients[j] @ gradients[j]) * gradients[j]
        expected += g
    found = projected(jnp.asarray(gradients @ gradients.T, jnp.float32), draw)
    np.testing.assert_allclose(np.asarray(found, np.float64) @ gradients, expected, rtol=2e-5, atol=2e-6)


def test_pcgrad_leaves_gradients_that_agree_as_they_are_and_keeps_the_heads_own():
    weighting = catalog.load("optim.weightings", "pcgrad")
    agree = np.array([[1.0, 0.2], [0.5, 1.0]])
    taken = weighting.step({}, seen([1.0, 1.0], agree, [2.0, 3.0]))
    np.testing.assert_allclose(taken.shared, [2.0, 3.0], rtol=1e-6)
    oppose = np.array([[1.0, 0.0], [-1.0, 0.1]])
    taken = weighting.step({}, seen([1.0, 1.0], oppose, [2.0, 3.0]))
    np.testing.assert_array_equal(taken.own, [2.0, 3.0])
    shared = np.asarray(taken.shared, np.float64) @ oppose
    for own in oppose:
        assert shared @ own >= -1e-5  # neither is harmed: with two targets no product stays below 0
