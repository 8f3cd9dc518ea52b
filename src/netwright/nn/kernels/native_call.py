"""Calls of the foreign functions that ``netwright-native`` registers."""

from collections.abc import Sequence
from functools import cache
from importlib.metadata import version
from typing import Any

import jax
import jax.numpy as jnp

PACKAGE = "netwright-native"
Out = jax.ShapeDtypeStruct


@cache
def target(name: str) -> str:
    """Return the name under which XLA knows a foreign function.

    It carries the package's version, and so does every compiled program that calls it: a program kept on disk is
    found again only by a process that has the same kernels.
    """
    return f"netwright.{name}.{version(PACKAGE)}"


def call(
    name: str, results: Sequence[jax.ShapeDtypeStruct], *operands: jax.Array, **attributes: Any
) -> Sequence[jax.Array]:
    """Call a foreign function that returns such arrays; members under vmap share what they can."""
    return jax.ffi.ffi_call(target(name), results, vmap_method="expand_dims")(*operands, **attributes)


def rounded(x: jax.Array, precision: str) -> jax.Array:
    """Return what a foreign function is given with this precision: "mixed" is bfloat16."""
    return x.astype(jnp.bfloat16) if precision == "mixed" else x
