"""What every initializer keeps; the catalog finds the initializers."""

import pickle

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from netwright.core import catalog

NAMES = catalog.names("nn.initializers")
KEY = jax.random.key(0)


def make(name):
    return catalog.load("nn.initializers", name)()


@pytest.mark.parametrize("name", NAMES)
class TestContract:
    def test_gives_the_shape_and_dtype_asked_for(self, name):
        assert make(name)(KEY, (3, 4)).dtype == jnp.float32
        assert make(name)(KEY, (3, 3, 2, 4), jnp.bfloat16).dtype == jnp.bfloat16
        assert make(name)(KEY, (3, 3, 2, 4), jnp.bfloat16).shape == (3, 3, 2, 4)
        with jax.enable_x64(True):
            assert make(name)(KEY, (3, 4), jnp.float64).dtype == jnp.float64

    def test_the_key_decides(self, name):
        draw = make(name)(KEY, (8, 8))
        assert (draw == make(name)(KEY, (8, 8))).all()
        assert name == "zeros" or (draw != make(name)(jax.random.key(1), (8, 8))).any()

    def test_equal_arguments_give_equal_initializers(self, name):
        assert make(name) == make(name)
        assert hash(make(name)) == hash(make(name))
        assert pickle.loads(pickle.dumps(make(name))) == make(name)

    def test_compiled_equals_plain(self, name):
        compiled = jax.jit(make(name), static_argnums=1)(KEY, (5, 6))
        np.testing.assert_allclose(compiled, make(name)(KEY, (5, 6)), rtol=1e-6)


def test_initializers_differ():
    assert len({make(name) for name in NAMES}) == len(NAMES)
