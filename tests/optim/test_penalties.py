import jax
import jax.numpy as jnp
import numpy as np
import pytest
from sklearn.linear_model import Lasso

from netwright.core.errors import ControlError
from netwright.optim.penalties import frobenius, l1, l2, shrink, soft_threshold

PARAMS = {
    "a": {"kernel": jnp.array([[1.0, -2.0], [0.0, 3.0]]), "bias": jnp.array([7.0, 7.0])},
    "b": {"kernel": jnp.array([[4.0]]), "scale": jnp.array([9.0])},
}


def test_values_are_sums_over_kernels():
    np.testing.assert_allclose(l1(PARAMS, 0.5), 0.5 * (1 + 2 + 3 + 4))
    np.testing.assert_allclose(l2(PARAMS, 0.5), 0.25 * (1 + 4 + 9 + 16))
    np.testing.assert_allclose(frobenius(PARAMS), 1 + 4 + 9 + 16)


def test_frobenius_equals_numpys_norm():
    kernel = np.random.default_rng(0).normal(size=(5, 4)).astype(np.float32)
    np.testing.assert_allclose(frobenius(jnp.asarray(kernel)), np.linalg.norm(kernel, "fro") ** 2, rtol=1e-6)


def test_gradients_are_those_of_the_definitions_and_zero_elsewhere():
    kernel = PARAMS["a"]["kernel"]
    for penalty, expected in ((l1, 0.5 * jnp.sign(kernel)), (l2, 0.5 * kernel)):
        gradient = jax.grad(penalty)(PARAMS, 0.5)
        np.testing.assert_allclose(gradient["a"]["kernel"], expected)
        assert (gradient["a"]["bias"] == 0).all()
        assert (gradient["b"]["scale"] == 0).all()


def test_parameters_without_kernels_cost_nothing():
    assert l1({"bias": jnp.ones(2)}, 1.0) == l2({}, 1.0) == 0


def test_strength_may_be_traced_and_dtype_is_kept():
    with jax.enable_x64(True):
        strength = jnp.asarray(0.5, jnp.float64)
        assert jax.jit(l1)(PARAMS, strength).dtype == jax.jit(l2)(PARAMS, strength).dtype == jnp.float32
        assert soft_threshold(jnp.ones(2, jnp.float32), strength).dtype == jnp.float32


def test_soft_threshold_equals_its_definition():
    x = jnp.array([-3.0, -1.0, -0.5, 0.0, 0.5, 1.0, 3.0])
    np.testing.assert_array_equal(soft_threshold(x, 1.0), [-2, 0, 0, 0, 0, 0, 2])
    np.testing.assert_array_equal(soft_threshold(x, 0.0), x)


def test_soft_threshold_minimizes_the_proximal_problem():
    grid = np.linspace(-4, 4, 800001)
    for x in (-2.3, -0.2, 0.0, 0.9, 3.1):
        best = grid[np.argmin(0.5 * (grid - x) ** 2 + 0.7 * np.abs(grid))]
        np.testing.assert_allclose(soft_threshold(x, 0.7), best, atol=1e-5)


def test_shrink_touches_kernels_only():
    shrunk = shrink(PARAMS, jax.tree.map(lambda w: 1.5, PARAMS))
    np.testing.assert_array_equal(shrunk["a"]["kernel"], [[0, -0.5], [0, 1.5]])
    np.testing.assert_array_equal(shrunk["a"]["bias"], PARAMS["a"]["bias"])


def test_proximal_descent_reaches_scikit_learns_lasso():
    with jax.enable_x64(True):
        rng = np.random.default_rng(0)
        X = rng.normal(size=(100, 8))
        y = X @ np.array([3.0, -2, 0, 0, 0, 1, 0, 0]) + 0.1 * rng.normal(size=100)
        w, rate, strength = jnp.zeros(8), 0.1, 0.2
        for _ in range(500):
            w = soft_threshold(w - rate * X.T @ (X @ w - y) / 100, rate * strength)
        expected = Lasso(alpha=strength, fit_intercept=False, tol=1e-12).fit(X, y).coef_
        np.testing.assert_allclose(w, expected, atol=1e-10)
        np.testing.assert_array_equal(w == 0, expected == 0)
        assert (w == 0).sum() == 5


@pytest.mark.parametrize("penalty", [l1, l2, soft_threshold])
def test_refuses_negative_strength(penalty):
    with pytest.raises(ControlError, match=f"{penalty.__name__}: .* is -0.1"):
        penalty(jnp.ones(2), -0.1)
