"""AR-6: compositions: a convolutional backbone under a Transformer, several inputs into one trunk."""

import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

import netwright as nw
from netwright.core.errors import ControlError
from netwright.core.layout import Layout
from netwright.models import ModelSpec, build
from netwright.nn.skeleton import split


def test_each_place_of_the_last_map_is_a_step():
    """12 × 8 pixels become 3 × 2 places of 8 features under two poolings, and those are what attention sees."""
    spec = ModelSpec("cnn_transformer", Layout("image", (12, 8, 3)), 2, hidden=(8, 8), heads=2)
    params = split(nnx.eval_shape(lambda: build(spec, nnx.Rngs(0))))[1]
    assert params["body.encoder.positions.embedding"].shape == (6, 8)
    assert [params[f"body.blocks.{i}.conv.kernel"].shape[2:] for i in (0, 1)] == [(3, 4), (4, 8)]


def test_blocks_of_different_widths_and_heads_that_do_not_divide_are_refused():
    layout = Layout("sequence", (4, 2))
    for fields, words in (({"hidden": (4, 8)}, "one width"), ({"hidden": (6, 6)}, "4 heads do not divide 6")):
        with pytest.raises(ControlError, match=words):
            build(ModelSpec("transformer", layout, 1, **fields), nnx.Rngs(0))
    with pytest.raises(ControlError, match="needs a layer"):
        build(ModelSpec("gru", layout, 1), nnx.Rngs(0))


def test_each_input_goes_to_its_own_part():
    """What one input holds moves the features of its own part alone."""
    parts = (Layout("table", (3,)), Layout("sequence", (4, 2)))
    model = build(ModelSpec("several", Layout("several", (11,), parts=parts), 1, hidden=(5,)), nnx.Rngs(0))
    x = np.random.default_rng(0).normal(size=(2, 11)).astype(np.float32)
    moved = x.copy()
    moved[:, :3] += 1
    np.testing.assert_array_equal(nw.xray(model, x, np.zeros(2)).layers[0].inputs, x[:, :3])
    before, after = (model.parts[1](jnp.asarray(a[:, 3:]).reshape(2, 4, 2)) for a in (x, moved))
    np.testing.assert_array_equal(before, after)
    assert (np.asarray(model(jnp.asarray(x))) != np.asarray(model(jnp.asarray(moved)))).all()


def test_a_kind_without_a_part_is_refused():
    parts = (Layout("array", (2, 2, 2, 2)),)
    with pytest.raises(ControlError, match="several reads table, image, sequence, text"):
        build(ModelSpec("several", Layout("several", (16,), parts=parts), 1, hidden=(5,)), nnx.Rngs(0))
