"""What every loss keeps; the catalog finds the losses."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from netwright.core import catalog
from netwright.core.errors import DataError
from netwright.losses import cost

CASES = [(name, task) for name in catalog.names("losses") for task in catalog.module("losses", name).TASKS]


def batch(task, m=6, size=1.0):
    """Outputs and targets such a loss takes; ``size`` scales the outputs."""
    rng = np.random.default_rng(0)
    if task == "multiclass":
        return jnp.asarray(size * rng.normal(size=(m, 4)), jnp.float32), jnp.arange(m) % 4
    outputs = jnp.asarray(size * rng.normal(size=m), jnp.float32)
    return outputs, jnp.asarray(np.arange(m) % 2 if task == "binary" else rng.normal(size=m), jnp.float32)


@pytest.mark.parametrize(("name", "task"), CASES)
class TestContract:
    def test_gives_one_value_an_example(self, name, task):
        outputs, targets = batch(task)
        values = catalog.load("losses", name)(outputs, targets)
        assert values.shape == (6,)
        assert values.dtype == jnp.float32
        assert (values >= 0).all()

    def test_each_value_depends_on_its_own_example_only(self, name, task):
        loss = catalog.load("losses", name)
        outputs, targets = batch(task)
        alone = [loss(outputs[i : i + 1], targets[i : i + 1])[0] for i in range(6)]
        np.testing.assert_allclose(loss(outputs, targets), jnp.stack(alone), rtol=1e-6)

    @pytest.mark.parametrize("size", [0.0, 1e-30, 1e4])
    def test_value_and_gradient_are_finite_at_extremes(self, name, task, size):
        loss = catalog.load("losses", name)
        outputs, targets = batch(task, size=size)
        value, gradient = jax.value_and_grad(lambda z: loss(z, targets).sum())(outputs)
        assert jnp.isfinite(value)
        assert jnp.isfinite(gradient).all()

    def test_refuses_to_broadcast(self, name, task):
        outputs, targets = batch(task)
        for wrong in (targets[:1], targets[:, None], targets[:-1]):
            with pytest.raises(DataError, match=f"{name}: .*shape"):
                catalog.load("losses", name)(outputs, wrong)

    def test_compiled_equals_plain(self, name, task):
        loss = catalog.load("losses", name)
        outputs, targets = batch(task)
        np.testing.assert_allclose(jax.jit(loss)(outputs, targets), loss(outputs, targets), rtol=1e-6)

    def test_cost_is_the_weighted_mean(self, name, task):
        loss = catalog.load("losses", name)
        outputs, targets = batch(task)
        values = np.asarray(loss(outputs, targets), float)
        weights = np.array([1.0, 0.5, 2.0, 0.0, 0.0, 3.0])
        np.testing.assert_allclose(cost(loss, outputs, targets), values.mean(), rtol=1e-6)
        expected = np.average(values, weights=weights)
        np.testing.assert_allclose(cost(loss, outputs, targets, weights), expected, rtol=1e-6)

    def test_bfloat16_outputs_are_judged_in_float32(self, name, task):
        outputs, targets = batch(task)
        assert catalog.load("losses", name)(outputs.astype(jnp.bfloat16), targets).dtype == jnp.float32


def test_cost_refuses_weights_of_another_length():
    outputs, targets = batch("regression")
    with pytest.raises(DataError, match=r"weights have shape \(1,\), expected \(6,\)"):
        cost(catalog.load("losses", "mse"), outputs, targets, jnp.ones(1))
