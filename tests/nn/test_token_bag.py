import jax.numpy as jnp
import numpy as np
from flax import nnx

from netwright.nn.skeleton import split
from netwright.nn.token_bag import TokenBag

TEXTS = np.array([[3, 2, 3, 0], [4, 0, 0, 0], [0, 0, 0, 0]], np.float32)


def bag(bias=0.5):
    return TokenBag(6, 2, bias=bias, rngs=nnx.Rngs(0))


def test_is_a_dense_layer_on_rows_of_length_one():
    layer = bag()
    rows = np.zeros((3, 6))
    for row, step in np.ndindex(*TEXTS.shape):
        code = int(TEXTS[row, step])
        rows[row, code] += np.log(2 + code) * (code > 0)
    tokens = np.log(2 + np.array([3, 2, 3]))
    rows[0] /= np.sqrt((tokens**2).sum())
    rows[1] /= np.log(6)
    expected = rows @ np.asarray(layer.kernel[...], np.float64) + 0.5
    np.testing.assert_allclose(layer(jnp.asarray(TEXTS)), expected, rtol=1e-5, atol=1e-6)


def test_more_padding_changes_nothing_and_a_text_without_tokens_gives_the_bias():
    layer = bag()
    longer = np.pad(TEXTS, ((0, 0), (0, 5)))
    z = np.asarray(layer(jnp.asarray(TEXTS)))
    np.testing.assert_array_equal(layer(jnp.asarray(longer)), z)
    np.testing.assert_array_equal(z[2], [0.5, 0.5])


def test_starts_near_zero_and_equal_layers_have_equal_structure():
    (one, params, _), (other, _, _) = (split(bag()) for _ in range(2))
    assert one == other
    assert np.abs(params["kernel"]).max() <= 0.01
    assert np.asarray(params["kernel"]).std() > 0.004
