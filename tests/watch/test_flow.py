"""The gradient ratio and the predicted variances against figures by hand."""

import jax
import jax.numpy as jnp
import polars as pl
import pytest
from flax import nnx

import netwright as nw
from netwright.core.errors import ControlError
from netwright.watch.flow import gradient_ratio, variances


def test_the_ratio_goes_by_depth_and_not_by_name():
    trace = pl.DataFrame(
        {
            "step": [0, 0, 0, 50, 50, 50],
            "layer": ["a", "b", "c"] * 2,
            "depth": [2.0, 0.0, 1.0] * 2,
            "grad_norm": [8.0, 2.0, 5.0, 4.0, 1.0, 9.0],
        }
    )
    assert gradient_ratio(trace).rows() == [(0, 0.25), (50, 0.25)]


def test_one_linear_layer_by_hand():
    """z = 2x₁ + 2x₂ + 3 on inputs of mean square 1: n_in · E[W²] · E[x²] + b² = 2 · 4 · 1 + 9."""
    model = nnx.Linear(2, 1, kernel_init=nnx.initializers.constant(2.0), rngs=nnx.Rngs(0))
    model.bias[...] = jnp.full(1, 3.0)
    found = variances(nw.xray(model, jnp.array([[1.0, -1.0], [-1.0, 1.0]]), jnp.zeros(2)))
    assert found["z_predicted"].to_list() == pytest.approx([17.0])
    assert found["z_measured"].to_list() == pytest.approx([9.0])
    assert found["dZ_predicted"].equals(found["dZ_measured"].rename("dZ_predicted"))


def test_what_is_no_stack_of_dense_layers(kinds):
    said = {
        "convolutional": "layer norm is neither dense nor a convolution",
        "attention": "layer attention.query is neither dense nor a convolution",
    }
    for kind, words in said.items():
        make, shape = kinds[kind]
        xray = nw.xray(make(), jax.random.normal(jax.random.key(0), (4, *shape)), jnp.arange(4) % 3)
        with pytest.raises(ControlError, match=words):
            variances(xray)
