"""AR-6: what stands in the padding, and how much of it there is, says nothing."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

from netwright.core import catalog
from netwright.core.layout import Layout
from netwright.models import ModelSpec, build
from netwright.nn.row_mask import row_mask
from netwright.nn.skeleton import split

READERS = [
    name
    for name in catalog.names("models")
    if {"sequence", "text"} == set(catalog.module("models", name).TAKES)
]
LENGTHS = np.array([3, 1, 5, 2])
STEPS, CHANNELS, MORE = 5, 2, 3
REAL = np.arange(STEPS) < LENGTHS[:, None]
GENERATOR = np.random.default_rng(0)


def spec(name, kind, steps, **fields):
    layout = (
        Layout("text", (steps,), vocabulary=9)
        if kind == "text"
        else Layout("sequence", (steps, CHANNELS + 1), masked=True)
    )
    return ModelSpec(name, layout, 2, hidden=(4, 4), heads=2, bidirectional=True, **fields)


@pytest.fixture(scope="module")
def sequence():
    x = GENERATOR.normal(size=(4, STEPS, CHANNELS)) * REAL[..., None]
    return np.concatenate([x, REAL[..., None]], axis=2).astype(np.float32)


@pytest.mark.parametrize("fields", [{}, {"batch_norm": True}, {"precision": "mixed"}], ids=str)
@pytest.mark.parametrize("name", READERS)
def test_numbers_in_the_padding_change_nothing(name, fields, sequence):
    """Not one bit of the outputs, of the gradients, or of the averages that batch normalization keeps."""
    skeleton, params, rest = split(build(spec(name, "sequence", STEPS, **fields), nnx.Rngs(0)))
    garbage = np.where(REAL[..., None], sequence[..., :-1], 1e3).astype(np.float32)
    garbage = np.concatenate([garbage, sequence[..., -1:]], axis=2)

    @jax.jit
    def whole(params, x):
        def cost(params):
            model = skeleton.merge(params, rest)
            outputs = model(x)
            return jnp.sum(outputs**2), (outputs, skeleton.rest_of(model))

        return jax.value_and_grad(cost, has_aux=True)(params)

    (_, clean), slopes = whole(params, sequence)
    (_, dirty), others = whole(params, garbage)
    jax.tree.map(np.testing.assert_array_equal, clean, dirty)
    for parameter, slope in slopes.items():
        # Zero times a large number is still zero: nothing of the padding is in any sum.
        np.testing.assert_allclose(others[parameter], slope, rtol=1e-5, atol=1e-6, err_msg=parameter)


@pytest.mark.parametrize("kind", ["sequence", "text"])
@pytest.mark.parametrize("name", READERS)
def test_more_padding_changes_nothing(name, kind, sequence):
    if kind == "text":
        x = (GENERATOR.integers(1, 9, (4, STEPS)) * REAL).astype(np.float32)
        longer = np.pad(x, ((0, 0), (0, MORE)))
    else:
        x, longer = sequence, np.pad(sequence, ((0, 0), (0, MORE), (0, 0)))
    skeleton, params, rest = split(build(spec(name, kind, STEPS), nnx.Rngs(0)))
    wide, others, _ = split(build(spec(name, kind, STEPS + MORE), nnx.Rngs(1)))
    short = skeleton.merge(params, rest)(jnp.asarray(x))
    # A place's vector is a parameter: those of the further places are another network's, and must not matter.
    given = {
        key: jnp.concatenate([a, others[key][STEPS:]]) if "positions" in key else a
        for key, a in params.items()
    }
    np.testing.assert_allclose(wide.merge(given, rest)(jnp.asarray(longer)), short, rtol=1e-6, atol=1e-6)


def test_padded_rows_and_steps_are_no_part_of_batch_statistics(sequence):
    rows = np.array([True, False, True, True])
    model = build(spec("gru", "sequence", STEPS, batch_norm=True), nnx.Rngs(0))
    model.train()
    with row_mask(jnp.asarray(rows)):
        model(jnp.asarray(sequence))
    kept = build(spec("gru", "sequence", STEPS, batch_norm=True), nnx.Rngs(0))
    kept.train()
    kept(jnp.asarray(sequence[rows]))
    ours, theirs = (m.body.layers[0].norm for m in (model, kept))
    np.testing.assert_allclose(ours.mean[...], theirs.mean[...], rtol=1e-5)
    np.testing.assert_allclose(ours.var[...], theirs.var[...], rtol=1e-5)


def test_an_example_without_a_step_has_finite_outputs(sequence):
    empty = np.zeros_like(sequence)
    for name in READERS:
        assert np.isfinite(build(spec(name, "sequence", STEPS), nnx.Rngs(0))(jnp.asarray(empty))).all()
