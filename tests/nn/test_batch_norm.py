import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

from netwright.nn.batch_norm import BatchNorm, mask_foreign_batch_norms
from netwright.nn.row_mask import row_mask
from netwright.nn.skeleton import split

EPSILON = 1e-5
X = np.random.default_rng(0).normal(3, 2, size=(10, 4)).astype(np.float32)
REAL = np.arange(10) < 7


def normalized(x, of):
    """x̂ in float64, with the mean and the biased variance of the rows ``of``."""
    x, of = x.astype(np.float64), of.astype(np.float64)
    axes = tuple(range(of.ndim - 1))
    return (x - of.mean(axes)) / np.sqrt(of.var(axes) + EPSILON)


@pytest.fixture
def layer():
    norm = BatchNorm(4, rngs=nnx.Rngs(0))
    norm.train()
    return norm


def test_training_uses_the_batch_mean_and_its_biased_variance(layer):
    # float32 carries 7 digits; x̂ of order 1 loses one of them in the subtraction of the mean.
    np.testing.assert_allclose(layer(jnp.asarray(X)), normalized(X, X), rtol=1e-5, atol=1e-6)


def test_gamma_and_beta(layer):
    layer.scale[...], layer.bias[...] = jnp.arange(4.0), jnp.arange(4.0) * 10
    expected = normalized(X, X) * np.arange(4) + np.arange(4) * 10
    np.testing.assert_allclose(layer(jnp.asarray(X)), expected, rtol=1e-5, atol=1e-5)


def test_running_averages_serve_at_inference(layer):
    layer(jnp.asarray(X))
    layer(jnp.asarray(2 * X))
    x = X.astype(np.float64)
    mean = 0.9 * 0.1 * x.mean(0) + 0.1 * 2 * x.mean(0)
    var = 0.9 * (0.9 + 0.1 * x.var(0)) + 0.1 * 4 * x.var(0)
    np.testing.assert_allclose(layer.mean[...], mean, rtol=1e-5)
    np.testing.assert_allclose(layer.var[...], var, rtol=1e-5)
    layer.eval()
    np.testing.assert_allclose(
        layer(jnp.asarray(X)), (x - mean) / np.sqrt(var + EPSILON), rtol=1e-5, atol=1e-5
    )
    np.testing.assert_allclose(layer.mean[...], mean, rtol=1e-5)


def test_padded_rows_take_no_part(layer):
    with row_mask(jnp.asarray(REAL)):
        out = layer(jnp.asarray(np.where(REAL[:, None], X, 1e6).astype(np.float32)))
    np.testing.assert_allclose(out[:7], normalized(X[:7], X[:7]), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(layer.mean[...], 0.1 * X[:7].mean(0, dtype=np.float64), rtol=1e-5)
    np.testing.assert_allclose(layer.var[...], 0.9 + 0.1 * X[:7].var(0, dtype=np.float64), rtol=1e-5)


def test_padded_rows_get_no_gradient(layer):
    graphdef, state = nnx.split(layer)

    def total(x):
        with row_mask(jnp.asarray(REAL)):
            out = nnx.merge(graphdef, state, copy=True)(x)
        return jnp.sum(jnp.where(REAL[:, None], out**3, 0))

    gradient = np.asarray(jax.grad(total)(jnp.asarray(X)))
    assert (gradient[7:] == 0).all()
    step = 1e-6

    def exact(x):
        return (normalized(x, x) ** 3).sum()

    for row, column in ((0, 0), (6, 3)):
        nudge = np.zeros((7, 4))
        nudge[row, column] = step
        slope = (exact(X[:7] + nudge) - exact(X[:7] - nudge)) / (2 * step)
        np.testing.assert_allclose(gradient[row, column], slope, rtol=1e-3, atol=1e-5)


def test_a_batch_of_padding_alone_changes_nothing_and_stays_finite(layer):
    with row_mask(jnp.zeros(10, bool)):
        assert np.isfinite(layer(jnp.asarray(X))).all()
    np.testing.assert_array_equal(layer.mean[...], np.zeros(4))
    np.testing.assert_array_equal(layer.var[...], np.ones(4))


def test_a_single_row_normalizes_to_beta(layer):
    layer.bias[...] = jnp.arange(4.0)
    np.testing.assert_array_equal(layer(jnp.asarray(X[:1])), np.arange(4.0)[None])


def test_a_mean_far_from_zero_keeps_its_digits(layer):
    """E[x²] − E[x]² would lose every digit here: x is 1e4 ± 1."""
    x = (1e4 + np.where(np.arange(10) % 2, 1.0, -1.0)[:, None] * np.ones((1, 4))).astype(np.float32)
    np.testing.assert_allclose(np.abs(layer(jnp.asarray(x))), np.ones((10, 4)), rtol=1e-4)


def test_images_are_normalized_over_all_axes_but_the_last(layer):
    x = np.random.default_rng(1).normal(size=(6, 3, 2, 4)).astype(np.float32)
    with row_mask(jnp.arange(6) < 5):
        out = layer(jnp.asarray(x))
    np.testing.assert_allclose(out[:5], normalized(x[:5], x[:5]), rtol=1e-5, atol=1e-5)


def test_compiled_equals_plain():
    plain, compiled = BatchNorm(4, rngs=nnx.Rngs(0)), BatchNorm(4, rngs=nnx.Rngs(0))
    out = nnx.jit(lambda module, x: module(x))(compiled, jnp.asarray(X))
    # The compiler fuses; the last bit of float32 may differ.
    np.testing.assert_allclose(out, plain(jnp.asarray(X)), rtol=1e-6, atol=1e-6)


def test_equal_layers_have_equal_structure():
    assert split(BatchNorm(4, rngs=nnx.Rngs(0)))[0] == split(BatchNorm(4, rngs=nnx.Rngs(1)))[0]
    assert split(BatchNorm(4, rngs=nnx.Rngs(0)))[0] != split(BatchNorm(4, momentum=0.5, rngs=nnx.Rngs(0)))[0]


class Own(nnx.Module):
    def __init__(self):
        self.norm = nnx.BatchNorm(4, momentum=0.7, rngs=nnx.Rngs(0))
        self.inner = nnx.List([nnx.BatchNorm(4, rngs=nnx.Rngs(0))])

    def __call__(self, x):
        return self.inner[0](self.norm(x))


def test_a_users_own_batch_norm_gets_the_mask_too():
    model, reference = Own(), Own()
    mask_foreign_batch_norms(model)
    assert type(reference.norm) is nnx.BatchNorm
    with row_mask(jnp.asarray(REAL)):
        out = model(jnp.asarray(X))
    np.testing.assert_allclose(out[:7], reference(jnp.asarray(X[:7])), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(model.norm.mean[...], reference.norm.mean[...], rtol=1e-6)
    np.testing.assert_allclose(model.inner[0].var[...], reference.inner[0].var[...], rtol=1e-5)
