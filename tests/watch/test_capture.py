"""Capture notes each call of the model, leaves inner traces out, and undoes its wrapping."""

import threading

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

from netwright.nn._activation import Activation
from netwright.nn.batch_norm import BatchNorm
from netwright.watch.capture import capture, owners_of


def paths(record):
    return [call.path for call in record.calls if call.activation is None]


def test_calls_in_the_order_in_which_they_end(dense):
    model, x, _ = dense
    with capture(model) as record:
        outputs = model(x)
    assert paths(record) == ["first", "second", "last", ""]
    first, activation, second, last, whole = record.calls
    assert first.inputs is x
    assert activation.activation is model.activation
    assert activation.inputs is first.output
    assert activation.path == ""
    assert second.inputs is activation.output
    assert whole.output is last.output is outputs


def test_a_scan_keeps_its_own_and_leaks_no_tracer(kinds):
    make, shape = kinds["recurrent"]
    graphdef, state = nnx.split(make())
    names = []

    def forward(state, x):
        model = nnx.merge(graphdef, state, copy=True)
        with capture(model) as record:
            model(x)
        names.extend(call.path for call in record.calls)
        owners = owners_of(["rnn.cell.ii.kernel", "output.bias"], record.calls)
        names.extend(call.path for call in owners.values())
        return [call.output for call in record.calls]

    with jax.checking_leaks():
        outputs = jax.jit(forward)(state, jnp.ones((2, *shape)))
    assert names == ["rnn", "output", "", "rnn", "output"]
    assert [output.shape for output in outputs] == [(2, 5, 4), (2, 3), (2, 3)]


class Inner(nnx.Module):
    def __init__(self):
        self.layer = nnx.Linear(3, 3, rngs=nnx.Rngs(0))

    def __call__(self, x):
        return jax.vmap(self.layer)(x) + self.layer(x)


def test_under_vmap_the_inner_call_is_left_out():
    with capture(Inner()) as record:
        record._model(jnp.ones((2, 3)))
    assert paths(record) == ["layer", ""]
    assert record.calls[0].output.shape == (2, 3)


def test_a_class_that_calls_its_base_is_one_call():
    model = nnx.Sequential(BatchNorm(3, rngs=nnx.Rngs(0)), nnx.BatchNorm(3, rngs=nnx.Rngs(0)))
    with capture(model) as record:
        model(jnp.ones((4, 3)))
    assert paths(record) == ["layers.0", "layers.1", ""]


def originals():
    return [vars(kind)["__call__"] for kind in (nnx.Linear, Activation)]


def test_the_wrapping_is_undone_whatever_happens(dense):
    model, x, _ = dense
    before = originals()
    with capture(model) as outer:
        with capture(model) as inner:
            model(x)
        assert originals() != before
        model(x)
    assert originals() == before
    assert len(inner.calls) == len(outer.calls) == 5
    with pytest.raises(TypeError), capture(model):
        model(jnp.ones((2, 7)))
    assert originals() == before
    np.testing.assert_array_equal(model(x), outer.calls[-1].output)


def test_other_models_and_other_threads_are_not_noted(dense):
    model, x, _ = dense
    stranger = nnx.Linear(3, 2, rngs=nnx.Rngs(0))
    with capture(model) as record:
        stranger(x)
        thread = threading.Thread(target=lambda: model(x))
        thread.start()
        thread.join()
    assert record.calls == []


def test_parameters_belong_to_the_nearest_module_that_was_called(dense):
    model, x, _ = dense
    with capture(model) as record:
        model(x)
    owners = owners_of(["first.kernel", "last.deep.down.w", "own"], record.calls)
    assert {name: call.path for name, call in owners.items()} == {
        "first.kernel": "first",
        "last.deep.down.w": "last",
        "own": "",
    }
