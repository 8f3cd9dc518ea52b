import jax
import jax.numpy as jnp
import pytest
from flax import nnx

from netwright.optim.kernels import is_kernel, map_kernels


class Net(nnx.Module):
    def __init__(self, rngs):
        self.layers = nnx.List([nnx.Linear(2, 3, rngs=rngs), nnx.Conv(3, 4, (3,), rngs=rngs)])
        self.norm = nnx.BatchNorm(4, rngs=rngs)
        self.words = nnx.Embed(5, 2, rngs=rngs)
        self.attention = nnx.MultiHeadAttention(2, 4, rngs=rngs)
        self.free = nnx.Param(jnp.ones((2, 2)))
        self.vector = nnx.Param(jnp.ones(2))


def test_a_flax_module():
    params = nnx.split(Net(nnx.Rngs(0)), nnx.Param, ...)[1]
    mask = jax.tree_util.tree_map_with_path(is_kernel, params)
    assert jax.tree.structure(mask) == jax.tree.structure(params)
    found = {".".join(str(part) for part in path): bool(v.get_value()) for path, v in nnx.to_flat_state(mask)}
    heads = [f"attention.{name}" for name in ("key", "query", "value", "out")]
    assert {name for name, kernel in found.items() if kernel} == {
        "layers.0.kernel",
        "layers.1.kernel",
        "words.embedding",
        "free",
        *(f"{head}.kernel" for head in heads),
    }
    # The biases of attention heads have two axes: their name decides.
    assert {name for name, kernel in found.items() if not kernel} == {
        "layers.0.bias",
        "layers.1.bias",
        "norm.scale",
        "norm.bias",
        "vector",
        *(f"{head}.bias" for head in heads),
    }


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        (jnp.ones(3), True),
        ({"W": jnp.ones(3), "b": jnp.ones((2, 2))}, {"W": True, "b": False}),
        ({"gamma": jnp.ones((1, 3)), "any": jnp.ones((2, 2))}, {"gamma": False, "any": True}),
        ([jnp.ones((2, 2)), jnp.ones(2)], [True, False]),
        ({"hidden.0.kernel": jnp.ones(2), "hidden.0.bias": jnp.ones((2, 2))}, [False, True]),
    ],
)
def test_other_trees(params, expected):
    assert jax.tree.leaves(jax.tree_util.tree_map_with_path(is_kernel, params)) == jax.tree.leaves(expected)


def test_a_dotted_name():
    assert is_kernel("hidden.0.linear.kernel", jnp.ones(2))
    assert not is_kernel("hidden.0.linear.bias", jnp.ones((2, 2)))
    assert is_kernel("mixing", jnp.ones((2, 2)))


def test_map_kernels_leaves_the_rest_alone():
    tree = {"kernel": jnp.ones(2), "bias": jnp.ones(2)}
    changed = map_kernels(lambda a, b: a + b, tree, tree)
    assert (changed["kernel"] == 2).all()
    assert (changed["bias"] == 1).all()
