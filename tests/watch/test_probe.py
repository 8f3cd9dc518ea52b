"""Probes against NumPy, layer by layer, for networks of netwright and of the user's own."""

import jax
import jax.numpy as jnp
import numpy as np
import polars as pl
import pytest
from flax import nnx

import netwright as nw
from netwright.nn.skeleton import split
from netwright.watch.capture import capture
from netwright.watch.probe import STATISTICS, empty_probe, layer_of, layers_of, probe

GENERATOR = np.random.default_rng(0)
NAMES = ("hidden.0.linear.bias", "hidden.0.linear.kernel", "hidden.0.norm.scale", "output.kernel", "w")


def probed(model, x, real, clipped=False):
    """Return {layer: {statistic: value}} of a model with gradients of ones and updates that double each weight."""
    skeleton, params, rest = split(model)

    def forward(params):
        part = skeleton.merge(params, rest)
        with capture(part) as record:
            part(x)
        return record.calls

    ones = {name: jnp.ones_like(a) for name, a in params.items()}
    updated = {name: 2 * a for name, a in params.items()}
    measure = jax.jit(lambda params: probe(params, ones, updated, jnp.bool_(clipped), forward, real))
    values = np.asarray(measure(params))
    assert values.shape == empty_probe(params).shape
    named = [dict(zip(STATISTICS, row.tolist(), strict=True)) for row in values]
    return dict(zip(layers_of(params), named, strict=True)), params


def test_layers_are_the_names_without_their_last_part():
    params = {name: np.ones(1) for name in NAMES}
    assert layers_of(params) == ["hidden.0.linear", "hidden.0.norm", "output", "w"]
    assert layer_of("output.kernel") == "output"
    assert layer_of("w") == "w"


class Net(nnx.Module):
    """ReLU as a plain function, then tanh as one of netwright's; names against the alphabet."""

    def __init__(self):
        rngs = nnx.Rngs(0)
        self.zero = nnx.Linear(4, 6, rngs=rngs)
        self.first = nnx.Linear(6, 5, rngs=rngs)
        self.tanh = nw.nn.activations.tanh
        self.end = nnx.Linear(5, 2, rngs=rngs)

    def __call__(self, x):
        return self.end(self.tanh(self.first(nnx.relu(self.zero(x)))))


@pytest.fixture(scope="module")
def measured():
    """Ten rows, of which the last three are padding and absurd; unit 0 of the first layer is dead."""
    model = Net()
    model.zero.bias[...] = jnp.array([-1e3, 0, 0, 0, 0, 0], jnp.float32)
    model.first.kernel[...] = 4 * model.first.kernel[...]
    x = GENERATOR.normal(size=(10, 4)).astype(np.float32)
    x[7:] = 1e6
    found, params = probed(model, jnp.asarray(x), jnp.arange(10) < 7, clipped=True)
    return found, {name: np.asarray(a, np.float64) for name, a in params.items()}, x[:7].astype(np.float64)


def test_norms_and_the_update_ratio(measured):
    found, params, _ = measured
    for layer, values in found.items():
        weights = np.concatenate([a.ravel() for name, a in params.items() if layer_of(name) == layer])
        assert values["grad_norm"] == pytest.approx(np.sqrt(weights.size), rel=1e-6)
        assert values["weight_norm"] == pytest.approx(np.linalg.norm(weights), rel=1e-6)
        assert values["update_ratio"] == pytest.approx(1, rel=1e-6)
        assert values["clipped"] == 1


def test_activations_on_the_real_rows(measured):
    found, params, x = measured
    relu = np.maximum(x @ params["zero.kernel"] + params["zero.bias"], 0)
    tanh = np.tanh(relu @ params["first.kernel"] + params["first.bias"])
    end = tanh @ params["end.kernel"] + params["end.bias"]
    for layer, a in (("zero", relu), ("first", tanh), ("end", end)):
        assert found[layer]["act_mean"] == pytest.approx(a.mean(), rel=1e-4, abs=1e-6)
        assert found[layer]["act_std"] == pytest.approx(a.std(), rel=1e-4)
    dead = (relu == 0).all(axis=0).mean()
    assert dead >= 1 / 6
    assert found["zero"]["dead_fraction"] == pytest.approx(dead)
    saturated = (np.abs(tanh) >= 1 - 0.02).mean()
    assert 0 < saturated < 1
    assert found["first"]["saturated_fraction"] == pytest.approx(saturated)


