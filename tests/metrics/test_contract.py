"""What every metric keeps; the catalog finds the metrics."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from sklearn.metrics import accuracy_score, mean_absolute_error, r2_score, root_mean_squared_error

from netwright.core import catalog
from netwright.core.errors import DataError

ORACLES = {
    "accuracy": accuracy_score,
    "rmse": root_mean_squared_error,
    "mae": mean_absolute_error,
    "r2": r2_score,
}
CASES = [(name, task) for name in catalog.names("metrics") for task in catalog.load("metrics", name).tasks]
RNG = np.random.default_rng(0)
WEIGHTS = RNG.uniform(0.1, 2, 50).astype(np.float32)


def rows(task):
    """Outputs, targets and what the outputs predict."""
    if task == "multiclass":
        outputs, targets = RNG.normal(size=(50, 3)).astype(np.float32), np.arange(50) % 3
        return outputs, targets, outputs.argmax(1)
    outputs = RNG.normal(size=50).astype(np.float32)
    if task == "binary":
        return outputs, np.arange(50) % 2, (outputs > 0).astype(int)
    return outputs, (outputs + RNG.normal(size=50)).astype(np.float32), outputs


@pytest.mark.parametrize(("name", "task"), CASES)
class TestContract:
    def test_equals_scikit_learn(self, name, task):
        metric = catalog.load("metrics", name)
        outputs, targets, predicted = rows(task)
        np.testing.assert_allclose(metric(outputs, targets), ORACLES[name](targets, predicted), rtol=1e-5)
        expected = ORACLES[name](targets, predicted, sample_weight=WEIGHTS.astype(float))
        np.testing.assert_allclose(metric(outputs, targets, WEIGHTS), expected, rtol=1e-5)

    def test_uneven_batches_equal_the_whole(self, name, task):
        metric = catalog.load("metrics", name)
        outputs, targets, _ = rows(task)
        first = metric.update(metric.empty(), outputs[:33], targets[:33], WEIGHTS[:33])
        first = metric.update(first, outputs[33:40], targets[33:40], WEIGHTS[33:40])
        second = metric.update(metric.empty(), outputs[40:], targets[40:], WEIGHTS[40:])
        merged = metric.compute(metric.merge(first, second))
        np.testing.assert_allclose(merged, metric(outputs, targets, WEIGHTS), rtol=1e-5)

    def test_rows_of_weight_zero_are_ignored_whatever_they_hold(self, name, task):
        metric = catalog.load("metrics", name)
        outputs, targets, _ = rows(task)
        padded, weights = outputs.copy(), np.ones(50, np.float32)
        padded[40:], weights[40:] = np.nan, 0
        np.testing.assert_allclose(
            metric(padded, targets, weights), metric(outputs[:40], targets[:40]), rtol=1e-5
        )

    def test_works_compiled_scanned_and_mapped(self, name, task):
        metric = catalog.load("metrics", name)
        outputs, targets, _ = rows(task)
        batches = jax.tree.map(lambda a: jnp.asarray(a).reshape(5, 10, *a.shape[1:]), (outputs, targets))

        @jax.jit
        def both(batches):
            state, _ = jax.lax.scan(lambda s, b: (metric.update(s, *b), None), metric.empty(), batches)
            return metric.compute(state), jax.vmap(metric)(*batches)

        scanned, mapped = both(batches)
        np.testing.assert_allclose(scanned, metric(outputs, targets), rtol=1e-5)
        np.testing.assert_allclose(mapped[1], metric(outputs[10:20], targets[10:20]), rtol=1e-5)

    def test_refuses_targets_of_another_length(self, name, task):
        outputs, targets, _ = rows(task)
        with pytest.raises(DataError, match=f"{name}: outputs have shape"):
            catalog.load("metrics", name)(outputs, targets[:-1])
