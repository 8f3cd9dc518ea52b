"""The last layer of every model: one linear output, or one for each of several targets."""

from typing import Any

import jax
import jax.numpy as jnp
from flax import nnx

from netwright.models._spec import ModelSpec
from netwright.nn.dense import dense
from netwright.nn.token_bag import TokenBag

OUTPUT = "output"
"""The attribute of every model that holds its last layer."""


def linear(n_in: int | None, n_out: int, activation: str, spec: ModelSpec, rngs: nnx.Rngs) -> nnx.Module:
    """Return a dense layer of ``n_in`` inputs, or with None one of the words of a text."""
    kernel = spec.initializer(activation)
    if n_in is None:
        drawn = None if spec.kernel == "auto" else kernel
        return TokenBag(spec.layout.vocabulary, n_out, kernel=drawn, bias=spec.bias, rngs=rngs)
    return dense(n_in, n_out, kernel=kernel, bias=spec.bias, precision=spec.precision, rngs=rngs)


def output_layer(n_in: int | None, spec: ModelSpec, rngs: nnx.Rngs) -> Any:
    """Return what maps ``n_in`` features, or with None the words of a text, to the model's outputs."""
    return Heads(n_in, spec, rngs) if spec.targets else linear(n_in, spec.n_out, "linear", spec, rngs)


class Heads(nnx.Module):
    """One linear output for each target, side by side; all that comes before them is the shared trunk.

    Reference: Caruana (1997), "Multitask learning" (hard parameter sharing).
    """

    def __init__(self, n_in: int | None, spec: ModelSpec, rngs: nnx.Rngs) -> None:
        self.heads = nnx.List([linear(n_in, n_out, "linear", spec, rngs) for _, n_out in spec.targets])

    def __call__(self, a: jax.Array) -> jax.Array:
        """Map features ``a`` (m, n_in) to the outputs (m, n_out) of all targets, one target after another."""
        heads: Any = self.heads
        return jnp.concatenate([head(a) for head in heads], axis=1)


def head_of(name: str) -> int | None:
    """Return the target whose head a parameter belongs to, by its place; None for one of the shared trunk."""
    before, mark, after = name.rpartition(f"{OUTPUT}.heads.")
    inside = mark and (not before or before.endswith("."))
    return int(after.partition(".")[0]) if inside else None


def in_single(name: str, target: int) -> str | None:
    """Return the name that a parameter has in the model of one of the targets alone; None where it has no place."""
    place = head_of(name)
    if place is None:
        return name
    return name.replace(f"{OUTPUT}.heads.{place}.", f"{OUTPUT}.") if place == target else None
