"""What every schedule keeps; the catalog finds the schedules."""

import inspect

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from netwright.core import catalog
from netwright.core.errors import ControlError
from netwright.optim.schedules import warmup

NAMES = catalog.names("optim.schedules")
STEPS = np.arange(100)
VALUES = {
    "rate": 0.1,
    "peak": 0.1,
    "high": 0.1,
    "low": 0.01,
    "final": 0.01,
    "factor": 0.5,
    "every": 10.0,
    "period": 20.0,
    "multiplier": 2.0,
    "steps": 80.0,
    "k": 0.05,
}


def arguments(name):
    return {key: VALUES[key] for key in inspect.signature(catalog.load("optim.schedules", name)).parameters}


def make(name, **changes):
    return catalog.load("optim.schedules", name)(**{**arguments(name), **changes})


@pytest.mark.parametrize("name", NAMES)
class TestContract:
    def test_takes_one_step_or_many_plain_or_compiled(self, name):
        schedule = make(name)
        many = schedule(STEPS)
        assert many.shape == (100,)
        assert many.dtype == jnp.float32
        one = [jax.jit(schedule)(step) for step in STEPS[:25]]
        np.testing.assert_allclose(one, many[:25], rtol=1e-5)
        assert schedule(3).shape == ()

    def test_stays_between_nothing_and_the_highest_rate(self, name):
        rates = make(name)(STEPS)
        assert (rates >= 0).all()
        assert (rates <= 0.1 * (1 + 1e-6)).all()

    def test_is_float64_in_x64(self, name):
        with jax.enable_x64(True):
            assert make(name)(STEPS).dtype == jnp.float64

    def test_parameters_may_be_traced_and_mapped(self, name):
        stacked = {key: jnp.stack([jnp.float32(v), jnp.float32(2 * v)]) for key, v in arguments(name).items()}
        mapped = jax.jit(jax.vmap(lambda given: catalog.load("optim.schedules", name)(**given)(STEPS)))(
            stacked
        )
        doubled = make(name, **{key: 2 * v for key, v in arguments(name).items()})(STEPS)
        np.testing.assert_allclose(mapped, [make(name)(STEPS), doubled], rtol=1e-4, atol=1e-7)

    def test_a_warm_up_rises_in_a_line_and_then_starts_the_schedule(self, name):
        schedule = make(name)
        rates = warmup(schedule, 10)(STEPS)
        np.testing.assert_allclose(rates[:10], float(schedule(0)) * np.arange(10) / 10, rtol=1e-6)
        np.testing.assert_allclose(rates[10:], schedule(STEPS[:90]), rtol=1e-6)

    def test_refuses_numbers_out_of_range(self, name):
        for key in arguments(name):
            with pytest.raises(ControlError, match=f"{name}: {key} is -1.0; expected"):
                make(name, **{key: -1.0})


def test_a_warm_up_of_no_steps_changes_nothing():
    np.testing.assert_array_equal(warmup(make("cosine"), 0)(STEPS), make("cosine")(STEPS))
