import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

from netwright.nn.columns import ColumnEmbeddings, embedding_width


@pytest.mark.parametrize(("levels", "width"), [(1, 2), (2, 3), (13, 7), (100, 22), (10_000, 32)])
def test_width(levels, width):
    assert embedding_width(levels) == width


def test_codes_become_vectors_and_the_rest_passes_through():
    layer = ColumnEmbeddings(4, ((2, 13), (3, 5)), rngs=nnx.Rngs(0))
    x = np.array([[0.5, -1, 12, 0], [2, 3, 0, 4], [0, 0, 12, 4]], np.float32)
    out = np.asarray(layer(jnp.asarray(x)))
    first, second = (np.asarray(table.embedding[...]) for table in layer.tables)
    assert first.shape == (13, 7)
    assert layer.n_out == out.shape[1] == 2 + first.shape[1] + second.shape[1]
    codes = x[:, 2:].astype(int)
    np.testing.assert_array_equal(out, np.hstack([x[:, :2], first[codes[:, 0]], second[codes[:, 1]]]))


def test_only_codes():
    layer = ColumnEmbeddings(1, ((0, 3),), rngs=nnx.Rngs(0))
    out = layer(jnp.array([[2.0], [0.0]]))
    np.testing.assert_array_equal(out, layer.tables[0].embedding[...][jnp.array([2, 0])])
