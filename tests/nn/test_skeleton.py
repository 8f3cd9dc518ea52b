import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx

from netwright.nn.batch_norm import BatchNorm
from netwright.nn.dropout import Dropout
from netwright.nn.skeleton import split


class Net(nnx.Module):
    def __init__(self, seed=0, width=4):
        rngs = nnx.Rngs(seed)
        self.blocks = nnx.List([nnx.Linear(3, width, rngs=rngs), nnx.Linear(width, 2, rngs=rngs)])
        self.norm = BatchNorm(width, rngs=rngs)
        self.dropout = Dropout(0.5, rngs=rngs)

    def __call__(self, x):
        return self.blocks[1](self.dropout(self.norm(self.blocks[0](x))))


X = jnp.asarray(np.random.default_rng(0).normal(size=(6, 3)), jnp.float32)


def test_names_are_dotted_paths_and_split_by_kind():
    skeleton, params, rest = split(Net())
    assert set(params) == {
        "blocks.0.kernel",
        "blocks.0.bias",
        "blocks.1.kernel",
        "blocks.1.bias",
        "norm.scale",
        "norm.bias",
    }
    assert set(rest) == {"norm.mean", "norm.var", "dropout.rate", "dropout.key", "dropout.count"}
    assert skeleton.dropout_rates == ("dropout.rate",)
    assert params["blocks.0.kernel"].shape == (3, 4)


def test_merging_gives_the_module_back_in_training_mode():
    net = Net()
    expected = Net()(X)
    skeleton, params, rest = split(net)
    np.testing.assert_array_equal(skeleton.merge(params, rest)(X), expected)


def test_a_merged_module_writes_to_neither_dictionary():
    skeleton, params, rest = split(Net())
    before = {name: np.array(a) for name, a in rest.items()}
    model = skeleton.merge(params, rest)
    model(X)
    after = skeleton.rest_of(model)
    assert int(after["dropout.count"]) == 1
    assert not np.array_equal(after["norm.mean"], before["norm.mean"])
    for name, a in rest.items():
        np.testing.assert_array_equal(a, before[name])


def test_writes_are_allowed_under_grad():
    skeleton, params, rest = split(Net())

    def cost(params):
        model = skeleton.merge(params, rest)
        return jnp.sum(model(X) ** 2), skeleton.rest_of(model)

    gradients, after = jax.jit(jax.grad(cost, has_aux=True))(params)
    assert set(gradients) == set(params)
    assert int(after["dropout.count"]) == 1


def test_equal_modules_have_equal_hashable_skeletons():
    first, second, wider = split(Net(0))[0], split(Net(1))[0], split(Net(width=5))[0]
    assert first == second
    assert hash(first) == hash(second)
    assert first != wider
