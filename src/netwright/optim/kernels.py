"""Which parameters are kernels: what penalties and weight decay touch."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

KERNELS = frozenset({"kernel", "weight", "weights", "w", "W", "embedding"})
OTHERS = frozenset({"bias", "b", "scale", "gamma", "beta"})

Path = str | tuple[Any, ...]


def is_kernel(path: Path, leaf: Any) -> bool:
    """Return whether a leaf of a parameter tree is a kernel: a weight matrix, convolution or embedding.

    The last part of its name decides ("kernel" is one, "bias" and "scale" are not); a name that says nothing
    leaves it to the shape (two axes or more). A bare array, which has no name, is a kernel.

    Args:
      path: JAX's key path, as in ``jax.tree_util.tree_map_with_path``, of a dictionary, a dataclass, a
        sequence or a Flax NNX state; or a dotted name such as ``"hidden.0.kernel"``.
      leaf: the array.
    """
    name = _last_name(path)
    if not path or name in KERNELS:
        return True
    return name not in OTHERS and jnp.ndim(leaf) >= 2


def kernels(params: Any) -> list[jax.Array]:
    """Return the kernels of a parameter tree, in its order."""
    return [leaf for path, leaf in jax.tree_util.tree_leaves_with_path(params) if is_kernel(path, leaf)]


def map_kernels(change: Callable[..., jax.Array], tree: Any, *others: Any) -> Any:
    """Return ``tree`` with ``change(leaf, *leaves of others)`` at kernels and all else as it is.

    The trees have one structure; names and shapes are looked up in ``tree``.
    """

    def at(path: Path, leaf: jax.Array, *leaves: jax.Array) -> jax.Array:
        return change(leaf, *leaves) if is_kernel(path, leaf) else leaf

    return jax.tree_util.tree_map_with_path(at, tree, *others)


def _last_name(path: Path) -> str:
    if isinstance(path, str):
        return path.rpartition(".")[2]
    # NNX ends the path of a variable by the attribute that holds its array.
    if len(path) > 1 and path[-1] == jax.tree_util.GetAttrKey("value"):
        path = path[:-1]
    return jax.tree_util.keystr(path[-1:], simple=True).rpartition(".")[2] if path else ""
