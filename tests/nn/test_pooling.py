"""Pooling before the activation: the same numbers and slopes as after it."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from netwright.core import catalog
from netwright.nn.one_by_one import one_by_one
from netwright.nn.pooling import activated_max_pool, max_pool

NAMES = [name for name in catalog.names("nn.activations") if name != "softmax"]  # no function of one number


@pytest.mark.parametrize("name", NAMES)
def test_pooling_and_activation_may_change_places(name):
    g = catalog.load("nn.activations", name)
    z = jax.random.normal(jax.random.key(0), (3, 6, 7, 4))
    direction = jax.random.normal(jax.random.key(1), (3, 3, 3, 4))

    def both(pooled):
        y, back = jax.vjp(pooled, z)
        return y, back(direction)[0]

    for ours, plain in zip(
        both(lambda z: activated_max_pool(g, z)), both(lambda z: max_pool(g(z))), strict=True
    ):
        np.testing.assert_allclose(ours, plain, rtol=1e-6, atol=1e-7)


def test_where_all_are_off_nothing_has_a_slope():
    relu = catalog.load("nn.activations", "relu")
    z = -jnp.ones((1, 2, 2, 1))
    np.testing.assert_array_equal(jax.grad(lambda z: activated_max_pool(relu, z).sum())(z), 0)


def test_those_who_look_see_the_activation_of_every_number():
    seen = []

    class Watched(type(catalog.load("nn.activations", "relu"))):
        def __call__(self, x, **parameters):
            seen.append(x.shape)
            return super().__call__(x, **parameters)

    relu = catalog.load("nn.activations", "relu")
    watched = Watched(**vars(relu))
    z = jnp.ones((1, 4, 4, 2))
    activated_max_pool(watched, z)
    with one_by_one():
        activated_max_pool(watched, z)
    assert seen == [(1, 2, 2, 2), (1, 4, 4, 2)]
