"""NN-3, NN-4: the x-ray against the chain rule by hand and against jax.grad, for every kind of network."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

import netwright as nw
from netwright.core.errors import ControlError, DataError


def close(found, expected, scale=None):
    """Equal to 1e-5 relative to the largest entry, or to ``scale``: the gradients of NN-4 in float32."""
    scale = float(np.max(np.abs(expected))) if scale is None else scale
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5 * scale)


def gradients_of(model, x, y, loss):
    graphdef, params, rest = nnx.split(model, nnx.Param, ...)

    def cost(params):
        return loss(nnx.merge(graphdef, params, rest, copy=True)(x), y).mean()

    value, gradients = jax.value_and_grad(cost)(params)
    flat = {".".join(map(str, path)): v.get_value() for path, v in nnx.to_flat_state(gradients)}
    return value, flat


def test_every_kind_of_network_equals_automatic_differentiation(network):
    """NN-4: all parameters' gradients are there, and are those of jax.grad."""
    model, x, y = network
    found = nw.xray(model, x, y)
    cost, expected = gradients_of(model, x, y, nw.losses.cce)
    assert found.cost == pytest.approx(float(cost), rel=1e-6)
    flat = {f"{layer.name}.{name}": g for layer in found.layers for name, g in layer.gradients.items()}
    assert flat.keys() == expected.keys()
    # A bias before batch normalization, or of the keys, has the gradient 0 but for rounding.
    scale = max(float(jnp.max(jnp.abs(gradient))) for gradient in expected.values())
    for name, gradient in flat.items():
        close(gradient, expected[name], scale)
    assert found.layers[-1].name in ("last", "output")
    close(found.prediction, jax.nn.softmax(model_outputs(model, x)))
    np.testing.assert_array_equal(found.layers[-1].a, found.prediction)


def model_outputs(model, x):
    graphdef, state = nnx.split(model)
    return jax.jit(lambda state, x: nnx.merge(graphdef, state, copy=True)(x))(state, x)


def test_layers_in_forward_order(kinds):
    names = {
        "dense": ["first", "second", "last"],
        "convolutional": ["conv", "norm", "output"],
        "recurrent": ["rnn", "output"],
        "attention": [
            "attention.query",
            "attention.key",
            "attention.value",
            "attention.out",
            "wide",
            "output",
        ],
    }
    rng = jax.random.key(0)
    for kind, (make, shape) in kinds.items():
        found = nw.xray(make(), jax.random.normal(rng, (4, *shape)), jnp.arange(4) % 3)
        assert [layer.name for layer in found.layers] == names[kind]


def test_a_recurrent_layer_is_one_layer_with_all_its_gates(kinds):
    make, shape = kinds["recurrent"]
    rnn = nw.xray(make(), jnp.ones((4, *shape)), jnp.arange(4) % 3).layers[0]
    assert rnn.z.shape == rnn.dZ.shape == (4, 5, 4)
    assert rnn.dW is None
    assert {"cell.ii.kernel", "cell.hf.bias"} < rnn.gradients.keys()


def test_activations_are_found_whatever_their_form(kinds):
    """Activation objects, plain functions before pooling and within a residual connection; BN has none before it."""
    found = {}
    for kind in ("dense", "convolutional", "attention"):
        make, shape = kinds[kind]
        x = jax.random.normal(jax.random.key(2), (4, *shape))
        found |= {layer.name: layer for layer in nw.xray(make(), x, jnp.arange(4) % 3).layers}
    activations = nw.nn.activations
    assert found["first"].activation is activations.tanh
    for name in ("second", "norm", "wide"):
        assert found[name].activation is activations.relu
        np.testing.assert_array_equal(found[name].a, np.maximum(found[name].z, 0))
        close(found[name].dZ, found[name].dA * (found[name].z > 0))
    for name in ("conv", "attention.value", "attention.out"):
        assert found[name].activation is None
        assert found[name].a is found[name].z


def test_a_value_used_twice_has_the_slope_of_both_uses():
    """∂J/∂a of a = relu(z) that feeds the next layer and a skip connection is the sum over both paths."""

    class Skip(nnx.Module):
        def __init__(self):
            rngs = nnx.Rngs(3)
            self.first, self.second = nnx.Linear(3, 4, rngs=rngs), nnx.Linear(4, 4, rngs=rngs)

        def __call__(self, x):
            a = nnx.relu(self.first(x))
            return (a + self.second(a)).sum(axis=1)

    model = Skip()
    x, y = jax.random.normal(jax.random.key(0), (6, 3)), jnp.linspace(-1.0, 1.0, 6)
    first, second = nw.xray(model, x, y).layers
    outer = 2 * (model(x) - y)[:, None] / 6 * np.ones((1, 4))
    close(second.dZ, outer)
    close(first.dA, outer + outer @ second.W.T)


