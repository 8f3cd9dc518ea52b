"""Calls of the foreign functions that ``netwright-native`` registers."""

from collections.abc import Sequence
from functools import cache
from importlib.metadata import version
from typing import Any

import jax
import jax.numpy as jnp

PACKAGE = "netwright-native"


@cache
def target(name: str) -> str:
    """Return the name under which XLA knows a foreign function.

    It carries the package's version, and so does every compiled program that calls it: a program kept on disk is
    found again only by a process that has the same kernels.
    """
    return f"netwright.{name}.{version(PACKAGE)}"


def call(
    name: str,
    results: Sequence[Sequence[int]],
    *operands: jax.Array,
    dtype: Any = jnp.float32,
    **attributes: Any,
) -> Sequence[jax.Array]:
    """Call a foreign function that returns arrays of these shapes; members under vmap share what they can."""
    shapes = [jax.ShapeDtypeStruct(tuple(shape), dtype) for shape in results]
    return jax.ffi.ffi_call(target(name), shapes, vmap_method="expand_dims")(*operands, **attributes)
