import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx

from netwright.nn.embedding import PLACES, Embedding, Positions

CODES = jnp.asarray([[1, 0, 6], [6, 6, 2]], jnp.float32)


def test_a_vector_for_each_code_and_its_slope():
    table = Embedding(7, 3, rngs=nnx.Rngs(0))
    weights = np.asarray(table.embedding[...])
    np.testing.assert_array_equal(table(CODES), weights[np.asarray(CODES, int)])
    graphdef, state = nnx.split(table)
    slope = jax.jit(jax.grad(lambda state: jnp.sum(nnx.merge(graphdef, state)(CODES))))(state)
    counts = np.array([1, 1, 1, 0, 0, 0, 3], np.float32)
    np.testing.assert_array_equal(slope["embedding"].get_value(), np.repeat(counts[:, None], 3, axis=1))


def test_spread():
    """Of 30,000 normal draws the deviation is within 4σ = 4/√60,000 = 1.6 % of the truth."""
    tokens, places = Embedding(1000, 30, rngs=nnx.Rngs(0)), Positions(1000, 30, rngs=nnx.Rngs(0))
    np.testing.assert_allclose(np.std(tokens.embedding[...]), 1, rtol=0.017)
    np.testing.assert_allclose(np.std(places.embedding[...]), PLACES, rtol=0.017)


def test_a_vector_for_each_place():
    places = Positions(3, 4, rngs=nnx.Rngs(0))
    x = jnp.ones((2, 3, 4))
    np.testing.assert_array_equal(places(x)[1] - 1, (places.embedding[...] + 1) - 1)


def test_a_shorter_sequence_has_the_first_places():
    places = Positions(5, 4, deviation=0.02, rngs=nnx.Rngs(0))
    x = jnp.zeros((2, 3, 4))
    np.testing.assert_array_equal(places(x)[0], places.embedding[...][:3])
    assert 0.01 < np.std(Positions(100, 100, deviation=0.02, rngs=nnx.Rngs(0)).embedding[...]) < 0.03