def test_a_layer_called_twice_stands_twice():
    class Tied(nnx.Module):
        def __init__(self):
            self.layer = nnx.Linear(3, 3, rngs=nnx.Rngs(0))

        def __call__(self, x):
            return self.layer(jnp.tanh(self.layer(x)))

    model, x = Tied(), jax.random.normal(jax.random.key(0), (4, 3))
    one, two = nw.xray(model, x, jnp.zeros((4, 3))).layers
    assert one.name == two.name == "layer"
    close(one.a, two.inputs)
    close(two.dW, one.inputs.T @ one.dZ + two.inputs.T @ two.dZ)


@pytest.mark.parametrize("loss", ["mse", "mae", "huber"])
def test_a_regression_predicts_its_outputs(loss, kinds):
    make, shape = kinds["dense"]
    model, x = make(n_out=1), jax.random.normal(jax.random.key(4), (8, *shape))
    y = jnp.linspace(-1.0, 1.0, 8)
    found = nw.xray(model, x, y, loss=None if loss == "mse" else loss)
    close(found.prediction, model(x))
    last = found.layers[-1]
    np.testing.assert_array_equal(last.dA, last.dZ)
    _, expected = gradients_of(model, x, y[:, None], getattr(nw.losses, loss))
    close(last.dW, expected["last.kernel"])


def test_weights_are_those_of_the_cost(dense):
    model, x, y = dense
    weights = jnp.arange(8.0)
    found = nw.xray(model, x, y, weights=weights)
    one_by_one = nw.losses.cce(model(x), y)
    assert found.cost == pytest.approx(float((weights * one_by_one).sum() / weights.sum()), rel=1e-6)
    last = found.layers[-1]
    p, hot = np.asarray(found.prediction), np.eye(3)[np.asarray(y)]
    close(last.dZ, (p - hot) * np.asarray(weights)[:, None] / 28)
    close(last.dA, -hot / p * np.asarray(weights)[:, None] / 28)


def test_sure_predictions_stay_finite():
    """σ(±40) is 0 or 1 in float32; where the sure answer is right the slope is 0 and not 0/0."""
    model = nnx.Linear(1, 1, kernel_init=nnx.initializers.ones, rngs=nnx.Rngs(0))
    found = nw.xray(model, jnp.array([[40.0], [-40.0], [0.0]]), jnp.array([1, 0, 1]))
    np.testing.assert_allclose(found.layers[0].dA[:, 0], [-1 / 3, 1 / 3, -2 / 3], rtol=1e-6)


def test_the_model_stays_as_it_is_and_runs_in_its_own_mode():
    model = nnx.Sequential(nnx.Dropout(0.5, rngs=nnx.Rngs(0)), nnx.Linear(50, 1, rngs=nnx.Rngs(1)))
    x, y = jnp.ones((2, 50)), jnp.zeros(2)
    before = jax.tree.map(np.asarray, nnx.state(model, nnx.RngCount))
    dropped = nw.xray(model, x, y).layers[0].inputs
    assert 0 < float((dropped == 0).mean()) < 1
    model.eval()
    np.testing.assert_array_equal(nw.xray(model, x, y).layers[0].inputs, x)
    jax.tree.map(
        np.testing.assert_array_equal, before, jax.tree.map(np.asarray, nnx.state(model, nnx.RngCount))
    )


def test_it_prints_a_row_a_layer(dense):
    text = str(nw.xray(*dense))
    lines = text.splitlines()
    assert [line.split()[0] for line in lines] == ["layer", "first", "second", "last", "cost"]
    assert lines[1].split()[1:3] == ["8×5", "3×5"]


def test_what_is_no_model_or_no_batch(dense):
    model, x, y = dense
    with pytest.raises(ControlError, match="xray: found int, expected a Flax NNX module or a run"):
        nw.xray(3, x, y)
    with pytest.raises(DataError, match="a module needs X and y"):
        nw.xray(model, x)
    with pytest.raises(DataError, match=r"xray: the loss gave \(8, 3\) for 8 rows"):
        nw.xray(model, x, y, loss=lambda z, t: z)
