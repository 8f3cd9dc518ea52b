import jax
import jax.numpy as jnp
import numpy as np
import pytest

from netwright.optim import minimize
from netwright.optim.schedules import cosine

CURVATURE = np.array([0.5, 2.0, 8.0])
STEPS = 60


def surface(x):
    return (0.5 * jnp.asarray(CURVATURE, x.dtype) * x**2 + jnp.sin(x)).sum()


def slope(x):
    return CURVATURE * x + np.cos(x)


@pytest.fixture
def follows_reference():
    """Hold a rule's float64 path, at a constant and at a scheduled rate, against one written out in NumPy.

    The reference is ``(slope, x, rates) -> final x``, with one rate a step.
    """

    def check(make_rule, reference):
        x0 = np.array([3.0, -2.0, 1.0])
        falling = 0.02 + 0.5 * 0.08 * (1 + np.cos(np.pi * np.arange(STEPS) / STEPS))
        with jax.enable_x64(True):
            for rate, rates in ((0.1, np.full(STEPS, 0.1)), (cosine(0.1, STEPS, final=0.02), falling)):
                path = minimize(surface, x0, make_rule(rate), STEPS)
                assert path.dtype == jnp.float64
                for steps in (1, 2, STEPS):
                    expected = reference(slope, x0.copy(), rates[:steps])
                    np.testing.assert_allclose(path[steps], expected, rtol=1e-12, atol=1e-13)

    return check
