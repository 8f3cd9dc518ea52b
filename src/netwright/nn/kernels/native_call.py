"""Calls of the foreign functions that ``netwright-native`` registers."""

from collections.abc import Sequence
from functools import cache
from importlib.metadata import version
from typing import Any

import jax

PACKAGE = "netwright-native"


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
