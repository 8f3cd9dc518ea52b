"""What every update rule keeps; the catalog finds the rules."""

import inspect

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from flax import nnx

from netwright.core import catalog
from netwright.core.errors import ControlError, DataError
from netwright.optim import minimize
from netwright.optim.schedules import constant, cosine

NAMES = catalog.names("optim.rules")
BOWLS = {
    "round": [1.0, 1.0],
    "long": [0.2, 2.0],
    "tiny": [1e-3, 2e-3],
}


def make(name, rate=0.1, **options):
    return catalog.load("optim.rules", name)(rate, **options)


def numbers(name):
    """The rule's own hyperparameters that are numbers, with their defaults."""
    parameters = inspect.signature(catalog.load("optim.rules", name)).parameters
    return {key: p.default for key, p in parameters.items() if isinstance(p.default, float)}


def tree(dtype):
    return {"kernel": jnp.ones((2, 3), dtype), "more": [jnp.full(3, 2, dtype), (jnp.ones((), dtype),)]}


def step(rule, params, state):
    updates, state = rule.update(jax.tree.map(lambda w: 2 * w, params), state, params)
    return optax.apply_updates(params, updates), state


@pytest.mark.parametrize("name", NAMES)
class TestContract:
    @pytest.mark.parametrize("bowl", BOWLS)
    def test_converges_on_bowls(self, name, bowl):
        curvature = jnp.array(BOWLS[bowl])

        def end(rate):
            rule = make(name, cosine(rate, 400))
            return minimize(lambda x: (curvature * x**2).sum(), [2.0, -1.0], rule, 400)[-1]

        # A rule that divides by the gradient's size takes a step of the rate, another one of the rate times the
        # slope: which rates work is the rule's own affair, that some do is not.
        ends = jax.vmap(end)(jnp.array([0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0]))
        assert jnp.nanmin(jnp.abs(ends).max(axis=1)) < 1e-3

    @pytest.mark.parametrize("dtype", ["float32", "float64", "bfloat16"])
    def test_keeps_dtype_and_structure_of_any_tree(self, name, dtype):
        with jax.enable_x64(True):
            # Hyperparameters of another dtype than the parameters must not promote them.
            options = {key: jnp.asarray(value, dtype) for key, value in numbers(name).items()}
            for rule in (make(name), make(name, np.float64(0.1)), make(name, constant(0.1), **options)):
                params = tree(dtype)
                state = rule.init(params)
                stepped, new_state = step(rule, params, state)
                assert jax.tree.map(jnp.shape, stepped) == jax.tree.map(jnp.shape, params)
                assert {leaf.dtype for leaf in jax.tree.leaves(stepped)} == {jnp.dtype(dtype)}
                before, after = (jax.tree.map(lambda a: (a.shape, a.dtype), s) for s in (state, new_state))
                assert before == after

    def test_takes_a_schedule(self, name):
        def path(rate):
            return minimize(lambda x: (x**2).sum(), [2.0, -1.0], make(name, rate), 10)

        np.testing.assert_array_equal(path(constant(0.1)), path(0.1))
        halved = path(lambda t: jnp.where(t < 5, 0.1, 0.05))
        np.testing.assert_array_equal(halved[:6], path(0.1)[:6])
        assert (halved[6:] != path(0.1)[6:]).all()

    def test_hyperparameters_may_be_traced_and_mapped(self, name):
        def final(rate, options):
            return minimize(lambda x: (x**2).sum(), jnp.array([2.0, -1.0]), make(name, rate, **options), 10)[
                -1
            ]

        rates = np.array([0.01, 0.1, 0.2], np.float32)
        options = {key: np.full(3, value, np.float32) for key, value in numbers(name).items()}
        mapped = jax.jit(jax.vmap(final))(rates, options)
        for i, rate in enumerate(rates):
            np.testing.assert_allclose(mapped[i], final(float(rate), numbers(name)), rtol=1e-4)

    def test_a_second_identical_step_compiles_nothing(self, name):
        compiled = jax.jit(lambda rate, params, state: step(make(name, rate), params, state))
        params = tree(jnp.float32)
        state = make(name).init(params)
        params, state = compiled(0.1, params, state)
        compiled(0.2, params, state)
        assert compiled._cache_size() == 1

    def test_no_gradient_and_no_history_is_no_step(self, name):
        rule, params = make(name), {"bias": jnp.ones(3)}
        updates, _ = rule.update({"bias": jnp.zeros(3)}, rule.init(params), params)
        assert (updates["bias"] == 0).all()

    def test_updates_the_state_of_a_flax_module(self, name):
        _, params, _ = nnx.split(nnx.Linear(2, 3, rngs=nnx.Rngs(0)), nnx.Param, ...)
        stepped, _ = step(make(name), params, make(name).init(params))
        assert jax.tree.structure(stepped) == jax.tree.structure(params)
        assert (stepped["kernel"][...] != params["kernel"][...]).all()

    def test_refuses_numbers_out_of_range(self, name):
        for rate in (-0.1, float("nan"), float("inf"), None, "0.1"):
            with pytest.raises(ControlError, match="learning_rate is"):
                make(name, rate)
        for option in numbers(name):
            with pytest.raises(ControlError, match=f"{option} is -1.0"):
                make(name, **{option: -1.0})
            if option.startswith("beta"):
                with pytest.raises(ControlError, match=f"{option} is 1.0; expected a number in"):
                    make(name, **{option: 1.0})

    def test_refuses_integer_parameters_by_name(self, name):
        with pytest.raises(DataError, match=r"parameter \['w'\] is int32"):
            make(name).init({"w": jnp.arange(3)})
