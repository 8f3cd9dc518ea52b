"""AR-6: recurrent networks and Transformers; IN-1 and IN-7 through time."""

import numpy as np
import polars as pl
import pytest
from flax import nnx

import netwright as nw
from netwright.core.layout import Layout
from netwright.models import ModelSpec, build
from netwright.watch.flow import through_time

STEPS, UNITS = 40, 16
GENERATOR = np.random.default_rng(0)
X = GENERATOR.normal(size=(32, STEPS, UNITS)).astype(np.float32)
Y = GENERATOR.normal(size=32).astype(np.float32)


def sizes(kind, **start):
    """‖∂J/∂x[t]‖ of one layer, over that at the last step."""
    spec = ModelSpec(kind, Layout("sequence", (STEPS, UNITS)), 1, hidden=(UNITS,), **start)
    found = through_time(nw.xray(build(spec, nnx.Rngs(0)), X, Y))
    assert found["layer"].unique().to_list() == ["body.layers.0.forward"]
    return found["ratio"].to_numpy()


def test_gradients_vanish_through_time():
    """IN-1: through a tanh RNN the gradient falls at every step it goes back, as tanh′ < 1 and u is orthogonal;
    with a recurrent kernel of spectral radius about ½ it is gone after 40; an LSTM whose forget gate starts open
    (σ(1) = 0.73 a step) keeps orders of magnitude more of it than an RNN, and a GRU (σ(0) = ½) lies between.
    """
    plain, small = sizes("rnn"), sizes("rnn", kernel="normal", scale=0.5 / np.sqrt(UNITS))
    assert plain[-1] == 1
    assert plain[0] < 1e-2
    assert small[0] < 1e-10
    # On a logarithmic scale the fall is steady: the same factor a step.
    fall = np.diff(np.log(plain))
    assert (fall > 0).mean() > 0.9
    assert sizes("lstm")[20] > 3 * small[20]


def test_gradients_explode_through_time():
    """IN-1: with inputs of nothing tanh is linear, and a recurrent kernel of spectral radius 2 doubles the slope."""
    spec = ModelSpec(
        "rnn", Layout("sequence", (12, UNITS)), 1, hidden=(UNITS,), kernel="normal", scale=2 / np.sqrt(UNITS)
    )
    found = through_time(nw.xray(build(spec, nnx.Rngs(0)), 1e-6 * X[:, :12], Y))
    assert found.filter(pl.col("step") == 0)["ratio"].item() > 2**8


def test_an_orthogonal_start_keeps_the_size_of_states_and_slopes():
    """IN-7: predicted and measured: without inputs to bend it, an orthogonal recurrent kernel passes the slope of
    the last state to the first step at its full length: the ratio is 1 at every step.
    """
    spec = ModelSpec("rnn", Layout("sequence", (12, UNITS)), 1, hidden=(UNITS,))
    found = through_time(nw.xray(build(spec, nnx.Rngs(0)), 1e-6 * X[:, :12], Y))
    # x[t] is seen through w (16 × 16), which stretches one direction more than another.
    np.testing.assert_allclose(found["ratio"], 1, atol=0.5)


@pytest.mark.parametrize("kind", ["rnn", "lstm", "gru", "transformer"])
def test_what_only_order_tells_is_learned(kind):
    """AR-6: which of two marks comes first: no count of them says so; every reader of sequences learns it."""
    generator = np.random.default_rng(1)
    places = np.sort(generator.permuted(np.tile(np.arange(8), (300, 1)), axis=1)[:, :2], axis=1)
    y = generator.integers(0, 2, 300)
    x = np.zeros((300, 8, 2), np.float32)
    rows = np.arange(300)
    x[rows, places[:, 0], y], x[rows, places[:, 1], 1 - y] = 1, 1
    controls = nw.Controls(
        architecture=nw.Architecture(kind=kind, hidden=(16,), heads=2),
        optimization=nw.Optimization(epochs=30, batch_size=32, learning_rate=1e-2),
        regularization=nw.Regularization(dropout=0.0, early_stopping=None),
    )
    run = nw.fit(nw.Dataset.from_arrays(x, y), controls, progress=False)
    # Of 45 test rows, half by chance: 38 of them right is 4.6 standard deviations above it.
    assert run.evaluate("test")["accuracy"] > 0.84