def test_what_has_no_meaning_is_nan(measured):
    found = measured[0]
    missing = {layer: [k for k, v in values.items() if np.isnan(v)] for layer, values in found.items()}
    assert missing == {
        "zero": ["saturated_fraction"],
        "first": ["dead_fraction"],
        "end": ["dead_fraction", "saturated_fraction"],
    }


def test_depth_is_the_place_in_the_forward_pass(measured):
    assert {layer: values["depth"] for layer, values in measured[0].items()} == {
        "zero": 0,
        "first": 1,
        "end": 2,
    }


def test_the_gates_of_a_cell_see_their_recurrent_layer():
    class Recurrent(nnx.Module):
        def __init__(self):
            rngs = nnx.Rngs(0)
            self.rnn = nnx.RNN(nnx.SimpleCell(2, 3, rngs=rngs), rngs=rngs)
            self.output = nnx.Linear(3, 1, rngs=rngs)

        def __call__(self, x):
            return self.output(self.rnn(x)[:, -1])

    x = jnp.asarray(GENERATOR.normal(size=(4, 5, 2)), jnp.float32)
    found, _ = probed(Recurrent(), x, jnp.ones(4, bool))
    gates = [values for layer, values in found.items() if layer.startswith("rnn.cell")]
    assert len(gates) == 2
    assert gates[0]["act_std"] == gates[1]["act_std"] > 0
    assert [values["depth"] for values in gates] == [0, 0]


def test_weights_of_zero_give_an_infinite_ratio_but_no_error():
    zeros = {"kernel": jnp.zeros((2, 2))}
    found = probe(zeros, zeros, {"kernel": jnp.ones((2, 2))}, jnp.bool_(False), _linear, jnp.ones(3, bool))
    named = dict(zip(STATISTICS, np.asarray(found)[0].tolist(), strict=True))
    assert (named["grad_norm"], named["weight_norm"], named["update_ratio"]) == (0, 0, np.inf)


def _linear(params):
    model = nnx.Linear(2, 2, use_bias=False, rngs=nnx.Rngs(0))
    model.kernel[...] = params["kernel"]
    with capture(model) as record:
        model(jnp.ones((3, 2)))
    return record.calls


def test_the_trace_of_a_run_and_of_a_population(blobs):
    """Clipping at a tiny norm clips every step; batch normalization's ReLU is seen behind it."""
    controls = nw.Controls(
        architecture=nw.Architecture(hidden=(4,), batch_norm=True),
        optimization=nw.Optimization(epochs=12, batch_size=16, clip_norm=1e-3),
        regularization=nw.Regularization(early_stopping=None, dropout=0.0),
    )
    run = nw.fit(blobs, controls, seed=1)
    assert run.trace.columns == ["step", "layer", *STATISTICS]
    assert run.trace["step"].unique().to_list() == [0, 50]
    first = run.trace.filter(pl.col("step") == 0)
    assert first["layer"].to_list() == ["hidden.0.linear", "hidden.0.norm", "output"]
    assert (run.trace["clipped"] == 1).all()
    assert first["grad_norm"].pow(2).sum() == pytest.approx(1e-6, rel=1e-4)
    assert first["dead_fraction"].is_nan().to_list() == [True, False, True]
    members = nw.train.fit_population(blobs, controls, seeds=[1, 2], probe_every=50)
    both = [members[i].trace["act_std"].to_numpy() for i in (0, 1)]
    np.testing.assert_allclose(both[0][:3], first["act_std"].to_numpy(), rtol=1e-4)
    assert not np.allclose(both[0][:3], both[1][:3], rtol=1e-2)
