import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

from netwright.nn.initializers.orthogonal import orthogonal
from netwright.nn.initializers.xavier_uniform import xavier_uniform
from netwright.nn.recurrent import Recurrent

X = jnp.asarray(np.random.default_rng(0).normal(size=(3, 4, 2)), jnp.float32)
UNITS = 5


def layer(cell, **options):
    return Recurrent(
        cell, 2, UNITS, kernel=xavier_uniform(), recurrent=orthogonal(), rngs=nnx.Rngs(0), **options
    )


@pytest.mark.parametrize(("cell", "gates"), [("rnn", 1), ("lstm", 4), ("gru", 3)])
def test_each_gate_starts_with_kernels_of_its_own(cell, gates):
    """Orthogonal in time: ‖h u‖ = ‖h‖ for each gate; the input's kernels have the spread of each gate's fans."""
    made = layer(cell)
    for block in np.split(np.asarray(made.recurrent_kernel[...]), gates, axis=1):
        np.testing.assert_allclose(block.T @ block, np.eye(UNITS), atol=1e-6)
    limit = np.sqrt(6 / (2 + UNITS))
    assert 0.5 * limit < np.abs(made.kernel[...]).max() <= limit


def test_the_forget_gate_starts_open():
    np.testing.assert_array_equal(
        layer("lstm", bias=0.25).bias[...].reshape(4, UNITS),
        np.repeat([[0.25], [1.25], [0.25], [0.25]], UNITS, 1),
    )
    assert layer("gru").bias[...].shape == (4 * UNITS,)
    assert not layer("rnn").bias[...].any()


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_backwards_is_forwards_on_the_reversed_steps(cell):
    ahead, back = layer(cell), layer(cell, backwards=True)
    mask = jnp.asarray(np.arange(4) < np.array([4, 1, 3])[:, None])
    h = back(X, mask)
    np.testing.assert_array_equal(h, ahead(X[:, ::-1], mask[:, ::-1])[:, ::-1])
    np.testing.assert_array_equal(back.last(h), h[:, 0])
    np.testing.assert_array_equal(ahead.last(ahead(X)), ahead(X)[:, -1])
