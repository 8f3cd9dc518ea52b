import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

from netwright.nn import initializers
from netwright.optim import clip_by_norm, clip_by_value
from netwright.optim.schedules import constant, warmup

KEY = jax.random.key(7)
DENSE, CONV = (300, 500), (3, 5, 20, 60)
# n_in and n_out: a convolution's fans are the receptive field times the channels.
FANS = {DENSE: (300, 500), CONV: (300, 900)}


def holds_normal(draw, variance):
    """A Kolmogorov–Smirnov test at one in a million, which bounds every moment at once."""
    assert stats.kstest(np.ravel(draw).astype(float) / math.sqrt(variance), "norm").pvalue > 1e-6


def holds_uniform(draw, limit):
    flat = np.ravel(draw).astype(float)
    assert np.abs(flat).max() <= limit * (1 + 1e-6)
    assert stats.kstest((flat / limit + 1) / 2, "uniform").pvalue > 1e-6


def test_in2_zeros_are_offered():
    """IN-2: zeros (the trainer warns of the symmetry they leave)."""
    assert (initializers.zeros()(KEY, (4, 5)) == 0).all()


@pytest.mark.parametrize("scale", [0.01, 2.0])
def test_in3_random(scale):
    """IN-3: N(0, s²) and U(−s, s), with s settable."""
    holds_normal(initializers.normal(scale)(KEY, DENSE), scale**2)
    holds_uniform(initializers.uniform(scale)(KEY, DENSE), scale)
    assert initializers.normal(scale) == initializers.normal(scale=scale) != initializers.normal(3.0)


@pytest.mark.parametrize("shape", [DENSE, CONV])
def test_in4_xavier(shape):
    """IN-4: U(±√(6/(n_in+n_out))) and N(0, 2/(n_in+n_out)), dense and convolutional."""
    n_in, n_out = FANS[shape]
    holds_uniform(initializers.xavier_uniform()(KEY, shape), math.sqrt(6 / (n_in + n_out)))
    holds_normal(initializers.xavier_normal()(KEY, shape), 2 / (n_in + n_out))


@pytest.mark.parametrize("shape", [DENSE, CONV])
def test_in5_he(shape):
    """IN-5: N(0, 2/n_in), and the uniform of that variance, dense and convolutional."""
    n_in, _ = FANS[shape]
    holds_normal(initializers.he_normal()(KEY, shape), 2 / n_in)
    holds_uniform(initializers.he_uniform()(KEY, shape), math.sqrt(6 / n_in))


@pytest.mark.parametrize("name", ["xavier_uniform", "xavier_normal", "he_uniform", "he_normal"])
def test_in4_in5_refuse_what_has_no_fans(name):
    """IN-4, IN-5: a vector has no n_in and n_out."""
    with pytest.raises(ValueError, match="at least two axes"):
        getattr(initializers, name)()(KEY, (3,))


@pytest.mark.parametrize("scale", [0.0, -1.0, float("nan"), float("inf")])
def test_in3_refuses_a_scale_that_is_not_positive(scale):
    """IN-3: s > 0."""
    for initializer in (initializers.normal, initializers.uniform):
        with pytest.raises(ValueError, match="scale is"):
            initializer(scale)


def test_in6_clipping():
    """IN-6: g·c/‖g‖₂ when ‖g‖₂ > c, with one norm over all gradients; and by value."""
    g = {"W": jnp.array([[6.0]]), "b": jnp.array([-8.0])}
    clipped, norm = clip_by_norm(g, 5.0)
    assert norm == 10
    np.testing.assert_allclose([clipped["W"][0, 0], clipped["b"][0]], [3, -4], rtol=1e-6)
    assert clip_by_value(g, 7.0)["b"] == -7


def test_in8_warm_up():
    """IN-8: the rate rises in a line from 0 to the schedule's."""
    rates = warmup(constant(0.4), 4)(np.arange(6))
    np.testing.assert_allclose(rates, [0, 0.1, 0.2, 0.3, 0.4, 0.4], rtol=1e-6)
