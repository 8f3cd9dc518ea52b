"""The numerical gradient check finds wrong derivatives and passes right ones."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

import netwright as nw
from netwright.core.errors import ControlError

GENERATOR = np.random.default_rng(0)


@jax.custom_vjp
def wrong_square(x):
    return x * x


# Half of the true derivative, and of the first entry only.
wrong_square.defvjp(lambda x: (x * x, x), lambda x, g: ((2 * x * g).at[0, 0].multiply(0.5),))


@pytest.mark.parametrize("loss", ["bce", "mse", "huber", "hinge"])
def test_the_losses_pass(loss):
    targets = np.array([0.0, 1.0, 1.0])
    found = nw.check_gradients(getattr(nw.losses, loss), np.array([0.3, -2.0, 4.0], np.float32), targets)
    assert found.ok
    assert found.max_relative_error < 1e-8
    assert found.parameters[0].checked == found.parameters[0].size == 3


def test_a_wrong_derivative_is_found_and_placed():
    params = {"kernel": GENERATOR.normal(size=(4, 3)), "bias": np.ones(3)}

    def f(params, x):
        return jnp.sum(x @ wrong_square(params["kernel"]) + params["bias"])

    found = nw.check_gradients(f, params, np.ones((2, 4)))
    assert not found.ok
    assert found.max_relative_error == pytest.approx(0.5, rel=1e-6)
    bias, kernel = found.parameters
    assert (kernel.name, kernel.index) == ("kernel", (0, 0))
    assert kernel.analytic == pytest.approx(kernel.numeric / 2, rel=1e-6)
    assert bias.relative_error < 1e-8
    assert "gradients do NOT agree: largest relative error 0.5" in str(found)
    assert "kernel[0, 0]" in str(found)


def test_a_module_is_a_tree_of_parameters_and_a_layer_a_function():
    """ReLU's convolution, and attention, which JAX computes in float32 inside: judged by what that allows."""
    conv = nnx.Conv(2, 3, (3,), rngs=nnx.Rngs(0))
    found = nw.check_gradients(lambda m, x: jnp.tanh(m(x)), conv, GENERATOR.normal(size=(2, 5, 2)))
    assert found.ok
    assert found.tolerance == 1e-5
    assert [check.name for check in found.parameters] == ["bias.value", "kernel.value"]
    attention = nnx.MultiHeadAttention(1, 2, decode=False, rngs=nnx.Rngs(0))
    found = nw.check_gradients(lambda m, x: m(x), attention, GENERATOR.normal(size=(2, 3, 2)))
    assert found.tolerance == 1e-2
    assert found.ok


def test_many_coordinates_are_sampled_and_no_parameter_left_out():
    params = [np.ones((100, 50)), np.ones(6), {"deep": np.float32(2.0)}]

    def f(params):
        return sum(jnp.sum(jnp.sin(a)) for a in jax.tree.leaves(params))

    found = nw.check_gradients(f, params, samples=200)
    assert [check.checked for check in found.parameters] == [199, 6, 1]
    assert [check.size for check in found.parameters] == [5000, 6, 1]
    assert found.ok


def test_the_global_precision_stays():
    nw.check_gradients(lambda w: jnp.sum(w**2), np.ones(2, np.float32))
    assert not jax.config.jax_enable_x64
    assert jnp.ones(2).dtype == jnp.float32


def test_whole_numbers_are_left_alone():
    def f(params):
        return jnp.sum(params["table"][params["index"]] ** 3)

    found = nw.check_gradients(f, {"table": np.arange(1.0, 5.0), "index": np.array([0, 2, 2])})
    assert [check.name for check in found.parameters] == ["table"]
    assert found.ok


BAD = {
    "no numbers": (lambda p: jnp.float32(0), np.arange(3), "params hold no floating numbers"),
    "no array": (lambda p: "text", np.ones(3), "f returned str, expected floats"),
    "half precision": (
        lambda p: jnp.sum(p.astype(jnp.bfloat16)),
        np.ones(3),
        "f computes in bfloat16 inside",
    ),
}


@pytest.mark.parametrize(("f", "params", "said"), BAD.values(), ids=BAD)
def test_what_cannot_be_checked_is_refused(f, params, said):
    with pytest.raises(ControlError, match=said):
        nw.check_gradients(f, params)
